import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { TestPostgres } from '../../../../test/support/postgres.ts';
import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import type { Storage } from '../../../core/ports/storage.ts';
import { openPostgresStorage } from './open.ts';

/** A node hears of another's row about as soon as it would find it by itself at the latest, each second. */
const soonMs = 2_000;

let database: TestPostgres;
let one: Storage;
let other: Storage;
/** What each has heard, but for what only shows that the connections are there. */
let heard: { one: string[]; other: string[] };
let warmUps: number;

beforeEach(async () => {
  database = await createPostgresDatabase();
  [one, other] = [await openPostgresStorage(database.url), await openPostgresStorage(database.url)];
  heard = { one: [], other: [] };
  warmUps = 0;
  one.onAnnounced((topic) => {
    if (topic !== 'warm-up') heard.one.push(topic);
  });
  other.onAnnounced((topic) => {
    if (topic === 'warm-up') warmUps += 1;
    else heard.other.push(topic);
  });
  await connected();
});
afterEach(async () => {
  await Promise.all([one.close(), other.close()]);
  await database.drop();
});

/** What is announced while a connection is being made is lost: best effort, and so until it is heard. */
async function connected(): Promise<void> {
  const before = warmUps;
  await waitUntil('one is heard by the other', () => {
    one.announce('warm-up');
    return warmUps > before;
  });
}

const sessions = async (): Promise<number> => {
  const [row] = await database.query(
    `select count(*)::int as n from pg_stat_activity
     where datname = current_database() and application_name = 'parlance wake'`,
  );
  return (row as { n: number }).n;
};

describe('what a storage announces', () => {
  it('is heard by another at once, and not by itself', async () => {
    one.announce('queue x');
    await waitUntil('it is heard', () => heard.other.length > 0, soonMs);
    // Over the same connection: what came back of its own came before this.
    await waitUntil('the way back is there', () => {
      other.announce('back');
      return heard.one.includes('back');
    });
    expect(heard.other).toEqual(['queue x']);
    expect(new Set(heard.one)).toEqual(new Set(['back']));
  });

  it('many times is told at once, and once more', async () => {
    for (let time = 0; time < 50; time++) one.announce('x');
    one.announce('y');
    await waitUntil('it is told again', () => heard.other.length === 3, soonMs);
    one.announce('end');
    await waitUntil('all is told', () => heard.other.includes('end'), soonMs);
    expect(heard.other).toEqual(['x', 'y', 'x', 'end']);
  });

  it('is heard again after the server has ended the sessions', async () => {
    await database.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where datname = current_database() and application_name = 'parlance wake'`,
    );
    await connected();
    one.announce('again');
    await waitUntil('it is heard', () => heard.other.includes('again'), soonMs);
    expect(await sessions()).toBe(2);
  });

  it('goes over a session that ends with its storage', async () => {
    expect(await sessions()).toBe(2);
    await one.close();
    await waitUntil('its session has ended', async () => (await sessions()) === 1);
    one.announce('gone');
    // It connects at the first call; whoever closes meanwhile leaves nothing behind.
    const hasty = await openPostgresStorage(database.url);
    hasty.onAnnounced(() => {});
    await hasty.close();
    await other.close();
    await waitUntil('all sessions have ended', async () => (await sessions()) === 0);
  });
});
