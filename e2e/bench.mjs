//! Measures the built page in headless Chromium: first paint, and from a moved slider to the new
//! picture. Prints one line a measurement; run it with `make bench`.
import assert from 'node:assert/strict';
import { start } from './browser.mjs';

const PAINTS = 5;
const MOVES = 60;

const sorted = numbers => [...numbers].sort((a, b) => a - b);
const median = numbers => sorted(numbers)[numbers.length >> 1];
const report = (what, values) => console.log(
  `${what}: median ${median(values).toFixed(1)} ms, worst ${Math.max(...values).toFixed(1)} ms of ${values.length}`);

/**
 * Runs in the page: sets the load slider `moves` times to another value, each time waiting until
 * the line of desired replicas is another and the new layout is done.
 */
async function drag(moves) {
  const find = name => document.querySelector(`[data-testid="${name}"]`);
  const slider = find('load');
  const line = find('line-desired');
  const [low, high] = [Number(slider.min), Number(slider.max)];
  const channel = new MessageChannel();
  const task = () => new Promise(done => {
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  });
  const times = [];
  for (let move = 0; move < moves; move++) {
    await new Promise(requestAnimationFrame);
    const before = line.getAttribute('d');
    const begin = performance.now();
    slider.value = low + (high - low) * (0.2 + 0.6 * ((move * 7) % moves) / moves);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await task();
    // A page that draws in the next frame has not drawn yet.
    if (line.getAttribute('d') === before) await new Promise(requestAnimationFrame);
    await task();
    document.body.getBoundingClientRect();
    times.push({ time: performance.now() - begin, changed: line.getAttribute('d') !== before });
  }
  return times;
}

const site = await start();
try {
  const paints = [];
  for (let i = 0; i < PAINTS; i++) {
    const { page, close } = await site.open();
    paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime));
    await close();
  }
  report('first contentful paint', paints);

  const { page, problems } = await site.open();
  await page.waitForSelector('[data-testid="line-desired"]', { state: 'attached', timeout: 5000 });
  const moves = await page.evaluate(drag, MOVES);
  assert.deepEqual(problems, []);
  const drawn = moves.filter(move => move.changed).map(move => move.time);
  assert.ok(drawn.length >= MOVES / 2, `only ${drawn.length} of ${MOVES} moves changed the picture`);
  report('slider to new picture', drawn);
} finally {
  await site.close();
}
