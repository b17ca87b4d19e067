//! Everything that travels to a browser, compressed as servers do, stays within the budget.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from './browser.mjs';

// The aim is 350 KB for the whole playground, and it is missed: this is what the page takes today,
// with little room, so that what adds to it is noticed. With the standard library that rustup brings,
// which is compiled for speed; with the one of scripts/setup.sh it is 12 KB less.
const BUDGET = 475_000;

test('the page stays within its budget, gzip', t => {
  const folder = join(ROOT, 'dist');
  const sizes = readdirSync(folder, { recursive: true, withFileTypes: true })
    // Neither the experiments nor the page about exactness travel with the first load.
    .filter(entry => entry.isFile() && !entry.path.includes('experiments') && !entry.name.startsWith('exactness'))
    .map(({ path, name }) => [name, gzipSync(readFileSync(join(path, name)), { level: 9 }).length]);
  assert.ok(sizes.some(([name]) => name.endsWith('.wasm')), 'dist/ holds a wasm module');
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  t.diagnostic(`${(total / 1000).toFixed(1)} KB gzip: ${sizes.map(([name, bytes]) => `${name} ${bytes}`).join(', ')}`);
  assert.ok(total <= BUDGET, `${total} bytes exceed ${BUDGET}`);
});
