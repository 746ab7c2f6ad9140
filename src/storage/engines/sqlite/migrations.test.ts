import { DatabaseSync } from 'node:sqlite';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { AccountId } from '../../../core/ids.ts';
import { databaseFile, openSqliteEngine } from './engine.ts';
import { openSqliteStorage } from './open.ts';
import { migrate } from '../../migrate.ts';
import { migrations } from '../../migrations/index.ts';

it('numbers: what waited for a code goes on waiting for it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'parlance-0011-'));
  try {
    const before = openSqliteEngine(folder);
    await migrate(before, 1, migrations.slice(0, 10));
    await before.close();
    const db = new DatabaseSync(databaseFile(folder));
    db.exec(`insert into senders (id, account_id, address, address_key, kind, status, label, proof, created_at)
      values ('s1', 'a', 'CompanyABC', 'companyabc', 'alphanumeric', 'active', 'x', null, 5),
        ('s2', 'a', '61412345678', '61412345678', 'own', 'pending', 'desk', 'digest', 7)`);
    db.close();
    const engine = openSqliteEngine(folder);
    await migrate(engine, 2);
    await engine.close();

    const storage = await openSqliteStorage(folder);
    expect(await storage.read.senders.ofAccount('a' as AccountId)).toMatchObject([
      { id: 's1', address: 'CompanyABC', label: 'x', changedAt: 5, expiresAt: null },
    ]);
    expect(await storage.read.senderRequests.findByProof('digest')).toEqual({
      id: 's2',
      accountId: 'a',
      address: '61412345678',
      kind: 'own',
      status: 'pending',
      label: 'desk',
      countries: null,
      reason: null,
      lifeMs: null,
      proof: 'digest',
      proofUntil: 7 + 86_400_000,
      triesLeft: null,
      createdAt: 7,
      changedAt: 7,
    });
    await storage.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});
