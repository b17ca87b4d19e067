//! The page's two parts: the first one suffices for a first visit, and the second one is loaded in time.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { kept, site } from './browser.mjs';
import { FIRST_STEPS, VISITS } from './first-steps.mjs';

const LATER = '**/later-*.wasm';
const open = site();

/** A page, and how it requested the second part, from its own load on: 'fetch' ahead of need, 'xhr' in the middle of a call. */
async function opened(t, options) {
  const asked = [];
  const prepare = page => page.on('request', request => /later-\w+\.wasm$/.test(request.url()) && asked.push(request.resourceType()));
  return { asked, ...await open(t, { ...options, prepare }) };
}

const gallery = page => page.getByTestId('preset-php-apache');

for (const visit of VISITS) {
  test(`a first visit, ${visit.viewport.width} pixels wide, does not need the second part`, async t => {
    const { page, asked, problems } = await opened(t, visit);
    await page.waitForLoadState('networkidle');
    assert.deepEqual(asked, [], 'before any interaction');
    assert.deepEqual(problems, []);
    await page.route(LATER, route => route.abort());
    for (const [name, step] of Object.entries(FIRST_STEPS)) {
      await step(page);
      assert.ok(await page.locator('#broken').isHidden(), `${name}: ${problems[0]}\n  Update web/later.txt: make parts`);
    }
    assert.deepEqual(asked, ['fetch'], 'after the first interaction');
  });
}

test('the second part is loaded before something needs it', async t => {
  const { page, asked } = await opened(t);
  const request = page.waitForRequest(LATER);
  await page.mouse.move(200, 200);
  await request;
  await page.evaluate(async () => (await import(document.querySelector('link[href*="/later-"]').href)).bring());
  await page.getByTestId('open-gallery').click();
  await gallery(page).waitFor();
  assert.deepEqual(asked, ['fetch']);
});

test('a call that needs the second part before it was fetched waits for it', async t => {
  const { page, asked, problems } = await opened(t);
  let hold;
  const held = new Promise(done => { hold = done; });
  await page.route(LATER, hold);
  // Like assistive technology: without a pointer or a key, which would fetch the second part.
  let returned = false;
  const click = page.getByTestId('open-gallery').evaluate(button => button.click()).then(() => { returned = true; });
  const route = await Promise.race([held, click.then(() => assert.fail(`the click did not wait: ${asked}`))]);
  assert.equal(returned, false, 'the click waits while the response is held back');
  await route.continue();
  await click;
  await gallery(page).waitFor();
  assert.deepEqual(asked, ['xhr']);
  assert.deepEqual(problems, []);
});

test('if the second part fails to load, the page shows an error and keeps the text', async t => {
  const { page } = await opened(t);
  await page.route(LATER, route => route.abort());
  await page.getByTestId('manifests').pressSequentially('# mine\n');
  await kept(page, '# mine');
  await page.getByTestId('open-gallery').evaluate(button => button.click());
  assert.match(await page.locator('#broken').innerText(), /could not be loaded\. Your text is saved/);
});

test('a visit with a saved text and a visit by a link fetch both parts at once', async t => {
  const { page, asked } = await opened(t);
  await page.getByTestId('manifests').pressSequentially('# mine\n');
  await kept(page, '# mine');
  asked.length = 0;
  await page.reload();
  await page.waitForSelector('main:not([aria-busy])');
  assert.match(await page.getByTestId('manifests').inputValue(), /# mine/);
  assert.deepEqual(asked, ['fetch']);

  const other = await opened(t);
  await other.page.goto('about:blank');
  await other.page.goto(`${other.url}#1.nothing`);
  await other.page.waitForSelector('main:not([aria-busy])');
  assert.deepEqual(other.asked, ['fetch']);
});
