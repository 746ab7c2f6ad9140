import type { AccountId, AuditId, CampaignId, EndpointId } from '../../core/ids.ts';
import type { ShortCode } from '../../core/links/code.ts';
import { millicredits } from '../../core/money.ts';
import type { Storage } from '../../core/ports/storage.ts';
import { everyAudienceMethodOnce } from './audience-rows.ts';
import { firstIdAt } from '../partitions.ts';
import { campaignOf } from './campaign-fixtures.ts';
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
    const product = rows.product(accountId);
    await tx.products.insert(product);
    await tx.products.update(product);
    await tx.products.ofAccount(accountId);
    await tx.ledger.insert([rows.ledgerEntry(accountId, 1, { orderRef: '7' })]);
    await tx.ledger.orderTaken(accountId, '7');
    await tx.credentials.insert({ ...rows.credential(accountId), lookup: rows.id() });
    await tx.credentials.setSettings(rows.id(), {});
    await tx.credentials.setSecret(rows.id(), 'x');
    await tx.credentials.revoke(rows.id(), START);
    await tx.senders.insert(rows.sender(accountId));
    await tx.senders.change(rows.id(), { label: 'x', changedAt: START });
    await tx.senders.remove(rows.id());
    await tx.senders.find(accountId, 'x');
    await tx.senders.count(accountId);
    await tx.senders.owners(['x']);
    await tx.senders.holders(['x']);
    const request = rows.senderRequest(accountId);
    await tx.senderRequests.insert(request);
    await tx.senderRequests.lock(request.id);
    await tx.senderRequests.save(request);
    await tx.senderRequests.remove([rows.id()]);
    await tx.senderRequests.removePending(accountId, 'x');
    await tx.senderRequests.makeRoom(accountId, 0);
    const offered = rows.poolNumber({ number: rows.id() });
    await tx.numbers.insert(offered);
    await tx.numbers.lock(offered.id);
    await tx.numbers.count();
    await tx.numbers.remove(offered.id);
    await tx.endpoints.insert(rows.endpoint(accountId));
    await tx.endpoints.insertNew(rows.endpoint(accountId));
    await tx.endpoints.update(rows.endpoint(accountId));
    await tx.endpoints.remove(rows.id());
    await tx.endpoints.disable(rows.id(), START);
    await tx.endpoints.ofAccount(accountId);
    const key = rows.signingKey(accountId);
    await tx.signingKeys.insert(key);
    await tx.signingKeys.enable(accountId, key.id);
    await tx.signingKeys.remove(accountId, rows.id());
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
    await tx.messages.refsTaken([{ accountId, clientRef: 'x' }]);
    await tx.parts.ofMessages([message.id]);
    await tx.parts.byUpstream(keys);
    await tx.parts.save([rows.part(message)]);
    await tx.parts.remove([rows.id()]);
    await tx.parts.allByUpstream(keys);
    await tx.parkedReceipts.answering([linkA]);
    const device = rows.device(accountId);
    await tx.devices.insert(device);
    await tx.devices.lock([device.id]);
    await tx.devices.save(device);
    await tx.devices.seen([device]);
    await tx.devices.rest([device]);
    await tx.devices.count(accountId);
    const errand = rows.errand(device);
    await tx.errands.insert([errand]);
    await tx.errands.lock([errand.messageId]);
    await tx.errands.save([errand]);
    for (const order of ['fifo', 'lifo'] as const) {
      await tx.errands.lockWaiting(device.id, order, 10);
    }
    await tx.errands.pulled(device.id, START, 10);
    await tx.errands.expired(START, 10);
    await tx.errands.unanswered(START, 10);
    await tx.errands.unconfirmed(START, 10);
    for (const takesBack of [true, false]) {
      await tx.errands.countGiven(device.id, { limit: 10, takesBack });
    }
    await tx.devices.remove(rows.device(accountId).id);
    const campaign = campaignOf(rows.id<CampaignId>(), { accountId });
    const campaignPage = { campaignId: campaign.id, first: 0 };
    await tx.campaigns.insert(campaign);
    await tx.campaigns.lock([campaign.id]);
    await tx.campaigns.save([campaign]);
    await tx.campaigns.insertPages([{ ...campaignPage, rows: [[2, '1', 'x']] }]);
    await tx.campaigns.removePages([campaignPage]);
    await tx.campaigns.removeSomePages(campaign.id, 10);
    await tx.campaigns.insertErrors([
      { campaignId: campaign.id, line: 2, code: 'field_invalid', detail: 'x', number: null },
    ]);
    await tx.campaigns.lockDue(START, 10);
    await tx.campaigns.lockUnchanged([{ state: 'importing', since: START }], 10);
    await tx.campaigns.reclaim([nodeA], START);
    const code = rows.enrolmentCode(accountId);
    await tx.enrolmentCodes.insert(code);
    await tx.enrolmentCodes.take(code.code);
    await tx.parkedReceipts.take(keys);
    await tx.parkedReceipts.overdue(START, 10);
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
    await tx.gatherings.finish([{ ...gathering, doneAt: START }]);
    await tx.gatherings.forgetDone(START, 10);
    await tx.gatherings.remove([gathering]);
    const link = rows.shortLink({ accountId, code: rows.id<ShortCode>(), messageId: message.id });
    await tx.shortLinks.taken([link.code]);
    await tx.shortLinks.insert([link]);
    await tx.shortLinks.lock([link.code]);
    await tx.shortLinks.saveCounts([link]);
    await tx.shortLinks.insertVisits([rows.visit(link)]);
    await tx.shortLinks.countOwn(accountId, 10);
    await tx.shortLinks.save(link);
    await tx.shortLinks.remove(rows.id<ShortCode>());
    await tx.shortLinks.recentTo(accountId, [number(1)], START, 10);
    const sealed = rows.sealedText({ accountId, code: rows.id<ShortCode>() });
    await tx.sealedTexts.insert(sealed);
    await tx.sealedTexts.open(sealed.code, START);
    await tx.sealedTexts.remove([sealed.code]);
    await tx.messages.hide(new Map([[rows.id(), START]]));
    await tx.messages.erase(accountId, { ids: [rows.id()] }, START);
    const reply = rows.reply({ accountId });
    await tx.replies.insert([reply]);
    await tx.replies.aliases([{ accountId, from: number(1) }]);
    await tx.replies.markRead(accountId, [reply.id], START);
    await tx.replies.setAlias(accountId, reply.id, 'x');
    await tx.replies.erase(accountId, { ids: [rows.id()] }, START);
    for (const table of ['messages', 'replies'] as const) {
      await tx[table].erase(accountId, { span: { from: 0, before: 1 }, limit: 10 }, START);
    }
    await tx.notifications.insert([rows.notification()]);
    await tx.notifications.claim({ ...lease, except: [] });
    await tx.notifications.claimForSessions({
      ...lease,
      wishes: [{ endpointId: rows.id(), limit: 10 }],
    });
    await tx.notifications.expireForSessions({ dueBefore: START, now: START, limit: 10 });
    await tx.notifications.finish([]);
    await tx.notifications.confirm(rows.id(), [rows.id()], START);
    await tx.notifications.unclaim([rows.id()], nodeA, START);
    await tx.notifications.reclaim([nodeA], START);
    await tx.notifications.replay([rows.id()], START);
    await tx.idempotency.find([{ credentialId: rows.id(), key: 'x' }]);
    const user = rows.user(accountId);
    await tx.users.insert(user);
    await tx.users.lock(user.id);
    await tx.users.lockOwners(accountId);
    await tx.users.count(accountId);
    await tx.users.save(user);
    await tx.users.activate(user);
    const token = rows.userToken(user.id);
    await tx.users.insertToken(token);
    await tx.users.takeToken(token.digest);
    await tx.users.dropTokens(user.id);
    const session = rows.userSession(user.id);
    await tx.users.insertSession(session);
    await tx.users.touchSession(session);
    await tx.users.dropSession(session.digest);
    await tx.users.dropSessions(user.id);
    await tx.users.remove(user.id);
    await tx.mails.insert(rows.mail());
    await tx.mails.claim(lease);
    await tx.mails.finish(rows.mail(), nodeA);
    await tx.audit.insert(rows.auditEntry());
    await tx.rates.take('x', { most: 1, windowMs: 1 }, START);
    await tx.rates.giveBack('x', START);
    const file = rows.archiveFile();
    const held = { by: nodeA, until: file.dueAt };
    await tx.archive.begin(file);
    await tx.archive.claim({ nodeId: nodeA, now: START, until: file.dueAt });
    await tx.archive.save(file, held);
    await tx.archive.hand(file.id, held, held);
    await tx.archive.reopen(file);
    await tx.archive.forget(file.id, held);
    await tx.archive.lockReplies([rows.id()]);
    await tx.archive.removeMessages([rows.id()]);
    await tx.archive.removeReplies([rows.id()]);
    await tx.retain(cutsAt(START - 1), 10);
  });
  await everyAudienceMethodOnce(storage, rows, accountId);
  const { read } = storage;
  await read.accounts.find(accountId);
  await read.accounts.findByName('x');
  await read.accounts.list(page);
  await read.accounts.balance(accountId);
  await read.accounts.subAccounts(accountId, 10);
  await read.credentials.find('x', 'basic', 'x');
  await read.credentials.ofAccount(accountId);
  await read.credentials.findAny(rows.id());
  await read.credentials.usable([rows.id()]);
  await read.senders.ofAccount(accountId);
  await read.senderRequests.find(accountId, rows.id());
  await read.senderRequests.findByProof('x');
  for (const which of [{}, { accountId }, { status: 'open' as const }]) {
    await read.senderRequests.list({ ...which, ...page });
  }
  await read.numbers.available({ now: START, after: rows.id(), limit: 10 });
  await read.numbers.find(rows.id());
  await read.numbers.ofKeys(['x']);
  await read.numbers.list(page);
  await read.endpoints.ofAccount(accountId);
  await read.signingKeys.list(accountId, page);
  await read.signingKeys.find(accountId, rows.id());
  await read.signingKeys.enabled(accountId);
  await read.notifications.polled(rows.id(), 10);
  await read.optouts.list(accountId, page);
  await read.optouts.numbersAfter(accountId, number(1), 10);
  await read.optouts.matching(accountId, [number(1)]);
  await read.messages.find(accountId, [message.id]);
  await read.messages.ofRefs(accountId, ['x']);
  await read.messages.outlines(accountId, { channel: 'x', created: { from: START } });
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
  const device = rows.device(accountId);
  await read.devices.ofAccount(accountId);
  await read.devices.find(device.id);
  await read.devices.findByToken('x');
  await read.devices.findByHook('x');
  await read.devices.present([device.id]);
  await read.devices.list(page);
  await read.errands.find(accountId, [message.id]);
  await read.errands.hasWaiting(device.id);
  for (const search of [{ created: { from: 0, before: START } }, { refBegins: 'x' }]) {
    await read.tallies.count(accountId, { ...search, destination: number(1) }, 10);
    await read.tallies.list(accountId, { ...search, ...page });
  }
  await read.tallies.ofAccount(accountId, { from: 0, before: START });
  for (const order of ['fifo', 'lifo'] as const) {
    for (const takesBack of [true, false]) {
      await read.errands.given(device.id, { order, limit: 10, takesBack });
    }
  }
  for (const which of ['waiting', 'given'] as const) await read.errands.loads(which);
  await read.gatherings.find(accountId, message.id);
  await read.gatherings.overdue(START, 10);
  const campaignId = rows.id<CampaignId>();
  await read.campaigns.find(campaignId);
  for (const which of [{}, { accountId }, { state: 'paused' as const }]) {
    await read.campaigns.list({ ...which, ...page });
  }
  await read.campaigns.page(campaignId, 1);
  await read.campaigns.errors(campaignId, 0, 10);
  await read.campaigns.waitingBehind(linkA, 10);
  await read.campaigns.counts();
  await read.replies.list(accountId, page);
  await read.replies.list(accountId, { ...page, unread: true });
  await read.replies.list(accountId, { ...page, from: number(1) });
  await read.replies.find(accountId, [rows.id()]);
  for (const table of ['messages', 'replies'] as const) {
    await read[table].correspondents(accountId, { span: {}, first: 'newest', limit: 10 });
  }
  await read.messages.sift(accountId, { ...page, either: 'x', failed: 'either' });
  await read.users.find(rows.id());
  await read.users.findActivated('x');
  await read.users.invited('x', 10);
  await read.users.list(accountId, page);
  await read.users.all(page);
  await read.users.token('x');
  await read.users.session('x');
  await read.mails.find(rows.id());
  await read.mails.isDue(START);
  for (const which of [{}, { accountId }, { before: rows.id<AuditId>() }]) {
    await read.audit.list({ ...which, limit: 10 });
  }
  await read.rates.taken('x', START);
  await read.replies.unowned(page);
  await read.shortLinks.find('x' as ShortCode);
  await read.shortLinks.visits('x' as ShortCode);
  await read.shortLinks.visitsPage('x' as ShortCode, page);
  await read.shortLinks.countVisits('x' as ShortCode);
  for (const search of [
    {},
    { title: 'x', url: 'x', endpointId: rows.id<EndpointId>(), advanced: true },
  ]) {
    await read.shortLinks.own(accountId, search, page);
    await read.shortLinks.countOwn(accountId, search);
  }
  const span = { from: 0, before: START + 1 };
  for (const destination of [undefined, number(1)]) {
    const search = { destination, url: 'x', metadata: { name: 'x' } };
    await read.shortLinks.stretchFrom(accountId, destination, START, 10);
    await read.shortLinks.sums(accountId, search, span);
    await read.shortLinks.list(accountId, search, span, page);
  }
  for (const kind of ['messages', 'replies'] as const) {
    await read.archive.firstDue(kind, START - 1);
    const stretch = { cut: START - 1, after: '', before: firstIdAt(START - 1), limit: 10 };
    await read.archive[kind](stretch);
  }
  await read.archive.files({ kind: 'messages', accountId, fromDay: 1, id: 'x' }, page);
  await read.archive.findFile(rows.id());
  await read.products.ofAccount(accountId);
  await read.ledger.list(accountId, page);
  await read.ledger.discrepancies();
  await read.notifications.list(accountId, page);
  await read.notifications.list(accountId, { ...page, messageId: message.id });
  await read.notifications.attempts(rows.id());
  await read.notifications.counts();
}
