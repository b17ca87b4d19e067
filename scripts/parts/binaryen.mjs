//! Binaryen's library, and helpers for a module's functions that it lacks.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { pathToFileURL } from 'node:url';

// Where scripts/setup.sh puts it.
const cache = env.HPA_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'hpa-playground');
export const { default: binaryen } = await import(pathToFileURL(join(cache, 'npm/node_modules/binaryen/index.js')));

// The features that rustc uses for wasm32-unknown-unknown. Not all that Binaryen supports: wasm-opt
// would then assume that every browser supports them too.
const { Features } = binaryen;
const FEATURES = Features.MutableGlobals | Features.NontrappingFPToInt | Features.SignExt | Features.BulkMemory
  | Features.BulkMemoryOpt | Features.ReferenceTypes | Features.Multivalue | Features.CallIndirectOverlong;

/** @param {Uint8Array} bytes */
export const read = bytes => binaryen.readBinary(bytes, FEATURES);

// All items of one kind in a module; number, nth and description are Binaryen's functions for the kind.
const all = (number, nth, description) => module =>
  Array.from({ length: module[number]() }, (_, index) => binaryen[description](module[nth](index)));

/** Of an imported function, `base` is the name in its module. */
export const functions = all('getNumFunctions', 'getFunctionByIndex', 'getFunctionInfo');
export const exportsOf = all('getNumExports', 'getExportByIndex', 'getExportInfo');
export const globals = all('getNumGlobals', 'getGlobalByIndex', 'getGlobalInfo');
export const tables = all('getNumTables', 'getTableByIndex', 'getTableInfo');
export const tableContents = all('getNumElementSegments', 'getElementSegmentByIndex', 'getElementSegmentInfo');

/** A function's name in Rust, without the hashes of crates, which change with compilers and versions. */
export const plain = ({ name }) => name.replace(/\[[0-9a-f]+\]/g, '');

/**
 * What is left of a module when some functions are taken out, and with them all that only they call.
 * @param {Uint8Array} bytes
 * @param {(one: object) => boolean} out which functions, never an imported one
 * @returns {{ stays: Set<string>, mentioned: object[] }} the names of those that stay, and those of
 *   `out` that one of them calls, or that stand in a table
 */
export function without(bytes, out) {
  const module = read(bytes);
  for (const one of functions(module).filter(one => !one.base && out(one))) {
    module.removeFunction(one.name);
    module.addFunction(one.name, one.params, one.results, [], module.unreachable());
  }
  module.runPasses(['remove-unused-module-elements']);
  const left = functions(module);
  module.dispose();
  return {
    stays: new Set(left.filter(one => one.base || !out(one)).map(({ name }) => name)),
    mentioned: left.filter(one => !one.base && out(one)),
  };
}
