import { afterEach, beforeEach, expect, it } from 'vitest';

import type { TestPostgres } from '../../../../test/support/postgres.ts';
import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import type { AccountId } from '../../../core/ids.ts';
import type { Message } from '../../../core/messages/message.ts';
import type { Storage } from '../../../core/ports/storage.ts';
import { everyMethodOnce } from '../../testkit/every-method.ts';
import { cutsAt, DAY, Fixtures, MINUTE, number, START } from '../../testkit/fixtures.ts';
import { openPostgresStorage } from './open.ts';

/*
 * How PostgreSQL finds the rows: not by what it says it would do, but by what it has read. Plans are made
 * once a connection, here while every table is empty, and must do well when the tables have grown.
 */

const weeks = 4;
const messagesAWeek = 5_000;
/** What all methods together may read: the pages that they ask for, and heads of queues. */
const mostRows = 1_500;
/** And what they may look at in the indexes of one table: a few pages each time, never all of them. */
const mostPages = 400;

let database: TestPostgres;
let storage: Storage;
let rows: Fixtures;
beforeEach(async () => {
  database = await createPostgresDatabase();
  storage = await openPostgresStorage(database.url);
  rows = new Fixtures();
  for (let week = weeks; week >= 0; week--) {
    await storage.maintain(START - week * 7 * DAY, cutsAt(START - 300 * DAY));
  }
});
afterEach(async () => {
  await storage.close();
  await database.drop();
});

it.each([
  { when: 'nobody has analysed the tables', analyse: false },
  { when: 'they have been analysed', analyse: true },
])(
  'no statement reads a table that has grown: $when',
  { timeout: 120_000 },
  async ({ analyse }) => {
    // Each connection plans while there is nothing: as many at once as there are connections.
    await Promise.all(Array.from({ length: 6 }, () => everyMethodOnce(storage, rows)));
    const accountId = rows.id<AccountId>();
    const other = await openPostgresStorage(database.url);
    for (let week = 0; week < weeks; week++) {
      for (let batch = 0; batch < messagesAWeek / 1_000; batch++)
        await grow(other, accountId, week);
    }
    await other.close();
    // Its sessions tell what they did when they end, which is a moment later.
    await waitUntil('all that was written is counted', async () => {
      const [row] = await database.query(
        "select sum(n_tup_ins)::int as n from pg_stat_user_tables where relname like 'messages_p%'",
      );
      return (row as { n: number }).n >= weeks * messagesAWeek;
    });
    if (analyse) await database.query('analyze');

    const before = await readSoFar();
    await everyMethodOnce(storage, rows);
    // A session tells what it has read when it ends.
    await storage.close();
    const read = (await readSoFar()).map(({ table, ...counts }) => {
      const at = before.find((one) => one.table === table);
      return {
        table,
        whole: counts.whole - (at?.whole ?? 0),
        byIndex: counts.byIndex - (at?.byIndex ?? 0),
        pages: counts.pages - (at?.pages ?? 0),
      };
    });
    // Small tables are read from one end to the other where that is the cheapest.
    expect(read.filter(({ table, whole }) => whole > 0 && /_p\d+$/.test(table))).toEqual([]);
    for (const { table, byIndex, pages } of read) {
      expect(byIndex, table).toBeLessThan(mostRows);
      // A plan looks at each index, too, and those of an empty week are looked at as often.
      const empty = /^(\w+)_p\d+$/.exec(table)?.[1];
      const likewise = read.find((one) => one.table === `${empty}_rest`);
      if (likewise) expect(pages - likewise.pages, table).toBeLessThan(mostPages);
    }
  },
);

/** A thousand messages that have ended, with a part and a notification each. */
async function grow(into: Storage, accountId: AccountId, week: number): Promise<void> {
  const createdAt = START - week * 7 * DAY - MINUTE;
  const messages = Array.from(
    { length: 1_000 },
    (_, at): Message =>
      rows.message({
        id: rows.id(createdAt),
        accountId,
        createdAt,
        destination: number(100_000 + at),
        clientRef: `order-${week}-${at}`,
        status: 'delivered',
        doneAt: createdAt + 1,
      }),
  );
  const notifications = messages.map(() =>
    rows.notification({
      id: rows.id(createdAt),
      accountId,
      createdAt,
      status: 'delivered',
      doneAt: createdAt + 1,
    }),
  );
  await into.write(async (tx) => {
    await tx.messages.insert(messages);
    await tx.timeline.insert(
      messages.map(({ id }) => ({ messageId: id, at: createdAt, what: 'retry', detail: null })),
    );
    await tx.notifications.insert(notifications);
    await tx.shortLinks.insert(
      messages.map(({ id, destination }) =>
        rows.shortLink({ accountId, messageId: id, destination, createdAt }),
      ),
    );
  });
}

/** So far: rows read from one end to the other, rows found by an index, and pages of indexes looked at. */
async function readSoFar(): Promise<
  { table: string; whole: number; byIndex: number; pages: number }[]
> {
  const found = await database.query(
    `select relname as "table", seq_tup_read::int as whole,
       coalesce(idx_tup_fetch, 0)::int as "byIndex",
       (select coalesce(sum(idx_blks_hit + idx_blks_read), 0)::int
        from pg_statio_user_indexes as of where of.relid = tables.relid) as pages
     from pg_stat_user_tables as tables order by relname`,
  );
  return found as { table: string; whole: number; byIndex: number; pages: number }[];
}
