//! Benchmarks in a browser: first paint, the time from a slider movement to the next picture, a 24-hour
//! run of the npm package. Prints the values as JSON; `cargo xtask bench` builds the page and the package
//! and shows the values next to their targets.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ARGUMENTS, ROOT, executable, start } from './browser.mjs';
import { serve } from './serve.mjs';
import { ALL_AIM, FIRST_LOAD_AIM, sum, travels } from './weight.mjs';

const PAINTS = 5;
const MOVES = 60;
const DAYS = 31;
const POINTS = 100_000;

const sorted = numbers => [...numbers].sort((a, b) => a - b);
// On shared cores, the best run shows what the code needs, the median what it got.
const spread = numbers => {
  const all = sorted(numbers);
  return { best: all[0], median: all[all.length >> 1] };
};
const once = median => ({ median });

/**
 * Runs in the page: sets the load slider to a new value `moves` times, right before a frame, as browsers
 * deliver the input of a dragged pointer, and measures the time until the first frame with a changed
 * line of desired replicas was painted [ms].
 */
async function drag(moves) {
  const find = name => document.querySelector(`[data-testid="${name}"]`);
  const slider = find('load');
  const line = () => find('line-desired').getAttribute('d');
  const [low, high] = [Number(slider.min), Number(slider.max)];
  const channel = new MessageChannel();
  const task = () => new Promise(done => {
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  });
  const frame = () => new Promise(requestAnimationFrame);
  const times = [];
  for (let move = 0; move < moves; move++) {
    await frame();
    const before = line();
    const begin = performance.now();
    slider.value = low + (high - low) * (0.2 + 0.6 * ((move * 7) % moves) / moves);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    // A task posted within a frame runs after the frame was painted.
    await task();
    for (let frames = 0; line() === before && frames < 3; frames++) {
      await frame();
      await task();
    }
    if (line() !== before) times.push(performance.now() - begin);
  }
  return times;
}

/** First contentful paint of a fresh page [ms]; undefined if the browser reports none. */
async function firstPaint(site) {
  const { page, close } = await site.open();
  try {
    return await page.evaluate(() => new Promise(done => {
      const name = 'first-contentful-paint';
      // Buffered, because the paint may have happened already or be reported later.
      new PerformanceObserver(list => list.getEntriesByName(name).forEach(entry => done(entry.startTime)))
        .observe({ type: 'paint', buffered: true });
      setTimeout(() => done(undefined), 5000);
    }));
  } finally {
    await close();
  }
}

/** Moves the load slider repeatedly, in the walkthrough with a given duration. */
async function slider(site, duration, values) {
  const { page, problems, close } = await site.open();
  await page.waitForSelector('main:not([aria-busy])');
  await page.getByTestId('manifests').evaluate((area, duration) => {
    area.value = area.value.replace('duration: 30m', `duration: ${duration}`);
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }, duration);
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable');
  // CPU time of the main thread: script, style, layout and paint, without waiting for frames or cores.
  const busy = async () => {
    const { metrics } = await client.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'ThreadTime').value * 1000;
  };
  const before = await busy();
  const painted = await page.evaluate(drag, MOVES);
  const after = await busy();
  assert.deepEqual(problems, []);
  assert.ok(painted.length >= MOVES / 2, `only ${painted.length} of ${MOVES} moves changed the picture`);
  const name = `slider, ${duration}`;
  values[`${name}: main thread, mean`] = once((after - before) / MOVES);
  values[`${name}: until painted`] = spread(painted);
  values[`${name}: until painted, 95th percentile`] = once(sorted(painted)[Math.floor(painted.length * 0.95)]);
  await close();
}

/** Plays the walkthrough and measures its frames and the tasks longer than 50 ms. */
async function play(site, values) {
  const { page, problems, close } = await site.open();
  await page.waitForSelector('main:not([aria-busy])');
  await page.getByTestId('play').click();
  const { frames, long } = await page.evaluate(async () => {
    let long = 0;
    new PerformanceObserver(list => { long += list.getEntries().length; }).observe({ type: 'longtask' });
    let frames = 0;
    const begin = performance.now();
    while (performance.now() - begin < 5000) {
      await new Promise(requestAnimationFrame);
      frames++;
    }
    return { frames: frames / 5, long };
  });
  assert.deepEqual(problems, []);
  values['playing: time from frame to frame, mean'] = once(1000 / frames);
  values['playing: tasks of more than 50 ms'] = once(long);
  await close();
}

async function record(site, values) {
  const { page, problems, close } = await site.open();
  await page.waitForSelector('main:not([aria-busy])');
  for (const [name, times] of Object.entries(await page.evaluate(recording, POINTS))) {
    values[`100,000 points: ${name}`] = spread(times);
  }
  assert.equal(await page.getByTestId('stale').count(), 0, 'the recorded load was run');
  assert.deepEqual(problems, []);
  await close();
}

