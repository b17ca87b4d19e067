//! Writes web/later.txt, the list of functions that a first visit does not run. It instruments every
//! function of the last build and records which ones run in a visit. Run it with `make parts`.
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { binaryen, functions, plain, read, without } from '../scripts/parts/binaryen.mjs';
import { ARGUMENTS, DIST, ROOT, executable } from './browser.mjs';
import { FIRST_STEPS, VISITS } from './first-steps.mjs';
import { serve } from './serve.mjs';

const LIST = join(ROOT, 'web/later.txt');
const HEADER = `# Functions that a first visit does not run: they are in the second part of the page (ARCHITECTURE.md).
# Written by \`make parts\`; functions that only these call are not listed.
`;
const { i32, none } = binaryen;

/** The module with a call of log(INDEX) at the start of each function, and the names by index. */
function telling(bytes) {
  const module = read(bytes);
  const own = functions(module).filter(({ base }) => !base);
  module.addFunctionImport('log', './hpa-web_bg.js', 'log', i32, none);
  own.forEach(({ name, body, results }, index) => {
    const call = module.call('log', [module.i32.const(index)], none);
    binaryen.Function(module.getFunction(name)).setBody(module.block(null, [call, body], results));
  });
  return [module.emitBinary(), own.map(plain)];
}

/** A copy of the built page with the module and the script from before the split. */
async function site(wasm) {
  const folder = await mkdtemp(join(tmpdir(), 'parts-'));
  await cp(DIST, folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (/^hpa-web-.*\.wasm$/.test(name)) await writeFile(join(folder, name), wasm);
    if (/^hpa-web-.*\.js$/.test(name)) {
      const script = await readFile(join(ROOT, 'target/parts/page.js'), 'utf8');
      await writeFile(join(folder, name), script.replace('"./hpa-web_bg.js": import0,',
        '"./hpa-web_bg.js": { ...import0, log: index => (globalThis.ran ??= new Set()).add(index) },'));
    }
  }
  return folder;
}

/** The indexes of the functions that run in the visits of first-steps.mjs, at several CPU speeds, since timers interleave differently. */
async function ran(folder) {
  const server = await serve(folder);
  const browser = await chromium.launch({ executablePath: executable(), args: ARGUMENTS });
  const all = new Set();
  for (const options of VISITS) for (const slowdown of [1, 3, 6]) {
    const context = await browser.newContext({ ...options, serviceWorkers: 'block' });
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    await page.goto(server.url);
    await page.waitForSelector('main:not([aria-busy])');
    for (const step of Object.values(FIRST_STEPS)) await step(page);
    for (const index of await page.evaluate(() => [...globalThis.ran])) all.add(index);
    await context.close();
  }
  await browser.close();
  await server.close();
  return all;
}

const bytes = await readFile(join(ROOT, 'target/parts/page.wasm'));
const [wasm, names] = telling(bytes);
const folder = await site(wasm);
const first = new Set([...await ran(folder)].map(index => names[index]));
await rm(folder, { recursive: true });

const { mentioned } = without(bytes, one => !first.has(plain(one)));
await writeFile(LIST, HEADER + mentioned.map(one => `${plain(one)}\n`).sort().join(''));
console.log(`${first.size} of ${names.length} functions run in a first visit; web/later.txt lists ${mentioned.length} of the others`);
