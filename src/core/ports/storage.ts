import type { Country, E164 } from '../../text/phone-number.ts';
import type { Account, Credential, CredentialKind } from '../accounts/account.ts';
import type { LedgerEntry } from '../billing/ledger.ts';
import type { Product } from '../billing/product.ts';
import type { Reply } from '../delivery/reply.ts';
import type { SegmentGroup, StoredSegment } from '../delivery/segment.ts';
import type {
  AccountId,
  CredentialId,
  DeviceId,
  EndpointId,
  LinkId,
  MessageId,
  NodeId,
  NotificationId,
  NumberId,
  PurseId,
  ReplyId,
  SenderId,
  SenderRequestId,
  SigningKeyId,
} from '../ids.ts';
import type { ShortCode } from '../links/code.ts';
import type {
  OwnLinkSearch,
  ShortLink,
  ShortLinkSearch,
  ShortLinkTotals,
  Visit,
} from '../links/short-link.ts';
import type { Finished, Gathering, GatheringKey } from '../messages/gathering.ts';
import type { Medium } from '../messages/medium.ts';
import type { Message, Part, TimelineEntry } from '../messages/message.ts';
import type { MessageStatus } from '../messages/status.ts';
import type { Millicredits } from '../money.ts';
import type { Endpoint } from '../notifications/endpoint.ts';
import type { Notification, NotificationAttempt } from '../notifications/notification.ts';
import type { SigningKey } from '../notifications/signing-key.ts';
import type { Optout } from '../optouts/optout.ts';
import type { SealedText } from '../sealed-texts/sealed-text.ts';
import type { HeldNumber, NumberType, PoolNumber } from '../senders/pool-number.ts';
import type { SenderRequest, SenderRequestStatus } from '../senders/sender-request.ts';
import type { Sender } from '../senders/sender.ts';
import type { ArchiveReads, ArchiveTx } from './archive-storage.ts';
import type { CampaignReads, CampaignTx } from './campaign-storage.ts';
import type {
  DeviceReads,
  DeviceTx,
  EnrolmentCodeTx,
  ErrandReads,
  ErrandTx,
} from './device-storage.ts';
import type { TallyReads } from './tally-storage.ts';
import type {
  ContactReads,
  ContactTx,
  ScopedOptoutReads,
  ScopedOptoutTx,
  TemplateReads,
  TemplateTx,
  VerificationReads,
  VerificationTx,
} from './audience-storage.ts';
import type { Page, Span } from './page.ts';
import type { Places } from './places.ts';
import type { AuditReads, AuditTx, MailReads, MailTx, UserReads, UserTx } from './user-storage.ts';
import type { LinkState, ReceiptNews } from './transport.ts';

export type { Page, Span } from './page.ts';

/**
 * All that is kept, on whichever engine.
 *
 * `read` sees what is committed. `write` runs a piece of work in a transaction and answers after its
 * commit; works that are asked for together share a transaction or run beside each other, as the engine
 * prefers, and on some engines other nodes write at the same time. So a work
 * - locks what it reads in order to change it,
 * - waits for nothing but its `tx` and `read`,
 * - changes nothing but what it writes (it may be run again, alone, when a neighbour failed),
 * - is set-based: one call for many rows.
 *
 * @throws GatewayError `storage_unavailable` or `overloaded` from every method when the engine cannot
 * answer; nothing of the failed work is on disk then.
 */
