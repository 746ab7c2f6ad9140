import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { AccountId, MessageId } from '../../../core/ids.ts';
import type { MessageSearch, Storage } from '../../../core/ports/storage.ts';
import { Fixtures, linkA, nodeA, number, START } from '../../testkit/fixtures.ts';
import { migrateSqliteStorage, openSqliteStorage } from './open.ts';

/*
 * How SQLite finds the rows: every statement is recorded while each method runs once, and its plan is
 * looked at. A plan that reads a whole table, or sorts one, is named here with its reason.
 */

const allowed = [
  // Lists that an owner asks for, of which there are few rows.
  'SCAN accounts',
  // `parlance doctor` adds up all money.
  'SCAN balances',
  'SCAN ledger',
  // Sizes of partial indexes: as long as the queue, without touching the table.
  'SCAN messages USING COVERING INDEX messages_queue',
  'SCAN messages USING COVERING INDEX messages_watch',
  'SCAN notifications USING COVERING INDEX notifications_queue',
  'SCAN notifications USING COVERING INDEX notifications_failed',
  // Its two ends.
  'SCAN messages USING INDEX messages_destination\n  select "created_day" from "messages" order by',
  'SCAN schema_versions',
];

const page = { limit: 10, offset: 0 };
let folder: string;
let storage: Storage;
const statements = new Set<string>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlance-plans-'));
  await migrateSqliteStorage(folder);
  statements.clear();
  // oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
  const { prepare } = DatabaseSync.prototype;
  vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
    this: DatabaseSync,
    ...given
  ) {
    statements.add(given[0]);
    return prepare.apply(this, given);
  });
  storage = await openSqliteStorage(folder);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await storage.close();
  await rm(folder, { recursive: true });
});

it('no statement reads a whole table that grows', async () => {
  await everyMethodOnce();
  vi.restoreAllMocks();
  const plans = plansOf(
    [...statements].filter(
      (sql) => !/^\s*(insert|pragma)/i.test(sql) && !sql.includes('sqlite_master'),
    ),
  );
  const reads = plans.filter((plan) => /^SCAN (?!CONSTANT)/.test(plan));
  const unexpected = reads.filter((plan) => !allowed.some((one) => plan.startsWith(one)));
  // What a `with recursive` has made is scanned as well; it has no index to be found in.
  expect(unexpected.filter((plan) => !/^SCAN (link|lane|endpoint|movements)\b/.test(plan))).toEqual(
    [],
  );
  expect(plans.length).toBeGreaterThan(50);
});

it.each<[Omit<MessageSearch, 'accountId' | 'limit' | 'offset'>, string]>([
  [{}, 'messages_account (account_id=?)'],
  [{ status: 'failed' }, 'messages_account (account_id=?)'],
  [{ clientRef: 'x' }, 'messages_client_ref (account_id=? AND client_ref=?)'],
  [{ clientRef: 'x', status: 'sent' }, 'messages_client_ref (account_id=? AND client_ref=?)'],
  [{ clientRef: 'x%' }, 'messages_client_ref (account_id=? AND client_ref>? AND client_ref<?)'],
  [{ clientRef: '%x' }, 'messages_account (account_id=? AND id=?)'],
  [{ status: 'scheduled' }, 'messages_scheduled (account_id=?)'],
  [{ destination: number(1) }, 'messages_destination (created_day=? AND destination=?)'],
  [
    { destination: number(1), clientRef: 'x' },
    'messages_client_ref (account_id=? AND client_ref=?)',
  ],
  [
    { destination: number(1), clientRef: '%x' },
    'messages_destination (created_day=? AND destination=?)',
  ],
])('the search for %j', async (search, index) => {
  await storage.write((tx) => tx.messages.insert([new Fixtures().message()]));
  await storage.read.messages.search({ accountId: 'x' as AccountId, ...search, ...page });
  vi.restoreAllMocks();
  expect(plansOf([...statements].slice(-1))[0]).toContain(`USING INDEX ${index}`);
});

it('the notifications of a message', async () => {
  const messageId = 'x' as MessageId;
  await storage.read.notifications.list('x' as AccountId, { messageId, ...page });
  vi.restoreAllMocks();
  expect(plansOf([...statements].slice(-1))[0]).toContain('notifications_message (message_id=?)');
});

/** The steps of the plans of these statements, each with its statement. */
function plansOf(given: Iterable<string>): string[] {
  const db = new DatabaseSync(join(folder, 'parlance.db'));
  const plans: string[] = [];
  for (const sql of given) {
    for (const row of db.prepare(`explain query plan ${sql}`).all()) {
      plans.push(`${String(row['detail'])}\n  ${sql}`);
    }
  }
  db.close();
  return plans;
}

