import type { AccountId } from '../../core/ids.ts';
import { millicredits } from '../../core/money.ts';
import type { Storage } from '../../core/ports/storage.ts';
import type { Fixtures } from './fixtures.ts';
import { cutsAt, linkA, nodeA, number, START } from './fixtures.ts';

const page = { limit: 10, offset: 0 };

/**
 * Calls every method of a storage, once and with little: for looking at how an engine finds the rows.
 * @param rows whose ids nobody has yet.
 */
export async function everyMethodOnce(storage: Storage, rows: Fixtures): Promise<void> {
  const account = rows.account();
  const accountId: AccountId = account.id;
  const message = rows.message();
  const keys = [{ linkId: linkA, upstreamId: 'x' }];
  const segment = rows.segment();
  const lease = { nodeId: nodeA, now: START, leaseUntil: START, limit: 10 };
  await storage.write(async (tx) => {
    await tx.accounts.insert(account);
    await tx.accounts.update(account);
    await tx.accounts.setBalances(await tx.accounts.lockBalances([accountId]));
    await tx.accounts.debit(new Map([[accountId, millicredits(0)]]));
    await tx.credentials.insert({ ...rows.credential(accountId), lookup: rows.id() });
    await tx.credentials.setSettings(rows.id(), {});
    await tx.credentials.revoke(rows.id(), START);
    await tx.senders.insert(rows.sender(accountId));
    await tx.senders.activate(rows.id());
    await tx.senders.remove(rows.id());
    await tx.senders.owners(['x']);
    await tx.endpoints.insert(rows.endpoint(accountId));
    await tx.endpoints.insertNew(rows.endpoint(accountId));
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
    await tx.parts.remove([rows.id()]);
    await tx.parts.allByUpstream(keys);
    await tx.parkedReceipts.take(keys);
    await tx.segments.lock([segment]);
    await tx.segments.insert([segment]);
    await tx.segments.join([segment], START);
    await tx.segments.overdue(START, 10);
    await tx.segments.remove([segment]);
    const gathering = { ...rows.gathering(accountId), key: rows.id<string>() };
    await tx.gatherings.lock([gathering]);
    await tx.gatherings.count(accountId, 10);
    await tx.gatherings.insert([gathering]);
    await tx.gatherings.save([gathering]);
    await tx.gatherings.remove([gathering]);
    await tx.notifications.insert([rows.notification()]);
    await tx.notifications.claim({ ...lease, except: [] });
    await tx.notifications.claimForSessions({
      ...lease,
      wishes: [{ endpointId: rows.id(), limit: 10 }],
    });
    await tx.notifications.expireForSessions({ dueBefore: START, now: START, limit: 10 });
    await tx.notifications.finish([]);
    await tx.notifications.unclaim([rows.id()], nodeA, START);
    await tx.notifications.reclaim([nodeA], START);
    await tx.notifications.replay([rows.id()], START);
    await tx.idempotency.find([{ credentialId: rows.id(), key: 'x' }]);
    await tx.rates.take('x', { most: 1, windowMs: 1 }, START);
    await tx.retain(cutsAt(START - 1), 10);
  });
  const { read } = storage;
  await read.accounts.find(accountId);
  await read.accounts.findByName('x');
  await read.accounts.list(page);
  await read.accounts.balance(accountId);
  await read.credentials.find('x', 'basic', 'x');
  await read.credentials.ofAccount(accountId);
  await read.credentials.findAny(rows.id());
  await read.credentials.usable([rows.id()]);
  await read.senders.ofAccount(accountId);
  await read.senders.findByProof('x');
  await read.endpoints.ofAccount(accountId);
  await read.optouts.list(accountId, page);
  await read.messages.find(accountId, [message.id]);
  await read.messages.queueHead(linkA);
  for (const after of [null, message]) {
    await read.messages.waitingFor(linkA, { after, now: START, limit: 10 });
  }
  await read.messages.turnover({ from: START, until: START + 1 });
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
  await read.gatherings.find(accountId, message.id);
  await read.gatherings.overdue(START, 10);
  await read.replies.list(accountId, page);
  await read.replies.unowned(page);
  await read.ledger.list(accountId, page);
  await read.ledger.discrepancies();
  await read.notifications.list(accountId, page);
  await read.notifications.list(accountId, { ...page, messageId: message.id });
  await read.notifications.attempts(rows.id());
  await read.notifications.counts();
}
