//! The service worker: working offline and updating to a new version.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIST, kept, site, start } from './browser.mjs';

const open = site();
const ready = page => page.waitForSelector('main:not([aria-busy])');

/** Resolves when the service worker has cached all files and controls the page. */
const controlled = page => page.evaluate(async () => {
  const { serviceWorker } = navigator;
  await serviceWorker.ready;
  if (!serviceWorker.controller) await new Promise(done => serviceWorker.addEventListener('controllerchange', done, { once: true }));
});

test('once loaded, the page and its experiments work offline', async t => {
  const { page } = await open(t, { serviceWorkers: 'allow' });
  await controlled(page);
  await page.context().setOffline(true);
  await page.reload();
  await ready(page);
  assert.equal(await page.getByTestId('desired').innerText(), '4 pods');
  await page.getByTestId('open-gallery').click();
  await page.getByTestId('preset-case-pega').click();
  await page.getByTestId('notice').getByText('Opened').waitFor();
});

test('the service worker is registered only after the page is built', async t => {
  const { page } = await open(t, { serviceWorkers: 'allow' });
  await controlled(page);
  const again = await page.context().newPage();
  await again.addInitScript(() => {
    const { serviceWorker } = navigator;
    const { register } = serviceWorker;
    serviceWorker.register = (...given) => {
      globalThis.stood = document.querySelector('main:not([aria-busy])') !== null;
      return register.apply(serviceWorker, given);
    };
  });
  await again.goto(page.url());
  await again.waitForFunction(() => globalThis.stood !== undefined);
  assert.equal(await again.evaluate(() => globalThis.stood), true);
});

test('a new version waits until the user accepts it, and the text is kept', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'site-'));
  t.after(() => rm(folder, { recursive: true }));
  await cp(DIST, folder, { recursive: true });
  const running = await start(folder);
  t.after(running.close);
  const { page } = await running.open({ serviceWorkers: 'allow' });
  await controlled(page);
  await page.getByTestId('manifests').pressSequentially('# mine\n');
  await kept(page, '# mine');

  const change = async (name, old, by) => {
    const text = await readFile(join(folder, name), 'utf8');
    assert.ok(text.includes(old));
    await writeFile(join(folder, name), text.replace(old, by));
  };
  await change('index.html', '<title>HPA Playground', '<title>Another HPA Playground');
  await change('sw.js', "const VERSION = '", "const VERSION = '1");
  await page.reload();
  await ready(page);
  assert.equal(await page.title(), 'HPA Playground', 'the old version is still active');
  await page.getByRole('status').filter({ hasText: 'A new version' }).getByRole('button', { name: 'Reload' }).click();
  await page.waitForFunction(() => document.title === 'Another HPA Playground');
  await ready(page);
  assert.match(await page.getByTestId('manifests').inputValue(), /# mine/);
});
