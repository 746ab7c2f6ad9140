import { expect, it } from 'vitest';
import { campaignStates, hasEnded, mayMove, requireMove } from './state.ts';

it('no state leads to itself, and every one but the first can be reached', () => {
  for (const state of campaignStates) expect(mayMove(state, state), state).toBe(false);
  const reached = campaignStates.filter((to) => campaignStates.some((from) => mayMove(from, to)));
  expect(reached).toEqual(campaignStates.filter((state) => state !== 'importing'));
});

it('whatever has not ended can be aborted, and what has ended moves no more', () => {
  for (const state of campaignStates) {
    expect(mayMove(state, 'aborted'), state).toBe(!hasEnded(state));
  }
  expect(campaignStates.filter(hasEnded)).toEqual(['done', 'aborted', 'failed']);
});

it('a move that is none is refused with both', () => {
  expect(() => requireMove('ready', 'running')).not.toThrow();
  expect(() => requireMove('done', 'paused')).toThrow('The campaign is done: it cannot be paused.');
});