export interface Storage {
  /**
   * May several nodes serve at once? Where only one may, everything that another one held is that of a
   * dead one.
   */
  readonly manyNodes: boolean;
  readonly read: Reads;
  readonly places: Places;
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Makes room for the time to come and lets go at once of what nobody keeps any more, where the
   * engine can: before the first message, and now and then. `Tx.retain` deletes what that leaves.
   */
  maintain(now: number, before: RetentionCuts): Promise<void>;
  /**
   * Tells the other nodes that something waits for them, in the words of `announcements`.
   * Best effort, after the commit: who misses it finds it at his next look.
   */
  announce(topic: string): void;
  /** Hears what other nodes announce. */
  onAnnounced(listener: (topic: string) => void): void;
  /** Answers when the engine does; for readiness. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * What nodes announce to each other: rows of the outbox, or of a link's queue, wait in storage; a link is not
 * what it was.
 */
export const announcements = {
  notifications: 'notifications',
  /** Something is to be told over sessions, at this endpoint. */
  session: (endpointId: EndpointId) => `session ${endpointId}`,
  queue: (linkId: LinkId) => `queue ${linkId}`,
  links: 'links',
  /** A phone is to be told something; the text is `DeviceNews` as JSON. */
  device: 'device ',
} as const;

/** `until`: the instant from which it is not parked any more, though no answer has named its part. */
export type WaitingReceipt = ReceiptNews & { until?: number };

/** The part that bears an id; its message, where that is known with it and nobody else can change it. */
export interface Bearer {
  part: Part;
  message?: Message;
}

export interface UpstreamKey {
  linkId: LinkId;
  upstreamId: string;
}

export interface IdempotencyKey {
  credentialId: CredentialId;
  key: string;
}

export interface IdempotencyRecord extends IdempotencyKey {
  /** Digest of what was asked, to tell a retry from another request under the same key. */
  fingerprint: string;
  /** The answer, byte for byte. */
  answer: string;
  createdAt: number;
}

export interface MessageSearch extends Page {
  accountId: AccountId;
  /**
   * The client's reference; `%` stands for any text. One that begins with it is looked for among the
   * account's newest 20 000 messages.
   */
  clientRef?: string;
  status?: MessageStatus;
  /** Those of these statuses are left out. */
  without?: readonly MessageStatus[] | undefined;
  destination?: E164;
  /** What it shows, by its `senderKey`. */
  sender?: string;
  /** When it was accepted. */
  created?: Partial<Span> | undefined;
}

/**
 * A search of the newest 20 000 messages of an account that were accepted in a span of time, by what no index
 * knows. Letters of ASCII are the same in either case.
 */
export interface MessageSieve extends Page {
  created?: Partial<Span> | undefined;
  /** When the network had it. */
  sent?: Partial<Span> | undefined;
  /** That were refused at once, or ended badly after they had been accepted. */
  failed?: 'at once' | 'later' | 'either' | undefined;
  /** Stands in its text. */
  text?: string | undefined;
  /** Stands in the number it goes to. */
  number?: string | undefined;
  /** Stands in either. */
  either?: string | undefined;
  /** Which come first; default those that were accepted last. */
  newest?: 'created' | 'sent' | undefined;
}

/** What lists of many are counted and put in order by. */
export type MessageOutline = Pick<Message, 'id' | 'clientRef' | 'status' | 'createdAt'>;

/** Whom an account has written to, or was written by, and when last. */
export interface Correspondent {
  number: E164;
  at: number;
}

/** A search of an account's newest 20 000 messages or replies of a span of time. */
export interface CorrespondentSearch {
  span: Partial<Span>;
  /** Messages of these statuses count for nothing. */
  without?: readonly MessageStatus[] | undefined;
  /** Who comes first: whose last one is the newest, or the oldest. */
  first: 'newest' | 'oldest';
  limit: number;
}

export interface ReplySearch extends Page {
  /** Received at or after this instant. */
  since?: number | undefined;
  /** Received before this instant. */
  until?: number | undefined;
  /**
   * Written down at or after this instant: a phone may tell later what it has received. Then what was written down
   * first comes first, so that whoever goes on from the last one misses none.
   */
  recordedSince?: number | undefined;
  /** That came to this phone; null: to none. */
  device?: DeviceId | null | undefined;
  from?: E164 | undefined;
  /** Only those that are not marked as read. */
  unread?: boolean | undefined;
}

/** Numbers that nobody has and everybody may take. */
export interface NumberSearch {
  now: number;
  /** Those whose id follows this one. */
  after: NumberId | null;
  limit: number;
  country?: Country | undefined;
  types?: readonly NumberType[] | undefined;
  /** All of them. */
  capabilities?: readonly Medium[] | undefined;
  /** Digits that stand in it, one after the other. */
  digits?: string | undefined;
}

/** A process that serves, as it says of itself. */
export interface NodeRecord {
  id: NodeId;
  /** For people. */
  name: string;
  roles: readonly string[];
  version: string;
  /** Its data folder, which one process serves at a time: another node of the same home is dead. */
  home: string;
  startedAt: number;
  /** Its last heartbeat, by its own clock. */
  seenAt: number;
}

/** A place at a link, of which there are as many as nodes may hold it at once. */
export interface LinkHolding {
  linkId: LinkId;
  /** From 1. */
  slot: number;
  nodeId: NodeId;
  /** From then on anybody may take it. */
  until: number;
  /** What its holder last said of it; null as long as it has said nothing. */
  state: LinkState | null;
  /** Since when it is in that state. */
  since: number | null;
  /** Since when it goes behind the other links of its routes; null when it does not. */
  demotedSince: number | null;
  /** Receipts that its holder judges it by, and how many of them were bad. */
  receipts: number | null;
  failures: number | null;
}

/** What the holder of a link says of it. */
export interface LinkReport
  extends Pick<LinkHolding, 'linkId' | 'since' | 'demotedSince' | 'receipts' | 'failures'> {
  state: LinkState;
}

/** A place in a link's queue: rows after it have not been looked at. */
export type QueuePlace = Pick<Message, 'priority' | 'dueAt' | 'id'>;

/** What an account's messages over one link came to. Money in millicredits. */
export interface Turnover {
  accountId: AccountId;
  linkId: LinkId;
  messages: number;
  parts: number;
  /** What was charged. */
  price: number;
  /** What of it was given back. */
  refunded: number;
  /** What those cost that the network took, or may have taken … */
  cost: number;
  /** … and how many of them nobody knows the cost of. */
  costUnknown: number;
}

/** These nodes, or every node but one: for an engine that only one may serve. */
export type Holders = readonly NodeId[] | { allBut: NodeId };

export interface Reads {
  accounts: {
    find(id: AccountId): Promise<Account | undefined>;
    findByName(name: string): Promise<Account | undefined>;
    /** By name. */
    list(page: Page): Promise<Account[]>;
    balance(id: AccountId): Promise<Millicredits | undefined>;
    /** By name, so many at most. */
    subAccounts(parentId: AccountId, limit: number): Promise<Account[]>;
  };
  products: {
    /** By code, with those that were removed. */
    ofAccount(accountId: AccountId): Promise<{ product: Product; balance: Millicredits }[]>;
  };
  credentials: {
    find(dialect: string, kind: CredentialKind, lookup: string): Promise<Credential | undefined>;
    ofAccount(accountId: AccountId): Promise<Credential[]>;
    /** Whosever it is: for the owner's tools, and for what names it in a token of ours. */
    findAny(id: CredentialId): Promise<Credential | undefined>;
    /** Those of these that are not revoked and whose account is active. */
    usable(ids: readonly CredentialId[]): Promise<Credential[]>;
  };
  senders: {
    /** In the order in which they came. */
    ofAccount(accountId: AccountId): Promise<Sender[]>;
  };
  senderRequests: {
    find(accountId: AccountId, id: SenderRequestId): Promise<SenderRequest | undefined>;
    findByProof(proof: string): Promise<SenderRequest | undefined>;
    /** Whosever they are, newest first: for the owner's tools. */
    list(
      which: Page & { accountId?: AccountId; status?: SenderRequestStatus },
    ): Promise<SenderRequest[]>;
  };
  numbers: {
    /** By id. */
    available(search: NumberSearch): Promise<PoolNumber[]>;
    find(id: NumberId): Promise<HeldNumber | undefined>;
    /** By the `senderKey` of each. */
    ofKeys(keys: readonly string[]): Promise<(PoolNumber | undefined)[]>;
    /** By id. */
    list(page: Page): Promise<HeldNumber[]>;
  };
  endpoints: {
    ofAccount(accountId: AccountId): Promise<Endpoint[]>;
  };
  signingKeys: {
    /** Newest first. */
    list(accountId: AccountId, page: Page): Promise<SigningKey[]>;
    find(accountId: AccountId, id: SigningKeyId): Promise<SigningKey | undefined>;
    enabled(accountId: AccountId): Promise<SigningKey | undefined>;
  };
  optouts: {
    list(accountId: AccountId, page: Page): Promise<Optout[]>;
    /** Their numbers in the order of their digits, those that follow one. */
    numbersAfter(accountId: AccountId, number: E164 | null, limit: number): Promise<E164[]>;
    /** Which of these must not be sent to. */
    matching(accountId: AccountId, numbers: readonly E164[]): Promise<boolean[]>;
  };
  scopedOptouts: ScopedOptoutReads;
  templates: TemplateReads;
  verifications: VerificationReads;
  contacts: ContactReads;
  messages: {
    /** Those of the ids that are this account's, without those that it sees no more. */
    find(accountId: AccountId, ids: readonly MessageId[]): Promise<Message[]>;
    /** Newest first; without those that the account sees no more. */
    search(search: MessageSearch): Promise<Message[]>;
    /** The same. */
    sift(accountId: AccountId, sieve: MessageSieve): Promise<Message[]>;
    /** Those of its newest 20 000 of a span that came in by this way, newest first. */
    outlines(
      accountId: AccountId,
      which: { channel: string; created?: Partial<Span> | undefined },
    ): Promise<MessageOutline[]>;
    /** Of each reference those that have exactly it, the oldest first. */
    ofRefs(accountId: AccountId, refs: readonly string[]): Promise<Message[][]>;
    /** Whom it has written to. */
    correspondents(accountId: AccountId, search: CorrespondentSearch): Promise<Correspondent[]>;
    /** Whosever it is: for the owner's tools only. */
    findAny(id: MessageId): Promise<Message | undefined>;
    /** When each of its parts was handed over, and what became of it. */
    parts(id: MessageId): Promise<Part[]>;
    timeline(id: MessageId): Promise<TimelineEntry[]>;
    /** Since when the head of a link's queue may be taken; undefined when nothing waits. */
    queueHead(linkId: LinkId): Promise<number | undefined>;
    /** Rows of a link's queue that nobody holds, whether due or not, in the queue's order. */
    waitingFor(
      linkId: LinkId,
      page: { after: QueuePlace | null; now: number; limit: number },
    ): Promise<Message[]>;
    /** What messages accepted from one instant to before another came to, by account and link. */
    turnover(span: { from: number; until: number }): Promise<Turnover[]>;
    /** How many are in each status that is not an end, by link. Ends are not counted: there are millions. */
    countByLink(): Promise<{ linkId: LinkId | null; status: MessageStatus; count: number }[]>;
  };
  devices: DeviceReads;
  campaigns: CampaignReads;
  errands: ErrandReads;
  tallies: TallyReads;
  gatherings: {
    /** One that is not whole; likewise below. */
    find(accountId: AccountId, id: MessageId): Promise<Gathering | undefined>;
    /** Those that began before an instant, the oldest first, whoseever they are. */
    overdue(before: number, limit: number): Promise<Gathering[]>;
  };
  replies: {
    /** Those of the ids that are this account's, without those that it sees no more; likewise below. */
    find(accountId: AccountId, ids: readonly ReplyId[]): Promise<Reply[]>;
    list(accountId: AccountId, search: ReplySearch): Promise<Reply[]>;
    /** Who has written to it. */
    correspondents(accountId: AccountId, search: CorrespondentSearch): Promise<Correspondent[]>;
    /** Those that no account owns. */
    unowned(page: Page): Promise<Reply[]>;
  };
  ledger: {
    list(accountId: AccountId, page: Page): Promise<LedgerEntry[]>;
    /** Purses whose balance is not the sum of their entries: none, or there is a defect. */
    discrepancies(): Promise<{ purse: PurseId; balance: number; sum: number }[]>;
  };
  notifications: {
    list(accountId: AccountId, page: Page & { messageId?: MessageId }): Promise<Notification[]>;
    attempts(id: NotificationId): Promise<NotificationAttempt[]>;
    /** What waits at an endpoint that is polled, the oldest first. */
    polled(endpointId: EndpointId, limit: number): Promise<Notification[]>;
    /** How many are pending and how many have failed. Delivered ones are not counted. */
    counts(): Promise<{ status: Exclude<Notification['status'], 'delivered'>; count: number }[]>;
  };
  shortLinks: {
    /** Whosever it is. */
    find(code: ShortCode): Promise<ShortLink | undefined>;
    /**
     * Where a stretch of an account's links begins (with `destination` of those to it) that ends before an
     * instant and has so many; undefined when there are not as many.
     */
    stretchFrom(
      accountId: AccountId,
      destination: E164 | undefined,
      before: number,
      count: number,
    ): Promise<number | undefined>;
    /** What those of a span that fit come to. */
    sums(accountId: AccountId, search: ShortLinkSearch, span: Span): Promise<ShortLinkTotals>;
    /** Those of a span that fit, newest first. */
    list(
      accountId: AccountId,
      search: ShortLinkSearch,
      span: Span,
      page: Page,
    ): Promise<ShortLink[]>;
    /** The newest 200 that are kept. */
    visits(code: ShortCode): Promise<Visit[]>;
    /** Those that are kept, newest first. */
    visitsPage(code: ShortCode, page: Page): Promise<Visit[]>;
    countVisits(code: ShortCode): Promise<number>;
    /** An account's own, newest first. */
    own(accountId: AccountId, search: OwnLinkSearch, page: Page): Promise<ShortLink[]>;
    countOwn(accountId: AccountId, search: OwnLinkSearch): Promise<number>;
  };
  users: UserReads;
  mails: MailReads;
  audit: AuditReads;
  rates: {
    /** How many were taken in the window that is open. */
    taken(name: string, now: number): Promise<number>;
  };
  installation: {
    fact(name: InstallationFact): Promise<string | undefined>;
  };
  nodes: {
    /** Those that serve, and those that died and were not buried yet; the oldest first. */
    list(): Promise<NodeRecord[]>;
  };
  linkHolders: {
    /** By link and slot; also those whose lease has ended. */
    list(): Promise<LinkHolding[]>;
  };
  archive: ArchiveReads;
  /** What the engine can say of its own health: whole sentences with what to do, none when all is well. */
  problems(): Promise<string[]>;
}

export interface Tx {
  accounts: {
    insert(account: Account): Promise<void>;
    update(account: Account): Promise<void>;
    /** Balances of these accounts and products, which nobody else changes until the commit. */
    lockBalances(ids: readonly PurseId[]): Promise<Map<PurseId, Millicredits>>;
    setBalances(balances: ReadonlyMap<PurseId, Millicredits>): Promise<void>;
    /** Takes from each balance so much, or nothing where it has less: gives those. */
    debit(amounts: ReadonlyMap<PurseId, Millicredits>): Promise<PurseId[]>;
  };
  products: {
    /** With those that were removed. */
    ofAccount(accountId: AccountId): Promise<Product[]>;
    /** With an empty purse. */
    insert(product: Product): Promise<void>;
    /** Writes name, pricePerPart and removedAt. */
    update(product: Product): Promise<void>;
  };
  credentials: {
    insert(credential: Credential): Promise<void>;
    revoke(id: CredentialId, at: number): Promise<boolean>;
    /** Writes the hash of another password. Not of a revoked one. */
    setSecret(id: CredentialId, secret: string): Promise<boolean>;
    /** Not of a revoked one. */
    setSettings(id: CredentialId, settings: Credential['settings']): Promise<boolean>;
  };
  senders: {
    insert(sender: Sender): Promise<void>;
    change(
      id: SenderId,
      to: Partial<Pick<Sender, 'label' | 'metadata' | 'countries' | 'reason' | 'expiresAt'>> &
        Pick<Sender, 'changedAt'>,
    ): Promise<void>;
    remove(id: SenderId): Promise<void>;
    /** The account's sender of this `senderKey`. */
    find(accountId: AccountId, key: string): Promise<Sender | undefined>;
    count(accountId: AccountId): Promise<number>;
    /** The accounts that may show each of these addresses, as whatever, by its `senderKey`. */
    holders(keys: readonly string[]): Promise<Map<string, AccountId[]>>;
    /** The accounts that hold this address as theirs alone, by its `senderKey`. */
    owners(keys: readonly string[]): Promise<Map<string, AccountId>>;
  };
  senderRequests: {
    /** @throws GatewayError `already_exists` when one for that address has not ended. */
    insert(request: SenderRequest): Promise<void>;
    /** The request, which nobody else changes until the commit. */
    lock(id: SenderRequestId): Promise<SenderRequest | undefined>;
    /** Writes status, triesLeft and changedAt. */
    save(request: SenderRequest): Promise<void>;
    remove(ids: readonly SenderRequestId[]): Promise<void>;
    /** Those for this `senderKey` that wait for a code. */
    removePending(accountId: AccountId, key: string): Promise<void>;
    /** Forgets the oldest that have ended until there are less than so many; says whether that could be. */
    makeRoom(accountId: AccountId, most: number): Promise<boolean>;
  };
  numbers: {
    /** @throws GatewayError `already_exists` when it is there. */
    insert(number: PoolNumber): Promise<void>;
    /** The number, which nobody removes until the commit. */
    lock(id: NumberId): Promise<PoolNumber | undefined>;
    count(): Promise<number>;
    /** Unless an account has it as its own. */
    remove(id: NumberId): Promise<boolean>;
  };
  endpoints: {
    /** As `Reads`, within the transaction. */
    ofAccount(accountId: AccountId): Promise<Endpoint[]>;
    insert(endpoint: Endpoint): Promise<void>;
    /** The same, unless there is one of its id. */
    insertNew(endpoint: Endpoint): Promise<void>;
    /** Writes url, secret, settings and disabledAt. */
    update(endpoint: Endpoint): Promise<void>;
    remove(id: EndpointId): Promise<void>;
    disable(id: EndpointId, at: number): Promise<void>;
  };
  signingKeys: {
    insert(key: SigningKey): Promise<void>;
    /** This one, and no other of its account; null: none. @returns false when there is no such one. */
    enable(accountId: AccountId, id: SigningKeyId | null): Promise<boolean>;
    remove(accountId: AccountId, id: SigningKeyId): Promise<boolean>;
  };
  optouts: {
    /** Which of these must not be sent to. */
    matching(wanted: readonly Pick<Optout, 'accountId' | 'number'>[]): Promise<boolean[]>;
    /** Gives back those that were not there before. */
    add(optouts: readonly Optout[]): Promise<Optout[]>;
    remove(accountId: AccountId, number: E164): Promise<boolean>;
  };
  scopedOptouts: ScopedOptoutTx;
  templates: TemplateTx;
  verifications: VerificationTx;
  contacts: ContactTx;
  messages: {
    /** Those that are `sending` are handed over by it: their parts are written down, too (`lone-part.ts`: of most, not). */
    insert(messages: readonly Message[]): Promise<void>;
    /** The rows as they are, each once, which nobody else changes until the commit. */
    lock(ids: readonly MessageId[]): Promise<Message[]>;
    /** Those of an account to one number that wait for their time. */
    lockScheduledTo(accountId: AccountId, destination: E164): Promise<Message[]>;
    /**
     * Writes the fields that change in a message's life, of those rows whose status is still `from`
     * (and, where given, that are still in the very claim of a node that ends at `until`, one for each
     * message: a node may hold a message twice, one after the other). Gives which were written.
     *
     * After `sent` its status, what is said of it, and when it is due and done are all that changes. Its
     * `upstreamId` is written by who holds it.
     */
    save(
      messages: readonly Message[],
      guard: { from: MessageStatus; held?: { by: NodeId; until: readonly number[] } },
    ): Promise<boolean[]>;
    /** Takes due rows of a link under a lease, by priority, then age. */
    claim(claim: {
      linkId: LinkId;
      nodeId: NodeId;
      now: number;
      leaseUntil: number;
      limit: number;
    }): Promise<Message[]>;
    /**
     * claimed → sending, for those that this node still holds under the claim it knows (their
     * `dueAt`), with their parts written down: after the commit the bytes may leave. Gives the ids
     * that went.
     */
    handOver(
      messages: readonly Message[],
      handOver: {
        nodeId: NodeId;
        now: number;
        answerBy: number;
        /** Hand-overs of this node whose commit may have happened: the message, and their `answerBy`. */
        tried?: ReadonlyMap<MessageId, number>;
        /** How many parts the link makes of a message, where that is not what it is charged as. */
        wireParts?: ReadonlyMap<MessageId, number>;
      },
    ): Promise<Set<MessageId>>;
    /** From these instants on their accounts see them no more. */
    hide(messages: ReadonlyMap<MessageId, number>): Promise<void>;
    /**
     * Hides messages of an account, of which nothing may be handed over any more, and deletes their texts: those of the
     * ids, or at most `limit` of a span of time. Gives what is left of them.
     */
    erase(accountId: AccountId, which: Erasure<MessageId>, now: number): Promise<Message[]>;
    /** Gives claimed rows back at once. */
    unclaim(ids: readonly MessageId[], nodeId: NodeId, now: number): Promise<void>;
    /** Rows in a status whose `dueAt` has passed. */
    due(status: 'scheduled' | 'sending' | 'sent', now: number, limit: number): Promise<Message[]>;
    /** Rows in the queue whose validity has passed and that nobody holds. */
    expired(now: number, limit: number): Promise<Message[]>;
    /**
     * What dead nodes hold, claims and hand-overs alike, becomes due now instead of when its lease
     * ends. Gives how many rows that were.
     */
    reclaim(heldBy: Holders, now: number): Promise<number>;
    /** For each number the newest messages to it, of all accounts, not older than `since`. */
    recentTo(destinations: readonly E164[], since: number, limit: number): Promise<Message[][]>;
    /** Which of these references some message of the account has, whether or not the account sees it. */
    refsTaken(refs: readonly { accountId: AccountId; clientRef: string }[]): Promise<boolean[]>;
    /**
     * Which of these were accepted with the same text and sender since `since`, and did not end in
     * `rejected`, `failed`, `expired` or `cancelled`.
     */
    repeated(
      accountId: AccountId,
      messages: readonly Pick<Message, 'destination' | 'sender' | 'text'>[],
      since: number,
    ): Promise<boolean[]>;
  };
  parts: {
    /** All parts of these messages, which nobody else changes until the commit; lone ones, too. */
    ofMessages(ids: readonly MessageId[]): Promise<Part[]>;
    /**
     * For each key the newest part that the network knows by it. It is not locked: messages are locked before their
     * parts. Where only one transaction is under way at a time, the message of a lone one comes with it.
     */
    byUpstream(keys: readonly UpstreamKey[]): Promise<(Bearer | undefined)[]>;
    /** The same, the newest ten of each key, newest first: networks use ids again. */
    allByUpstream(keys: readonly UpstreamKey[]): Promise<Part[][]>;
    /** A lone one has a row of its own from now on. */
    save(parts: readonly Part[]): Promise<void>;
    /** Writes what a receipt changes: status, error and doneAt. Of a lone one its message says that. */
    settle(parts: readonly Part[]): Promise<void>;
    /** Of these messages nothing was taken: the next hand-over begins anew. */
    remove(ids: readonly MessageId[]): Promise<void>;
  };
  devices: DeviceTx;
  campaigns: CampaignTx;
  errands: ErrandTx;
  enrolmentCodes: EnrolmentCodeTx;
  timeline: { insert(entries: readonly TimelineEntry[]): Promise<void> };
  ledger: {
    insert(entries: readonly LedgerEntry[]): Promise<void>;
    /** Whether something came to the account that its giver calls so. Lock its balance before. */
    orderTaken(accountId: AccountId, orderRef: string): Promise<boolean>;
  };
  /** Receipts that came before the answer that names their part. */
  parkedReceipts: {
    /** Answers of these links are being written, until the commit; before any message is locked. */
    answering(linkIds: readonly LinkId[]): Promise<void>;
    /**
     * Before parking: waits for answers of these links that others are writing at this moment, and lets
     * nobody `take` until the commit. What the answers name can be read afterwards.
     */
    awaitAnswers(linkIds: readonly LinkId[]): Promise<void>;
    /** Under each id that a receipt may mean. */
    insert(receipts: readonly WaitingReceipt[]): Promise<void>;
    /** Those that wait under one of these ids, with all their other ids. */
    take(keys: readonly UpstreamKey[]): Promise<WaitingReceipt[]>;
    /**
     * Those that wait no longer than until now, under the ids that they name themselves; with all their other ids,
     * and while nobody writes an answer of their links.
     */
    overdue(now: number, limit: number): Promise<ReceiptNews[]>;
  };
  replies: {
    /** Gives back those that were not there before. */
    insert(replies: readonly Reply[]): Promise<Reply[]>;
    /** What an account called who wrote to it, when he last did; null: nothing, or he never did. */
    aliases(senders: readonly { accountId: AccountId; from: E164 }[]): Promise<(string | null)[]>;
    /** Those of these that the account sees and that are not marked yet are read. */
    markRead(accountId: AccountId, ids: readonly ReplyId[], now: number): Promise<void>;
    /** @returns false when the account sees no such reply. */
    setAlias(accountId: AccountId, id: ReplyId, alias: string | null): Promise<boolean>;
    /** As with messages. Gives how many. */
    erase(accountId: AccountId, which: Erasure<ReplyId>, now: number): Promise<number>;
  };
  /** Encrypted texts that links lead to. */
  sealedTexts: {
    /** @returns false when its code is that of another one. */
    insert(text: SealedText): Promise<boolean>;
    /** Takes one of its views; the last one takes it away. Undefined when there is no such text, or no longer. */
    open(code: ShortCode, now: number): Promise<SealedText | undefined>;
    remove(codes: readonly ShortCode[]): Promise<void>;
  };
  /** Segments of long replies. */
  segments: {
    /** The segments of each group, which nobody else changes or adds to until the commit. */
    lock(groups: readonly SegmentGroup[]): Promise<StoredSegment[][]>;
    insert(segments: readonly StoredSegment[]): Promise<void>;
    join(groups: readonly SegmentGroup[], at: number): Promise<void>;
    remove(groups: readonly SegmentGroup[]): Promise<void>;
    /** Groups that are not joined and of which a segment came before that instant. */
    overdue(before: number, limit: number): Promise<SegmentGroup[]>;
  };
  /** Messages of clients that come in pieces. */
  gatherings: {
    /** The gathering of each key, whole ones too, which nobody else begins, changes or ends until the commit. */
    lock(keys: readonly GatheringKey[]): Promise<(Gathering | undefined)[]>;
    /** How many an account has that are not whole; beyond `atMost` it is not counted. */
    count(accountId: AccountId, atMost: number): Promise<number>;
    insert(gatherings: readonly Gathering[]): Promise<void>;
    /** Writes their pieces. */
    save(gatherings: readonly Gathering[]): Promise<void>;
    /** They are whole: of their pieces only the digests stay. */
    finish(gatherings: readonly Finished[]): Promise<void>;
    /** Removes those that became whole before an instant. @returns how many. */
    forgetDone(before: number, limit: number): Promise<number>;
    remove(keys: readonly GatheringKey[]): Promise<void>;
  };
  notifications: {
    insert(notifications: readonly Notification[]): Promise<void>;
    /** Takes due rows that are told by requests under a lease, oldest first, leaving out busy endpoints. */
    claim(claim: {
      nodeId: NodeId;
      now: number;
      leaseUntil: number;
      limit: number;
      except: readonly EndpointId[];
    }): Promise<Notification[]>;
    /**
     * Writes what a try changed, with the try itself, unless it has ended before. What was not heard counts
     * only as long as the claim still holds under which it was tried (`lockedBy` and `dueAt` of `claimed`):
     * another node may have it by then. What was heard was heard.
     */
    finish(
      tries: readonly {
        notification: Notification;
        attempt: NotificationAttempt;
        claimed: Pick<Notification, 'lockedBy' | 'dueAt'>;
      }[],
    ): Promise<void>;
    /** Of what is told over sessions so much of each of these endpoints, oldest first. */
    claimForSessions(claim: {
      nodeId: NodeId;
      now: number;
      leaseUntil: number;
      wishes: readonly { endpointId: EndpointId; limit: number }[];
    }): Promise<Notification[]>;
    /** What could not be told over a session since it was due: it has failed. Gives how many that were. */
    expireForSessions(which: { dueBefore: number; now: number; limit: number }): Promise<number>;
    /** The client has what he polled: it is delivered. Ids that do not wait at this endpoint are passed over. */
    confirm(endpointId: EndpointId, ids: readonly NotificationId[], now: number): Promise<void>;
    unclaim(ids: readonly NotificationId[], nodeId: NodeId, now: number): Promise<void>;
    /** As with messages. */
    reclaim(heldBy: Holders, now: number): Promise<number>;
    /** Gives finished ones another round of tries, counted from the first again. */
    replay(ids: readonly NotificationId[], now: number): Promise<number>;
  };
  shortLinks: {
    /** Those of the codes that some link has. */
    taken(codes: readonly ShortCode[]): Promise<Set<ShortCode>>;
    insert(links: readonly ShortLink[]): Promise<void>;
    /** The rows as they are, which nobody else changes until the commit. */
    lock(codes: readonly ShortCode[]): Promise<ShortLink[]>;
    /** How many an account has made by itself; beyond `atMost` it is not counted. */
    countOwn(accountId: AccountId, atMost: number): Promise<number>;
    /** Writes url, title, advanced, endpointId and changedAt. */
    save(link: ShortLink): Promise<void>;
    /** With its visits. */
    remove(code: ShortCode): Promise<void>;
    /** Writes clicks and views. */
    saveCounts(links: readonly ShortLink[]): Promise<void>;
    insertVisits(visits: readonly Visit[]): Promise<void>;
    /**
     * For each destination the account's newest messages with links, by at most so many of these, that were
     * accepted since `since` and did not end badly, in the sense of `messages.repeated`. They are not locked.
     */
    recentTo(
      accountId: AccountId,
      destinations: readonly E164[],
      since: number,
      limit: number,
    ): Promise<(Pick<Message, 'sender' | 'text'> & { links: readonly ShortLink[] })[][]>;
  };
  idempotency: {
    find(keys: readonly IdempotencyKey[]): Promise<IdempotencyRecord[]>;
    insert(records: readonly IdempotencyRecord[]): Promise<void>;
  };
  installation: {
    /** Writes it unless it is there already; gives what is there then. */
    keep(name: InstallationFact, value: string): Promise<string>;
    set(name: InstallationFact, value: string): Promise<void>;
    remove(name: InstallationFact): Promise<void>;
  };
  nodes: {
    /** A heartbeat: writes the node down, or when it was seen where it is known. */
    seen(node: NodeRecord): Promise<void>;
    /** Removes those that were not seen again since; gives the ids of these. */
    bury(dead: readonly Pick<NodeRecord, 'id' | 'seenAt'>[]): Promise<NodeId[]>;
    remove(nodes: Holders): Promise<void>;
  };
  linkHolders: {
    /**
     * Renews the slots that this node has, and takes a free one of each other link; a slot beyond
     * `slots` is let go. Gives the links that this node holds until then.
     */
    hold(
      wishes: readonly { linkId: LinkId; slots: number }[],
      lease: { nodeId: NodeId; now: number; until: number },
    ): Promise<Set<LinkId>>;
    /** Writes down what this node says of the links that it holds. */
    tell(nodeId: NodeId, reports: readonly LinkReport[]): Promise<void>;
    /** Lets slots go, of one link or of all; with `endedBy` only those whose lease has ended. */
    release(from: Holders, only?: { linkId?: LinkId; endedBy?: number }): Promise<void>;
  };
  users: UserTx;
  mails: MailTx;
  audit: AuditTx;
  rates: {
    /** Takes one of `most` in a window. @returns 0, or in how many ms the next window begins. */
    take(name: string, limit: Rate, now: number): Promise<number>;
    /** Gives one back that was taken in the window that is open. */
    giveBack(name: string, now: number): Promise<void>;
  };
  archive: ArchiveTx;
  /** Deletes what is older than its keeping time, at most `limit` rows of each kind; gives how many. */
  retain(before: RetentionCuts, limit: number): Promise<number>;
}

/**
 * What is known of the installation as a whole, whatever number of nodes it has.
 * - `id`: its own, for as long as it lives, wherever it moves.
 * - `key_check`: a text sealed with its key, which every node must be able to open.
 * - `moved_to`: it moves to another database, or has moved there.
 * - `moving_in`: another installation is on its way into this database.
 */
export type InstallationFact = 'id' | 'key_check' | 'moved_to' | 'moving_in';

/** What is to be erased: these, or so many of what was made in a span of time. */
export type Erasure<Id> = { ids: readonly Id[] } | { span: Span; limit: number };

/** So many in a window of time, which begins with the first. */
export interface Rate {
  most: number;
  windowMs: number;
}

/** What was finished before these instants goes. */
export interface RetentionCuts {
  messages: number;
  replies: number;
  /** Messages and replies are deleted by whoever archives them: here only what is left of them goes. */
  archived: boolean;
  /** Remarks on messages' ways by when they were made. */
  timeline: number;
  notifications: number;
  /** What waits for a client that polls since then. */
  unconfirmed: number;
  idempotency: number;
  parkedReceipts: number;
  segments: number;
  rates: number;
  /** One-time codes by when they end. */
  enrolmentCodes: number;
  /** These by the day on which they were made. */
  shortLinks: number;
  visits: number;
  /** These by when they expired. */
  sealedTexts: number;
  /** Tokens and sessions of users by when they end. */
  logins: number;
  mails: number;
  audit: number;
  /** Campaigns that ended, with their errors. */
  campaigns: number;
}
