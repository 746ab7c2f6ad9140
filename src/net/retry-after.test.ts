import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from './retry-after.ts';

const now = Date.UTC(1994, 10, 6, 8, 49, 37);
const day = 24 * 60 * 60 * 1000;

describe('parseRetryAfter', () => {
  it.each<[string | undefined, number | undefined]>([
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['-5', 0],
    ['86400', day],
    ['86401', day],
    ['9'.repeat(400), day],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Sun, 06 Nov 1994 08:50:37 GMT', 60_000],
    ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
    ['Sunday, 06-Nov-94 08:50:37 GMT', 60_000],
    ['Sun Nov  6 08:50:37 1994', 60_000],
    ['Sun, 06 Nov 2094 08:50:37 GMT', day],
    [undefined, undefined],
    ['', undefined],
    ['soon', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['+5', undefined],
    ['120, 120', undefined],
    ['foo 1', undefined],
    ['1994-11-06T08:50:37Z', undefined],
    ['Sun, 06 Nov 1994 08:50:37', undefined],
    ['Sun, 06 Nov 1994 25:50:37 GMT', undefined],
    ['Sun, 06 Foo 1994 08:50:37 GMT', undefined],
  ])('reads %j as %s', (value, delay) => {
    expect(parseRetryAfter(value, now)).toBe(delay);
  });
});
