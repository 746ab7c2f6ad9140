import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeEngine } from '../../testkit/engine-suite.ts';
import { capabilities } from './capabilities.ts';
import { migrateSqliteStorage, openSqliteStorage } from './open.ts';

describeEngine('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-'));
  await migrateSqliteStorage(folder);
  return {
    capabilities,
    open: () => openSqliteStorage(folder),
    destroy: () => rm(folder, { recursive: true }),
  };
});
