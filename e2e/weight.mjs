//! The download sizes of the built page.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DIST } from './browser.mjs';

/** The budget for the first load: the first picture and the first interactions [bytes, gzip]. */
export const FIRST_LOAD = 520_000;

/** The target [bytes, gzip]. */
export const FIRST_LOAD_AIM = 480_000;

/**
 * The files of dist/ with their compressed sizes: `first`, and `second`, the part of the wasm that is
 * fetched at the first interaction (parts.test.mjs), or by the service worker after the page is built.
 * The experiments and the page about exactness are not part of the page.
 */
export function travels() {
  const files = readdirSync(DIST, { withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.startsWith('exactness'))
    .map(({ name }) => ({ name, bytes: gzipSync(readFileSync(join(DIST, name)), { level: 9 }).length }));
  const later = ({ name }) => /^later-.*\.wasm$/.test(name);
  return { first: files.filter(file => !later(file)), second: files.filter(later) };
}
