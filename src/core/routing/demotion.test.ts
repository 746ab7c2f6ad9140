import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DemotionLimits } from './demotion.ts';
import { Demotion } from './demotion.ts';
import { ReceiptWindow, windowReceipts } from './receipt-window.ts';

const minute = 60_000;
const limits: DemotionLimits = {
  failures: 0.5,
  receipts: 20,
  windowMs: 15 * minute,
  restMs: 5 * minute,
};

/** Receipts of one instant: `+` delivered, `-` not. */
function say(demotion: Demotion, receipts: string, now: number): void {
  for (const one of receipts) demotion.receipt(one === '-', now);
}

const bad = '-'.repeat(20);
const good = '+'.repeat(20);

describe('a link is demoted', () => {
  it.each<[string, boolean]>([
    [good, false],
    [bad, true],
    ['-'.repeat(19), false],
    ['+-'.repeat(100), false],
    [`${'+-'.repeat(100)}-`, true],
    [`${good}${'-'.repeat(20)}`, false],
    [`${good}${'-'.repeat(21)}`, true],
    // The oldest of two hundred make room.
    [`${'+'.repeat(200)}${'-'.repeat(101)}`, true],
    [`${'+'.repeat(200)}${'-'.repeat(100)}`, false],
  ])('by %s: %s', (receipts, demoted) => {
    const demotion = new Demotion(limits);
    say(demotion, receipts, 7);
    expect(demotion.demotedSince).toBe(demoted ? 7 : null);
  });

  it('not by what lies too far back', () => {
    const demotion = new Demotion(limits);
    say(demotion, '-'.repeat(19), 0);
    say(demotion, '-', 15 * minute);
    expect(demotion.demotedSince).toBe(15 * minute);
    const patient = new Demotion(limits);
    say(patient, '-'.repeat(19), 0);
    say(patient, '-', 15 * minute + 1);
    expect(patient.demotedSince).toBeNull();
  });
});

describe('a demoted link', () => {
  const demoted = (): Demotion => {
    const demotion = new Demotion(limits);
    say(demotion, bad, 0);
    return demotion;
  };

  it('rests: what it is told meanwhile is of messages that went before', () => {
    const demotion = demoted();
    say(demotion, '+'.repeat(500), 5 * minute - 1);
    expect(demotion.demotedSince).toBe(0);
    expect([demotion.receipts, demotion.failures]).toEqual([20, 20]);
    demotion.look(5 * minute);
    expect([demotion.receipts, demotion.failures]).toEqual([0, 0]);
    expect(demotion.demotedSince).toBe(0);
  });

  it.each<[string, number | null]>([
    ['+++++-----', null],
    ['++++------', 6 * minute],
    ['---------', 0],
  ])('on probation, by %s: %s', (receipts, since) => {
    const demotion = demoted();
    say(demotion, receipts, 6 * minute);
    expect(demotion.demotedSince).toBe(since);
  });

  it('may fall again and again, and rests each time', () => {
    const demotion = demoted();
    for (let round = 1; round <= 5; round++) {
      say(demotion, bad, round * 5 * minute);
      expect(demotion.demotedSince).toBe(round * 5 * minute);
    }
    say(demotion, good, 30 * minute);
    expect(demotion.demotedSince).toBeNull();
    // It begins anew, with all that it may make up for.
    say(demotion, '-'.repeat(5), 30 * minute);
    expect(demotion.demotedSince).toBeNull();
  });

  it('gets the benefit of the doubt when an hour says too little', () => {
    const demotion = demoted();
    demotion.look(5 * minute);
    say(demotion, '---', 6 * minute);
    demotion.look(65 * minute - 1);
    expect(demotion.demotedSince).toBe(0);
    demotion.look(65 * minute);
    expect(demotion.demotedSince).toBeNull();
    expect(demotion.receipts).toBe(0);
  });
});

it('a window is what a list would be of which the oldest are cut off', () => {
  const step = fc.record({
    bad: fc.boolean(),
    after: fc.integer({ min: 0, max: 30 }),
    times: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const window = new ReceiptWindow(100);
      let list: { bad: boolean; at: number }[] = [];
      let now = 0;
      for (const { bad: isBad, after, times } of steps) {
        now += after;
        for (let time = 0; time < times; time++) {
          window.add(isBad, now);
          list.push({ bad: isBad, at: now });
        }
        window.forget(now);
        list = list.slice(-windowReceipts).filter(({ at }) => now - at <= 100);
        expect(window.receipts).toBe(list.length);
        expect(window.failures).toBe(list.filter((one) => one.bad).length);
      }
      window.clear();
      expect([window.receipts, window.failures]).toEqual([0, 0]);
    }),
  );
});
