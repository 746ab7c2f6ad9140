import { expect, it } from 'vitest';
import { Bucket } from './bucket.ts';

it('lets a second’s worth through at once, and then as many as the second gives', () => {
  const bucket = new Bucket(10, 0);
  const taken = (now: number): number => {
    let count = 0;
    while (bucket.take(1, now)) count += 1;
    return count;
  };
  expect(taken(0)).toBe(10);
  expect(taken(100)).toBe(1);
  expect(taken(600)).toBe(5);
  expect(taken(60_000)).toBe(10);
  // Set back: time goes on from there.
  expect(taken(1_000)).toBe(0);
  expect(taken(1_500)).toBe(5);
});

it('owes what one request took beyond it', () => {
  const bucket = new Bucket(10, 0);
  expect(bucket.take(30, 0)).toBe(true);
  expect(bucket.take(1, 2_000)).toBe(false);
  expect(bucket.take(1, 2_200)).toBe(true);
});

it('without a limit says yes', () => {
  const bucket = new Bucket(0, 0);
  for (let i = 0; i < 1_000; i++) expect(bucket.take(1, 0)).toBe(true);
});

it('of less than one a second lets one through', () => {
  const bucket = new Bucket(0.5, 0);
  expect(bucket.take(1, 0)).toBe(true);
  expect(bucket.take(1, 1_000)).toBe(false);
  expect(bucket.take(1, 2_000)).toBe(true);
});

it('is full again when all that was taken has come back', () => {
  const bucket = new Bucket(10, 0);
  expect(bucket.isFull(0)).toBe(true);
  bucket.take(1, 0);
  bucket.owe(19);
  expect(bucket.isFull(1_900)).toBe(false);
  expect(bucket.isFull(2_000)).toBe(true);
});

it.each([
  { from: 10, to: 1, taken: 15, free: -5 },
  { from: 10, to: 1, taken: 2, free: 1 },
  { from: 10, to: 100, taken: 2, free: 8 },
  { from: 10, to: 0, taken: 20, free: 1_000 },
  { from: 0, to: 10, taken: 20, free: 10 },
])(
  'of $from a second that becomes $to keeps what is owed of $taken',
  ({ from, to, taken, free }) => {
    const bucket = new Bucket(from, 0);
    bucket.take(1, 0);
    bucket.owe(taken - 1);
    bucket.tune(to, 0);
    // What is owed comes back at the new pace.
    const now = to > 0 ? (Math.max(0, -free) / to) * 1_000 : 0;
    let count = 0;
    while (count < 1_000 && bucket.take(1, now)) count += 1;
    expect(count).toBe(Math.max(0, free));
  },
);
