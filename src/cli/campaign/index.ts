import type { Command } from 'commander';
import type { Kit } from '../shared/kit.ts';
import { addAbort, addPause, addResume } from './change.ts';
import { addCreate } from './create.ts';
import { addErrors } from './errors.ts';
import { addEstimate } from './estimate.ts';
import { addImport } from './import.ts';
import { addList } from './list.ts';
import { addShow } from './show.ts';
import { addStart } from './start.ts';
import { addTest } from './test.ts';

/** `parlance campaign …`: one text to the rows of a file. */
export function addCampaign(program: Command, kit: Kit): void {
  const campaign = program
    .command('campaign')
    .description('Campaigns: one text, with each row’s own words, to the rows of a file.');
  const all = [
    addCreate,
    addImport,
    addEstimate,
    addTest,
    addStart,
    addList,
    addShow,
    addPause,
    addResume,
    addAbort,
    addErrors,
  ];
  for (const add of all) add(campaign, kit);
}
