import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { TestPostgres } from '../../../../test/support/postgres.ts';
import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import type { EndpointId } from '../../../core/ids.ts';
import type { Storage, Tx } from '../../../core/ports/storage.ts';
import {
  DAY,
  Fixtures,
  idsOf,
  linkA,
  MINUTE,
  nodeA,
  nodeB,
  START,
} from '../../testkit/fixtures.ts';
import { openPostgresStorage } from './open.ts';

/*
 * Who takes rows steps over those that another node has in its hands at this moment: a node that is slow
 * between a claim and its commit holds up nobody else.
 */

let database: TestPostgres;
let one: Storage;
let other: Storage;
beforeEach(async () => {
  database = await createPostgresDatabase();
  [one, other] = [await openPostgresStorage(database.url), await openPostgresStorage(database.url)];
});
afterEach(async () => {
  await Promise.all([one.close(), other.close()]);
  await database.drop();
});

/** Begins a transaction that stays open until it is told to commit. */
async function open<T>(
  storage: Storage,
  work: (tx: Tx) => Promise<T>,
): Promise<{ taken: T; commit(): Promise<void> }> {
  const done = Promise.withResolvers<T>();
  const held = Promise.withResolvers<undefined>();
  const written = storage.write(async (tx) => {
    done.resolve(await work(tx));
    await held.promise;
  });
  // It fails before it is held, or not at all.
  written.catch(done.reject);
  return {
    taken: await done.promise,
    commit: () => {
      held.resolve(undefined);
      return written;
    },
  };
}

type Take = (tx: Tx, limit: number) => Promise<readonly { id: string }[]>;
interface Kind {
  name: string;
  /** Puts six of them there. */
  fill: (tx: Tx, rows: Fixtures) => Promise<void>;
  take: Take;
}

const times = [0, 1, 2, 3, 4, 5];
const claimMessages =
  (nodeId: typeof nodeA): Take =>
  (tx, limit) =>
    tx.messages.claim({ linkId: linkA, nodeId, now: START, leaseUntil: START + MINUTE, limit });
const claimNotifications: Take = (tx, limit) =>
  tx.notifications.claim({
    nodeId: nodeB,
    now: START,
    leaseUntil: START + MINUTE,
    limit,
    except: [],
  });

const kinds: Kind[] = [
  {
    name: 'messages that are claimed',
    fill: (tx, rows) => tx.messages.insert(rows.messages(6)),
    take: claimMessages(nodeA),
  },
  {
    name: 'messages of several priorities that are claimed',
    fill: (tx, rows) => tx.messages.insert(rows.messages(6, (at) => ({ priority: at }))),
    take: claimMessages(nodeB),
  },
  {
    name: 'notifications of one endpoint',
    fill: (tx, rows) => tx.notifications.insert(times.map(() => rows.notification())),
    take: claimNotifications,
  },
  {
    name: 'notifications of several endpoints',
    fill: (tx, rows) =>
      tx.notifications.insert(
        times.map((at) => rows.notification({ endpointId: `endpoint-${at}` as EndpointId })),
      ),
    take: claimNotifications,
  },
  {
    name: 'notifications that are told over sessions',
    fill: (tx, rows) =>
      tx.notifications.insert(times.map(() => rows.notification({ via: 'session' }))),
    take: (tx, limit) =>
      tx.notifications.claimForSessions({
        nodeId: nodeB,
        now: START,
        leaseUntil: START + MINUTE,
        wishes: [{ endpointId: 'endpoint' as EndpointId, limit }],
      }),
  },
  ...(['scheduled', 'sending', 'sent'] as const).map(
    (status): Kind => ({
      name: `${status} messages that are due`,
      fill: (tx, rows) => tx.messages.insert(rows.messages(6, () => ({ status }))),
      take: (tx, limit) => tx.messages.due(status, START, limit),
    }),
  ),
  {
    name: 'messages whose validity has passed',
    fill: (tx, rows) =>
      tx.messages.insert(
        rows.messages(6, () => ({ createdAt: START - DAY, expiresAt: START - 1 })),
      ),
    take: (tx, limit) => tx.messages.expired(START, limit),
  },
  {
    name: 'messages whose claim and validity have passed',
    fill: (tx, rows) =>
      tx.messages.insert(times.map(() => rows.claimed({ expiresAt: START - 1, dueAt: START - 1 }))),
    take: (tx, limit) => tx.messages.expired(START, limit),
  },
];

describe('what another node has in its hands', () => {
  it.each(kinds)('is stepped over: $name', async ({ fill, take }) => {
    await one.write((tx) => fill(tx, new Fixtures()));
    const first = await open(one, (tx) => take(tx, 2));
    try {
      // Whoever waits here waits for the commit below, and gives up before it.
      const second = await other.write((tx) => take(tx, 10));
      expect(first.taken).toHaveLength(2);
      expect(second).toHaveLength(4);
      expect(new Set([...idsOf(first.taken), ...idsOf(second)]).size).toBe(6);
    } finally {
      await first.commit();
    }
  });
});
