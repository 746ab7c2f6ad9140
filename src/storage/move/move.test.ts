import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { OpenedPlace } from '../../../test/support/installation.ts';
import {
  allRows,
  copyOf,
  createInstallation,
  openPlace,
  rawQuery,
  tablesOf,
} from '../../../test/support/installation.ts';
import type { TestDatabase } from '../../../test/support/storage.ts';
import { createTestDatabase } from '../../../test/support/storage.ts';
import type { Engine, WriteSession } from '../engine.ts';
import { Fixtures } from '../testkit/fixtures.ts';
import { readPage, nextLimit } from './pages.ts';
import type { Moved } from './move.ts';
import { moveInstallation } from './move.ts';
import { countRows } from './count.ts';
import { carriedTables, plansOf } from './plan.ts';
import type { MoveProgress } from './tally.ts';

let original: TestDatabase;
beforeAll(async () => {
  original = await createInstallation();
});
afterAll(() => original.drop());

let from: TestDatabase;
let to: TestDatabase;
let source: OpenedPlace;
let target: OpenedPlace;
beforeEach(async () => {
  from = await copyOf(original);
  to = await createTestDatabase();
  source = openPlace(from.place);
  target = openPlace(to.place);
});
afterEach(async () => {
  await source.engine.close();
  await target.engine.close();
  await from.drop();
  await to.drop();
});

const clock = new FakeClock('2026-04-01T00:00:00Z');

/** @param how `engine` stands for the target's; `onProgress` may throw. */
function move(
  how: { engine?: Engine; onProgress?: (progress: MoveProgress) => void } = {},
): Promise<Moved> {
  const { engine = target.engine, onProgress = () => {} } = how;
  const { setCounter } = target;
  return moveInstallation({ source, target: { ...target, engine }, setCounter, clock, onProgress });
}

/** The target's engine, whose transactions do `more` at their end, before they commit. */
function meddled(more: (session: WriteSession, nth: number) => Promise<void>): Engine {
  let nth = 0;
  return {
    ...target.engine,
    transaction: (work) =>
      target.engine.transaction(async (session) => {
        const result = await work(session);
        await more(session, (nth += 1));
        return result;
      }),
  };
}

async function expectTheSame(): Promise<void> {
  const tables = await tablesOf(from.place);
  expect(await allRows(to.place, tables)).toEqual(await allRows(from.place, tables));
}

describe('a whole installation', () => {
  it('is the same there, row by row', async () => {
    const steps: string[] = [];
    const moved = await move({ onProgress: ({ step }) => steps.push(step) });
    await expectTheSame();
    expect(moved.tables.map(({ table }) => table).toSorted()).toEqual(
      [...(await tablesOf(from.place)).keys()].toSorted(),
    );
    // Every table had rows to move.
    expect(moved.tables.filter(({ rows }) => rows === 0)).toEqual([]);
    expect(moved.rows).toBe(moved.tables.reduce((sum, { rows }) => sum + rows, 0));
    expect(moved).toMatchObject({ to: target.name, rowsNow: moved.rows, nuls: 0 });
    // Some tables took more than a page.
    expect(steps.filter((step) => step === 'copy').length).toBeGreaterThan(carriedTables.length);
    const id = "select value from installation where name = 'id'";
    expect(await rawQuery(to.place, id)).toEqual(await rawQuery(from.place, id));
    expect(await rawQuery(to.place, 'select * from move_progress')).toEqual([]);
  });

  it('lives on there: what is counted goes on above what came', async () => {
    await move();
    const highest = async (table: string) =>
      Number((await rawQuery(to.place, `select max(seq) from ${table}`))[0]?.[0]);
    const rows = new Fixtures();
    const message = rows.message();
    const before = await highest('timeline');
    const ledgerBefore = await highest('ledger');
    const storage = await to.open();
    await storage.write(async (tx) => {
      await tx.messages.insert([message]);
      await tx.timeline.insert([{ messageId: message.id, at: 1, what: 'accepted', detail: null }]);
      await tx.ledger.insert([rows.ledgerEntry(message.accountId, 5)]);
    });
    await storage.close();
    expect(await highest('timeline')).toBeGreaterThan(before);
    expect(await highest('ledger')).toBeGreaterThan(ledgerBefore);
  });

  it('has its rows in the partitions of their weeks, where tables are cut by time', async () => {
    await move();
    if (!target.engine.capabilities.partitions) return;
    const there = await rawQuery(
      to.place,
      'select count(distinct tableoid), count(*) filter (where tableoid::regclass::text = ' +
        "'messages_rest') from messages",
    );
    expect(there).toEqual([['2', '0']]);
  });

  it('keeps everybody from writing into the source meanwhile', async () => {
    const other = new DatabaseSync(`${from.place.data}/parlance.db`, { timeout: 0 });
    let refused = 0;
    await move({
      onProgress: ({ step }) => {
        if (step !== 'copy') return;
        expect(() => other.exec('begin immediate')).toThrow('locked');
        refused += 1;
      },
    });
    other.close();
    expect(refused).toBeGreaterThan(carriedTables.length);
  });
});

