import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { TestPostgres } from '../../../../test/support/postgres.ts';
import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import type { Message } from '../../../core/messages/message.ts';
import type { Storage } from '../../../core/ports/storage.ts';
import { weekOf, WEEK_MS } from '../../partitions.ts';
import { cutsAt, DAY, Fixtures, START } from '../../testkit/fixtures.ts';
import { openPostgresStorage } from './open.ts';

let database: TestPostgres;
let storage: Storage;
let rows: Fixtures;
beforeEach(async () => {
  database = await createPostgresDatabase();
  storage = await openPostgresStorage(database.url);
  rows = new Fixtures();
});
afterEach(async () => {
  await storage.close();
  await database.drop();
});

const keep = (now: number) => cutsAt(now - 90 * DAY);
const maintain = (now: number) => storage.maintain(now, keep(now));
const insert = (...messages: Message[]) => storage.write((tx) => tx.messages.insert(messages));

/** Of each row the table that it lies in. */
async function placesOf(table: string): Promise<string[]> {
  const found = await database.query(`select tableoid::regclass::text as place from ${table}`);
  return (found as { place: string }[]).map(({ place }) => place);
}
async function partitions(): Promise<string[]> {
  const found = await database.query(
    `select inhrelid::regclass::text as name from pg_inherits
     where inhparent::regclass::text in ('messages', 'parts', 'timeline', 'notifications', 'notification_attempts')`,
  );
  return (found as { name: string }[]).map(({ name }) => name).toSorted();
}
const ended = (createdAt: number): Message =>
  rows.message({ id: rows.id(createdAt), createdAt, status: 'delivered', doneAt: createdAt + 1 });

describe('partitions', () => {
  it('are made for this week and those to come, once', async () => {
    await maintain(START);
    const made = await partitions();
    expect(made.filter((name) => name.startsWith('messages_p'))).toEqual(
      [0, 1, 2, 3, 4].map((week) => `messages_p${weekOf(START) + week * WEEK_MS}`),
    );
    expect(made).toHaveLength(5 * (5 + 1));
    await Promise.all([maintain(START), maintain(START)]);
    expect(await partitions()).toEqual(made);
  });

  it('hold the rows that were made in their week; others lie in the rest', async () => {
    await maintain(START);
    await insert(ended(START), ended(START - 30 * DAY), ended(START + 7 * DAY));
    expect((await placesOf('messages')).toSorted()).toEqual([
      `messages_p${weekOf(START)}`,
      `messages_p${weekOf(START + 7 * DAY)}`,
      'messages_rest',
    ]);
  });

  it('are dropped, with what belongs to them, when nothing in them is kept any more', async () => {
    await maintain(START);
    const messages = [ended(START), ended(START + DAY)];
    await insert(...messages);
    await storage.write(async (tx) => {
      await tx.timeline.insert(
        messages.map(({ id }) => ({ messageId: id, at: START, what: 'retry', detail: null })),
      );
    });
    await maintain(START + 90 * DAY);
    expect(await placesOf('messages')).toHaveLength(2);
    await maintain(START + 98 * DAY);
    expect(await placesOf('messages')).toEqual([]);
    expect(await placesOf('timeline')).toEqual([]);
    const left = await partitions();
    for (const table of ['messages', 'parts', 'timeline']) {
      expect(left).not.toContain(`${table}_p${weekOf(START)}`);
    }
    expect(left).toContain('messages_rest');
  });

  it('stay when something in them has not ended; what has is deleted row by row', async () => {
    await maintain(START);
    const waiting = rows.message({
      id: rows.id(START),
      status: 'scheduled',
      dueAt: START + 300 * DAY,
    });
    await insert(waiting, ended(START));
    const now = START + 98 * DAY;
    await maintain(now);
    expect(await placesOf('messages')).toHaveLength(2);
    expect(await storage.write((tx) => tx.retain(keep(now), 100))).toBe(1);
    expect(await storage.read.messages.findAny(waiting.id)).toEqual(waiting);
    expect(await placesOf('messages')).toEqual([`messages_p${weekOf(START)}`]);
  });

  it('are dropped when nothing is left in them, where what they hold is archived', async () => {
    await maintain(START);
    const message = ended(START);
    await insert(message);
    const now = START + 98 * DAY;
    const archived = { ...keep(now), archived: true };
    await storage.maintain(now, archived);
    expect(await placesOf('messages')).toEqual([`messages_p${weekOf(START)}`]);
    await storage.write((tx) => tx.archive.removeMessages([message.id]));
    await storage.maintain(now, archived);
    const left = await partitions();
    for (const table of ['messages', 'parts', 'timeline']) {
      expect(left).not.toContain(`${table}_p${weekOf(START)}`);
    }
  });

  it('those of remarks are dropped by their own time', async () => {
    await maintain(START);
    const message = ended(START);
    await insert(message);
    await storage.write((tx) =>
      tx.timeline.insert([{ messageId: message.id, at: START, what: 'retry', detail: null }]),
    );
    const now = START + 68 * DAY;
    await storage.maintain(now, { ...keep(now), timeline: now - 60 * DAY });
    expect(await placesOf('messages')).toHaveLength(1);
    expect(await partitions()).not.toContain(`timeline_p${weekOf(START)}`);
    // What comes late lies in the rest, and goes by its age.
    await storage.write((tx) =>
      tx.timeline.insert([{ messageId: message.id, at: now, what: 'refund', detail: null }]),
    );
    expect(await storage.read.messages.timeline(message.id)).toHaveLength(1);
    const cuts = { ...cutsAt(0), timeline: now + DAY };
    expect(await storage.write((tx) => tx.retain(cuts, 100))).toBe(1);
  });

  it('are not made for a week of which rows lie in the rest already', async () => {
    const early = ended(START + 2 * WEEK_MS);
    await insert(early);
    await maintain(START);
    expect(await partitions()).not.toContain(`messages_p${weekOf(START + 2 * WEEK_MS)}`);
    expect(await partitions()).toContain(`messages_p${weekOf(START + 3 * WEEK_MS)}`);
    expect(await storage.read.messages.findAny(early.id)).toEqual(early);
    // What lies there goes by its age, like everything else.
    const now = START + 200 * DAY;
    expect(await storage.write((tx) => tx.retain(keep(now), 100))).toBe(1);
  });
});
