//! The npm package in Node and in a page.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { ARGUMENTS, ROOT, executable } from './browser.mjs';
import { serve } from './serve.mjs';

const execute = promisify(execFile);
const walkthrough = join(ROOT, 'simulation/experiments/php-apache.yaml');
let api;

before(async () => {
  // Without wasm-opt, which takes half a minute and does not change the behavior.
  const options = ['--target', 'web', '--no-opt'];
  await execute('wasm-pack', ['build', 'npm', ...options], { cwd: ROOT, maxBuffer: 1 << 26 });
  api = await import(join(ROOT, 'npm/pkg/hpa_playground.js'));
  api.initSync({ module: await readFile(join(ROOT, 'npm/pkg/hpa_playground_bg.wasm')) });
});

test('the walkthrough runs, with typed arrays', async () => {
  const text = await readFile(walkthrough, 'utf8');
  const result = api.run(text);
  assert.ok(result.ok);
  assert.ok(result.time instanceof Float64Array && result.load instanceof Float32Array);
  assert.ok(result.specReplicas instanceof Int32Array);
  assert.equal(Math.max(...result.specReplicas), 7);
  const changes = [...result.syncDesired].filter((desired, sync) => desired !== result.syncCurrent[sync]);
  assert.deepEqual(changes, [4, 7, 1]);
  assert.ok(result.verdicts.every(verdict => verdict.asExpected));
  const hours = result.summary.find(({ id }) => id === 'podHours');
  assert.deepEqual([hours.label, hours.unit], ['pod hours', 'h']);
  assert.match(result.explain(90).map(({ text }) => text).join(' '), /4/);
  const { up, down } = result.whyNot(720);
  assert.deepEqual([up.by, down.by, down.earliest], ['demand', 'window', 990]);
  assert.match(down.text, /within the stabilization window of 5 min/);
  assert.equal(result.whyNot(1), undefined);
  assert.deepEqual(result.explain(1), []);
  const { ok, asExpected, verdicts } = api.check(text);
  assert.deepEqual([ok, asExpected, verdicts.length], [true, true, 5]);
  const [{ name, value, target, proposal }] = result.metrics;
  assert.equal(name, 'cpu resource utilization (percentage of request)');
  assert.deepEqual([value.length, target[6], Math.max(...value), Math.max(...proposal)], [result.syncTime.length, 50, 305, 7]);
  const { type, reason, message, count } = result.events.find(({ about, first }) => about === 'Autoscaler' && first === 90);
  assert.deepEqual([type, reason, count], ['Normal', 'SuccessfulRescale', 1]);
  assert.match(message, /^New size: 4; reason: /);
  const other = api.compare(text, text.replace('averageUtilization: 50', 'averageUtilization: 200'));
  assert.deepEqual([other.divergesAt, other.step, other.metric], [90, 'proposal', 0]);
  assert.equal(api.compare(text, text).divergesAt, undefined);
});

test('errors are returned as values with positions', () => {
  const parsed = api.parse('apiVersion: hpa-playground/v1\nkind: Experiment\ndurration: 5m\n');
  assert.equal(parsed.ok, false);
  const problem = parsed.diagnostics.find(({ code }) => code === 'unknown-field');
  assert.deepEqual([problem.severity, problem.line, problem.column], ['error', 3, 1]);
  assert.equal(problem.hint, 'did you mean `duration`?');
  const result = api.run('{');
  assert.equal(result.ok, false);
  assert.equal(result.time.length, 0);
  const checked = api.check('{');
  assert.deepEqual([checked.ok, checked.asExpected, checked.verdicts], [false, false, []]);
  assert.equal(checked.diagnostics[0].severity, 'error');
});

test('links survive a round trip', () => {
  const { text, error, note } = api.decodeLink(`#${api.encodeLink('kind: Experiment ✓')}`);
  assert.deepEqual([text, error, note], ['kind: Experiment ✓', undefined, undefined]);
  assert.match(api.decodeLink('#v9.abc').error, /newer version/);
});

test('the TypeScript declarations have the documented types', async () => {
  const types = await readFile(join(ROOT, 'npm/pkg/hpa_playground.d.ts'), 'utf8');
  for (const line of ['export function run(text: string): Run;', 'readonly time: Float64Array;', 'readonly verdicts: Verdict[];', 'export function decodeLink(link: string): DecodedLink;', 'export function check(text: string): Checked;', 'whyNot(time: number): WhyNot | undefined;']) {
    assert.ok(types.includes(line), line);
  }
});

test('the exit status of the Node script reports whether goals are met', async () => {
  const script = join(ROOT, 'npm/examples/run.mjs');
  const { stdout } = await execute('node', [script, walkthrough]);
  assert.match(stdout, /90 s: 1 -> 4\n105 s: 4 -> 7/);
});

test('the example page draws a run', async () => {
  const server = await serve(ROOT);
  const browser = await chromium.launch({ executablePath: executable(), args: ARGUMENTS });
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}npm/examples/index.html`);
    await page.waitForFunction(() => document.getElementById('out').textContent.includes('ok   7 replicas'));
    assert.ok((await page.getAttribute('#line', 'd')).length > 20);
  } finally {
    await browser.close();
    await server.close();
  }
});
