import type { Generated, GeneratedAlways } from 'kysely';

import type { Account, Credential } from '../core/accounts/account.ts';
import type { ArchiveFile } from '../core/archive/archive-file.ts';
import type { LedgerEntry } from '../core/billing/ledger.ts';
import type { Product } from '../core/billing/product.ts';
import type { Reply } from '../core/delivery/reply.ts';
import type { StoredSegment } from '../core/delivery/segment.ts';
import type { StoredDevice } from '../core/devices/device.ts';
import type { EnrolmentCode } from '../core/devices/enrolment-code.ts';
import type { StoredErrand } from '../core/devices/errand.ts';
import type { MessageId, PurseId } from '../core/ids.ts';
import type { ShortLink, Visit } from '../core/links/short-link.ts';
import type { Gathering } from '../core/messages/gathering.ts';
import type { Message, Part, TimelineEntry } from '../core/messages/message.ts';
import type { Millicredits } from '../core/money.ts';
import type { AuditEntry } from '../core/audit/entry.ts';
import type { OutgoingMail } from '../core/mail/outgoing-mail.ts';
import type { Endpoint } from '../core/notifications/endpoint.ts';
import type { Notification, NotificationAttempt } from '../core/notifications/notification.ts';
import type { SigningKey } from '../core/notifications/signing-key.ts';
import type { Optout } from '../core/optouts/optout.ts';
import type {
  IdempotencyRecord,
  InstallationFact,
  LinkHolding,
  NodeRecord,
} from '../core/ports/storage.ts';
import type { ReceiptNews } from '../core/ports/transport.ts';
import type {
  Contact,
  ContactGroup,
  ContactImport,
  Identifier,
  Membership,
} from '../core/contacts/contact.ts';
import type { ScopedOptout } from '../core/optouts/scope.ts';
import type { SealedText } from '../core/sealed-texts/sealed-text.ts';
import type { Template, TemplateBlock } from '../core/templates/template.ts';
import type { Verification } from '../core/verifications/verification.ts';
import type { PoolNumber } from '../core/senders/pool-number.ts';
import type { SenderRequest } from '../core/senders/sender-request.ts';
import type { Sender } from '../core/senders/sender.ts';
import type { CampaignTables } from './campaign-tables.ts';
import type { StoredUser, UserSession, UserToken } from '../core/users/user.ts';
import type { RowOf } from './codec.ts';
import { codec } from './codec.ts';

