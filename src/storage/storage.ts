import type { Reads, Storage, Tx } from '../core/ports/storage.ts';
import type { Capabilities, Engine, WriteSession } from './engine.ts';
import { GroupCommit } from './group-commit.ts';
import { contactReads, contactWrites } from './repositories/contacts.ts';
import { accountReads, accountWrites } from './repositories/accounts.ts';
import { archiveReads, archiveWrites } from './repositories/archive.ts';
import { campaignReads, campaignWrites } from './repositories/campaigns.ts';
import { credentialReads, credentialWrites } from './repositories/credentials.ts';
import { deviceReads, deviceWrites, enrolmentCodeWrites } from './repositories/devices.ts';
import { errandReads, errandWrites } from './repositories/errands.ts';
import { endpointReads, endpointWrites } from './repositories/endpoints.ts';
import { gatheringReads, gatheringWrites } from './repositories/gatherings.ts';
import { idempotencyWrites } from './repositories/idempotency.ts';
import { installationReads, installationWrites } from './repositories/installation.ts';
import { ledgerReads, ledgerWrites } from './repositories/ledger.ts';
import { linkHolderReads, linkHolderWrites } from './repositories/link-holders.ts';
import { messageErasure } from './repositories/message-erasure.ts';
import { messageReads } from './repositories/message-reads.ts';
import { messageSweeps } from './repositories/message-sweeps.ts';
import { messageWrites } from './repositories/messages.ts';
import { nodeReads, nodeWrites } from './repositories/nodes.ts';
import { notificationReads, notificationWrites } from './repositories/notifications.ts';
import { optoutReads, optoutWrites } from './repositories/optouts.ts';
import { scopedOptoutReads, scopedOptoutWrites } from './repositories/scoped-optouts.ts';
import { templateReads, templateWrites } from './repositories/templates.ts';
import { verificationReads, verificationWrites } from './repositories/verifications.ts';
import { parkedReceiptWrites } from './repositories/parked-receipts.ts';
import { partWrites } from './repositories/parts.ts';
import { rateReads, rateWrites } from './repositories/rates.ts';
import { replyReads, replyWrites } from './repositories/replies.ts';
import { segmentWrites } from './repositories/segments.ts';
import { retainWrites } from './repositories/retention.ts';
import { numberReads, numberWrites } from './repositories/numbers.ts';
import { productReads, productWrites } from './repositories/products.ts';
import { sealedTextWrites } from './repositories/sealed-texts.ts';
import { senderRequestReads, senderRequestWrites } from './repositories/sender-requests.ts';
import { senderReads, senderWrites } from './repositories/senders.ts';
import { tallyReads } from './repositories/tallies.ts';
import { signingKeyReads, signingKeyWrites } from './repositories/signing-keys.ts';
import { shortLinkReads, shortLinkWrites } from './repositories/short-links.ts';
import { timelineWrites } from './repositories/timeline.ts';
import { auditReads, auditWrites } from './repositories/audit.ts';
import { mailReads, mailWrites } from './repositories/mails.ts';
import { userReads, userWrites } from './repositories/users.ts';
import { asUnavailable } from './unavailable.ts';

/** Takes an engine whose schema is current; gives the port. Closing it closes the engine. */
export function storageOn(engine: Engine): Storage {
  const groups = new GroupCommit(engine, txOn(engine.capabilities));
  const read = guarded(engine, readsOf(engine));
  return {
    manyNodes: engine.capabilities.manyNodes,
    read,
    places: engine.places,
    write: (work) => groups.write(work),
    async maintain(now, before) {
      try {
        await engine.keepPartitions(now, before);
      } catch (error) {
        throw asUnavailable(engine, error);
      }
    },
    announce: (topic) => engine.announce(topic),
    onAnnounced: (listener) => engine.onAnnounced(listener),
    async ping() {
      await read.accounts.list({ limit: 1, offset: 0 });
    },
    async close() {
      await groups.close();
      await engine.close();
    },
  };
}

