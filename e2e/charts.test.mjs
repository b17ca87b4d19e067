//! The charts in a real browser: zoom, values, tables, export.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { accessibilityProblems, painted, site } from './browser.mjs';

const open = site();
const parts = page => ({
  load: page.getByTestId('chart-load'),
  replicas: page.getByTestId('chart-replicas'),
  shown: page.getByTestId('window'),
  line: page.getByTestId('line-desired'),
});

/** Moves the cursor with the scrubber. */
const go = (page, time) => page.getByRole('slider', { name: 'Time' }).evaluate((slider, time) => {
  slider.value = time;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
}, time);

test('a drag zooms in, and a button or a key resets the zoom', async t => {
  const { page, problems } = await open(t);
  const { load, shown, line } = parts(page);
  const whole = await line.getAttribute('d');
  const box = await load.locator('.plot').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + 30, { steps: 3 });
  await page.mouse.up();
  const [from, to] = (await shown.innerText()).split(' to ').map(time => Number(time.split(':')[0]));
  assert.ok(from >= 12 && from <= 15 && to >= 19 && to <= 23, await shown.innerText());
  assert.notEqual(await line.getAttribute('d'), whole);
  await page.getByTestId('zoom-reset').click();
  assert.equal(await shown.innerText(), '0:00 to 30:00');
  assert.equal(await line.getAttribute('d'), whole);
  await page.getByTestId('charts').focus();
  await page.keyboard.press('+');
  assert.notEqual(await shown.innerText(), '0:00 to 30:00');
  await page.keyboard.press('0');
  assert.equal(await shown.innerText(), '0:00 to 30:00');
  await page.mouse.move(box.x + box.width / 2, box.y + 40);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -300);
  await page.keyboard.up('Control');
  await page.waitForFunction(() => document.querySelector('[data-testid=window]').textContent !== '0:00 to 30:00');
  assert.deepEqual(problems, []);
});

test('the pointer shows the values of all charts at its time', async t => {
  const { page } = await open(t);
  const { replicas } = parts(page);
  const box = await replicas.locator('.plot').boundingBox();
  await page.mouse.move(box.x + box.width / 3, box.y + 40);
  assert.match(await page.getByTestId('readout').innerText(), /^Pointer (8|9|10):/);
  assert.equal(await page.getByTestId('desired').innerText(), '7 pods');
  await page.mouse.move(5, 5);
  assert.equal(await page.getByTestId('readout').innerText(), 'Cursor 1:30');
  assert.equal(await page.getByTestId('desired').innerText(), '4 pods');
});

test('the stabilization window shows what it holds and until when', async t => {
  const { page } = await open(t);
  await go(page, 900);
  assert.match(await page.getByTestId('hold').innerText(), /7 pods.*11:15.*5 min.*16:15/);
  assert.match(await page.getByTestId('hold-ring').getAttribute('d'), /^M/);
  await go(page, 300);
  assert.equal(await page.getByTestId('hold').innerText(), '');
});

