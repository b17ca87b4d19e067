//! What of the built page travels, and when.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DIST } from './browser.mjs';

/** The bound of all that the page needs to show its first picture and to answer what is done first [bytes, gzip]. */
export const FIRST_LOAD = 375_000;

/** The aim, which the bound has been above since the editor of YAML text and the validated setup [bytes, gzip]. */
export const FIRST_LOAD_AIM = 350_000;

/**
 * The files of dist/ with their compressed sizes: `first`, and `second`, the part of the wasm that
 * follows when the page is touched (parts.test.mjs), or when the service worker, once the page
 * stands, fetches the whole site. Neither the experiments, which stand in a folder,
 * nor the page about exactness travel with the page.
 */
export function travels() {
  const files = readdirSync(DIST, { withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.startsWith('exactness'))
    .map(({ name }) => ({ name, bytes: gzipSync(readFileSync(join(DIST, name)), { level: 9 }).length }));
  const later = ({ name }) => /^later-.*\.wasm$/.test(name);
  return { first: files.filter(file => !later(file)), second: files.filter(later) };
}
