import type { Tx } from '../../core/ports/storage.ts';
import type { Insert, WriteSession } from '../engine.ts';
import { timelineRow } from '../tables.ts';

const insert: Insert = { table: 'timeline', columns: timelineRow.columns };

/** Takes a session that writes; gives the timeline's part of `Tx`. */
export function timelineWrites({ bulk }: WriteSession): Tx['timeline'] {
  return {
    async insert(entries) {
      await bulk.insert(insert, entries.map(timelineRow.encode));
    },
  };
}
