import type { E164 } from '../../text/phone-number.ts';
import type { Account, Credential, CredentialKind } from '../accounts/account.ts';
import type { LedgerEntry } from '../billing/ledger.ts';
import type { Reply } from '../delivery/reply.ts';
import type { SegmentGroup, StoredSegment } from '../delivery/segment.ts';
import type {
  AccountId,
  CredentialId,
  EndpointId,
  LinkId,
  MessageId,
  NodeId,
  NotificationId,
  SenderId,
} from '../ids.ts';
import type { Gathering, GatheringKey } from '../messages/gathering.ts';
import type { Message, Part, TimelineEntry } from '../messages/message.ts';
import type { MessageStatus } from '../messages/status.ts';
import type { Millicredits } from '../money.ts';
import type { Endpoint } from '../notifications/endpoint.ts';
import type { Notification, NotificationAttempt } from '../notifications/notification.ts';
import type { Optout } from '../optouts/optout.ts';
import type { Sender } from '../senders/sender.ts';
import type { Places } from './places.ts';
import type { LinkState, ReceiptNews } from './transport.ts';

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
} as const;

/** A page of a list: newest first unless said otherwise. */
export interface Page {
  limit: number;
  offset: number;
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
  destination?: E164;
}

export interface ReplySearch extends Page {
  /** Received at or after this instant. */
  since?: number | undefined;
  /** Received before this instant. */
  until?: number | undefined;
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
  };
  credentials: {
    find(dialect: string, kind: CredentialKind, lookup: string): Promise<Credential | undefined>;
    ofAccount(accountId: AccountId): Promise<Credential[]>;
    /** Whosever it is: for the owner's tools only. */
    findAny(id: CredentialId): Promise<Credential | undefined>;
    /** Those of these that are not revoked and whose account is active. */
    usable(ids: readonly CredentialId[]): Promise<Set<CredentialId>>;
  };
  senders: {
    ofAccount(accountId: AccountId): Promise<Sender[]>;
    findByProof(proof: string): Promise<Sender | undefined>;
  };
  endpoints: {
    ofAccount(accountId: AccountId): Promise<Endpoint[]>;
  };
  optouts: {
    list(accountId: AccountId, page: Page): Promise<Optout[]>;
  };
  messages: {
    /** Those of the ids that are this account's. */
    find(accountId: AccountId, ids: readonly MessageId[]): Promise<Message[]>;
    search(search: MessageSearch): Promise<Message[]>;
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
  gatherings: {
    find(accountId: AccountId, id: MessageId): Promise<Gathering | undefined>;
    /** Those that began before an instant, the oldest first, whoseever they are. */
    overdue(before: number, limit: number): Promise<Gathering[]>;
  };
  replies: {
    list(accountId: AccountId, search: ReplySearch): Promise<Reply[]>;
    /** Those that no account owns. */
    unowned(page: Page): Promise<Reply[]>;
  };
  ledger: {
    list(accountId: AccountId, page: Page): Promise<LedgerEntry[]>;
    /** Accounts whose balance is not the sum of their entries: none, or there is a defect. */
    discrepancies(): Promise<{ accountId: AccountId; balance: number; sum: number }[]>;
  };
  notifications: {
    list(accountId: AccountId, page: Page & { messageId?: MessageId }): Promise<Notification[]>;
    attempts(id: NotificationId): Promise<NotificationAttempt[]>;
    /** How many are pending and how many have failed. Delivered ones are not counted. */
    counts(): Promise<{ status: Exclude<Notification['status'], 'delivered'>; count: number }[]>;
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
  /** What the engine can say of its own health: whole sentences with what to do, none when all is well. */
  problems(): Promise<string[]>;
}

export interface Tx {
  accounts: {
    insert(account: Account): Promise<void>;
    update(account: Account): Promise<void>;
    /** Balances of these accounts, which nobody else changes until the commit. */
    lockBalances(ids: readonly AccountId[]): Promise<Map<AccountId, Millicredits>>;
    setBalances(balances: ReadonlyMap<AccountId, Millicredits>): Promise<void>;
    /** Takes from each balance so much, or nothing where it has less: gives the accounts of those. */
    debit(amounts: ReadonlyMap<AccountId, Millicredits>): Promise<AccountId[]>;
  };
  credentials: {
    insert(credential: Credential): Promise<void>;
    revoke(id: CredentialId, at: number): Promise<boolean>;
    /** Not of a revoked one. */
    setSettings(id: CredentialId, settings: Credential['settings']): Promise<boolean>;
  };
  senders: {
    insert(sender: Sender): Promise<void>;
    activate(id: SenderId): Promise<void>;
    remove(id: SenderId): Promise<void>;
    /** The accounts that hold this address as theirs alone, by its `senderKey`. */
    owners(keys: readonly string[]): Promise<Map<string, AccountId>>;
  };
  endpoints: {
    insert(endpoint: Endpoint): Promise<void>;
    /** The same, unless there is one of its id. */
    insertNew(endpoint: Endpoint): Promise<void>;
    /** Writes url, secret and disabledAt. */
    update(endpoint: Endpoint): Promise<void>;
    remove(id: EndpointId): Promise<void>;
    disable(id: EndpointId, at: number): Promise<void>;
  };
  optouts: {
    /** Which of these must not be sent to. */
    matching(wanted: readonly Pick<Optout, 'accountId' | 'number'>[]): Promise<boolean[]>;
    /** Gives back those that were not there before. */
    add(optouts: readonly Optout[]): Promise<Optout[]>;
    remove(accountId: AccountId, number: E164): Promise<boolean>;
  };
  messages: {
    /** Those that are `sending` are handed over by it: their parts are written down, too. */
    insert(messages: readonly Message[]): Promise<void>;
    /** The rows as they are, each once, which nobody else changes until the commit. */
    lock(ids: readonly MessageId[]): Promise<Message[]>;
    /** Those of an account to one number that wait for their time. */
    lockScheduledTo(accountId: AccountId, destination: E164): Promise<Message[]>;
    /**
     * Writes the fields that change in a message's life, of those rows whose status is still `from`
     * (and, where given, that are still in the very claim of a node that ends at `until`, one for each
     * message: a node may hold a message twice, one after the other). Gives the ids that were written.
     */
    save(
      messages: readonly Message[],
      guard: { from: MessageStatus; held?: { by: NodeId; until: readonly number[] } },
    ): Promise<Set<MessageId>>;
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
    /** All parts of these messages, which nobody else changes until the commit. */
    ofMessages(ids: readonly MessageId[]): Promise<Part[]>;
    /**
     * For each key the newest part that the network knows by it. It is not locked: messages are locked
     * before their parts.
     */
    byUpstream(keys: readonly UpstreamKey[]): Promise<(Part | undefined)[]>;
    /** The same, the newest ten of each key, newest first: networks use ids again. */
    allByUpstream(keys: readonly UpstreamKey[]): Promise<Part[][]>;
    save(parts: readonly Part[]): Promise<void>;
    /** Writes what a receipt changes: status, error and doneAt. */
    settle(parts: readonly Part[]): Promise<void>;
    /** Of these messages nothing was taken: the next hand-over begins anew. */
    remove(ids: readonly MessageId[]): Promise<void>;
  };
  timeline: { insert(entries: readonly TimelineEntry[]): Promise<void> };
  ledger: { insert(entries: readonly LedgerEntry[]): Promise<void> };
  /** Receipts that came before the answer that names their part. */
  parkedReceipts: {
    /**
     * Before parking: waits for answers of these links that others are writing at this moment, and lets
     * nobody `take` until the commit. What the answers name can be read afterwards.
     */
    awaitAnswers(linkIds: readonly LinkId[]): Promise<void>;
    /** Under each id that a receipt may mean. */
    insert(receipts: readonly ReceiptNews[]): Promise<void>;
    /** Those that wait under one of these ids, with all their other ids. */
    take(keys: readonly UpstreamKey[]): Promise<ReceiptNews[]>;
  };
  replies: {
    /** Gives back those that were not there before. */
    insert(replies: readonly Reply[]): Promise<Reply[]>;
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
    /** The gathering of each key, which nobody else begins, changes or ends until the commit. */
    lock(keys: readonly GatheringKey[]): Promise<(Gathering | undefined)[]>;
    /** How many an account has; beyond `atMost` it is not counted. */
    count(accountId: AccountId, atMost: number): Promise<number>;
    insert(gatherings: readonly Gathering[]): Promise<void>;
    /** Writes their pieces. */
    save(gatherings: readonly Gathering[]): Promise<void>;
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
    unclaim(ids: readonly NotificationId[], nodeId: NodeId, now: number): Promise<void>;
    /** As with messages. */
    reclaim(heldBy: Holders, now: number): Promise<number>;
    /** Gives finished ones another round of tries, counted from the first again. */
    replay(ids: readonly NotificationId[], now: number): Promise<number>;
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
  rates: {
    /** Takes one of `most` in a window. @returns 0, or in how many ms the next window begins. */
    take(name: string, limit: Rate, now: number): Promise<number>;
  };
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

/** So many in a window of time, which begins with the first. */
export interface Rate {
  most: number;
  windowMs: number;
}

/** What was finished before these instants goes. */
export interface RetentionCuts {
  messages: number;
  replies: number;
  notifications: number;
  idempotency: number;
  parkedReceipts: number;
  segments: number;
  rates: number;
}
