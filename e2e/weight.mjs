//! The download sizes of the built page, and their budgets.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DIST } from './browser.mjs';

/**
 * The budget for the first load: the first picture and everything that needs no lazy part [bytes, gzip].
 * The page became this heavy when it was rebuilt of components. It has to come down to the targets, and
 * must not grow meanwhile.
 */
export const FIRST_LOAD = 615_000;

/** The budget for the first load and all lazy parts [bytes, gzip]. */
export const ALL = 764_000;

/** The targets for the two [bytes, gzip]. */
export const FIRST_LOAD_AIM = 520_000;
export const ALL_AIM = 660_000;

/** The budgets of the lazy parts [bytes, gzip]; `shared` is what several of them need. */
export const PARTS = {
  add: 12_500,
  charts: 13_500,
  comparison: 19_000,
  completion: 2_000,
  files: 9_500,
  gallery: 33_000,
  link: 1_000,
  printout: 28_500,
  share: 8_500,
  shared: 29_500,
};

/** The lazy part that a file belongs to; undefined for the files of the first load. */
function part(name) {
  const [, split] = /^split_(\w+)-\w+\.wasm$/.exec(name) ?? [];
  return split ?? (/^chunk_.*\.wasm$/.test(name) ? 'shared' : undefined);
}

/**
 * The compressed sizes of the files of dist/: `first`, the files of the first load by name, and `parts`,
 * the lazy parts by their names in the program. The experiments and the page about exactness are not
 * part of the page.
 */
export function travels() {
  const [first, parts] = [{}, {}];
  for (const entry of readdirSync(DIST, { withFileTypes: true })) {
    const { name } = entry;
    if (!entry.isFile() || name.startsWith('exactness')) continue;
    const { length } = gzipSync(readFileSync(join(DIST, name)), { level: 9 });
    const lazy = part(name);
    if (lazy) parts[lazy] = (parts[lazy] ?? 0) + length;
    else first[name] = length;
  }
  return { first, parts };
}

/** The sum of sizes. */
export const sum = sizes => Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
