//! Untrusted input never breaks the page: links, stored data and messages, mutated from a fixed seed. No
//! panic, no HTML injection, and the previous text stays or is restored by undo.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { deflateRawSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, site } from './browser.mjs';

const open = site();
const LINKS = 300;
const VISITS = 10;
const WALKTHROUGH = readFileSync(join(ROOT, 'simulation/experiments/php-apache.yaml'), 'utf8');
const HTML = '"><img src=x onerror="window.ran=1"><script>window.ran=1</script><svg onload=window.ran=1>';
/** The walkthrough with markup in every field that is displayed. */
const MARKUP = WALKTHROUGH
  .replaceAll('name: php-apache', `name: '${HTML}'`)
  .replace('title: ', `title: '${HTML}'#`)
  .replaceAll(/- name: (?=[4N])/g, `- name: '${HTML}'\n  # `);
const FIELDS = ['cursor=60000', 'cursor=-1', 'cursor=99999999999999999999', 'cursor=NaN', 'zoom=60,600', 'zoom=600,60',
  'zoom=NaN,Infinity', 'zoom=0,1e308', 'speed=7', 'speed=-1', 'panel=manifests', `panel=${HTML}`, 'charts=', `charts=${HTML},load`,
  `pinned=${WALKTHROUGH}`, `pinned=${MARKUP}`, 'pinned=]', `${HTML}=1`, '=', 'later'];

/** A seeded generator of numbers from 0 to below 1. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

function mutator(seed) {
  const random = numbers(seed);
  const below = count => Math.floor(random() * count);
  const pick = list => list[below(list.length)];
  const slice = text => {
    const from = below(text.length);
    return text.slice(from, from + 1 + below(40));
  };
  const put = (text, piece, over) => {
    const at = below(text.length + 1);
    return text.slice(0, at) + piece + text.slice(at + over);
  };
  const digits = ['-1', '0', '1e309', '99999999999999999999', '0x7', '.nan', '2147483648', '1e-320', '9999h', '1m0', '~', '{}', '[[', '""'];
  /** A text after random changes such as those of a user, a program or an attacker. */
  const text = base => {
    let changed = base;
    for (let rounds = 1 + below(4); rounds > 0; rounds--) {
      changed = pick([
        () => changed.slice(0, below(changed.length + 1)),
        () => put(changed, slice(base), 0),
        () => put(changed, '', 1 + below(60)),
        () => put(changed, pick(['\n', ' ', '\t', ':', '- ', '{', '}', '|', '&a ', '*a', '!!', '\u2028', '\ud83d\ude00', '\u0000', '%']), below(2)),
        () => changed.replace(/\d+/g, number => random() < 0.15 ? pick(digits) : number),
        () => put(changed, HTML, 0),
      ])();
    }
    return changed;
  };
  const pack = content => `v1.${deflateRawSync(Buffer.from(content), { level: 9 }).toString('base64url')}`;
  const content = () => [text(pick([WALKTHROUGH, MARKUP])), ...Array.from({ length: below(4) }, () => pick(FIELDS))].join('\0');
  const whole = () => pack([pick([WALKTHROUGH, MARKUP]), pick(FIELDS), pick(FIELDS)].join('\0'));
  const link = () => pick([
    () => pack(content()),
    () => pack(content()),
    () => whole(),
    () => whole().slice(0, 3 + below(300)),
    () => put(whole(), pick(['A', '_', '-', '=', '+', '/', '%00', ' ', 'é', HTML]), below(3)),
    () => pick(['v0.', 'v2.', 'v99999999999999999999.', 'V1.', 'v1', 'v.', 'd1.', '']) + whole().slice(3),
    () => `v1.${deflateRawSync(Buffer.alloc(8 << 20, pick(['a', '\n', '\0', '- '])), { level: 9 }).toString('base64url')}`,
    () => `v1.${Buffer.from(Array.from({ length: below(200) }, () => below(256))).toString('base64url')}`,
    () => `v1.${'A'.repeat((256 << 10) + below(9))}`,
    () => pick([HTML, `javascript:${HTML}`, '!', '#', 'v1.']),
  ])();
  return { below, pick, text, link, pack };
}

/** What is wrong on the page; runs in the page. */
function wrong() {
  const found = [];
  const broken = document.querySelector('#broken');
  if (!broken || !broken.hidden) found.push(`broken: ${broken?.textContent}`);
  if (window.ran) found.push('markup ran');
  const foreign = document.querySelectorAll('.app :is(img, script, iframe, object), [onerror], [onload]');
  if (foreign.length > 0) found.push(`markup became elements: ${foreign[0].outerHTML}`);
  if (!document.querySelector('[data-testid=manifests]')) found.push('no editor');
  return found;
}