/** Every table, for Kysely. Columns are the entities' fields in snake_case, and what is named here. */
export interface Tables extends CampaignTables {
  schema_versions: { version: number; name: string; applied_at: number };
  accounts: RowOf<Account, 'allowedCountries' | 'settings'>;
  /** Apart from `accounts`: one small row is rewritten for every request that costs money. */
  balances: { account_id: PurseId; amount: Millicredits };
  products: RowOf<Product>;
  credentials: RowOf<Credential, 'settings'>;
  /**
   * `address_key` is the address as it is compared (`senderKey`). Nodes of an older release may add some that are
   * not `active`, which are no senders yet.
   */
  senders: RowOf<Sender, 'metadata' | 'countries'> & { address_key: string; status: string };
  sender_requests: RowOf<SenderRequest, 'countries'> & { address_key: string };
  numbers: RowOf<PoolNumber, 'capabilities'> & { address_key: string };
  endpoints: RowOf<Endpoint, 'settings'>;
  signing_keys: RowOf<SigningKey>;
  optouts: RowOf<Optout>;
  /** `value_key` is the value as it is compared (`scopeKey`). */
  scoped_optouts: RowOf<ScopedOptout> & { value_key: string };
  /** `sender_key` is the sender as it is compared (`senderKey`). */
  templates: RowOf<Template> & { sender_key: string };
  template_blocks: RowOf<TemplateBlock>;
  verifications: RowOf<Verification>;
  contacts: RowOf<Contact, 'attributes'>;
  contact_identifiers: RowOf<Identifier>;
  /** `name_key` is the name in lower case. */
  contact_groups: RowOf<ContactGroup> & { name_key: string };
  contact_members: RowOf<Membership>;
  contact_imports: RowOf<ContactImport, 'faults'>;
  /** `created_day` is computed: whole days since the epoch. */
  messages: RowOf<Message, 'tags' | 'extras' | 'device'> & { created_day: GeneratedAlways<number> };
  parts: RowOf<Part>;
  devices: RowOf<StoredDevice, 'sims' | 'settings' | 'senders'>;
  device_messages: RowOf<StoredErrand, 'tried'>;
  enrolment_codes: RowOf<EnrolmentCode>;
  /** `seq` keeps the order of entries of one millisecond. */
  timeline: RowOf<TimelineEntry> & { seq: Generated<number> };
  ledger: RowOf<LedgerEntry> & { seq: Generated<number> };
  parked_receipts: RowOf<ParkedReceipt, 'ids' | 'numbers'> & { seq: Generated<number> };
  /** `from` and `to` are reserved words. */
  replies: RowOf<Omit<Reply, 'from' | 'to'> & ReplyColumns>;
  /**
   * `message_id` is the message that the event is about, null for other events. `heard_…` is what was
   * answered to the try that was heard, and how long that took.
   */
  notifications: RowOf<Notification, 'event'> & {
    message_id: MessageId | null;
    heard_status: number | null;
    heard_ms: number | null;
  };
  /** `from` and `to` as with replies. */
  reply_segments: RowOf<Omit<StoredSegment, 'from' | 'to'> & ReplyColumns>;
  gatherings: RowOf<Gathering, 'pieces' | 'digests'>;
  /** All tries but those that `notifications` keeps. */
  notification_attempts: RowOf<NotificationAttempt> & { seq: Generated<number> };
  short_links: RowOf<ShortLink, 'metadata'>;
  short_link_visits: RowOf<Visit> & { seq: Generated<number> };
  sealed_texts: RowOf<SealedText, 'sealed'>;
  idempotency: RowOf<IdempotencyRecord>;
  archive_files: RowOf<ArchiveFile, 'accounts'>;
  /** `scope` is the account, or empty. */
  users: RowOf<StoredUser, 'recoveryCodes'> & { scope: string };
  user_tokens: RowOf<UserToken>;
  user_sessions: RowOf<UserSession>;
  mails: RowOf<OutgoingMail>;
  audit: RowOf<AuditColumns, 'details'>;
  rates: { name: string; taken: number; until: number };
  nodes: RowOf<NodeRecord, 'roles'>;
  link_holders: RowOf<LinkHolding>;
  installation: { name: InstallationFact; value: string };
  /**
   * How far a move into this database has come: the last row's key as JSON, how many rows, and how
   * many of their texts lost a U+0000.
   */
  move_progress: { table_name: string; last_key: string; rows: number; nuls: number };
}

/**
 * A receipt that waits for its part. One that may mean several ids has a row for each of them, and all of
 * them in `ids`: when one is found, the others go.
 */
export type ParkedReceipt = Omit<ReceiptNews, 'otherIds' | 'numbers'> & {
  ids: readonly string[] | null;
  numbers: readonly string[] | null;
  until: number | null;
};

/** An entry with its actor's fields beside each other. */
export type AuditColumns = Omit<AuditEntry, 'actor'> & {
  actorKind: AuditEntry['actor']['kind'];
  actorId: string | null;
  actorName: string;
  address: string | null;
};

/** A reply's addresses under names that SQL allows. */
export interface ReplyColumns {
  fromNumber: Reply['from'];
  toAddress: Reply['to'];
}

export const accountRow = codec<Account, 'allowedCountries' | 'settings'>({
  id: 'plain',
  parentId: 'plain',
  name: 'plain',
  status: 'plain',
  homeCountry: 'plain',
  allowedCountries: 'json',
  pricePerPart: 'plain',
  refundPolicy: 'plain',
  duplicateWindowMs: 'plain',
  settings: 'json',
  createdAt: 'plain',
});

export const userRow = codec<StoredUser, 'recoveryCodes'>({
  id: 'plain',
  accountId: 'plain',
  email: 'plain',
  name: 'plain',
  role: 'plain',
  status: 'plain',
  createdAt: 'plain',
  lastLoginAt: 'plain',
  twoFactorSince: 'plain',
  password: 'plain',
  totp: 'plain',
  totpStep: 'plain',
  recoveryCodes: 'json',
});

export const userTokenRow = codec<UserToken>({
  digest: 'plain',
  userId: 'plain',
  purpose: 'plain',
  expiresAt: 'plain',
});

