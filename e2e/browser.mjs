//! One Chromium and one server per test file, and pages that record their errors.
import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { accessSync, constants, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The built page. */
export const DIST = join(ROOT, 'dist');

// No requests of the browser itself; and the sandbox does not start as root.
export const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Where a program stands on PATH. */
export function onPath(name) {
  for (const folder of process.env.PATH.split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch { /* not in this folder */ }
  }
}

/** The browser on this machine. */
export function executable() {
  const found = process.env.CHROME || ['chromium', 'google-chrome', 'chromium-browser'].map(onPath).find(Boolean);
  if (!found) throw new Error('missing: Chromium (install it with: scripts/setup.sh, or set CHROME to its path)');
  return found;
}

/**
 * Starts a browser, and a server for the built page or another folder. The site is served under a path,
 * so that absolute links in it fail.
 * @returns {Promise<{ open(options?: object): Promise<Opened>, close(): Promise<void> }>}
 * @typedef {{ page: import('playwright-core').Page, problems: string[], url: string, close(): Promise<void> }} Opened
 *   `problems` collects uncaught errors, errors on the console, failed requests, and requests
 *   to another origin. Option `path` is appended to the address (a query or a fragment), and
 *   `prepare` is called with the page before it loads; all others go to playwright's `newContext`. Each page has its own storage, and no service worker
 *   unless `serviceWorkers` is 'allow', because it would fetch the whole site.
 */
export async function start(folder = DIST) {
  assert.ok(existsSync(join(DIST, 'index.html')), 'missing: dist/ (build it with: make build)');
  const server = await serve(folder, { base: '/hpa-playground/' });
  const browser = await chromium.launch({ executablePath: executable(), args: ARGUMENTS });
  return {
    async open({ path = '', prepare = () => {}, ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers: 'block', ...options });
      const page = await context.newPage();
      const problems = [];
      page.on('pageerror', error => problems.push(`uncaught: ${error}`));
      page.on('console', message => message.type() === 'error' && problems.push(`console: ${message.text()}`));
      // A page that is left gives up what it was fetching.
      page.on('requestfailed', request => request.failure()?.errorText === 'net::ERR_ABORTED' || problems.push(`failed: ${request.url()}`));
      page.on('request', request => {
        const url = request.url();
        if (!url.startsWith(server.url) && !/^(data|blob):/.test(url)) problems.push(`left the site: ${url}`);
      });
      await prepare(page);
      await page.goto(server.url + path);
      await page.waitForSelector('main:not([aria-busy])');
      return { page, problems, url: server.url, close: () => context.close() };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/**
 * The same for the tests of the calling file: started before the first test and closed after the last;
 * each page is closed when its test ends.
 * @returns {(t: import('node:test').TestContext, options?: object) => Promise<Opened>}
 */
export function site() {
  let running;
  before(async () => {
    running = await start();
  });
  after(() => running?.close());
  return async (t, options) => {
    const opened = await running.open(options);
    t.after(opened.close);
    return opened;
  };
}

/** Resolves when the effects of an event are on screen: the run is computed, and two frames later. */
export async function painted(page, timeout = 30_000) {
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'), undefined, { timeout });
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** The last line of an opened text that records no release: it opens as 1.36. */
export const UNRECORDED = '# Made with HPA Playground for Kubernetes 1.36, model version 2\n';

/** Resolves when the saved text contains `part`. */
export const kept = (page, part) => page.waitForFunction(
  part => localStorage.getItem('hpa-playground/v1/text')?.includes(part), part);

/**
 * The violations that axe-core finds on the page, one line per rule: WCAG 2.2 A and AA, best practices.
 * @param {import('playwright-core').Page} page
 */
export async function accessibilityProblems(page) {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.evaluate(await readFile(axe, 'utf8'));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(node => node.target).join(' ')}`);
}
