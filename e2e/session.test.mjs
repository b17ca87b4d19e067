//! Whole experiments: undo, links, gallery, files, copying.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { deflateRawSync } from 'node:zlib';
import { UNRECORDED, accessibilityProblems, kept, painted, site } from './browser.mjs';

const open = site();
const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
const MINE = 'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: mine}\nspec:\n'
  + '  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: mine}\n  maxReplicas: 5\n';
/** A link that was not made by the page, like those of other tools. */
const link = content => `#v1.${deflateRawSync(content, { level: 9 }).toString('base64url')}`;
const text = page => page.getByTestId('manifests');
const notice = page => page.getByTestId('notice');
const value = page => text(page).inputValue();

/** Moves a slider like a drag with the mouse held down. */
const stroke = async (page, name, values) => {
  await page.getByRole('slider', { name, exact: true }).evaluate((slider, values) => {
    for (const value of values) {
      slider.value = value;
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    }
    slider.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
    slider.dispatchEvent(new Event('change', { bubbles: true }));
  }, values);
  await painted(page);
};

test('a drag of the load slider is one undo step, and so is typing', async t => {
  const { page, problems } = await open(t);
  const before = await value(page);
  await stroke(page, 'Load', [70, 80, 90]);
  const first = await value(page);
  await stroke(page, 'Load', [40, 30]);
  assert.notEqual(await value(page), first);
  await page.getByTestId('undo').click();
  assert.equal(await value(page), first);
  await page.keyboard.press('Control+z');
  assert.equal(await value(page), before);
  await page.keyboard.press('Control+Shift+Z');
  assert.equal(await value(page), first);
  await text(page).focus();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('# abc');
  assert.equal(await value(page), `${first}# abc`);
  await page.keyboard.press('Control+z');
  assert.equal(await value(page), first);
  assert.deepEqual(problems, []);
});

