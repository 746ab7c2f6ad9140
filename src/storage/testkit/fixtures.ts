import type { Account, Credential } from '../../core/accounts/account.ts';
import type { ArchiveFile } from '../../core/archive/archive-file.ts';
import type { LedgerEntry } from '../../core/billing/ledger.ts';
import type { Product } from '../../core/billing/product.ts';
import { productIdPrefix } from '../../core/billing/product.ts';
import type { Reply } from '../../core/delivery/reply.ts';
import type { StoredSegment } from '../../core/delivery/segment.ts';
import type { Event } from '../../core/events.ts';
import type { StoredDevice } from '../../core/devices/device.ts';
import { usualSettings } from '../../core/devices/device.ts';
import type { EnrolmentCode } from '../../core/devices/enrolment-code.ts';
import type { StoredErrand } from '../../core/devices/errand.ts';
import { factsOf } from '../../core/events.ts';
import type {
  AccountId,
  ArchiveFileId,
  DeviceId,
  EndpointId,
  LinkId,
  MessageId,
  NodeId,
  ProductId,
  UserId,
} from '../../core/ids.ts';
import type { Gathering } from '../../core/messages/gathering.ts';
import type { ShortCode } from '../../core/links/code.ts';
import type { ShortLink, Visit } from '../../core/links/short-link.ts';
import type { Message, Part } from '../../core/messages/message.ts';
import { millicredits } from '../../core/money.ts';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import type { Notification } from '../../core/notifications/notification.ts';
import type { SigningKey } from '../../core/notifications/signing-key.ts';
import type { Optout } from '../../core/optouts/optout.ts';
import type { RetentionCuts } from '../../core/ports/storage.ts';
import type { AuditEntry } from '../../core/audit/entry.ts';
import type { OutgoingMail } from '../../core/mail/outgoing-mail.ts';
import type { StoredUser, UserSession, UserToken } from '../../core/users/user.ts';
import type { PoolNumber } from '../../core/senders/pool-number.ts';
import type { SenderRequest } from '../../core/senders/sender-request.ts';
import type { SealedText } from '../../core/sealed-texts/sealed-text.ts';
import type { Sender } from '../../core/senders/sender.ts';
import type { Country, E164 } from '../../text/phone-number.ts';

/** The instant at which every test begins. */
export const START = Date.UTC(2026, 0, 15, 10, 0, 0);
export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

export const nodeA = 'node-a' as NodeId;
export const nodeB = 'node-b' as NodeId;
export const linkA = 'link-a' as LinkId;
export const linkB = 'link-b' as LinkId;

const [AU, NZ] = ['AU', 'NZ'] as [Country, Country];

/** Everything that was finished before an instant goes. */
export function cutsAt(instant: number): RetentionCuts {
  return {
    messages: instant,
    replies: instant,
    archived: false,
    timeline: instant,
    notifications: instant,
    unconfirmed: instant,
    idempotency: instant,
    parkedReceipts: instant,
    segments: instant,
    rates: instant,
    enrolmentCodes: instant,
    shortLinks: instant,
    visits: instant,
    sealedTexts: instant,
    campaigns: instant,
    logins: instant,
    mails: instant,
    audit: instant,
  };
}

/** A number as core would have normalised it. */
export function number(last: number): E164 {
  return `+614${String(last).padStart(8, '0')}` as E164;
}

/**
 * Makes rows whose ids are UUIDs of version 7 that count up, the same in every run. `createdAt` of an
 * override also sets the time in the id.
 */
export class Fixtures {
  #count = 0;

