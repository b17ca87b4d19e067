//! Runs an experiment in Node and prints what the autoscaler does:
//   wasm-pack build npm --target web
//   node npm/examples/run.mjs simulation/experiments/php-apache.yaml
import { readFile } from 'node:fs/promises';
import { initSync, run } from '../pkg/hpa_playground.js';

initSync({ module: await readFile(new URL('../pkg/hpa_playground_bg.wasm', import.meta.url)) });

const file = process.argv[2] ?? new URL('../../simulation/experiments/php-apache.yaml', import.meta.url);
const result = run(await readFile(file, 'utf8'));
for (const { severity, message, line, column } of result.diagnostics) {
  console.error(`${severity}: ${line}:${column}: ${message}`);
}
const [times, current, desired] = [result.syncTime, result.syncCurrent, result.syncDesired];
times.forEach((time, sync) => {
  if (desired[sync] !== current[sync]) console.log(`${time} s: ${current[sync]} -> ${desired[sync]}`);
});
for (const { name, asExpected, measuredText } of result.verdicts) {
  console.log(`${asExpected ? 'ok  ' : 'FAIL'} ${name}: ${measuredText}`);
}
const failed = !result.ok || result.verdicts.some(verdict => !verdict.asExpected);
// What wasm holds is given back.
result.free();
process.exitCode = failed ? 1 : 0;