export const userSessionRow = codec<UserSession>({
  digest: 'plain',
  userId: 'plain',
  stage: 'plain',
  createdAt: 'plain',
  seenAt: 'plain',
  expiresAt: 'plain',
  endsAt: 'plain',
  address: 'plain',
});

export const mailRow = codec<OutgoingMail>({
  id: 'plain',
  kind: 'plain',
  userId: 'plain',
  email: 'plain',
  status: 'plain',
  attempts: 'plain',
  dueAt: 'plain',
  lockedBy: 'plain',
  expiresAt: 'plain',
  createdAt: 'plain',
  doneAt: 'plain',
  error: 'plain',
});

export const auditRow = codec<AuditColumns, 'details'>({
  id: 'plain',
  at: 'plain',
  accountId: 'plain',
  actorKind: 'plain',
  actorId: 'plain',
  actorName: 'plain',
  address: 'plain',
  action: 'plain',
  subject: 'plain',
  details: 'json',
});

export const credentialRow = codec<Credential, 'settings'>({
  id: 'plain',
  accountId: 'plain',
  dialect: 'plain',
  kind: 'plain',
  lookup: 'plain',
  secret: 'plain',
  label: 'plain',
  settings: 'json',
  createdAt: 'plain',
  revokedAt: 'plain',
});

export const senderRow = codec<Sender, 'metadata' | 'countries'>({
  id: 'plain',
  accountId: 'plain',
  address: 'plain',
  kind: 'plain',
  label: 'plain',
  metadata: 'json',
  countries: 'json',
  reason: 'plain',
  createdAt: 'plain',
  changedAt: 'plain',
  expiresAt: 'plain',
});

export const senderRequestRow = codec<SenderRequest, 'countries'>({
  id: 'plain',
  accountId: 'plain',
  address: 'plain',
  kind: 'plain',
  status: 'plain',
  label: 'plain',
  countries: 'json',
  reason: 'plain',
  lifeMs: 'plain',
  proof: 'plain',
  proofUntil: 'plain',
  triesLeft: 'plain',
  createdAt: 'plain',
  changedAt: 'plain',
});

export const numberRow = codec<PoolNumber, 'capabilities'>({
  id: 'plain',
  number: 'plain',
  country: 'plain',
  type: 'plain',
  classification: 'plain',
  capabilities: 'json',
  availableAfter: 'plain',
  createdAt: 'plain',
});

export const endpointRow = codec<Endpoint, 'settings'>({
  id: 'plain',
  accountId: 'plain',
  form: 'plain',
  topic: 'plain',
  via: 'plain',
  url: 'plain',
  settings: 'json',
  secret: 'plain',
  createdAt: 'plain',
  disabledAt: 'plain',
});

export const signingKeyRow = codec<SigningKey>({
  id: 'plain',
  accountId: 'plain',
  cipher: 'plain',
  digest: 'plain',
  publicKey: 'plain',
  privateKey: 'plain',
  enabled: 'plain',
  createdAt: 'plain',
});

export const optoutRow = codec<Optout>({
  accountId: 'plain',
  number: 'plain',
  source: 'plain',
  replyId: 'plain',
  createdAt: 'plain',
});

export const messageRow = codec<Message, 'tags' | 'extras' | 'device'>({
  id: 'plain',
  accountId: 'plain',
  submissionId: 'plain',
  position: 'plain',
  destination: 'plain',
  sender: 'plain',
  text: 'plain',
  secret: 'plain',
  medium: 'plain',
  encoding: 'plain',
  parts: 'plain',
  price: 'plain',
  cost: 'plain',
  clientRef: 'plain',
  product: 'plain',
  channel: 'plain',
  tags: 'json',
  simulate: 'plain',
  device: 'json',
  extras: 'json',
  status: 'plain',
  error: 'plain',
  errorDetail: 'plain',
  linkId: 'plain',
  upstreamId: 'plain',
  priority: 'plain',
  attempts: 'plain',
  possiblyDoubled: 'plain',
  dueAt: 'plain',
  lockedBy: 'plain',
  scheduledAt: 'plain',
  expiresAt: 'plain',
  createdAt: 'plain',
  sentAt: 'plain',
  doneAt: 'plain',
  hiddenAt: 'plain',
  productId: 'plain',
  flash: 'plain',
});