test('a link restores text and cursor, and undo restores the previous text', async t => {
  const { page, url } = await open(t);
  await text(page).fill(MINE);
  await page.getByRole('slider', { name: 'Time' }).fill('300');
  await page.getByTestId('open-compare').click();
  await page.getByTestId('pin').click();
  await text(page).fill(`${MINE}# changed\n`);
  await page.getByText('Show', { exact: true }).click();
  await page.getByRole('checkbox', { name: 'Pods' }).uncheck();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  const range = await page.getByTestId('window').innerText();
  await page.getByTestId('open-share').click();
  const shared = await page.getByTestId('form-link').inputValue();
  assert.match(await page.getByTestId('link-length').innerText(), new RegExp(`${shared.length} characters`));
  const other = await open(t);
  await text(other.page).fill(`${MINE}# hers\n`);
  await kept(other.page, '# hers');
  await other.page.goto('about:blank');
  await other.page.goto(other.url + shared.slice(url.length));
  await notice(other.page).getByText('Opened the link').waitFor();
  assert.equal(await value(other.page), `${MINE}# changed\n`);
  assert.equal(await other.page.getByTestId('clock').innerText(), '5:00');
  assert.equal(await other.page.getByTestId('chart-pods').count(), 0, 'the choice of charts');
  assert.equal(await other.page.getByTestId('window').innerText(), range, 'the visible range');
  await other.page.getByTestId('open-compare').click();
  assert.match(await other.page.getByTestId('diff').innerText(), /# changed/, 'the pinned run');
  await other.page.getByTestId('notice-undo').click();
  assert.equal(await value(other.page), `${MINE}# hers\n`);
  await other.page.getByTestId('open-files').click();
  await other.page.getByTestId('recent').getByText('mine').waitFor();
  assert.deepEqual(other.problems, []);
});

test('a link that arrives while the page is open is opened, and a broken one is reported', async t => {
  const { page } = await open(t);
  const before = await value(page);
  for (const [fragment, says] of [['#v1.a b', 'invalid characters'], ['#v1.y87M', 'truncated or corrupt'], ['#v9.a', 'newer version']]) {
    await page.evaluate(fragment => { location.hash = fragment; }, fragment);
    await notice(page).getByText(says).waitFor();
    assert.equal(await value(page), before);
  }
  await page.evaluate(fragment => { location.hash = fragment; }, link(`${MINE}\0cursor=60000\0later=1`));
  await notice(page).getByText('Opened the link').waitFor();
  assert.equal(await value(page), MINE + UNRECORDED);
  assert.equal(await page.getByTestId('clock').innerText(), '1:00');
  await page.getByTestId('undo').click();
  assert.equal(await value(page), before);
  assert.equal(await page.evaluate(() => location.hash), '', 'the address does not differ from the screen');
});

test('the gallery finds an experiment, shows its thumbnail and opens it, and its fix is applied', async t => {
  const { page, problems } = await open(t);
  await page.getByTestId('open-gallery').click();
  await page.getByTestId('preset-php-apache').waitFor();
  await page.getByLabel('Search').fill('flapping noise');
  await page.getByText('1 experiment', { exact: true }).waitFor();
  await page.getByRole('img', { name: /^replicas: starts at \d+, peaks at \d+, ends at \d+$/ }).waitFor();
  await page.getByTestId('preset-pain-03-flapping').click();
  await notice(page).getByText('Opened').waitFor();
  assert.match(await value(page), /kind: Experiment/);
  await page.getByTestId('apply-fix').click();
  await notice(page).getByText('The fix was applied').waitFor();
  assert.equal(await page.getByTestId('apply-fix').count(), 0);
  await page.getByTestId('notice-undo').click();
  await page.getByTestId('apply-fix').waitFor();
  assert.deepEqual(problems, []);
});

test('files are opened, dropped and saved, and the replaced texts are listed', async t => {
  const { page } = await open(t);
  await text(page).fill(MINE);
  await page.getByTestId('open-files').click();
  await page.getByTestId('open-file').setInputFiles({ name: 'other.yaml', mimeType: 'application/yaml', buffer: Buffer.from(`${MINE}# file\n`) });
  await notice(page).getByText('Opened other.yaml').waitFor();
  assert.equal(await value(page), `${MINE}# file\n${UNRECORDED}`);
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['seed: dropped\n'], 'dropped.yaml'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
  await notice(page).getByText('Opened dropped.yaml').waitFor();
  assert.equal(await value(page), `seed: dropped\n${UNRECORDED}`);
  await page.getByTestId('open-files').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save-file').click()]);
  assert.match(download.suggestedFilename(), /\.yaml$/);
  const saved = await readFile(await download.path(), 'utf8');
  assert.match(saved, /^seed: dropped\n# Made with HPA Playground for Kubernetes 1\.\d+, model version \d+\n$/);
  await page.getByTestId('open-files').click();
  await page.getByTestId('open-file').setInputFiles(await download.path());
  await notice(page).getByText('Opened').waitFor();
  assert.equal(await value(page), `seed: dropped\n${UNRECORDED}`);
  await page.getByTestId('open-files').click();
  await page.getByTestId('recent').getByRole('button', { name: 'mine' }).first().click();
  assert.equal(await value(page), MINE);
  await page.getByTestId('open-files').click();
  await page.getByTestId('clear-recent').click();
  assert.equal(await page.getByTestId('recent').getByRole('button').count(), 0);
});

test('the experiment is copied in all formats', async t => {
  const { page } = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  await text(page).fill((await value(page)).replace('maxReplicas: 10', 'maxReplicas: 6'));
  await page.getByTestId('open-share').click();
  const copied = async form => {
    await page.getByTestId(`copy-${form}`).click();
    await page.getByTestId('copied').getByText('Copied').waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.match(await copied('link'), /^http.*#v1\.[\w-]+$/);
  assert.match(await copied('markdown'), /^\[.+\]\(http.*#v1\.[\w-]+\)$/);
  assert.match(await copied('iframe'), /^<iframe src="http/);
  assert.match(await copied('command'), /^hpa-sim run - <<'EOF'\n/);
  assert.equal(await copied('patch'), '# HorizontalPodAutoscaler php-apache\nspec:\n  maxReplicas: 6\n');
});

test('inline scripts, inline styles and eval are blocked', async t => {
  const { page } = await open(t);
  const ran = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    // Evaluation is allowed in the debugger's own call, but not in later tasks.
    const evaluated = await new Promise(done => setTimeout(() => {
      try { done(Function('return true')()); } catch { done(false); }
    }));
    const styled = document.createElement('p');
    document.body.append(styled);
    styled.setAttribute('style', 'position: fixed');
    return [window.ran === true, evaluated, getComputedStyle(styled).position];
  });
  assert.deepEqual(ran, [false, false, 'static']);
});

test('missing WebAssembly and blocked storage are reported', async t => {
  const { page, url } = await open(t);
  const without = await page.context().newPage();
  await without.addInitScript(() => { delete globalThis.WebAssembly; });
  await without.goto(url);
  await without.getByRole('alert').getByText('WebAssembly').waitFor();
  const blocked = await page.context().newPage();
  await blocked.addInitScript(() => Object.defineProperty(globalThis, 'localStorage', { get() { throw new Error('blocked'); } }));
  await blocked.goto(url);
  await blocked.getByTestId('open-files').click();
  await blocked.getByText('This browser does not allow').waitFor();
});

test('a dialog opened while the page is being built is shown', async t => {
  const { page } = await open(t);
  const hasty = await page.context().newPage();
  await hasty.addInitScript(() => new MutationObserver((_, observer) => {
    const button = document.querySelector('[data-testid="open-files"]');
    if (!button) return;
    observer.disconnect();
    globalThis.early = document.querySelector('dialog') === null;
    button.click();
  }).observe(document, { childList: true, subtree: true }));
  await hasty.goto(page.url());
  await hasty.getByRole('dialog', { name: 'Files' }).waitFor();
  assert.ok(await hasty.evaluate(() => globalThis.early), 'the button was clicked before the dialogs existed');
});

for (const [name, options] of Object.entries({
  'light': {},
  'dark': { colorScheme: 'dark' },
  'phone, light': PHONE,
  'phone, dark': { ...PHONE, colorScheme: 'dark' },
})) {
  test(`the dialogs have no accessibility problems (${name})`, async t => {
    const { page } = await open(t, options);
    await text(page).evaluate((area, mine) => {
      area.value = mine;
      area.dispatchEvent(new Event('input', { bubbles: true }));
    }, MINE);
    await page.evaluate(() => { location.hash = '#v9.a'; });
    await notice(page).getByText('newer').waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    for (const dialog of ['gallery', 'files', 'share', 'add']) {
      await page.getByTestId(`open-${dialog}`).click();
      await page.getByRole('dialog').waitFor();
      if (dialog === 'gallery') await page.getByRole('img', { name: /replicas/ }).first().waitFor();
      assert.deepEqual(await accessibilityProblems(page), [], dialog);
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${dialog}-${name.replace(', ', '-')}.png` });
      await page.keyboard.press('Escape');
      assert.equal(await page.getByRole('dialog').count(), 0);
      assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), `open-${dialog}`, 'the focus returns');
    }
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/page-${name.replace(', ', '-')}.png` });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  });
}