function readsOf(engine: Engine): Reads {
  const { reader } = engine;
  return {
    accounts: accountReads(reader),
    products: productReads(reader),
    credentials: credentialReads(reader),
    senders: senderReads(reader),
    senderRequests: senderRequestReads(reader),
    numbers: numberReads(reader),
    endpoints: endpointReads(reader),
    signingKeys: signingKeyReads(reader),
    optouts: optoutReads(reader),
    scopedOptouts: scopedOptoutReads(reader),
    templates: templateReads(reader),
    verifications: verificationReads(reader),
    contacts: contactReads(reader),
    messages: messageReads(reader),
    devices: deviceReads(reader),
    campaigns: campaignReads(reader),
    errands: errandReads(reader),
    tallies: tallyReads(reader),
    gatherings: gatheringReads(reader),
    replies: replyReads(reader),
    ledger: ledgerReads(reader),
    notifications: notificationReads(reader),
    nodes: nodeReads(reader),
    linkHolders: linkHolderReads(reader),
    shortLinks: shortLinkReads(reader),
    users: userReads(reader),
    mails: mailReads(reader),
    audit: auditReads(reader),
    rates: rateReads(reader),
    archive: archiveReads(reader),
    installation: installationReads(reader),
    problems: () => engine.problems(),
  };
}

/** Sessions live long (SQLite has one for all its life), so their repositories are kept with them. */
function txOn(capabilities: Capabilities): (session: WriteSession) => Tx {
  const made = new WeakMap<WriteSession, Tx>();
  return (session) => {
    const known = made.get(session);
    if (known) return known;
    const tx: Tx = {
      accounts: accountWrites(session),
      products: productWrites(session),
      credentials: credentialWrites(session),
      senders: senderWrites(session),
      senderRequests: senderRequestWrites(session),
      numbers: numberWrites(session),
      endpoints: endpointWrites(session),
      signingKeys: signingKeyWrites(session),
      optouts: optoutWrites(session),
      scopedOptouts: scopedOptoutWrites(session),
      templates: templateWrites(session),
      verifications: verificationWrites(session),
      contacts: contactWrites(session),
      messages: {
        ...messageWrites(session),
        ...messageSweeps(session),
        ...messageErasure(session),
      },
      parts: partWrites(session, capabilities),
      devices: deviceWrites(session),
      campaigns: campaignWrites(session),
      errands: errandWrites(session),
      enrolmentCodes: enrolmentCodeWrites(session),
      timeline: timelineWrites(session),
      ledger: ledgerWrites(session),
      parkedReceipts: parkedReceiptWrites(session),
      replies: replyWrites(session),
      segments: segmentWrites(session),
      gatherings: gatheringWrites(session),
      notifications: notificationWrites(session),
      shortLinks: shortLinkWrites(session),
      sealedTexts: sealedTextWrites(session),
      idempotency: idempotencyWrites(session),
      nodes: nodeWrites(session),
      linkHolders: linkHolderWrites(session),
      installation: installationWrites(session),
      users: userWrites(session),
      mails: mailWrites(session),
      audit: auditWrites(session),
      rates: rateWrites(session),
      archive: archiveWrites(session),
      retain: retainWrites(session, capabilities),
    };
    made.set(session, tx);
    return tx;
  };
}

/** The same methods, whose engine errors become `storage_unavailable`. */
function guarded<T extends object>(engine: Engine, methods: T): T {
  const wrap = (value: unknown): unknown =>
    typeof value === 'function'
      ? async (...given: unknown[]): Promise<unknown> => {
          try {
            return await (value as (...given: unknown[]) => Promise<unknown>)(...given);
          } catch (error) {
            throw asUnavailable(engine, error);
          }
        }
      : guarded(engine, value as object);
  return Object.fromEntries(
    Object.entries(methods).map(([name, value]) => [name, wrap(value)]),
  ) as T;
}
