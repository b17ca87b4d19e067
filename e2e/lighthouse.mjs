//! Lighthouse scores of the built page on a phone: run it with `make lighthouse`, which builds the page
//! first. Not a test: Lighthouse is a download of 176 MB, and its times depend on the machine.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DIST, executable } from './browser.mjs';
import { serve } from './serve.mjs';

const VERSION = '13.5.0';
const RUNS = 5;
const AIMS = { performance: 95, accessibility: 100, 'best-practices': 100 };
const TIMES = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'speed-index', 'interactive'];

const median = numbers => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

/** One run. Throttling is applied, not simulated: simulation extrapolates from an unthrottled load. */
async function measure(url) {
  const { stdout } = await promisify(execFile)('npx', ['--yes', `lighthouse@${VERSION}`, url, '--quiet', '--output=json',
    '--throttling-method=devtools', '--chrome-flags=--headless=new --no-sandbox', `--only-categories=${Object.keys(AIMS)}`],
  { env: { ...process.env, CHROME_PATH: executable() }, maxBuffer: 1 << 28 });
  return JSON.parse(stdout);
}

const server = await serve(DIST, { gzip: true });
const reports = [];
for (let run = 0; run < RUNS; run++) reports.push(await measure(server.url));
await server.close();

for (const [category, aim] of Object.entries(AIMS)) {
  const score = Math.round(100 * median(reports.map(({ categories }) => categories[category].score)));
  console.log(`${category.padEnd(26)} ${score} (aim ${aim})`);
  if (score < aim) process.exitCode = 1;
}
for (const time of TIMES) {
  console.log(`${time.padEnd(26)} ${Math.round(median(reports.map(({ audits }) => audits[time].numericValue)))} ms`);
}