async function measurePage(values) {
  const site = await start();
  try {
    const paints = [];
    for (let i = 0; i < PAINTS; i++) paints.push(await firstPaint(site));
    const reported = paints.filter(time => time !== undefined);
    if (reported.length > 0) values['first contentful paint'] = spread(reported);
    for (const duration of ['30m', '2h', '24h']) await slider(site, duration, values);
    await play(site, values);
    await record(site, values);
  } finally {
    await site.close();
  }
}

/**
 * Runs in the page: one week with a recorded load of `points` points, dropped as a file. Times until
 * the result was painted [ms]: of the drop, and of movements over the load chart, 40 of each kind.
 */
async function recording(points) {
  const find = name => document.querySelector(`[data-testid="${name}"]`);
  const channel = new MessageChannel();
  const painted = () => new Promise(done => requestAnimationFrame(() => {
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  }));
  const change = (element, value) => {
    element.value = value;
    element.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const area = find('manifests');
  change(area, area.value.replace('duration: 30m', 'duration: 168h').replace(/load:\n.*\n.*\n/, 'load: []\n').replace(/goals:[^]*/, ''));
  await painted();
  const rows = Array.from({ length: points }, (_, at) => `${at * 6},${Math.round(50 + 40 * Math.sin(at / 2291) + at * 7 % 10)}`);
  const transfer = new DataTransfer();
  transfer.items.add(new File([rows.join('\n')], 'load.csv'));
  const line = find('line-load');
  const [before, begin] = [line.getAttribute('d'), performance.now()];
  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  while (line.getAttribute('d') === before) await painted();
  const times = { 'dropped': [performance.now() - begin] };
  const plot = find('chart-load').querySelector('.plot');
  const { left, top, width } = plot.getBoundingClientRect();
  const moves = {
    'crosshair': at => plot.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX: left + width * (0.1 + at / 50), clientY: top + 20 })),
    'cursor': at => change(find('scrubber'), 1000 + at * 10_007),
    'wheel zoom': at => plot.dispatchEvent(new WheelEvent('wheel', {
      bubbles: true, cancelable: true, ctrlKey: true, deltaY: at < 20 ? -90 : 90, clientX: left + width / 3, clientY: top + 20,
    })),
    'load slider': at => change(find('load'), 20 + at),
  };
  for (const [name, move] of Object.entries(moves)) {
    times[name] = [];
    for (let at = 0; at < (name === 'load slider' ? 10 : 40); at++) {
      await painted();
      const begin = performance.now();
      move(at);
      await painted();
      times[name].push(performance.now() - begin);
    }
  }
  return times;
}

/** The manifests of the walkthrough with the load of the native benchmark. */
function day() {
  const walkthrough = readFileSync(join(ROOT, 'simulation/experiments/php-apache.yaml'), 'utf8');
  const manifests = walkthrough.split('---\napiVersion: hpa-playground')[0]
    .replace('maxReplicas: 10', 'maxReplicas: 2000').replace('replicas: 1', 'replicas: 5');
  return `${manifests}---
apiVersion: hpa-playground/v1
kind: Experiment
duration: 24h
load:
- {name: day, wave: {form: day, mean: 70, amplitude: 30}}
- {name: noise, noise: {deviation: 5, correlation: 2m}}
workload: {cpuLimit: none}
`;
}

async function measurePackage(values) {
  const server = await serve(join(ROOT, 'npm'));
  const browser = await chromium.launch({ executablePath: executable(), args: ARGUMENTS });
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}examples/js/index.html`);
    const { times, syncs } = await page.evaluate(async ({ text, runs, module }) => {
      const api = await import(module);
      await api.default();
      const times = [];
      let syncs = 0;
      for (let run = 0; run < runs; run++) {
        // A frame between two runs, as on a page.
        await new Promise(requestAnimationFrame);
        const begin = performance.now();
        const result = api.run(text);
        times.push(performance.now() - begin);
        syncs = result.syncDesired.length;
        result.free();
      }
      return { times, syncs };
    }, { text: day(), runs: DAYS, module: `${server.url}pkg/hpa_playground.js` });
    assert.equal(syncs, 24 * 240 - 1);
    values['24 h in Chromium'] = spread(times);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** The compressed transfer sizes [KB]. */
function size(values) {
  const kilobytes = sizes => once(sum(sizes) / 1000);
  const { first, parts } = travels();
  values['first load'] = { ...kilobytes(first), aim: FIRST_LOAD_AIM / 1000 };
  values['lazy parts of the page'] = kilobytes(parts);
  values['all that travels'] = { ...kilobytes({ ...first, ...parts }), aim: ALL_AIM / 1000 };
}

const values = {};
await measurePackage(values);
await measurePage(values);
size(values);
console.log(JSON.stringify(values));
