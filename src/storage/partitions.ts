import type { RetentionCuts } from '../core/ports/storage.ts';
import type { Tables } from './tables.ts';

/** By these kinds tables are cut together: each has the name of its first one. */
export const partitionedKinds = [
  'messages',
  'timeline',
  'notifications',
] as const satisfies readonly (keyof RetentionCuts)[];

/** A table that is cut by time where the engine can, with those that belong to its rows. */
export interface PartitionedTable {
  readonly table: keyof Tables;
  /** The column with the UUID of version 7 by whose time the table is cut. */
  readonly id: string;
  /** What decides how long its rows are kept. */
  readonly kept: (typeof partitionedKinds)[number];
  /** Where its rows decide by themselves: the column with the instant from which they are kept so long. */
  readonly since?: string;
}

/** Children before the rows they belong to: in this order they are dropped. */
export const partitionedTables: readonly PartitionedTable[] = [
  { table: 'parts', id: 'message_id', kept: 'messages' },
  { table: 'timeline', id: 'message_id', kept: 'timeline', since: 'at' },
  { table: 'device_messages', id: 'message_id', kept: 'messages' },
  { table: 'messages', id: 'id', kept: 'messages', since: 'done_at' },
  { table: 'notification_attempts', id: 'notification_id', kept: 'notifications' },
  { table: 'notifications', id: 'id', kept: 'notifications', since: 'done_at' },
];

/** What one partition holds. A year's are few enough to be planned over, and one is soon past. */
export const WEEK_MS = 7 * 86_400_000;

/** The instant with which the week of an instant begins. */
export function weekOf(instant: number): number {
  return Math.floor(instant / WEEK_MS) * WEEK_MS;
}

/** Sorts before every UUID of version 7 that was made at or after this instant. */
export function firstIdAt(instant: number): string {
  const hex = Math.max(0, Math.trunc(instant)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