describe('a move that is ended at any moment', () => {
  it('goes on after the last page that was committed', async () => {
    const killed = new Error('kill -9');
    let runs = 0;
    const pages = new Set<string>();
    for (;;) {
      runs += 1;
      let fresh: string | undefined;
      try {
        const moved = await move({
          onProgress: ({ step, table, rows }) => {
            if (step !== 'copy') return;
            fresh = `${table} ${rows}`;
            throw killed;
          },
        });
        expect(moved.rowsNow).toBe(0);
        break;
      } catch (error) {
        expect(error).toBe(killed);
        // No page comes twice.
        expect(pages.has(fresh ?? '')).toBe(false);
        pages.add(fresh ?? '');
      }
    }
    expect(runs).toBeGreaterThan(carriedTables.length);
    await expectTheSame();
  });

  it('has nothing of a page that was not committed', async () => {
    for (const fatal of [1, 2, 3, 5]) {
      const engine = meddled(async (_, nth) => {
        if (nth === fatal) throw new Error('kill -9');
      });
      await expect(move({ engine })).rejects.toThrow('kill -9');
    }
    const moved = await move();
    expect(moved.rowsNow).toBeLessThan(moved.rows);
    await expectTheSame();
  });

  it('is not lost between the marks of the source and of the target', async () => {
    const { exclusively } = target.engine;
    const engine = { ...target.engine, exclusively: () => Promise.reject(new Error('kill -9')) };
    await expect(move({ engine })).rejects.toThrow('kill -9');
    target.engine.exclusively = exclusively;
    // Everything is done but that the target has taken over.
    let last = 0;
    const counting = meddled(async (_, nth) => {
      last = nth;
    });
    const settled = meddled(async ({ kysely }, nth) => {
      const facts = await kysely.selectFrom('installation').select('name').execute();
      if (nth > 2 && !facts.some(({ name }) => name === 'moving_in')) throw new Error('kill -9');
    });
    await expect(move({ engine: settled })).rejects.toThrow('kill -9');
    const facts = "select name from installation where name like 'mov%'";
    expect(await rawQuery(from.place, facts)).toEqual([['moved_to']]);
    expect(await rawQuery(to.place, facts)).toEqual([['moving_in']]);
    expect(await move({ engine: counting })).toMatchObject({ rowsNow: 0 });
    expect(last).toBe(2);
    await expectTheSame();
  });
});

