//! The compressed size of everything that a browser downloads stays within its budgets.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { FIRST_LOAD, travels } from './weight.mjs';

// Both parts together: a tight budget, so that growth is noticed.
const ALL = 660_000;

test('the page stays within its budgets, gzip', t => {
  const { first, second } = travels();
  assert.ok(first.some(({ name }) => name.endsWith('.wasm')) && second.length === 1, 'dist/ contains both parts of the wasm');
  for (const [what, budget, files] of [['first load', FIRST_LOAD, first], ['both parts', ALL, [...first, ...second]]]) {
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    t.diagnostic(`${what}: ${(total / 1000).toFixed(1)} KB gzip: ${files.map(({ name, bytes }) => `${name} ${bytes}`).join(', ')}`);
    assert.ok(total <= budget, `${what}: ${total} bytes exceed ${budget}; \`make parts\` may help`);
  }
});
