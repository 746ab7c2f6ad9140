import { describe, expect, it } from 'vitest';
import { Trust } from './trust.ts';

/** Minutes of a bind: parts leave and something becomes of them, in order. */
type Step =
  | 'leaves'
  | 'answered'
  | 'late'
  /** Given up; it left before the last answer, or after it. */
  | 'silent, though others were answered'
  | 'silent'
  | 'cut'
  | 'ended';

function after(steps: readonly Step[], most = 3): Trust {
  const trust = new Trust(most);
  let departure = 0;
  for (const step of steps) {
    if (step === 'leaves') departure = trust.left();
    else if (step === 'answered') trust.answered();
    else if (step === 'late') trust.late();
    else if (step === 'silent') trust.silent(departure);
    else if (step === 'cut') trust.cut();
    else if (step === 'ended') trust.ended();
    else trust.silent(0);
  }
  return trust;
}

const all3: Step[] = ['leaves', 'leaves', 'leaves'];
const lost3: Step[] = [...all3, 'cut', 'cut', 'cut', 'ended'];
const mute: Step[] = [...all3, 'silent', 'silent', 'silent'];

describe('what a bind is trusted with', () => {
  it.each<{ name: string; steps: Step[]; up: boolean; window: number; most?: number }>([
    { name: 'at first: its window', steps: [], up: true, window: 3 },
    { name: 'its window is full', steps: all3, up: true, window: 3 },
    { name: 'one window without an answer', steps: mute, up: false, window: 0 },
    {
      name: 'one part given up, nothing else under way',
      steps: ['leaves', 'silent'],
      up: true,
      window: 1,
    },
    {
      name: 'and the next one is waited for',
      steps: ['leaves', 'silent', 'leaves'],
      up: false,
      window: 1,
    },
    {
      name: 'and is answered',
      steps: ['leaves', 'silent', 'leaves', 'answered'],
      up: true,
      window: 2,
    },
    {
      name: 'a window of one, one answer lost',
      steps: ['leaves', 'answered', 'leaves', 'silent', 'leaves', 'answered'],
      up: true,
      window: 1,
      most: 1,
    },
    {
      name: 'a window of one, nothing answered',
      steps: ['leaves', 'silent', 'leaves', 'silent'],
      up: false,
      window: 0,
      most: 1,
    },
    {
      name: 'some are never answered, others always',
      steps: [
        ...all3,
        'answered',
        'silent, though others were answered',
        'silent, though others were answered',
      ],
      up: true,
      window: 3,
    },
    {
      name: 'mute, then an answer comes late',
      steps: [...mute, 'late'],
      up: true,
      window: 1,
    },
    { name: 'and more of them', steps: [...mute, 'late', 'late', 'late'], up: true, window: 3 },
    { name: 'a line that broke with all open', steps: lost3, up: true, window: 1 },
    {
      name: 'a line that broke with nothing open',
      steps: [...all3, 'answered', 'answered', 'answered', 'ended'],
      up: true,
      window: 3,
    },
    { name: 'mute, and bound again', steps: [...mute, 'ended'], up: true, window: 1 },
    {
      name: 'who answers one and breaks again',
      steps: [...lost3, 'leaves', 'answered', 'leaves', 'leaves', 'cut', 'cut', 'ended'],
      up: true,
      window: 1,
    },
  ])('$name', ({ steps, up, window, most }) => {
    const { isUp, window: trusted } = after(steps, most);
    expect({ isUp, trusted }).toEqual({ isUp: up, trusted: window });
  });

  it.each<{ name: string; steps: Step[]; worked: boolean }>([
    { name: 'nothing was handed over', steps: [], worked: true },
    {
      name: 'a windowful was lost of a carrier that answered',
      steps: lost3.slice(0, -1),
      worked: true,
    },
    { name: 'on trial, and it broke again', steps: [...lost3, 'leaves', 'cut'], worked: false },
    { name: 'on trial, and nothing came by', steps: lost3, worked: true },
    { name: 'mute', steps: mute, worked: false },
  ])('was its session good for anything? $name', ({ steps, worked }) => {
    expect(after(steps).ended()).toBe(worked);
  });
});
