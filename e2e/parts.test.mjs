//! The page's lazy parts: a first visit does without them, and one that cannot be fetched is reported.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { DIST, UNRECORDED, kept, site } from './browser.mjs';
import { FIRST_STEPS, VISITS } from './first-steps.mjs';

const PARTS = /\/(split|chunk)_[^/]*\.wasm$/;
const open = site();

for (const visit of VISITS) {
  test(`a first visit, ${visit.viewport.width} pixels wide, does without the lazy parts`, async t => {
    const prepare = page => page.route(PARTS, route => route.abort());
    const { page } = await open(t, { ...visit, prepare });
    for (const step of Object.values(FIRST_STEPS)) await step(page);
    assert.ok(await page.locator('#broken').isHidden());
    assert.equal(await page.getByTestId('part-missing').count(), 0);
  });
}

test('the lazy parts are fetched once the page stands, and not again when they are used', async t => {
  const asked = [];
  const prepare = page => page.on('request', request => {
    const url = request.url();
    if (PARTS.test(url)) asked.push(url);
  });
  const { page, problems } = await open(t, { prepare });
  const all = readdirSync(DIST).filter(name => PARTS.test(`/${name}`));
  await page.waitForFunction(count => performance.getEntriesByType('resource')
    .filter(({ name }) => /\/(split|chunk)_/.test(name)).length === count, all.length);
  const preloaded = [...asked];
  assert.equal(preloaded.length, all.length);
  await page.getByTestId('open-gallery').click();
  await page.getByTestId('preset-php-apache').waitFor();
  assert.deepEqual(asked, preloaded);
  assert.deepEqual(problems, []);
});

test('a part that cannot be fetched is reported where it is needed, and can be tried again', async t => {
  const prepare = page => page.route(PARTS, route => route.abort());
  const { page } = await open(t, { prepare });
  await page.getByTestId('manifests').pressSequentially('# mine\n');
  await kept(page, '# mine');
  await page.getByTestId('open-gallery').click();
  const missing = page.getByTestId('part-missing');
  assert.match(await missing.innerText(), /could not be fetched/);
  await page.unroute(PARTS);
  await missing.getByRole('button', { name: 'Try again' }).click();
  await page.getByTestId('preset-php-apache').waitFor();
  assert.equal(await missing.count(), 0);
});

test('a link without the part that decodes it is reported, and the page starts without it', async t => {
  const prepare = page => page.route(PARTS, route => route.abort());
  const { page, url } = await open(t, { prepare });
  const before = await page.getByTestId('manifests').inputValue();
  await page.goto('about:blank');
  await page.goto(`${url}#v1.y87MS7FScK0oSC3KzE3NK-ECAA`);
  await page.getByTestId('notice').getByText('The link was not opened: a part of HPA Playground could not be fetched').waitFor();
  assert.equal(await page.getByTestId('manifests').inputValue(), before);
  await page.unroute(PARTS);
  await page.reload();
  await page.getByTestId('manifests').waitFor();
  assert.equal(await page.getByTestId('manifests').inputValue(), `kind: Experiment\n${UNRECORDED}`);
});

test('a text that is replaced while links cannot be encoded is under Files at the next visit', async t => {
  const LINK = /\/split_link[^/]*\.wasm$/;
  const { page } = await open(t, { prepare: page => page.route(LINK, route => route.abort()) });
  await page.getByTestId('manifests').pressSequentially('# mine\n');
  await kept(page, '# mine');
  await page.getByTestId('open-gallery').click();
  await page.getByTestId('preset-pain-03-flapping').click();
  await page.getByText('under Files at the next visit').waitFor();
  await kept(page, 'Flapping: noise');
  await page.unroute(LINK);
  await page.reload();
  await page.waitForSelector('main:not([aria-busy])');
  await page.waitForFunction(() => localStorage.getItem('hpa-playground/v1/set-aside') === null);
  await page.getByTestId('open-files').click();
  await page.getByTestId('recent').getByRole('button').first().click();
  await page.waitForFunction(() => document.querySelector('[data-testid=manifests]').value.includes('# mine'));
});
