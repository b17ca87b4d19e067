//! The page in Firefox and WebKit: what a person does on it first, by mouse and keyboard, and what each browser does its own way.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, UNRECORDED } from './browser.mjs';
import { BROWSERS, Key, lacking, start } from './webdriver.mjs';

const WALKTHROUGH = await readFile(join(ROOT, 'simulation/experiments/php-apache.yaml'), 'utf8');
const OTHER = WALKTHROUGH.replace('averageUtilization: 50', 'averageUtilization: 200');
const FAULTS = `console.error('said');
Promise.reject(new Error('rejected'));
throw new Error('thrown');
`;
const WHOLE = /^0:00 to 30:00$/;

const plot = page => page.at('[data-testid="chart-replicas"] .plot');
const desired = page => page.run(() => document.querySelector('[data-testid="line-desired"]').getAttribute('d'));
const redrawn = (page, before) => page.until(
  before => document.querySelector('[data-testid="line-desired"]').getAttribute('d') !== before, before);
const shows = (page, part) => page.until(part => document.body.innerText.includes(part), part);
const value = page => page.run(() => document.querySelector('[data-testid="manifests"]').value);

/** Until a dialog is shown, by its heading. */
const dialog = (page, heading) => page.until(
  heading => document.querySelector('dialog[open] h2')?.textContent === heading, heading);

async function opened(open, path) {
  const page = await open(path);
  await page.ready();
  return page;
}

