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
let api, wasm;

before(async () => {
  // Without wasm-opt, which takes half a minute and does not change the behavior.
  const options = ['--target', 'web', '--no-opt'];
  await execute('wasm-pack', ['build', 'npm', ...options], { cwd: ROOT, maxBuffer: 1 << 26 });
  api = await import(join(ROOT, 'npm/pkg/hpa_playground.js'));
  wasm = api.initSync({ module: await readFile(join(ROOT, 'npm/pkg/hpa_playground_bg.wasm')) });
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

/** Refuses what is not plain data: instances of classes, functions, `BigInt`, null. */
function assertPlain(value, path) {
  if (['string', 'number', 'boolean', 'undefined'].includes(typeof value)) return;
  if (value instanceof Float64Array || value instanceof Int32Array) return;
  if (Array.isArray(value)) return value.forEach((item, index) => assertPlain(item, `${path}[${index}]`));
  assert.equal(typeof value, 'object', path);
  assert.equal(value && Object.getPrototypeOf(value), Object.prototype, path);
  for (const [name, field] of Object.entries(value)) assertPlain(field, `${path}.${name}`);
}

test('values are plain data that survives structuredClone', async () => {
  const text = await readFile(walkthrough, 'utf8');
  const result = api.run(text);
  const problem = api.run('kind: Experiment');
  const values = {
    parsed: api.parse('{'),
    checked: api.check(text),
    comparison: api.compare(text, text.replace('averageUtilization: 50', 'averageUtilization: 200')),
    decoded: api.decodeLink(api.encodeLink(text)),
    refused: api.decodeLink('#v9.abc'),
    diagnostics: problem.diagnostics,
    verdicts: result.verdicts,
    summary: result.summary,
    metrics: result.metrics,
    events: result.events,
    paragraphs: result.explain(90),
    whyNot: result.whyNot(720),
    series: [result.time, result.syncTime, result.syncDesired].map(series => Array.from(series)),
  };
  result.free();
  problem.free();
  for (const [name, value] of Object.entries(values)) {
    assert.ok(Array.isArray(value) ? value.length > 0 : value, name);
    assertPlain(value, name);
    assert.deepEqual(structuredClone(value), value, name);
  }
  // What is absent is undefined, in a field that is there.
  assert.deepEqual(Object.keys(values.refused), ['text', 'error', 'note']);
  assert.equal(values.refused.text, undefined);
});

test('a wrong argument throws a TypeError that names it', async () => {
  const result = api.run(await readFile(walkthrough, 'utf8'));
  for (const [call, field, message] of [
    [() => api.parse(), 'text', 'text must be a string, not undefined'],
    [() => api.run(5), 'text', 'text must be a string, not number'],
    [() => api.check(null), 'text', 'text must be a string, not null'],
    [() => api.compare({}, ''), 'first', 'first must be a string, not object'],
    [() => api.compare('', ['']), 'second', 'second must be a string, not object'],
    [() => api.encodeLink(Symbol('text')), 'text', 'text must be a string, not symbol'],
    [() => api.decodeLink(10n), 'link', 'link must be a string, not bigint'],
    [() => result.explain('90'), 'time', 'time must be a number, not string'],
    [() => result.explain(NaN), 'time', 'time must be a number, not NaN'],
    [() => result.whyNot(), 'time', 'time must be a number, not undefined'],
  ]) {
    assert.throws(call, error => {
      assert.ok(error instanceof TypeError, message);
      assert.deepEqual([error.name, error.field, error.message], ['TypeError', field, message]);
      return true;
    });
  }
  assert.deepEqual(result.explain(-Infinity), []);
  assert.deepEqual(result.explain(Infinity), result.explain(result.syncTime.at(-1)));
  result.free();
  assert.throws(() => result.time, error => !(error instanceof WebAssembly.RuntimeError));
  assert.equal(api.parse('{').ok, false);
});

test('a call that throws leaks nothing', () => {
  const text = ' '.repeat(1 << 20);
  const call = () => assert.throws(() => api.compare(text, 5), TypeError);
  call();
  const before = wasm.memory.buffer.byteLength;
  for (let time = 0; time < 20; time++) call();
  assert.ok(wasm.memory.buffer.byteLength - before < 4 << 20);
});

test('the TypeScript declarations have the documented types', async () => {
  const types = await readFile(join(ROOT, 'npm/pkg/hpa_playground.d.ts'), 'utf8');
  for (const line of ['export function run(text: string): Run;', 'readonly time: Float64Array;', 'readonly verdicts: Verdict[];', 'export function decodeLink(link: string): DecodedLink;', 'export function check(text: string): Checked;', 'whyNot(time: number): WhyNot | undefined;', 'export type Severity = "error" | "warning" | "info";']) {
    assert.ok(types.includes(line), line);
  }
  const [offered] = types.split('export type InitInput');
  assert.doesNotMatch(offered, /\bany\b/);
  assert.match(offered, /\* Start of each row, in seconds\.\n/);
});

test('TypeScript accepts uses of the package and refuses misuses', async () => {
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,dom,esnext.disposable'];
  const compiler = join(ROOT, 'e2e/node_modules/.bin/tsc');
  await execute(compiler, [...options, 'e2e/consumer.ts'], { cwd: ROOT }).catch(({ stdout }) => assert.fail(stdout));
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