export const gatheringRow = codec<Gathering, 'pieces' | 'digests'>({
  accountId: 'plain',
  key: 'plain',
  id: 'plain',
  total: 'plain',
  pieces: 'json',
  createdAt: 'plain',
  doneAt: 'plain',
  digests: 'json',
});

export const partRow = codec<Part>({
  messageId: 'plain',
  number: 'plain',
  linkId: 'plain',
  upstreamId: 'plain',
  status: 'plain',
  error: 'plain',
  sentAt: 'plain',
  doneAt: 'plain',
});

export const deviceRow = codec<StoredDevice, 'sims' | 'settings' | 'senders'>({
  id: 'plain',
  accountId: 'plain',
  name: 'plain',
  label: 'plain',
  number: 'plain',
  sims: 'json',
  battery: 'plain',
  health: 'plain',
  version: 'plain',
  lastSeenAt: 'plain',
  createdAt: 'plain',
  settings: 'json',
  token: 'plain',
  secret: 'plain',
  hook: 'plain',
  pushToken: 'plain',
  credentialId: 'plain',
  senders: 'json',
  restUntil: 'plain',
});

export const errandRow = codec<StoredErrand, 'tried'>({
  messageId: 'plain',
  accountId: 'plain',
  linkId: 'plain',
  deviceId: 'plain',
  pinned: 'plain',
  sim: 'plain',
  parts: 'plain',
  priority: 'plain',
  state: 'plain',
  attempt: 'plain',
  tried: 'json',
  secret: 'plain',
  queuedAt: 'plain',
  pulledAt: 'plain',
  processedAt: 'plain',
  sentAt: 'plain',
  doneAt: 'plain',
  unconfirmed: 'plain',
  error: 'plain',
  expiresAt: 'plain',
});

export const enrolmentCodeRow = codec<EnrolmentCode>({
  code: 'plain',
  accountId: 'plain',
  credentialId: 'plain',
  expiresAt: 'plain',
});

export const timelineRow = codec<TimelineEntry>({
  messageId: 'plain',
  at: 'plain',
  what: 'plain',
  detail: 'plain',
});

export const ledgerRow = codec<LedgerEntry>({
  id: 'plain',
  accountId: 'plain',
  at: 'plain',
  amount: 'plain',
  kind: 'plain',
  submissionId: 'plain',
  messageId: 'plain',
  note: 'plain',
  productId: 'plain',
  orderRef: 'plain',
});

export const productRow = codec<Product>({
  id: 'plain',
  accountId: 'plain',
  code: 'plain',
  name: 'plain',
  pricePerPart: 'plain',
  createdAt: 'plain',
  removedAt: 'plain',
});

export const receiptRow = codec<ParkedReceipt, 'ids' | 'numbers'>({
  linkId: 'plain',
  upstreamId: 'plain',
  ids: 'json',
  numbers: 'json',
  status: 'plain',
  detail: 'plain',
  at: 'plain',
  until: 'plain',
});

export const segmentRow = codec<Omit<StoredSegment, 'from' | 'to'> & ReplyColumns>({
  linkId: 'plain',
  fromNumber: 'plain',
  toAddress: 'plain',
  reference: 'plain',
  total: 'plain',
  number: 'plain',
  alphabet: 'plain',
  octets: 'plain',
  at: 'plain',
  joinedAt: 'plain',
});

export const replyRow = codec<Omit<Reply, 'from' | 'to'> & ReplyColumns>({
  id: 'plain',
  accountId: 'plain',
  linkId: 'plain',
  upstreamId: 'plain',
  fromNumber: 'plain',
  toAddress: 'plain',
  text: 'plain',
  keyword: 'plain',
  messageId: 'plain',
  receivedAt: 'plain',
  device: 'plain',
  readAt: 'plain',
  alias: 'plain',
  hiddenAt: 'plain',
});

export const notificationRow = codec<Notification, 'event'>({
  id: 'plain',
  accountId: 'plain',
  endpointId: 'plain',
  via: 'plain',
  event: 'json',
  status: 'plain',
  attempts: 'plain',
  dueAt: 'plain',
  lockedBy: 'plain',
  createdAt: 'plain',
  doneAt: 'plain',
});

