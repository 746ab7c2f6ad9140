import { Client } from 'pg';

import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import { describeEngine } from '../../testkit/engine-suite.ts';
import { capabilities } from './capabilities.ts';
import { openPostgresStorage } from './open.ts';

describeEngine('postgres', async () => {
  const database = await createPostgresDatabase({ again: true });
  return {
    capabilities,
    open: () => openPostgresStorage(database.url),
    destroy: () => database.drop(),
    knownProblems: await withoutDisk(database.url),
  };
});

/** The server that the tests bring need not survive a power cut. */
async function withoutDisk(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string; setting: string }>(
    "select name, setting from pg_settings where name in ('fsync', 'full_page_writes') order by name",
  );
  await client.end();
  return rows
    .filter(({ setting }) => setting !== 'on')
    .map(
      ({ name, setting }) =>
        `The server has ${name} = ${setting}, so a crash of its machine may lose what was accepted or damage ` +
        `the database: set ${name} = on in its postgresql.conf and reload that.`,
    );
}
