import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { AccountId, MessageId } from '../../../core/ids.ts';
import type { MessageSearch, Storage } from '../../../core/ports/storage.ts';
import { everyMethodOnce } from '../../testkit/every-method.ts';
import { Fixtures, number } from '../../testkit/fixtures.ts';
import { migrateSqliteStorage, openSqliteStorage } from './open.ts';

/*
 * How SQLite finds the rows: every statement is recorded while each method runs once, and its plan is
 * looked at. A plan that reads a whole table, or sorts one, is named here with its reason.
 */

const allowed = [
  // Lists that an owner asks for, of which there are few rows.
  'SCAN accounts',
  // The same, in the order of their ids, as far as a page goes; and how many numbers there are.
  'SCAN sender_requests USING INDEX sqlite_autoindex_sender_requests_1',
  'SCAN numbers USING INDEX sqlite_autoindex_numbers_1',
  'SCAN numbers USING COVERING INDEX',
  // Likewise, and who waits at which phone: as long as their queues.
  'SCAN devices USING INDEX sqlite_autoindex_devices_1',
  'SCAN device_messages USING COVERING INDEX device_messages_waiting',
  'SCAN device_messages USING INDEX device_messages_given',
  // Likewise; and how many campaigns have not ended.
  'SCAN campaigns USING INDEX sqlite_autoindex_campaigns_1',
  'SCAN campaigns USING INDEX campaigns_under_way',
  // The owner's lists of users and of what was changed, in the order of their indexes.
  'SCAN users USING INDEX users_email',
  'SCAN audit USING INDEX sqlite_autoindex_audit_1',
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
  await everyMethodOnce(storage, new Fixtures());
  vi.restoreAllMocks();
  const plans = plansOf(
    [...statements].filter(
      (sql) => !/^\s*(insert|pragma)/i.test(sql) && !sql.includes('sqlite_master'),
    ),
  );
  const reads = plans.filter((plan) => /^SCAN (?!CONSTANT)/.test(plan));
  const unexpected = reads.filter((plan) => !allowed.some((one) => plan.startsWith(one)));
  // What a `with recursive` has made is scanned as well; it has no index to be found in.
  expect(
    unexpected.filter((plan) => !/^SCAN (link|lane|endpoint|movements|newest|few)\b/.test(plan)),
  ).toEqual([]);
  expect(plans.length).toBeGreaterThan(50);
});

it.each<[Omit<MessageSearch, 'accountId' | 'limit' | 'offset'>, string]>([
  [{}, 'messages_account (account_id=?)'],
  [{ status: 'failed' }, 'messages_account (account_id=?)'],
  [{ clientRef: 'x' }, 'messages_client_ref (account_id=? AND client_ref=?)'],
  [{ clientRef: 'x', status: 'sent' }, 'messages_client_ref (account_id=? AND client_ref=?)'],
  [{ clientRef: 'x%' }, 'messages_client_ref (account_id=? AND client_ref>? AND client_ref<?)'],

  [{ status: 'scheduled' }, 'messages_scheduled (account_id=? AND destination>?)'],
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

it('the search for a reference that begins with a wildcard', async () => {
  const search = { accountId: 'x' as AccountId, clientRef: '%x', ...page };
  await storage.read.messages.search(search);
  vi.restoreAllMocks();
  const plan = plansOf([...statements].slice(-1)).join('\n');
  expect(plan).toContain('USING INDEX messages_account (account_id=?)');
});

it('numbers that are free', async () => {
  await storage.read.numbers.available({ now: 0, after: null, ...page });
  vi.restoreAllMocks();
  const plan = plansOf([...statements].slice(-1)).join('\n');
  expect(plan).toContain('SEARCH senders USING COVERING INDEX senders_dedicated (address_key=?)');
  expect(plan).not.toContain('TEMP B-TREE');
});

it.each([{ since: 1, until: 2 }, { since: 1 }, { until: 2 }, {}])(
  'the replies of a number, received %j',
  async (span) => {
    await storage.read.replies.list('x' as AccountId, { from: number(1), ...span, ...page });
    vi.restoreAllMocks();
    const plan = plansOf([...statements].slice(-1)).join('\n');
    expect(plan).toContain('USING INDEX replies_from (account_id=? AND from_number=?');
  },
);

it('the replies that were recorded since', async () => {
  await storage.read.replies.list('x' as AccountId, { recordedSince: 1, ...page });
  vi.restoreAllMocks();
  const plan = plansOf([...statements].slice(-1)).join('\n');
  expect(plan).toContain('USING INDEX replies_newest (account_id=?)');
});

it('the notifications of a message', async () => {
  const messageId = 'x' as MessageId;
  await storage.read.notifications.list('x' as AccountId, { messageId, ...page });
  vi.restoreAllMocks();
  expect(plansOf([...statements].slice(-1))[0]).toContain('notifications_message (message_id=?)');
});

it.each([
  [undefined, 'short_links_account (account_id=? AND created_at>? AND created_at<?)'],
  [number(1), 'short_links_destination (account_id=? AND destination=?)'],
])('the short links to %s', async (destination, index) => {
  const search = { destination, url: 'x', metadata: { name: 'x', value: 'y' } };
  const span = { from: 1, before: 2 };
  await storage.read.shortLinks.sums('x' as AccountId, search, span);
  await storage.read.shortLinks.list('x' as AccountId, search, span, page);
  vi.restoreAllMocks();
  const plans = plansOf([...statements].slice(-2));
  expect(plans.filter((plan) => plan.includes(`USING INDEX ${index}`))).toHaveLength(2);
});

it('a stretch of short links is found in the index alone', async () => {
  await storage.read.shortLinks.stretchFrom('x' as AccountId, undefined, 2, 5);
  vi.restoreAllMocks();
  const plan = plansOf([...statements].slice(-1)).join('\n');
  expect(plan).toContain('COVERING INDEX short_links_account (account_id=? AND created_at<?)');
  expect(plan).not.toContain('TEMP B-TREE');
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
