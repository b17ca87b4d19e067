//! Everything that travels to a browser, compressed as servers do, stays within the budget.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from './browser.mjs';

const BUDGET = 250_000;

test('the page is at most 250 KB gzip', t => {
  const folder = join(ROOT, 'dist');
  const sizes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ path, name }) => [name, gzipSync(readFileSync(join(path, name)), { level: 9 }).length]);
  assert.ok(sizes.some(([name]) => name.endsWith('.wasm')), 'dist/ holds a wasm module');
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  t.diagnostic(`${(total / 1000).toFixed(1)} KB gzip: ${sizes.map(([name, bytes]) => `${name} ${bytes}`).join(', ')}`);
  assert.ok(total <= BUDGET, `${total} bytes exceed ${BUDGET}`);
});
