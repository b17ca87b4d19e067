//! The generated page about exactness.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accessibilityProblems, site } from './browser.mjs';

const open = site();

test('the replayed cases are counted, none differs, and the deviations are listed', async t => {
  const { page, problems } = await open(t, { path: 'exactness.html' });
  const rows = await page.getByTestId('replays').locator('tbody tr').evaluateAll(rows =>
    rows.map(row => [...row.cells].map(cell => cell.textContent)));
  assert.ok(rows.length >= 6, `${rows.length} rows`);
  for (const [kind, equal, different] of rows) {
    assert.ok(Number(equal.replaceAll(',', '')) > 0, `${kind}: ${equal} equal`);
    assert.equal(different, '0', kind);
  }
  for (const name of ['Quirks that are kept', 'Deviations']) await page.getByRole('heading', { name }).waitFor();
  assert.deepEqual(problems, []);
});

for (const colorScheme of ['light', 'dark']) {
  test(`the exactness page is accessible, ${colorScheme}, on a phone and a desktop`, async t => {
    for (const viewport of [{ width: 360, height: 740 }, { width: 1280, height: 800 }]) {
      const { page } = await open(t, { path: 'exactness.html', colorScheme, viewport });
      assert.deepEqual(await accessibilityProblems(page), []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${wide} px too wide at ${viewport.width} px`);
    }
  });
}
