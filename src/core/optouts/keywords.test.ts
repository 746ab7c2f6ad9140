import { describe, expect, it } from 'vitest';
import { optoutKeyword } from './keywords.ts';

describe('what a handset writes to be left alone', () => {
  it.each([
    'STOP',
    'stop',
    ' Stop. ',
    '"STOP"',
    'Stop!',
    'STOPALL',
    'stop  all',
    'Unsubscribe',
    'CANCEL',
    'end',
    'Quit',
    'opt-out',
    'OptOut',
  ])('%j asks to stop', (text) => expect(optoutKeyword(text)).toBe('stop'));

  it.each(['START', 'start', 'Unstop', 'opt in'])('%j asks to start again', (text) =>
    expect(optoutKeyword(text)).toBe('start'),
  );

  it.each([
    '',
    'Yes',
    'stop sending me the red one',
    'please stop',
    'Cancel my appointment',
    'the end',
    'restart',
    'STOP'.repeat(20),
  ])('%j is an ordinary reply', (text) => expect(optoutKeyword(text)).toBeNull());
});