  /** A new id that was made at an instant. */
  id<T extends string>(at = START): T {
    const time = at.toString(16).padStart(12, '0');
    const serial = (++this.#count).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${serial}` as T;
  }

  account(over: Partial<Account> = {}): Account {
    const id = this.id<AccountId>();
    return {
      id,
      parentId: null,
      name: `account ${id}`,
      status: 'active',
      homeCountry: AU,
      allowedCountries: [AU, NZ],
      pricePerPart: millicredits(1000),
      refundPolicy: 'unsent',
      duplicateWindowMs: 0,
      settings: { somedialect: { nested: [1, 'two', null], on: true } },
      createdAt: START,
      ...over,
    };
  }

  credential(accountId: AccountId, over: Partial<Credential> = {}): Credential {
    return {
      id: this.id(),
      accountId,
      dialect: 'somedialect',
      kind: 'basic',
      lookup: 'user',
      secret: '$argon2id$…',
      label: 'main',
      settings: {},
      createdAt: START,
      revokedAt: null,
      ...over,
    };
  }

  sender(accountId: AccountId, over: Partial<Sender> = {}): Sender {
    return {
      id: this.id(),
      accountId,
      address: 'Company ABC',
      kind: 'alphanumeric',
      label: null,
      metadata: null,
      countries: null,
      reason: null,
      createdAt: START,
      changedAt: START,
      expiresAt: null,
      ...over,
    };
  }

  senderRequest(accountId: AccountId, over: Partial<SenderRequest> = {}): SenderRequest {
    return {
      id: this.id(over.createdAt),
      accountId,
      address: 'Company ABC',
      kind: 'alphanumeric',
      status: 'open',
      label: null,
      countries: [AU, NZ],
      reason: 'It is our name: "Grüße 👋"',
      lifeMs: null,
      proof: null,
      proofUntil: null,
      triesLeft: null,
      createdAt: START,
      changedAt: START,
      ...over,
    };
  }

  poolNumber(over: Partial<PoolNumber> = {}): PoolNumber {
    return {
      id: this.id(),
      number: number(1),
      country: AU,
      type: 'mobile',
      classification: 'bronze',
      capabilities: ['sms'],
      availableAfter: START,
      createdAt: START,
      ...over,
    };
  }

  endpoint(accountId: AccountId, over: Partial<Endpoint> = {}): Endpoint {
    return {
      id: this.id(),
      accountId,
      form: 'standard',
      topic: 'status',
      via: 'request',
      url: 'https://example.com/hook?a=1&b=%25',
      settings: { nested: { on: true } },
      secret: null,
      createdAt: START,
      disabledAt: null,
      ...over,
    };
  }

  signingKey(accountId: AccountId, over: Partial<SigningKey> = {}): SigningKey {
    return {
      id: this.id(),
      accountId,
      cipher: 'RSA',
      digest: 'SHA256',
      publicKey: 'MIIB…',
      privateKey: 'v1.sealed',
      enabled: 0,
      createdAt: START,
      ...over,
    };
  }

  optout(accountId: AccountId, to: E164, over: Partial<Optout> = {}): Optout {
    return { accountId, number: to, source: 'api', replyId: null, createdAt: START, ...over };
  }

  /** A queued message, due now, that nobody holds. */
  message(over: Partial<Message> = {}): Message {
    const createdAt = over.createdAt ?? START;
    return {
      id: this.id(createdAt),
      accountId: 'account' as AccountId,
      submissionId: this.id(createdAt),
      position: 0,
      destination: number(1),
      sender: 'CompanyABC',
      text: 'Hello',
      secret: null,
      medium: 'sms',
      encoding: 'gsm7',
      parts: 1,
      price: millicredits(1000),
      cost: null,
      clientRef: null,
      product: null,
      productId: null,
      flash: 0,
      channel: null,
      tags: null,
      simulate: null,
      device: null,
      extras: null,
      status: 'queued',
      error: null,
      errorDetail: null,
      linkId: linkA,
      upstreamId: null,
      priority: 0,
      attempts: 0,
      possiblyDoubled: 0,
      dueAt: createdAt,
      lockedBy: null,
      scheduledAt: null,
      expiresAt: createdAt + DAY,
      createdAt,
      sentAt: null,
      doneAt: null,
      hiddenAt: null,
      ...over,
    };
  }

  /** A message that node A has claimed until a minute later. */
  claimed(over: Partial<Message> = {}): Message {
    return this.message({ lockedBy: nodeA, dueAt: START + MINUTE, ...over });
  }

  messages(count: number, over: (index: number) => Partial<Message> = () => ({})): Message[] {
    return Array.from({ length: count }, (_, index) => this.message(over(index)));
  }

  part(message: Message, over: Partial<Part> = {}): Part {
    return {
      messageId: message.id,
      number: 1,
      linkId: linkA,
      upstreamId: null,
      status: 'sending',
      error: null,
      sentAt: START,
      doneAt: null,
      ...over,
    };
  }

  device(accountId: AccountId, over: Partial<StoredDevice> = {}): StoredDevice {
    const id = over.id ?? (this.id<DeviceId>().replaceAll('-', '').slice(-21) as DeviceId);
    return {
      id,
      accountId,
      name: 'Google/sdk_gphone64',
      label: null,
      number: null,
      sims: [{ slot: 0, sim: 1, number: number(9), carrier: 'Télécom "A"' }],
      battery: null,
      health: null,
      version: '1.68.0',
      lastSeenAt: START,
      createdAt: START,
      settings: usualSettings,
      token: `token ${id}`,
      secret: 'v1.sealed',
      hook: `hook ${id}`,
      pushToken: null,
      credentialId: null,
      senders: [],
      restUntil: 0,
      ...over,
    };
  }

  /** An errand that waits at a device, for a message of the usual account. */
  errand(device: StoredDevice, over: Partial<StoredErrand> = {}): StoredErrand {
    return {
      messageId: this.id(over.queuedAt),
      accountId: device.accountId,
      linkId: linkA,
      deviceId: device.id,
      pinned: 0,
      sim: null,
      parts: 1,
      priority: 0,
      state: 'waiting',
      attempt: 1,
      tried: [],
      secret: null,
      queuedAt: START,
      pulledAt: null,
      processedAt: null,
      sentAt: null,
      doneAt: null,
      unconfirmed: 0,
      error: null,
      expiresAt: START + DAY,
      ...over,
    };
  }

  enrolmentCode(accountId: AccountId, over: Partial<EnrolmentCode> = {}): EnrolmentCode {
    return {
      code: this.id(),
      accountId,
      credentialId: null,
      expiresAt: START + MINUTE,
      ...over,
    };
  }

  reply(over: Partial<Reply> = {}): Reply {
    const receivedAt = over.receivedAt ?? START;
    return {
      id: this.id(receivedAt),
      accountId: null,
      linkId: linkA,
      upstreamId: null,
      from: number(1),
      to: '61400000000',
      text: 'Yes',
      keyword: null,
      messageId: null,
      receivedAt,
      device: null,
      readAt: null,
      alias: null,
      hiddenAt: null,
      ...over,
    };
  }

  segment(over: Partial<StoredSegment> = {}): StoredSegment {
    return {
      linkId: linkA,
      from: number(1),
      to: '61400000000',
      reference: 7,
      number: 1,
      total: 2,
      alphabet: 'gsm7',
      octets: Buffer.from('Hello').toString('base64'),
      at: START,
      joinedAt: null,
      ...over,
    };
  }

  gathering(accountId: AccountId, over: Partial<Gathering> = {}): Gathering {
    return {
      accountId,
      key: '["CompanyABC","61412345678",7,2]',
      id: this.id(),
      total: 2,
      pieces: [{ number: 1, content: { octets: 'SGVsbG8=' } }],
      createdAt: START,
      doneAt: null,
      digests: [],
      ...over,
    };
  }

  /** A link of an account called `account`, to the usual number, that nobody has followed. */
  /** One that is invited. */
  user(accountId: AccountId | null, over: Partial<StoredUser> = {}): StoredUser {
    const id = this.id<UserId>();
    return {
      id,
      accountId,
      email: `${id}@example.org`,
      name: 'Somebody',
      role: 'admin',
      status: 'invited',
      createdAt: START,
      lastLoginAt: null,
      twoFactorSince: null,
      password: null,
      totp: null,
      totpStep: 0,
      recoveryCodes: [],
      ...over,
    };
  }

  userToken(userId: UserId, over: Partial<UserToken> = {}): UserToken {
    return { digest: this.id(), userId, purpose: 'reset', expiresAt: START + DAY, ...over };
  }

  userSession(userId: UserId, over: Partial<UserSession> = {}): UserSession {
    return {
      digest: this.id(),
      userId,
      stage: 'full',
      createdAt: START,
      seenAt: START,
      expiresAt: START + MINUTE,
      endsAt: START + DAY,
      address: '192.0.2.1',
      ...over,
    };
  }

  mail(over: Partial<OutgoingMail> = {}): OutgoingMail {
    return {
      id: this.id(),
      kind: 'reset',
      userId: null,
      email: 'somebody@example.org',
      status: 'pending',
      attempts: 0,
      dueAt: START,
      lockedBy: null,
      expiresAt: START + DAY,
      createdAt: START,
      doneAt: null,
      error: null,
      ...over,
    };
  }

  auditEntry(over: Partial<AuditEntry> = {}): AuditEntry {
    return {
      id: this.id(),
      at: START,
      accountId: null,
      actor: { kind: 'user', id: this.id(), name: 'somebody@example.org', address: '192.0.2.1' },
      action: 'user.change',
      subject: 'a user',
      details: { role: 'viewer', 'role before': 'admin', twoFactor: false, count: 3, none: null },
      ...over,
    };
  }

  shortLink(over: Partial<ShortLink> = {}): ShortLink {
    const createdAt = over.createdAt ?? START;
    const messageId = this.id<MessageId>(createdAt);
    return {
      code: `c${messageId.slice(-7)}` as ShortCode,
      accountId: 'account' as AccountId,
      messageId,
      destination: number(1),
      url: 'https://shop.example/',
      metadata: null,
      title: null,
      advanced: 0,
      endpointId: null,
      createdAt,
      changedAt: null,
      clicks: 0,
      views: 0,
      ...over,
    };
  }

  /** One that may be opened twice within a day. */
  sealedText(over: Partial<SealedText> = {}): SealedText {
    const createdAt = over.createdAt ?? START;
    return {
      code: `s${this.id<string>(createdAt).slice(-7)}` as ShortCode,
      accountId: 'account' as AccountId,
      sealed: { v: 1, alg: 'A128GCM', kdf: null, iv: 'aXY', data: 'ZGF0YQ' },
      viewsLeft: 2,
      createdAt,
      expiresAt: createdAt + DAY,
      ...over,
    };
  }

  visit({ code }: ShortLink, over: Partial<Visit> = {}): Visit {
    return { code, kind: 'click', at: START, userAgent: null, address: null, ...over };
  }

  product(accountId: AccountId, over: Partial<Product> = {}): Product {
    return {
      id: `${productIdPrefix}${this.id()}` as ProductId,
      accountId,
      code: 'A',
      name: 'Product A',
      pricePerPart: millicredits(2_000),
      createdAt: START,
      removedAt: null,
      ...over,
    };
  }

  ledgerEntry(accountId: AccountId, amount: number, over: Partial<LedgerEntry> = {}): LedgerEntry {
    return {
      id: this.id(),
      accountId,
      productId: null,
      at: START,
      amount: millicredits(amount),
      kind: 'topup',
      submissionId: null,
      messageId: null,
      note: null,
      orderRef: null,
      ...over,
    };
  }

  /** A file of yesterday's messages that `nodeA` has begun, for a minute. */
  archiveFile(over: Partial<ArchiveFile> = {}): ArchiveFile {
    const id = this.id<ArchiveFileId>();
    return {
      id,
      kind: 'messages',
      day: Math.floor(START / DAY) - 1,
      name: `2026-02-28/messages-${id}.ndjson.gz`,
      place: 'disk',
      state: 'writing',
      rows: 0,
      bytes: 0,
      firstId: null,
      lastId: null,
      accounts: {},
      createdAt: START,
      lockedBy: nodeA,
      dueAt: START + MINUTE,
      ...over,
    };
  }

  /** A pending notification, due now, that nobody holds. */
  notification(over: Partial<Notification> & { about?: Message } = {}): Notification {
    const { about, ...rest } = over;
    const createdAt = over.createdAt ?? START;
    const accountId = over.accountId ?? ('account' as AccountId);
    const event: Event = about
      ? { type: 'message.sent', accountId, at: createdAt, message: factsOf(about) }
      : { type: 'optout.added', accountId, at: createdAt, number: number(1) };
    return {
      id: this.id(createdAt),
      accountId,
      endpointId: 'endpoint' as EndpointId,
      via: 'request',
      event,
      status: 'pending',
      attempts: 0,
      dueAt: createdAt,
      lockedBy: null,
      createdAt,
      doneAt: null,
      ...rest,
    };
  }
}

export const idsOf = <T extends string>(rows: readonly { id: T }[]): T[] =>
  rows.map((row) => row.id);