describe('what is not the same there stops it', () => {
  it.each([
    ['text', "update messages set text = 'S3cret' where text like 'Nr. 17:%'", 'its column text'],
    ['null', 'update messages set done_at = 5 where done_at is null', 'its column done_at'],
    ['number', "update messages set parts = 9 where text like 'Nr. 3:%'", 'its column parts'],
    ['row', "delete from messages where text like 'Nr. 20:%'", 'it is not there'],
  ])('a %s', async (_, statement, said) => {
    const engine = meddled(async () => {});
    const inserting = (session: WriteSession): WriteSession => ({
      ...session,
      bulk: {
        ...session.bulk,
        async insert(insert, rows) {
          const done = await session.bulk.insert(insert, rows);
          if (insert.table === 'messages') await sql.raw(statement).execute(session.kysely);
          return done;
        },
      },
    });
    const changed: Engine = {
      ...engine,
      transaction: (work) => target.engine.transaction((session) => work(inserting(session))),
    };
    const error = await move({ engine: changed }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'StorageRefused' });
    expect(String(error)).toMatch(
      new RegExp(`the row "[0-9a-f-]{36}" of messages was written .* and ${said}`),
    );
    expect(String(error)).not.toMatch(/S3cret|Nr\. \d/);
    // Without the meddler the same move goes on.
    await move();
    await expectTheSame();
  });

  it('a row too many', async () => {
    const rows = new Fixtures();
    let done = false;
    const engine = meddled(async ({ kysely }) => {
      if (done) return;
      done = true;
      const values = { id: rows.id<string>(), account_id: rows.id(), address: 'x', kind: 'shared' };
      await kysely
        .insertInto('senders')
        .values({ ...values, address_key: 'x', status: 'active', created_at: 1 } as never)
        .execute();
    });
    await expect(move({ engine })).rejects.toThrow(
      /senders has 7 rows here and 8 in .*--undo` *, and begin anew/s,
    );
  });

  it('a balance that is not the sum of its ledger', async () => {
    await rawQuery(from.place, 'update balances set amount = amount + 1');
    await expect(move()).rejects.toThrow(
      /balances that are not the sum of their ledger: 3, the first of/,
    );
  });
});

it('a text with U+0000 goes as the target can hold it, and is counted', async () => {
  await rawQuery(
    from.place,
    "update messages set text = 'a' || char(0) || 'b' where text = 'later'",
  );
  const moved = await move();
  const kept = target.engine.capabilities.textHoldsNul;
  expect(moved.nuls).toBe(kept ? 0 : 1);
  const later = "select text from messages where status = 'scheduled'";
  expect(await rawQuery(to.place, later)).toEqual([[kept ? 'a\0b' : 'a\uFFFDb']]);
});

it('a database that gives out: what is done stays done, and the sentence says so', async () => {
  const engine = meddled(async (_, nth) => {
    if (nth === 5) throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
  });
  const gaveOut = { ...engine, failureOf: () => 'io' as const };
  await expect(move({ engine: gaveOut })).rejects.toThrow(
    `The move stopped because ${target.name} gave out: gone. Nothing is lost`,
  );
  await move();
  await expectTheSame();
});

describe('pages', () => {
  it('have fewer rows where rows are long', () => {
    expect(nextLimit(undefined)).toBe(100);
    expect(nextLimit([[1, 'short', null]])).toBe(2000);
    expect(nextLimit([['x'.repeat(50_000)]])).toBe(40);
    expect(nextLimit([['x'.repeat(50_000_000)]])).toBe(1);
  });

  it('give every row once, in the order of a key of two columns', async () => {
    const plan = (await plansOf(source.engine.reader)).find(({ table }) => table === 'parts');
    if (!plan) throw new Error('parts are not moved');
    const all = await readPage(source.engine.reader, plan, undefined, 1000);
    const one = [];
    let last;
    for (;;) {
      const page = await readPage(source.engine.reader, plan, last, 3);
      if (page.length === 0) break;
      one.push(...page);
      last = page.at(-1)?.slice(0, 2);
    }
    expect(one).toEqual(all);
    expect(all.length).toBeGreaterThan(232);
    // Piece by piece they are as many, whatever the pieces.
    for (const atOnce of [1, 7, all.length, 50_000]) {
      expect(await countRows(source.engine.reader, plan, atOnce)).toBe(all.length);
    }
  });
});
