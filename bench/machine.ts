import os from 'node:os';
import type { LoadResult } from './load.ts';
import { connections, messages, rounds, seconds, turns, turnSeconds } from './scale.ts';

/** The lines that stand above every result: a figure without its machine says nothing. */
export function describeMachine(): string {
  const cpus = os.cpus();
  return [
    `machine   ${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}`,
    `runtime   Node ${process.version}, SQLite ${process.versions['sqlite'] ?? '?'}`,
    `settings  SQLite WAL, synchronous=FULL; PostgreSQL: each result names its own`,
  ].join('\n');
}

/** How `npm run bench` measures. */
export function describeLoad(): string {
  return [
    `load      ${connections} keep-alive connections; load and server share the cores`,
    `          medians of ${rounds} rounds of ${seconds} s, or of ${turns} turns of ${turnSeconds} s; end to end ${figure(messages)} messages, once`,
  ].join('\n');
}

/** One row of the table: what was measured, against what, and the bar it is held to. */
export interface Comparison {
  name: string;
  unit: string;
  ours: number;
  floorName: string;
  floor: number;
  /** Where both were measured in turns: `ratioOfTurns`. Otherwise that of the two figures. */
  ratio?: number;
  /** The least ratio that DESIGN section 8 asks for; null where a figure is only shown. */
  bar: number | null;
  remarks: string[];
}

/** One comparison for people. */
export function comparisonText(one: Comparison): string {
  const { ratio = one.ours / one.floor } = one;
  const verdict = one.bar === null ? '' : ratio >= one.bar ? '  met' : '  MISSED';
  const bar = one.bar === null ? 'shown only' : `bar ${one.bar.toFixed(2)}`;
  return [
    `\n${one.name}`,
    `  parlance      ${figure(one.ours).padStart(10)} ${one.unit}`,
    `  ${one.floorName.padEnd(13)} ${figure(one.floor).padStart(10)} ${one.unit}`,
    `  ratio         ${ratio.toFixed(2)}  (${bar})${verdict}`,
    ...one.remarks.map((remark) => `  ${remark}`),
  ].join('\n');
}

/** A remark of a comparison of two loads. */
export function latencies(ours: readonly LoadResult[], floor: readonly LoadResult[]): string {
  const ms = (values: number[]) => median(values).toFixed(1);
  const of = (loads: readonly LoadResult[]) =>
    `${ms(loads.map((one) => one.p50Ms))}/${ms(loads.map((one) => one.p99Ms))} ms`;
  return `latency p50/p99: parlance ${of(ours)}, floor ${of(floor)}`;
}

/** A whole number for people. */
export const figure = (value: number): string => Math.round(value).toLocaleString('en');

/** The middle of several rounds: one disturbed round changes nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
