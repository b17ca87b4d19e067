//! A run of seconds does not block the page: no task takes longer than 50 ms while it is computed.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { painted, site } from './browser.mjs';

/** The longest task that goes unnoticed [ms], as browsers define a long task. */
const LONG = 50;

const open = site();

/**
 * Does something and returns the longest tasks of the page's thread until then, in milliseconds of its
 * own processor time: what other programs take is not the page's.
 */
async function tasks(page, act) {
  const cdp = await page.context().newCDPSession(page);
  const events = [];
  cdp.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await cdp.send('Tracing.start', { transferMode: 'ReportEvents', categories: 'toplevel,__metadata' });
  await act();
  const complete = new Promise(done => cdp.once('Tracing.tracingComplete', done));
  await cdp.send('Tracing.end');
  await complete;
  await cdp.detach();
  const main = new Set(events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`));
  assert.ok(main.size > 0, 'the trace names the page\'s thread');
  const durations = events
    .filter(({ name, pid, tid }) => /RunTask$/.test(name) && main.has(`${pid} ${tid}`))
    .map(({ tdur, dur }) => Math.round((tdur ?? dur ?? 0) / 1000));
  assert.ok(durations.length > 0, 'the trace has tasks');
  return durations.sort((a, b) => b - a).slice(0, 5);
}

const write = (page, text) => page.getByTestId('manifests').evaluate((area, text) => {
  area.value = text;
  area.dispatchEvent(new Event('input', { bubbles: true }));
}, text);

/** 31 days of up to 2,000 uneven pods, in a link of a few hundred characters. */
const heavy = text => text
  .replace('maxReplicas: 10', 'maxReplicas: 2000')
  .replace('duration: 30m', 'duration: 744h')
  .replace('step: {rate: 61, from: 1m, until: 11m}', 'wave: {mean: 10000, amplitude: 9000, period: 1h}')
  .replace('cpuPerRequest: 10m', 'cpuPerRequest: 10m\n  unevenness: 0.3')
  .replace(/goals:[^]*/, '');

test('a short link to a run of seconds opens, responds to every touch, and can be stopped and continued', async t => {
  const { page, url } = await open(t);
  const text = heavy(await page.getByTestId('manifests').inputValue());
  assert.match(text, /744h[^]*unevenness/);
  await write(page, text);
  await page.getByTestId('open-share').click();
  const link = await page.getByTestId('form-link').inputValue();
  assert.ok(link.length < 1_500, `${link.length}`);
  await page.goto('about:blank');
  const opened = await tasks(page, async () => {
    await page.goto(url + link.slice(link.indexOf('#')));
    await page.getByTestId('stop-run').waitFor();
  });
  const touched = await tasks(page, async () => {
    await page.getByTestId('load').press('ArrowRight');
    await page.getByTestId('manifests').press('End');
    await page.getByTestId('manifests').press(' ');
  });
  await page.getByTestId('stop-run').click();
  await page.getByTestId('resume-run').click();
  // The run needs 15 s of a processor of its own.
  await painted(page, 150_000);
  assert.equal(await page.getByTestId('computation').count(), 0);
  const longest = `longest tasks [ms]: opened ${opened}; touched ${touched}`;
  t.diagnostic(longest);
  assert.ok(Math.max(...opened, ...touched) <= LONG, longest);
});
