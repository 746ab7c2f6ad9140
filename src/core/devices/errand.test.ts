import { describe, expect, it } from 'vitest';
import type { MessageId } from '../ids.ts';
import type { ErrandState, Reported } from './errand.ts';
import { errandName, errandStates, isOver, mayBecome, readErrandName } from './errand.ts';

const messageId = '019a2b3c-0000-7000-8000-00000000abcd' as MessageId;
const reports: Reported[] = ['taken', 'sent', 'delivered', 'failed', 'cancelled'];

const may = (state: ErrandState, to: Reported, processedAt: number | null = null) =>
  mayBecome({ state, processedAt }, to);

describe('the state machine of an errand', () => {
  it('never leaves its ends', () => {
    for (const end of ['delivered', 'failed', 'cancelled'] as const) {
      expect(isOver(end)).toBe(true);
      expect(reports.filter((to) => may(end, to))).toEqual([]);
    }
  });

  it('is over when its time is, but for late news', () => {
    expect(isOver('expired')).toBe(true);
    expect(reports.filter((to) => !may('expired', to))).toEqual(['taken']);
  });

  it('goes forward only', () => {
    expect(may('sent', 'taken')).toBe(false);
    expect(may('sent', 'cancelled')).toBe(false);
    expect(may('taken', 'taken')).toBe(false);
    expect(may('waiting', 'delivered')).toBe(true);
  });

  it('being taken back, it can turn out to be too late', () => {
    expect(reports.filter((to) => may('cancelling', to))).toEqual(reports);
  });

  it('is not taken back from a radio', () => {
    expect(may('taken', 'cancelled')).toBe(true);
    expect(may('taken', 'cancelled', 1)).toBe(false);
    expect(may('taken', 'failed', 1)).toBe(true);
  });

  it('can be ended from everywhere', () => {
    for (const state of errandStates) {
      if (!isOver(state)) expect(may(state, 'delivered'), state).toBe(true);
    }
  });
});

describe('the name of an errand', () => {
  it('is the message’s id at first, and has room for 36 characters', () => {
    expect(errandName({ messageId, attempt: 1 })).toBe(messageId);
    expect(errandName({ messageId, attempt: 2 })).toBe('019a2b3c00007000800000000000abcd-2');
    expect(errandName({ messageId, attempt: 99 })).toHaveLength(35);
  });

  it.each([1, 2, 10, 99])('is read as it was written: attempt %i', (attempt) => {
    expect(readErrandName(errandName({ messageId, attempt }))).toEqual({ messageId, attempt });
  });

  it.each([
    '',
    'x',
    `${messageId}-2`,
    '019a2b3c00007000800000000000abcd',
    '019a2b3c00007000800000000000abcd-1',
    messageId.toUpperCase(),
  ])('%j is none', (name) => expect(readErrandName(name)).toBeUndefined());
});