export const attemptRow = codec<NotificationAttempt>({
  notificationId: 'plain',
  number: 'plain',
  at: 'plain',
  durationMs: 'plain',
  status: 'plain',
  detail: 'plain',
});

export const shortLinkRow = codec<ShortLink, 'metadata'>({
  code: 'plain',
  accountId: 'plain',
  messageId: 'plain',
  destination: 'plain',
  url: 'plain',
  metadata: 'json',
  title: 'plain',
  advanced: 'plain',
  endpointId: 'plain',
  createdAt: 'plain',
  changedAt: 'plain',
  clicks: 'plain',
  views: 'plain',
});

export const visitRow = codec<Visit>({
  code: 'plain',
  kind: 'plain',
  at: 'plain',
  userAgent: 'plain',
  address: 'plain',
});

export const sealedTextRow = codec<SealedText, 'sealed'>({
  code: 'plain',
  accountId: 'plain',
  sealed: 'json',
  viewsLeft: 'plain',
  createdAt: 'plain',
  expiresAt: 'plain',
});

export const idempotencyRow = codec<IdempotencyRecord>({
  credentialId: 'plain',
  key: 'plain',
  fingerprint: 'plain',
  answer: 'plain',
  createdAt: 'plain',
});

export const nodeRow = codec<NodeRecord, 'roles'>({
  id: 'plain',
  name: 'plain',
  roles: 'json',
  version: 'plain',
  home: 'plain',
  startedAt: 'plain',
  seenAt: 'plain',
});

export const linkHoldingRow = codec<LinkHolding>({
  linkId: 'plain',
  slot: 'plain',
  nodeId: 'plain',
  until: 'plain',
  state: 'plain',
  since: 'plain',
  demotedSince: 'plain',
  receipts: 'plain',
  failures: 'plain',
});

export const archiveFileRow = codec<ArchiveFile, 'accounts'>({
  id: 'plain',
  kind: 'plain',
  day: 'plain',
  name: 'plain',
  place: 'plain',
  state: 'plain',
  rows: 'plain',
  bytes: 'plain',
  firstId: 'plain',
  lastId: 'plain',
  accounts: 'json',
  createdAt: 'plain',
  lockedBy: 'plain',
  dueAt: 'plain',
});

export const scopedOptoutRow = codec<ScopedOptout>({
  id: 'plain',
  accountId: 'plain',
  number: 'plain',
  kind: 'plain',
  value: 'plain',
  source: 'plain',
  createdAt: 'plain',
});

export const templateRow = codec<Template>({
  id: 'plain',
  accountId: 'plain',
  name: 'plain',
  alias: 'plain',
  body: 'plain',
  sender: 'plain',
  externalId: 'plain',
  type: 'plain',
  status: 'plain',
  createdAt: 'plain',
  changedAt: 'plain',
});

export const templateBlockRow = codec<TemplateBlock>({
  id: 'plain',
  accountId: 'plain',
  externalId: 'plain',
  active: 'plain',
  createdAt: 'plain',
});

export const verificationRow = codec<Verification>({
  id: 'plain',
  accountId: 'plain',
  number: 'plain',
  sender: 'plain',
  messageId: 'plain',
  code: 'plain',
  triesLeft: 'plain',
  status: 'plain',
  clientRef: 'plain',
  createdAt: 'plain',
  expiresAt: 'plain',
  doneAt: 'plain',
});

export const contactRow = codec<Contact, 'attributes'>({
  id: 'plain',
  accountId: 'plain',
  name: 'plain',
  attributes: 'json',
  createdAt: 'plain',
  changedAt: 'plain',
});

export const identifierRow = codec<Identifier>({
  accountId: 'plain',
  kind: 'plain',
  value: 'plain',
  contactId: 'plain',
});

export const contactGroupRow = codec<ContactGroup>({
  id: 'plain',
  accountId: 'plain',
  kind: 'plain',
  name: 'plain',
  createdAt: 'plain',
});

export const membershipRow = codec<Membership>({
  groupId: 'plain',
  contactId: 'plain',
  status: 'plain',
  changedAt: 'plain',
});

export const contactImportRow = codec<ContactImport, 'faults'>({
  id: 'plain',
  accountId: 'plain',
  groupId: 'plain',
  rows: 'plain',
  added: 'plain',
  known: 'plain',
  faults: 'json',
  createdAt: 'plain',
});
