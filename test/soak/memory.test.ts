import { describe, expect, it } from 'vitest';
import { isFlat } from './memory.ts';

const samples = (of: (at: number) => number) =>
  Array.from({ length: 100 }, (_, at) => ({ residentMb: 200 + of(at), heapMb: 50 + of(at) }));

describe('memory', () => {
  it.each([
    ['stays', () => 0, true],
    ['breathes', (at: number) => (at % 10) * 3, true],
    ['fills its caches first', (at: number) => Math.min(at, 20) * 4, true],
    ['grows', (at: number) => at, false],
    ['grows late', (at: number) => (at < 70 ? 0 : at), false],
  ])('that %s', (_, of, flat) => expect(isFlat(samples(of))).toBe(flat));
});