async function everyMethodOnce(): Promise<void> {
  const rows = new Fixtures();
  const account = rows.account();
  const accountId: AccountId = account.id;
  const message = rows.message();
  const keys = [{ linkId: linkA, upstreamId: 'x' }];
  const lease = { nodeId: nodeA, now: START, leaseUntil: START, limit: 10 };
  await storage.write(async (tx) => {
    await tx.accounts.insert(account);
    await tx.accounts.update(account);
    await tx.accounts.setBalances(await tx.accounts.lockBalances([accountId]));
    await tx.credentials.insert(rows.credential(accountId));
    await tx.credentials.revoke(rows.id(), START);
    await tx.senders.insert(rows.sender(accountId));
    await tx.senders.activate(rows.id());
    await tx.senders.remove(rows.id());
    await tx.senders.owners(['x']);
    await tx.endpoints.insert(rows.endpoint(accountId));
    await tx.endpoints.update(rows.endpoint(accountId));
    await tx.endpoints.remove(rows.id());
    await tx.endpoints.disable(rows.id(), START);
    await tx.optouts.add([rows.optout(accountId, number(1))]);
    await tx.optouts.matching([{ accountId, number: number(1) }]);
    await tx.optouts.remove(accountId, number(1));
    await tx.messages.insert([message]);
    await tx.messages.lock([message.id]);
    await tx.messages.lockScheduledTo(accountId, number(1));
    await tx.messages.claim({ ...lease, linkId: linkA });
    await tx.messages.handOver([message], { nodeId: nodeA, now: START, answerBy: START });
    await tx.messages.save([message], { from: 'sent' });
    await tx.messages.save([message], { from: 'sent', held: { by: nodeA, until: [START] } });
    await tx.messages.unclaim([message.id], nodeA, START);
    for (const status of ['scheduled', 'sending', 'sent'] as const) {
      await tx.messages.due(status, START, 10);
    }
    await tx.messages.expired(START, 10);
    await tx.messages.reclaim([nodeA], START);
    await tx.messages.recentTo([number(1)], START, 10);
    await tx.messages.repeated(accountId, [message], START);
    await tx.parts.ofMessages([message.id]);
    await tx.parts.byUpstream(keys);
    await tx.parts.save([rows.part(message)]);
    await tx.parkedReceipts.take(keys);
    await tx.notifications.insert([rows.notification()]);
    await tx.notifications.claim({ ...lease, except: [] });
    await tx.notifications.finish([]);
    await tx.notifications.unclaim([rows.id()], nodeA, START);
    await tx.notifications.reclaim([nodeA], START);
    await tx.notifications.replay([rows.id()], START);
    await tx.idempotency.find([{ credentialId: rows.id(), key: 'x' }]);
    const cut = START - 1;
    await tx.retain(
      {
        messages: cut,
        replies: cut,
        notifications: cut,
        idempotency: cut,
        parkedReceipts: cut,
        rates: cut,
      },
      10,
    );
  });
  const { read } = storage;
  await read.accounts.find(accountId);
  await read.accounts.findByName('x');
  await read.accounts.list(page);
  await read.accounts.balance(accountId);
  await read.credentials.find('x', 'basic', 'x');
  await read.credentials.ofAccount(accountId);
  await read.senders.ofAccount(accountId);
  await read.senders.findByProof('x');
  await read.endpoints.ofAccount(accountId);
  await read.optouts.list(accountId, page);
  await read.messages.find(accountId, [message.id]);
  await read.messages.queueHead(linkA);
  for (const search of [
    {},
    { clientRef: 'x' },
    { clientRef: 'x%' },
    { clientRef: '%x' },
    { status: 'scheduled' as const },
    { destination: number(1) },
    { destination: number(1), clientRef: 'x%' },
  ]) {
    await read.messages.search({ accountId, ...search, ...page });
  }
  await read.messages.findAny(message.id);
  await read.messages.parts(message.id);
  await read.messages.timeline(message.id);
  await read.messages.countByLink();
  await read.replies.list(accountId, page);
  await read.replies.unowned(page);
  await read.ledger.list(accountId, page);
  await read.ledger.discrepancies();
  await read.notifications.list(accountId, page);
  await read.notifications.list(accountId, { ...page, messageId: message.id });
  await read.notifications.attempts(rows.id());
  await read.notifications.counts();
}