test('a chart is shown as a table and saved as a file', async t => {
  const { page, problems } = await open(t);
  const { load } = parts(page);
  await load.getByTestId('form').click();
  const table = load.getByTestId('table');
  assert.match(await table.innerText(), /Arriving: from 0 requests\/s to 61 requests\/s/);
  assert.equal(await table.getByRole('rowheader', { name: '1:00', exact: true }).count(), 1);
  assert.deepEqual(await accessibilityProblems(page), []);
  await load.locator('summary').click();
  const saved = async name => {
    const [download] = await Promise.all([page.waitForEvent('download'), load.getByTestId(name).click()]);
    return readFile(await download.path());
  };
  assert.match((await saved('save-csv')).toString(), /^Time \[s\],arriving \[requests\/s\],.*\n0,0,/);
  await load.getByTestId('form').click();
  await load.locator('summary').click();
  const svg = (await saved('save-svg')).toString();
  assert.match(svg, /^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  assert.match(svg, /<title>Load<\/title>/);
  assert.doesNotMatch(svg, /class=|var\(|http:\/\/127/);
  // The lowest chart has time labels on the page and in the file: both are the same picture.
  const pods = page.getByTestId('chart-pods');
  await pods.locator('summary').click();
  const [download] = await Promise.all([page.waitForEvent('download'), pods.getByTestId('save-svg').click()]);
  const drawn = await pods.locator('path.pods-ready').getAttribute('d');
  assert.ok((await readFile(await download.path())).toString().includes(`d="${drawn}"`));
  await load.locator('summary').click();
  assert.equal((await saved('save-png')).subarray(1, 4).toString(), 'PNG');
  assert.deepEqual(problems, []);
});

test('charts can be shown and hidden', async t => {
  const { page } = await open(t);
  assert.equal(await page.getByTestId('chart-latency').count(), 0);
  await page.locator('summary', { hasText: 'Show' }).click();
  await page.getByRole('checkbox', { name: 'Latency' }).check();
  await page.getByRole('checkbox', { name: 'Pods' }).uncheck();
  assert.equal(await page.getByTestId('chart-latency').count(), 1);
  assert.equal(await page.getByTestId('chart-pods').count(), 0);
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.keyboard.press('Escape');
  assert.ok(!await page.getByRole('checkbox', { name: 'Latency' }).isVisible());
});

test('points of the load are moved, added and removed on the chart', async t => {
  const { page, problems } = await open(t);
  const { load } = parts(page);
  const text = page.getByTestId('manifests');
  const point = name => load.getByRole('slider', { name, exact: true });
  const center = async name => {
    const box = await point(name).boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  await point('Load from 1:00').focus();
  await page.keyboard.press('ArrowUp');
  assert.match(await text.inputValue(), /\{at: 1m, rate: 62\}/);
  const [x, y] = await center('Load from 1:00');
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 60, y + 10, { steps: 3 });
  await page.mouse.up();
  assert.equal(await point('Load from 1:00').count(), 0);
  const plot = await load.locator('.plot').boundingBox();
  const all = await load.getByRole('slider').count();
  await page.mouse.dblclick(plot.x + plot.width * 0.75, plot.y + plot.height / 2);
  await painted(page);
  assert.equal(await load.getByRole('slider').count(), all + 1);
  await load.getByRole('slider').last().focus();
  await page.keyboard.press('Delete');
  await painted(page);
  assert.equal(await load.getByRole('slider').count(), all);
  assert.deepEqual(problems, []);
});

test('a run that stopped early has a note above the charts', async t => {
  const { page, problems } = await open(t);
  // All at once, like a paste.
  const write = edits => page.getByTestId('manifests').evaluate((area, edits) => {
    area.value = edits.reduce((text, [from, to]) => text.replace(from, to), area.value);
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }, edits);
  // With uneven pods, each one is simulated separately, and these are too many for a page.
  await write([['replicas: 1', 'replicas: 100000'], ['workload:', 'nodes: {count: 5000, podsPerNode: 30}\nworkload:\n  unevenness: 1']]);
  await page.getByTestId('stopped').getByText(/^At \d+:\d\d the run stopped early/).waitFor();
  await write([['replicas: 100000', 'replicas: 1']]);
  await page.getByTestId('stopped').waitFor({ state: 'detached' });
  assert.deepEqual(problems, []);
});

test('each chart has time labels if the charts do not fit on one screen', async t => {
  const { page } = await open(t);
  const times = page.getByTestId('charts').locator('svg text').filter({ hasText: /^10:00$/ });
  assert.equal(await times.count(), 1, 'only the lowest chart');
  await page.setViewportSize({ width: 600, height: 900 });
  const charts = await page.getByTestId('charts').locator('svg[role=img]').count();
  await page.waitForFunction(charts => [...document.querySelectorAll('[data-testid=charts] svg text')]
    .filter(text => text.textContent === '10:00').length === charts, charts);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.waitForFunction(() => [...document.querySelectorAll('[data-testid=charts] svg text')]
    .filter(text => text.textContent === '10:00').length === 1);
});
