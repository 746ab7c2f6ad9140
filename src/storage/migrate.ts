import { type Kysely, sql } from 'kysely';

import type { Engine } from './engine.ts';
import { migrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { StorageRefused } from './refused.ts';
import type { Tables } from './tables.ts';

/**
 * Brings the schema up to what this program needs, all steps in one transaction that keeps other
 * processes out. Kysely's own Migrator is not used: on SQLite it takes no lock and runs each step
 * outside of a transaction.
 *
 * @param steps the migrations, in order; given by tests only.
 * @returns the names of the steps that were run, none when all was done before.
 * @throws StorageRefused when the schema is newer than the program.
 */
export async function migrate(
  engine: Engine,
  now: number,
  steps: readonly Migration[] = migrations,
): Promise<string[]> {
  return engine.exclusively(async ({ kysely }) => {
    await kysely.schema
      .createTable('schema_versions')
      .ifNotExists()
      .addColumn('version', 'integer', (c) => c.primaryKey().notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('applied_at', engine.capabilities.integer, (c) => c.notNull())
      .execute();
    const version = await versionOf(kysely);
    refuseNewer(version, newest(steps));
    const pending = steps.filter((step) => step.number > version);
    for (const step of pending) {
      await step.up(kysely as unknown as Kysely<unknown>, engine.capabilities);
      await kysely
        .insertInto('schema_versions')
        .values({ version: step.number, name: step.name, applied_at: now })
        .execute();
    }
    return pending.map((step) => step.name);
  });
}

/**
 * Makes sure that the schema is exactly the one that this program knows.
 *
 * @throws StorageRefused with what to do, when it is older, newer, or not there.
 */
export async function requireCurrentSchema(engine: Engine): Promise<void> {
  const { kysely } = engine.reader;
  const version = (await isMigrated(kysely)) ? await versionOf(kysely) : 0;
  const needed = newest(migrations);
  refuseNewer(version, needed);
  if (version === needed) return;
  throw new StorageRefused(
    `The database has schema ${version} and this program needs ${needed}: ` +
      'run `parlance migrate` (or `parlance serve`, which does it at its start).',
  );
}

function newest(steps: readonly Migration[]): number {
  return steps.at(-1)?.number ?? 0;
}

/** Has any migration ever run here? */
async function isMigrated(kysely: Kysely<Tables>): Promise<boolean> {
  const tables = await kysely.introspection.getTables();
  return tables.some((table) => table.name === 'schema_versions');
}

async function versionOf(kysely: Kysely<Tables>): Promise<number> {
  const row = await kysely
    .selectFrom('schema_versions')
    .select(sql<number | null>`max(version)`.as('version'))
    .executeTakeFirst();
  return row?.version ?? 0;
}

function refuseNewer(version: number, known: number): void {
  if (version <= known) return;
  throw new StorageRefused(
    `The database has schema ${version}, which is newer than this program knows (${known}): ` +
      'install the newer release again, or name another place for its own (`data`, or `storage` where that is set).',
  );
}
