import { expect, it } from 'vitest';
import { commandIds, commandOf, isAnswerId } from './commands.ts';
import type { Command } from './pdu.ts';

const all = Object.entries(commandIds) as [Command, number][];

it.each(all)('%s is found by its id, and is an answer or none by its name', (command, id) => {
  expect(commandOf(id)).toBe(command);
  expect(isAnswerId(id)).toBe(command.endsWith('_resp') || command === 'generic_nack');
});

it.each(all.filter(([command]) => command.endsWith('_resp')))(
  '%s has the id of its request, and a bit',
  (command, id) => {
    expect(commandIds[command.slice(0, -5) as Command]).toBe(id - 0x8000_0000);
  },
);

it.each([0, 0x0a, 0x16, 0x111, 0x8000_0102, 0xffff_ffff])('nothing has the id %i', (id) => {
  expect(commandOf(id)).toBeUndefined();
});
