//! Splits the page's wasm in two, so that a first visit waits only for what it runs: the functions
//! that web/later.txt lists, and what only they call, go into a second module.
//!
//!   node scripts/parts/split.mjs FOLDER    the folder of a built page, which is modified in place
//!
//! The parts share memory, globals and tables. An additional table, `parts`, holds the functions of
//! the second part that the first calls, followed by those of the first that the second calls. Before
//! the second part is loaded, such a call loads it: see web/static/later.js.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { binaryen, exportsOf, functions, globals, plain, read, tableContents, tables, without } from './binaryen.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { none, i32, funcref } = binaryen;
const UNUSED = ['remove-unused-module-elements'];

/**
 * The second part, without what only the first needs.
 * @returns {[object, object[]]} the module, and the functions that it asks of the first part
 */
function secondPart(bytes, goes, mentioned) {
  const part = read(bytes);
  for (const { name } of exportsOf(part)) part.removeExport(name);
  for (const { name } of tableContents(part)) part.removeElementSegment(name);
  for (const { name, params, results } of functions(part).filter(one => !goes(one))) {
    part.removeFunction(name);
    part.addFunctionImport(name, 'functions', name, params, results);
  }
  const { initial, max } = part.getMemoryInfo();
  part.setMemory(initial, max ?? -1, null, [], false);
  part.addMemoryImport('0', 'first', 'memory');
  globals(part).forEach(({ name, type, mutable }, index) => {
    part.removeGlobal(name);
    part.addGlobalImport(name, 'first', `global ${index}`, type, mutable);
  });
  tables(part).forEach(({ name }, index) => part.addTableImport(name, 'first', `table ${index}`));
  part.addTable('parts', mentioned.length, -1, funcref);
  part.addTableImport('parts', 'first', 'parts');
  part.addActiveElementSegment('parts', 'parts', mentioned.map(({ name }) => name), part.i32.const(0));
  part.runPasses(UNUSED);
  const asked = functions(part).filter(({ base }) => base);
  asked.forEach(({ name, params, results }, index) => {
    part.removeFunction(name);
    part.addFunctionImport(name, 'functions', `${mentioned.length + index}`, params, results);
  });
  return [part, asked];
}

/** The first part, with calls through the table instead of the functions that move. */
function firstPart(bytes, goes, mentioned, asked) {
  const part = read(bytes);
  globals(part).forEach(({ name }, index) => part.addGlobalExport(name, `global ${index}`));
  tables(part).forEach(({ name }, index) => part.addTableExport(name, `table ${index}`));
  const size = mentioned.length + asked.length;
  part.addTable('parts', size, size, funcref);
  part.addTableExport('parts', 'parts');
  part.addActiveElementSegment('parts', 'parts', asked.map(({ name }) => name), part.i32.const(mentioned.length));
  part.addGlobal('joined', i32, true, part.i32.const(0));
  part.addGlobalExport('joined', 'joined');
  part.addFunctionImport('join now', 'later', 'joinNow', none, none);
  for (const { name } of functions(part).filter(goes)) part.removeFunction(name);
  mentioned.forEach(({ name, params, results }, place) => {
    const handed = binaryen.expandType(params).map((type, index) => part.local.get(index, type));
    part.addFunction(name, params, results, [], part.block(null, [
      part.if(part.i32.eqz(part.global.get('joined', i32)), part.call('join now', [], none)),
      part.call_indirect('parts', part.i32.const(place), handed, params, results),
    ], results));
  });
  part.runPasses(UNUSED);
  return part;
}

/** Gives what wasm-bindgen imports shorter names, in the module and in its script. */
function shortenImports(module, script) {
  functions(module).filter(one => one.base && one.module !== 'later').forEach((one, index) => {
    const short = index.toString(36);
    const key = new RegExp(`(^\\s*)${one.base}(?=: function\\()`, 'm');
    if (!key.test(script)) return;
    module.removeFunction(one.name);
    module.addFunctionImport(one.name, one.module, short, one.params, one.results);
    script = script.replace(key, `$1'${short}'`);
  });
  return script;
}

/** Replaces a text that has to stand there once. */
function replaced(text, old, by) {
  const parts = text.split(old);
  if (parts.length !== 2) throw new Error(`${parts.length - 1} times in what wasm-bindgen wrote: ${old}`);
  return parts.join(by);
}

/** A module without names and as small as wasm-opt makes it. */
function packed(module) {
  if (!module.validate()) throw new Error('the split module is not valid');
  const folder = mkdtempSync(join(tmpdir(), 'parts-'));
  const [from, to] = ['from.wasm', 'to.wasm'].map(name => join(folder, name));
  writeFileSync(from, module.emitBinary());
  execFileSync('wasm-opt', ['-Oz', '--strip-debug', '--strip-producers', from, '-o', to]);
  const bytes = readFileSync(to);
  rmSync(folder, { recursive: true });
  return bytes;
}

function splitPage(folder) {
  const file = name => join(folder, name);
  const one = pattern => readdirSync(folder).find(name => pattern.test(name));
  // The name depends on the content.
  const put = (stem, content, ending) => {
    const name = `${stem}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}${ending}`;
    writeFileSync(file(name), content);
    return name;
  };
  const [oldWasm, oldScript] = [one(/^hpa-web-\w+_bg\.wasm$/), one(/^hpa-web-\w+\.js$/)];
  const [bytes, glue] = [readFileSync(file(oldWasm)), readFileSync(file(oldScript), 'utf8')];
  for (const name of [oldWasm, oldScript]) rmSync(file(name));
  // For e2e/parts.mjs.
  const whole = join(ROOT, 'target/parts');
  mkdirSync(whole, { recursive: true });
  writeFileSync(join(whole, 'page.wasm'), bytes);
  writeFileSync(join(whole, 'page.js'), glue);

  const listed = new Set(readFileSync(join(ROOT, 'web/later.txt'), 'utf8').split('\n').filter(line => line && !line.startsWith('#')));
  const { stays, mentioned } = without(bytes, one => listed.has(plain(one)));
  // Another compiler version inlines differently, so some names may be missing.
  if (!mentioned.length) throw new Error('none of the functions of web/later.txt is in the page: was it compiled with the flags of .cargo/config.toml?');
  const goes = one => !one.base && !stays.has(one.name);
  const [second, asked] = secondPart(bytes, goes, mentioned);
  const first = firstPart(bytes, goes, mentioned, asked);

  const later = put('later', packed(second), '.wasm');
  const loader = put('later', replaced(readFileSync(join(ROOT, 'web/static/later.js'), 'utf8'), "'later.wasm'", `'${later}'`), '.js');
  let script = `import { begin, joinNow } from './${loader}';\n${shortenImports(first, glue)}`;
  script = replaced(script, '"./hpa-web_bg.js": import0,', '"./hpa-web_bg.js": import0, later: { joinNow },');
  script = replaced(script, /(?<=await __wbg_load\(await module_or_path, imports\);\s+)(?=return __wbg_finalize_init)/,
    'await begin(instance.exports);\n');
  const names = [[oldWasm, put('hpa-web', packed(first), '_bg.wasm')], [oldScript, put('hpa-web', script, '.js')]];
  for (const name of readdirSync(folder).filter(name => /^(index\.html|start-.*\.js)$/.test(name))) {
    let text = readFileSync(file(name), 'utf8');
    for (const [old, by] of names) text = text.replaceAll(old, by);
    text = text.replace('<link rel="modulepreload"', `<link rel="modulepreload" href="./${loader}" crossorigin="anonymous">$&`);
    writeFileSync(file(name), text);
  }
}

splitPage(argv[2]);
