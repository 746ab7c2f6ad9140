import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStorage } from '../../src/storage/engines/index.ts';
import { openPostgresEngine } from '../../src/storage/engines/postgres/engine.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { migrations } from '../../src/storage/migrations/index.ts';
import type { Migration } from '../../src/storage/migrations/migration.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { storedMessage, submitText } from '../support/submit.ts';
import type { World } from '../support/world.ts';
import { createWorld } from '../support/world.ts';

/** As the next release might bring it: a table, and a column and an index of the largest one. */
const next: Migration = {
  number: migrations.length + 1,
  name: 'next',
  async up(db) {
    await sql`create table future (id text primary key)`.execute(db);
    await sql`alter table messages add column tariff text`.execute(db);
    await sql`create index messages_tariff on messages (tariff) where tariff is not null`.execute(
      db,
    );
  },
};

let database: TestDatabase;
let world: World;
beforeEach(async () => {
  database = await createTestDatabase();
  world = await createWorld({ database });
});
afterEach(async () => {
  await world.close();
  await database.drop();
});

it('a migration of the next release runs beside nodes of this one, which go on', async () => {
  const account = await world.account({ credits: 100 });
  const engine = openPostgresEngine(database.place.storage);
  const state = { migrated: false };
  const migrating = migrate(engine, world.clock.now(), [...migrations, next]).finally(() => {
    state.migrated = true;
  });
  const messages = [];
  do messages.push(await submitText(world, account, 'Meanwhile'));
  while (!state.migrated);
  expect(await migrating).toEqual(['next']);
  await engine.close();

  messages.push(await submitText(world, account, 'Afterwards'));
  await world.clock.settle();
  for (const message of messages) {
    expect((await storedMessage(world, message)).status).toBe('sent');
  }
  // One that is started now would not know what it must not touch.
  await expect(openStorage(database.place)).rejects.toThrow(/newer than this program knows/);
});
