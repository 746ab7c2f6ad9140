import os from 'node:os';

/** The lines that stand above every result: a figure without its machine says nothing. */
export function describeMachine(): string {
  const cpus = os.cpus();
  return [
    `machine   ${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}`,
    `runtime   Node ${process.version}, SQLite ${process.versions['sqlite'] ?? '?'}`,
    `settings  SQLite WAL, synchronous=FULL; 32 keep-alive connections; load and server share the cores`,
  ].join('\n');
}

/** One row of the table: what was measured, against what, and the bar it is held to. */
export interface Comparison {
  name: string;
  unit: string;
  ours: number;
  floorName: string;
  floor: number;
  /** The least ratio that DESIGN section 8 asks for; null where a figure is only shown. */
  bar: number | null;
  remarks: string[];
}

/** Prints one comparison for people. */
export function printComparison(one: Comparison): void {
  const ratio = one.ours / one.floor;
  const verdict = one.bar === null ? '' : ratio >= one.bar ? '  met' : '  MISSED';
  const bar = one.bar === null ? 'shown only' : `bar ${one.bar.toFixed(2)}`;
  console.log(`\n${one.name}`);
  console.log(`  parlance      ${figure(one.ours)} ${one.unit}`);
  console.log(`  ${one.floorName.padEnd(13)} ${figure(one.floor)} ${one.unit}`);
  console.log(`  ratio         ${ratio.toFixed(2)}  (${bar})${verdict}`);
  for (const remark of one.remarks) console.log(`  ${remark}`);
}

const figure = (value: number): string => Math.round(value).toLocaleString('en').padStart(10);

/** The middle of several rounds: one disturbed round changes nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
