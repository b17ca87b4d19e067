//! Everything that travels to a browser, compressed as servers do, stays within its budget.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ALL, FIRST_LOAD, PARTS, sum, travels } from './weight.mjs';

const list = sizes => Object.entries(sizes).map(([name, bytes]) => `${name} ${bytes}`).join(', ');

test('the first load and all that travels stay within their budgets, gzip', t => {
  const { first, parts } = travels();
  for (const [what, budget, sizes] of [['first load', FIRST_LOAD, first], ['first load and lazy parts', ALL, { ...first, ...parts }]]) {
    t.diagnostic(`${what}: ${(sum(sizes) / 1000).toFixed(1)} KB gzip: ${list(sizes)}`);
    assert.ok(sum(sizes) <= budget, `${what}: ${sum(sizes)} bytes exceed ${budget}: ${list(sizes)}`);
  }
});

test('each lazy part stays within its own budget, gzip', () => {
  const { parts } = travels();
  const grew = Object.entries(parts).filter(([name, bytes]) => bytes > (PARTS[name] ?? 0));
  assert.deepEqual(grew, [], `larger than in PARTS of e2e/weight.mjs: ${list(Object.fromEntries(grew))}`);
  assert.deepEqual(Object.keys(PARTS).filter(name => !parts[name]), [], 'parts with a budget that are not built');
});
