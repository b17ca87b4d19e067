//! The built page loads, stays on its origin, and is accessible in both color schemes.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accessibilityProblems, site } from './browser.mjs';

const open = site();

test('loads without errors or requests to other origins', async t => {
  const { page, problems } = await open(t, { serviceWorkers: 'allow' });
  assert.equal(await page.title(), 'HPA Playground');
  assert.equal(await page.locator('h1').innerText(), 'HPA Playground');
  assert.equal(await page.locator('#loading').count(), 0, 'the loading indicator is gone');
  await page.waitForLoadState('networkidle');
  assert.deepEqual(problems, []);
});

for (const colorScheme of ['light', 'dark']) {
  test(`has no accessibility problems (${colorScheme})`, async t => {
    const { page } = await open(t, { colorScheme });
    assert.deepEqual(await accessibilityProblems(page), []);
  });
}
