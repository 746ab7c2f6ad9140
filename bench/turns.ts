import type { LoadResult } from './load.ts';
import { post } from './load.ts';
import { median } from './machine.ts';
import { turns, turnSeconds, turnWarmUpSeconds } from './scale.ts';

/**
 * Measures one after the other, again and again. Each turn another one is first, so that whoever leaves the machine
 * hot, or a disk busy, leaves it so for all alike.
 */
export async function inTurns(measures: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    for (let place = 0; place < measures.length; place++) {
      await measures[(turn + place) % measures.length]?.();
    }
  }
}

/** As `postLoad`, as long as a turn. */
export async function postTurn(
  urls: readonly string[],
  body: string,
  customers?: number,
): Promise<LoadResult> {
  await post(urls, body, { duration: turnWarmUpSeconds }, customers);
  return post(urls, body, { duration: turnSeconds }, customers);
}

/** The middle of what the turns give, each beside its own floor: the same however fast the machine is at the moment. */
export function ratioOfTurns(ours: readonly LoadResult[], floor: readonly LoadResult[]): number {
  return median(ratiosOf(ours, floor));
}

/** A remark: between which ratios the middle half of the turns lies. */
export function spread(ours: readonly LoadResult[], floor: readonly LoadResult[]): string {
  const sorted = ratiosOf(ours, floor).toSorted((a, b) => a - b);
  const quarter = sorted.length >> 2;
  const [low, high] = [sorted[quarter], sorted[sorted.length - 1 - quarter]] as [number, number];
  return `half of the ${sorted.length} turns: ${low.toFixed(2)} to ${high.toFixed(2)}`;
}

const ratiosOf = (ours: readonly LoadResult[], floor: readonly LoadResult[]): number[] =>
  ours.map((one, turn) => one.requestsPerSecond / (floor[turn] as LoadResult).requestsPerSecond);
