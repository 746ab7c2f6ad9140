import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { Timetable } from './timetable.ts';

function open() {
  const clock = new FakeClock(0);
  const ran: string[] = [];
  const table = new Timetable(clock);
  const add = (name: string, delayMs: number) => table.add(delayMs, () => ran.push(name));
  return { clock, ran, table, add };
}

it('runs tasks when they are due, those of one instant in the order they came', async () => {
  const { clock, ran, table, add } = open();
  add('late', 20);
  add('a', 10);
  await clock.advance(5);
  add('b', 5);
  expect([table.size, clock.pending]).toEqual([3, 2]);
  await clock.advance(5);
  expect(ran).toEqual(['a', 'b']);
  await clock.advance(10);
  expect(ran).toEqual(['a', 'b', 'late']);
  expect([table.size, clock.pending]).toEqual([0, 0]);
});

it('runs a task without delay in a later turn, also one that a task adds', async () => {
  const { clock, ran, table, add } = open();
  table.add(0, () => {
    add('inner', 0);
    ran.push('outer');
  });
  expect(ran).toEqual([]);
  await clock.advance(0);
  expect(ran).toEqual(['outer', 'inner']);
});

it('forgets what has not run when it is closed, also by a task, and takes nothing more', async () => {
  const { clock, ran, table, add } = open();
  let forgotten = 0;
  add('first', 10);
  table.add(10, () => (forgotten = table.close()));
  add('same instant', 10);
  add('later', 20);
  await clock.advance(100);
  expect({ ran, forgotten, size: table.size }).toEqual({ ran: ['first'], forgotten: 2, size: 0 });
  expect(add('too late', 1)).toBe(false);
  expect(clock.pending).toBe(0);
});
