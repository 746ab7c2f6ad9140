import type { Millicredits } from '../../core/money.ts';
import { formatUtc } from '../../text/instant.ts';

/** An instant for people: UTC, to the second. */
export function when(ms: number | null): string | null {
  return ms === null ? null : formatUtc(ms);
}

/** An instant for people where milliseconds tell what came first. */
export function whenExactly(ms: number): string {
  return `${formatUtc(ms)}.${String(((ms % 1000) + 1000) % 1000).padStart(3, '0')}`;
}

/** An instant for programs: ISO 8601, UTC. */
export function iso(ms: number): string;
export function iso(ms: number | null): string | null;
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** Credits for people: two decimals, or three where the third says something. */
export function credits(amount: Millicredits | number): string {
  const text = (amount / 1000).toFixed(3);
  return text.endsWith('0') ? text.slice(0, -1) : text;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** A span of time for people, in the largest unit that leaves no rest: `90s`, `2h`. */
export function span(ms: number): string {
  for (const [unit, size] of units) if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  return ms === 0 ? '0' : `${ms}ms`;
}

/** A span of time for people, in the largest unit that it fills: `4s`, `2h`. */
export function roughly(ms: number): string {
  const [unit, size] = units.find(([, one]) => ms >= one) ?? ['s', 1000];
  return `${Math.max(0, Math.floor(ms / size))}${unit}`;
}

/** How long ago something was: `4s ago`. */
export function ago(ms: number): string {
  return `${roughly(ms)} ago`;
}

/** `1 part`, `2 parts`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