/** What a person does: each opens a page of its own, or several. */
const FLOWS = {
  'it loads, and the walkthrough has run': async open => {
    const page = await opened(open);
    assert.equal(await page.driver.getTitle(), 'HPA Playground');
    assert.equal(await page.text('desired'), '4 pods');
    await shows(page, '1 → 4 replicas');
    return page;
  },

  'nothing inline runs, and what goes wrong is noticed': async open => {
    const page = await opened(open);
    await page.run(() => {
      for (const script of [{ textContent: 'window.ran = true' }, { src: 'missing.js' }, { src: 'faults.js' }]) {
        document.body.append(Object.assign(document.createElement('script'), script));
      }
    });
    await page.until(() => JSON.parse(sessionStorage.problems ?? '[]').length >= 5);
    const kinds = (await page.problems()).map(problem => problem.replace(/:.*/, ''));
    assert.deepEqual(kinds.sort(), ['console', 'not loaded', 'refused', 'rejected', 'uncaught']);
    assert.equal(await page.run(() => window.ran === true), false);
    await page.run(() => sessionStorage.clear());
    return page;
  },

  'a manifest that is pasted is what runs': async open => {
    const page = await open('other.yaml');
    await page.press(Key.CONTROL, 'a');
    await page.press(Key.CONTROL, 'c');
    await page.go('');
    await page.ready();
    await page.clickText('manifests');
    await page.press(Key.CONTROL, 'a');
    await page.press(Key.CONTROL, 'v');
    await shows(page, '1 → 2 replicas');
    assert.equal((await value(page)).trim(), OTHER.trim());
    await page.click('undo');
    await shows(page, '1 → 4 replicas');
    return page;
  },

  'typing is indented, undone and kept, and the caret stands where the text is shown': async open => {
    const page = await opened(open);
    const [typed, shown] = await page.run(() => {
      const area = document.querySelector('[data-testid="manifests"]');
      const { left, top } = area.getBoundingClientRect();
      const { paddingLeft, paddingTop, font } = getComputedStyle(area);
      const line = document.querySelector('.line');
      return [[left + parseFloat(paddingLeft), top + parseFloat(paddingTop), font],
        [line.querySelector('span').getBoundingClientRect().left, line.getBoundingClientRect().top, getComputedStyle(line).font]];
    });
    assert.deepEqual(typed, shown);
    await page.clickText('manifests');
    await page.press(Key.CONTROL, 'a');
    await page.driver.actions().sendKeys(Key.BACK_SPACE, ['spec:', 'metrics:', '- type: Resource', 'resource:', 'name: cpu'].join(Key.ENTER)).perform();
    await page.says('manifests', /^spec:\n {2}metrics:\n {4}- type: Resource\n {6}resource:\n {8}name: cpu$/);
    await page.press(Key.CONTROL, 'z');
    await page.says('manifests', / {6}resource:\n {8}$/);
    await page.until(() => localStorage.getItem('hpa-playground/v1/text')?.includes('type: Resource'));
    await page.reload();
    await page.says('manifests', /^spec:\n {2}metrics:/);
    return page;
  },

  'the load slider is dragged, and one undo takes it back': async open => {
    const page = await opened(open);
    const before = await desired(page);
    await page.drag(await page.by('load'), 0.3, 0.8);
    await redrawn(page, before);
    await page.says('manifests', /\{at: 1m30s, rate: \d+\}/);
    await page.click('undo');
    await page.until(before => document.querySelector('[data-testid="line-desired"]').getAttribute('d') === before, before);
    assert.equal(await value(page), WALKTHROUGH);
    return page;
  },

  'a drag in a chart shows a part of the run, and a click moves the cursor': async open => {
    const page = await opened(open);
    const before = await desired(page);
    await page.says('window', WHOLE);
    await page.drag(await plot(page), 0.5, 0.75);
    const [from, to] = (await page.says('window', /^1[2-5]:\d\d to (19|2[0-3]):\d\d$/)).split(' to ');
    assert.notEqual(from, to);
    assert.notEqual(await desired(page), before);
    await page.click('zoom-reset');
    await page.says('window', WHOLE);
    await page.drag(await plot(page), 0.25, 0.25);
    await page.says('clock', /^[5-9]:/);
    return page;
  },

  'the time is scrubbed, stepped and played': async open => {
    const page = await opened(open);
    await page.drag(await page.by('scrubber'), 0.1, 0.5);
    await page.says('clock', /^1[45]:/);
    await page.says('desired', /^7 pods$/);
    await page.press(Key.HOME);
    await page.says('clock', /^0:00$/);
    await page.click('step-forward');
    await page.says('clock', /^0:15$/);
    await page.says('desired', /^1 pod$/);
    await page.click('play');
    await page.until(() => Number(document.querySelector('[data-testid="scrubber"]').value) > 20);
    await page.click('play');
    return page;
  },

  'a link opens what was shared': async open => {
    const page = await opened(open);
    await page.drag(await page.by('scrubber'), 0.1, 0.5);
    await page.drag(await page.by('load'), 0.3, 0.8);
    const text = await page.says('manifests', /rate: \d+\}/);
    const clock = await page.text('clock');
    await page.click('open-share');
    await dialog(page, 'Share');
    const link = await page.says('form-link', /#v1\.[\w-]+$/);
    await page.click('copy-link');
    await page.says('copied', /^Copied: /);
    assert.deepEqual(await page.problems(), []);
    const other = await opened(open, link.slice(page.url.length));
    assert.equal(await value(other), text);
    assert.equal(await other.text('clock'), clock);
    return other;
  },

  'the gallery is the first that is opened': async open => {
    const page = await opened(open);
    await page.click('open-gallery');
    await dialog(page, 'Gallery');
    await (await page.by('gallery-search')).sendKeys('flapping noise');
    await page.click('preset-pain-03-flapping');
    await page.says('notice', /^Opened/);
    assert.match(await value(page), /kind: Experiment/);
    return page;
  },

  'a file is the first that is opened': async (open, file) => {
    const page = await opened(open);
    await page.click('open-files');
    await dialog(page, 'Files');
    await page.until(() => document.querySelector('[data-testid="open-file"]') !== null);
    const input = await page.run(() => {
      const element = document.querySelector('[data-testid="open-file"]');
      return element.control ?? element;
    });
    await input.sendKeys(file);
    await page.says('notice', /^Opened other\.yaml/);
    assert.equal(await value(page), OTHER + UNRECORDED);
    return page;
  },

  'every dialog opens, and Escape closes it': async open => {
    const page = await opened(open);
    for (const id of ['share', 'files', 'add', 'gallery']) {
      await page.click(`open-${id}`);
      await page.until(() => document.querySelector('dialog[open] .dialog-body')?.innerText.trim());
      await page.press(Key.ESCAPE);
      await page.until(id => document.querySelector('dialog[open]') === null && document.activeElement.dataset.testid === `open-${id}`, id);
    }
    return page;
  },

  'once loaded, it works offline': async open => {
    const page = await opened(open, '?offline');
    await page.until(() => navigator.serviceWorker.controller !== null);
    await page.stop();
    await page.reload();
    assert.equal(await page.text('desired'), '4 pods');
    await page.click('open-gallery');
    await page.click('preset-case-pega');
    await page.says('notice', /^Opened/);
    return page;
  },

  'on the smallest phone nothing lies beyond the edge': async open => {
    const page = await open('phone.html');
    await page.driver.switchTo().frame(0);
    await page.ready();
    for (const [panel, shown] of [
      ['Charts', ['chart-load', 'chart-metric', 'chart-replicas', 'chart-pods']],
      ['Manifests', ['panel-manifests', 'undo', 'open-gallery', 'open-files', 'open-share']],
      ['Why', ['panel-why', 'outcome']],
    ]) {
      const tab = await page.run(panel => [...document.querySelectorAll('[role="tab"]')].find(tab => tab.innerText === panel), panel);
      await tab.click();
      for (const id of [...shown, 'play', 'step-back', 'step-forward', 'scrubber', 'clock', 'load', 'load-number']) {
        const [left, right, hit] = await page.run(element => {
          element.scrollIntoView({ block: 'nearest' });
          const { left, right, top } = element.getBoundingClientRect();
          return [left, right, element.contains(document.elementFromPoint((left + right) / 2, top + 10))];
        }, await page.at(`[data-testid="${id}"], #${id}`));
        assert.ok(left >= 0 && right <= 360 && hit, `${panel}: ${id} stands from ${left} to ${right}, ${hit ? 'uncovered' : 'covered'}`);
      }
      assert.deepEqual(await page.run(() => [innerWidth, innerHeight, document.documentElement.scrollWidth]), [360, 640, 360], panel);
    }
    return page;
  },
};

for (const browser of BROWSERS) {
  const reason = lacking(browser);
  if (reason) console.log(`skipped: ${reason}`);
  test(browser.name, { skip: reason ?? false }, async t => {
    const folder = await mkdtemp(join(tmpdir(), 'files-'));
    t.after(() => rm(folder, { recursive: true }));
    const [file, faults] = ['other.yaml', 'faults.js'].map(name => join(folder, name));
    await writeFile(file, OTHER);
    await writeFile(faults, FAULTS);
    const running = await start(browser, [file, faults]);
    t.after(running.close);
    for (const [name, flow] of Object.entries(FLOWS)) {
      await t.test(name, async () => {
        const page = await flow(running.open, file);
        // A page that is left gives up the lazy parts that it was fetching, which WebKit reports so.
        const problems = await page.problems();
        assert.deepEqual(problems.filter(problem => problem !== 'console: TypeError: Load failed'), []);
      });
    }
  });
}