test('no link breaks the page or loses a text', async t => {
  const { page, problems } = await open(t);
  const mine = mutator(4);
  const links = Array.from({ length: LINKS }, mine.link);
  await page.evaluate(`window.wrong = ${wrong}`);
  const { failures, opened, refused, slowest } = await page.evaluate(async links => {
    const area = document.querySelector('[data-testid=manifests]');
    const notice = document.querySelector('[data-testid=notice]');
    const failures = [];
    let [opened, refused, slowest] = [0, 0, 0];
    for (const [at, link] of links.entries()) {
      const before = area.value;
      const begin = performance.now();
      const arrived = new Promise(done => addEventListener('hashchange', done, { once: true }));
      location.hash = '';
      location.hash = link;
      if (location.hash.length > 1) await arrived;
      // Twice, because the hashchange event is dispatched in its own task.
      for (let turns = 0; turns < 2; turns++) await new Promise(requestAnimationFrame);
      slowest = Math.max(slowest, performance.now() - begin);
      const found = window.wrong();
      const says = notice.textContent;
      if (says.includes('not opened')) {
        refused++;
        if (area.value !== before) found.push('a refused link changed the text');
      } else if (area.value !== before) {
        opened++;
        if (!says.includes('Opened')) found.push(`nothing is said of it: ${says}`);
        document.querySelector('[data-testid=undo]').click();
        await new Promise(requestAnimationFrame);
        if (area.value !== before) found.push('undo does not bring the text back');
      }
      found.push(...window.wrong());
      if (found.length > 0) failures.push(`link ${at}: ${[...new Set(found)].join('; ')}: ${link.slice(0, 200)}`);
    }
    return { failures, opened, refused, slowest };
  }, links);
  t.diagnostic(`${opened} opened, ${refused} refused, the slowest took ${slowest.toFixed(0)} ms`);
  assert.deepEqual(failures, []);
  assert.ok(opened > LINKS / 5 && refused > LINKS / 5, `${opened} opened, ${refused} refused`);
  assert.deepEqual(problems, []);
});

test('no stored data breaks the page', async t => {
  const { page, problems, url } = await open(t);
  const { text, link, pick, below } = mutator(5);
  const kept = () => ({
    text: pick([text(WALKTHROUGH), text(MARKUP), '\0', '']),
    origin: pick([text(WALKTHROUGH), MARKUP]),
    recent: Array.from({ length: below(30) }, () => `${pick(['1', '-1', 'x', '99999999999999999999', HTML])} ${link()}\n`).join(''),
    charts: pick(['', 'load,load', HTML, 'Load,,Nothing', 'replicas']),
    broken: pick([undefined, '1', HTML]),
    tour: pick([undefined, HTML]),
  });
  for (let visit = 0; visit < VISITS; visit++) {
    const entries = kept();
    await page.evaluate(entries => {
      localStorage.clear();
      for (const [name, value] of Object.entries(entries)) {
        if (value !== undefined) localStorage.setItem(`hpa-playground/v1/${name}`, value);
      }
    }, entries);
    // Through another page, because changing only the fragment does not reload.
    await page.goto('about:blank');
    await page.goto(pick([url, `${url}#${link()}`]));
    await page.waitForSelector('main:not([aria-busy])');
    await page.getByTestId('open-files').click();
    await page.getByTestId('recent').waitFor({ state: 'attached' });
    assert.deepEqual(await page.evaluate(`(${wrong})()`), [], JSON.stringify(entries).slice(0, 500));
  }
  // Leaving a page at once cancels the request for its icon.
  assert.deepEqual(problems.filter(problem => !problem.endsWith('icon.svg')), []);
});

test('messages from other windows have no effect', async t => {
  const { page, problems } = await open(t);
  const before = await page.getByTestId('manifests').inputValue();
  await page.evaluate(messages => {
    for (const message of messages) window.postMessage(message, '*');
  }, [HTML, { type: 'open', text: HTML }, { text: 'kind: x' }, null, 7]);
  await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.equal(await page.getByTestId('manifests').inputValue(), before);
  assert.deepEqual(await page.evaluate(`(${wrong})()`), []);
  assert.deepEqual(problems, []);
});
