import { PostgresServer } from '../support/postgres-server.ts';
import { dropDatabases, makeTemplate } from '../support/postgres.ts';

/**
 * For all files: one server, and in it one migrated database of which each test gets a copy. The server
 * is that of PARLANCE_TEST_POSTGRES, whose user must be allowed to make databases; without it one of our
 * own, from npm, which need not survive a power cut and so is not made to wait for the disk.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  const given = process.env['PARLANCE_TEST_POSTGRES'];
  const server = given
    ? undefined
    : await PostgresServer.create({
        fsync: 'off',
        full_page_writes: 'off',
        max_connections: '300',
        shared_buffers: '64MB',
        max_wal_size: '4GB',
        autovacuum: 'off',
      });
  if (server) process.env['PARLANCE_TEST_POSTGRES'] = server.url();
  await makeTemplate();
  return async () => {
    await dropDatabases();
    await server?.destroy();
  };
}
