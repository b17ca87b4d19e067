//! Only compiled, by js.test.mjs: uses of the npm package's types, and misuses that must not compile.
import init, { check, compare, decodeLink, encodeLink, initSync, parse, run } from '../npm/pkg/hpa_playground.js';
import type { ArgumentError, ClusterEvent, Diagnostic, Metric, ObstacleRule, SummaryUnit } from '../npm/pkg/hpa_playground.js';

await init();
initSync({ module: new Uint8Array() });

// A switch without a default returns in every case only if the words are a closed set.
function color(severity: Diagnostic['severity']): string {
  switch (severity) {
    case 'error': return 'red';
    case 'warning': return 'orange';
    case 'info': return 'blue';
  }
}

function unit(symbol: SummaryUnit): string {
  switch (symbol) {
    case 'h': return 'hours';
    case 's': return 'seconds';
    case '': return '';
  }
}

function icon({ about, type }: ClusterEvent): string {
  switch (about) {
    case 'Autoscaler': case 'Workload': case 'Pod': case 'Node': return `${about}-${type}`;
  }
}

const advice: Record<ObstacleRule, string> = {
  nothing: '', inactive: '', limit: 'raise maxReplicas', failedMetric: '', demand: '', tolerance: '', rounding: '', filling: '',
  window: 'wait', policy: '', disabled: '',
};

function largest({ value, proposal }: Metric): [number, number] {
  const values: Float64Array = value;
  const proposals: Int32Array = proposal;
  return [Math.max(...values), Math.max(...proposals)];
}

export function report(text: string): string[] {
  const result = run(text);
  const lines = result.diagnostics.map(({ severity, source, line, hint }) => `${color(severity)} ${source}:${line + 1} ${hint?.trim() ?? ''}`);
  lines.push(...result.summary.map(({ label, value, unit: symbol }) => `${label}: ${value.toFixed(1)} ${unit(symbol)}`));
  lines.push(...result.events.map(icon), ...result.metrics.map(metric => largest(metric).join()));
  lines.push(...result.explain(90).map(({ title, replicas }) => `${title}: ${replicas?.toFixed() ?? '-'}`));
  const up = result.whyNot(90)?.up;
  if (up) lines.push(advice[up.by], up.earliest?.toFixed() ?? 'never');
  const { step, metric, divergesAt } = compare(text, text);
  if (step === 'proposal' && metric !== undefined && divergesAt !== undefined) lines.push(`${metric + divergesAt}`);
  if (check(text).verdicts.some(({ check: name }) => name === 'replicasAtMost')) lines.push(parse(text).title);
  lines.push(decodeLink(encodeLink(text)).text ?? '');
  result.free();
  return lines;
}

export function argument(error: ArgumentError): string {
  const field: 'text' | 'first' | 'second' | 'link' | 'time' = error.field;
  return `${error.name}: ${field}: ${error.message}`;
}

export function misuses(text: string): void {
  const result = run(text);
  // @ts-expect-error: no text
  run();
  // @ts-expect-error: the text is a string
  parse(5);
  // @ts-expect-error: two texts
  compare(text);
  // @ts-expect-error: the time is a number
  result.explain('90');
  // @ts-expect-error: absent before the first sync
  result.whyNot(90).up;
  // @ts-expect-error: series are read-only
  result.time = new Float64Array();
  // @ts-expect-error: a hint may be absent
  result.diagnostics.map(({ hint }) => hint.length);
  // @ts-expect-error: no such severity
  result.diagnostics.filter(({ severity }) => severity === 'fatal');
  // @ts-expect-error: no such check
  result.verdicts.filter(({ check: name }) => name === 'replicasAtmost');
  // @ts-expect-error: no such measure
  result.summary.find(({ id }) => id === 'podhours');
  // @ts-expect-error: no such type of event
  result.events.filter(({ type }) => type === 'Error');
  // @ts-expect-error: no such step
  if (compare(text, text).step === 'rates') result.free();
  // @ts-expect-error: no such argument
  const field: 'texts' = (new TypeError() as ArgumentError).field;
}
