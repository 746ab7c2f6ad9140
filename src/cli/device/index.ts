import type { Command } from 'commander';
import type { Kit } from '../shared/kit.ts';
import { addEnrol } from './enrol.ts';
import { addList } from './list.ts';
import { addRemove } from './remove.ts';
import { addSet } from './set.ts';
import { addShow } from './show.ts';

/** `parlance device …`: accounts' own phones. */
export function addDevice(program: Command, kit: Kit): void {
  const device = program
    .command('device')
    .description('Devices: accounts’ own Android phones, by which their messages go.');
  for (const add of [addEnrol, addList, addShow, addSet, addRemove]) add(device, kit);
}
