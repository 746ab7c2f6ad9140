import type { Caller } from './accounts/authenticate.ts';
import { Authenticator } from './accounts/authenticate.ts';
import { Directory } from './accounts/directory.ts';
import { Owner } from './accounts/owner.ts';
import { mergeCallers } from './batch.ts';
import type { DeliveryContext, DeliverySettings } from './delivery/context.ts';
import { recordLateAnswers } from './delivery/late-answers.ts';
import { recordReceipts } from './delivery/receipts.ts';
import type { Reply } from './delivery/reply.ts';
import { recordReplies } from './delivery/replies.ts';
import { recordSegments } from './delivery/segments.ts';
import type { MessageError } from './errors.ts';
import type { AccountId, EndpointId, MessageId, NotificationId } from './ids.ts';
import { House } from './accounts/house.ts';
import type { E164 } from '../text/phone-number.ts';
import type { Cancellation } from './messages/cancel.ts';
import { cancelMessages } from './messages/cancel.ts';
import type { Message } from './messages/message.ts';
import type { Abandoned, Gather, GatherOutcome } from './messages/gather.ts';
import { abandonGatherings, Gatherer } from './messages/gather.ts';
import type { OutgoingMessage } from './messages/prepare.ts';
import type { SubmitOutcome, SubmitRequest, Verdict } from './messages/submit.ts';
import { Submitter } from './messages/submit.ts';
import type { Millicredits } from './money.ts';
import { millicredits } from './money.ts';
import { nothingTold, Outbox } from './notifications/outbox.ts';
import { optInByRequest, optOutByRequest } from './optouts/manage.ts';
import type { Optout } from './optouts/optout.ts';
import type { Clock } from './ports/clock.ts';
import type { Dispatcher } from './ports/dispatcher.ts';
import type { Ids } from './ports/ids.ts';
import type { Meter } from './ports/meter.ts';
import type { NotificationForm, SessionForm } from './ports/notifier.ts';
import type { MessageSearch, Page, Rate, ReplySearch, Storage } from './ports/storage.ts';
import { announcements } from './ports/storage.ts';
import type {
  LateAnswer,
  LinkHost,
  ReceiptNews,
  ReplyNews,
  ReplySegment,
} from './ports/transport.ts';
import type { Places } from './ports/places.ts';
import type { Vault } from './ports/vault.ts';
import type { Routing } from './routing/routing.ts';
import { SenderBook } from './senders/sender-book.ts';

export interface GatewayParts {
  storage: Storage;
  clock: Clock;
  ids: Ids;
  vault: Vault;
  meter: Meter;
  routing: Routing;
  dispatcher: Dispatcher;
  forms: Iterable<NotificationForm>;
  /** Of what is told over sessions; default none. */
  sessionForms?: Iterable<SessionForm>;
  settings: DeliverySettings & {
    /** How long a message may wait for its delivery. */
    validityMs: number;
  };
}

/** Receipts and replies of one turn that share a transaction. */
const mergeLimit = 500;

/**
 * The façade: what dialects, transports, workers and the CLI ask of the core. It knows no vendor, no
 * wire format and no SQL. Every method throws GatewayError and nothing else on purpose.
 */
export class Gateway implements LinkHost {
  readonly directory: Directory;
  readonly authenticate: Authenticator;
  readonly outbox: Outbox;
  readonly senders: SenderBook;
  /** What the owner does: accounts, credentials, money. Never reachable by a dialect's client. */
  readonly owner: Owner;
  /** What is under way for a key, on all nodes together. */
  readonly places: Places;
  /** For the workers. */
  readonly delivery: DeliveryContext;
  readonly #storage: Storage;
  readonly #submitter: Submitter;
  readonly #gatherer: Gatherer;
  readonly #house: House;
  readonly receipt: (news: ReceiptNews) => Promise<string | null>;
  readonly reply: (news: ReplyNews) => Promise<void>;
  readonly segment: (segment: ReplySegment) => Promise<void>;
  readonly late: (answer: LateAnswer) => Promise<boolean>;
  /** As `reply`, and says what was made of it: for the owner's tools. */
  readonly recordReply: (news: ReplyNews) => Promise<Reply>;

  constructor(parts: GatewayParts) {
    const { storage, clock, ids, vault, meter, routing, dispatcher, settings } = parts;
    this.#storage = storage;
    this.places = storage.places;
    this.directory = new Directory(storage, clock);
    this.authenticate = new Authenticator({ storage, directory: this.directory, vault, clock });
    this.outbox = new Outbox({
      forms: parts.forms,
      sessionForms: parts.sessionForms ?? [],
      clock,
      ids,
      elsewhere: {
        requests: () => storage.announce(announcements.notifications),
        session: (endpoint) => storage.announce(announcements.session(endpoint)),
      },
    });
    this.#submitter = new Submitter({
      storage,
      clock,
      ids,
      routing,
      outbox: this.outbox,
      dispatcher,
      meter,
      validityMs: settings.validityMs,
    });
    this.delivery = {
      storage,
      directory: this.directory,
      outbox: this.outbox,
      routing,
      dispatcher,
      clock,
      ids,
      meter,
      settings,
    };
    this.#gatherer = new Gatherer(this.delivery);
    const { directory, authenticate } = this;
    this.senders = new SenderBook({ storage, directory, clock, ids, vault });
    this.#house = new House({ storage, clock, ids });
    this.owner = new Owner({ storage, directory, authenticate, clock, ids, vault });
    this.receipt = mergeCallers(async (take: () => ReceiptNews[]) => {
      const found = await recordReceipts(this.delivery, take);
      for (const { linkId, status } of take()) routing.health.receipt(linkId, status);
      return [...found];
    }, mergeLimit);
    this.late = mergeCallers(
      async (take: () => LateAnswer[]) => [...(await recordLateAnswers(this.delivery, take))],
      mergeLimit,
    );
    this.segment = once(
      mergeCallers(
        async (take: () => ReplySegment[]) => [...(await recordSegments(this.delivery, take))],
        mergeLimit,
      ),
    );
    this.recordReply = mergeCallers(
      (take: () => ReplyNews[]) => recordReplies(this.delivery, take),
      mergeLimit,
    );
    this.reply = once(this.recordReply);
  }

  /** Takes a submission in. @throws GatewayError as `Submitter.submit`. */
  submit(request: SubmitRequest): Promise<SubmitOutcome> {
    return this.#submitter.submit(request);
  }

  /** What would be refused about a message at once; null when nothing would. */
  check(caller: Caller, message: OutgoingMessage): MessageError | null {
    return this.#submitter.check(caller, message);
  }

  /** Writes down a piece of a message that its client sends in several; see `Gatherer.gather`. */
  gather<T>(piece: Gather, settle: (outcome: GatherOutcome) => T | Promise<T>): Promise<T> {
    return this.#gatherer.gather(piece, settle);
  }

  /** Ends messages that will not be whole, and tells their clients. */
  abandon(abandoned: readonly Abandoned[]): Promise<void> {
    return abandonGatherings(this.delivery, abandoned);
  }

  /** Those of the ids that are the caller's, in no certain order. */
  findMessages(caller: Caller, ids: readonly MessageId[]): Promise<Message[]> {
    return this.#storage.read.messages.find(caller.view.account.id, ids);
  }

  /** The caller's messages, newest first. */
  searchMessages(caller: Caller, search: Omit<MessageSearch, 'accountId'>): Promise<Message[]> {
    return this.#storage.read.messages.search({ ...search, accountId: caller.view.account.id });
  }

  /** Takes back messages that wait for their time, with a full refund. */
  cancel(caller: Caller, ids: readonly MessageId[]): Promise<Cancellation[]> {
    return cancelMessages(this.delivery, caller.view.account.id, ids);
  }

  /** The caller's balance. */
  async balance(caller: Caller): Promise<Millicredits | undefined> {
    return this.#storage.read.accounts.balance(caller.view.account.id);
  }

  /** Replies to the caller, newest first. */
  replies(caller: Caller, search: ReplySearch): Promise<Reply[]> {
    return this.#storage.read.replies.list(caller.view.account.id, search);
  }

  /** Numbers that the caller must not send to, newest first. */
  optouts(caller: Caller, page: Page): Promise<Optout[]> {
    return this.#storage.read.optouts.list(caller.view.account.id, page);
  }

  /**
   * Puts a number on the caller's list, by his own wish or the gateway's owner's.
   * @returns false when it was there before.
   */
  optOut(caller: Caller, number: E164, source: 'api' | 'cli' = 'api'): Promise<boolean> {
    return optOutByRequest(this.delivery, caller.view, number, source);
  }

  /** Takes a number off the caller's list. @returns false when it was not there. */
  optIn(caller: Caller, number: E164): Promise<boolean> {
    return optInByRequest(this.delivery, caller.view, number);
  }

  /**
   * Sends what the gateway itself has to say to a handset on a caller's behalf, such as a code that
   * proves whose handset it is. It costs nothing, goes by the caller's senders and routes, and is kept
   * under the gateway's own account: no client can look the text up or be told of it.
   * @throws GatewayError as `submit`.
   */
  async sendOwn(caller: Caller, message: OutgoingMessage): Promise<Verdict> {
    const house = await this.#house.id();
    const { account, senders } = caller.view;
    const outcome = await this.submit({
      caller: {
        credentialId: caller.credentialId,
        channel: caller.channel,
        view: {
          account: { ...account, id: house, pricePerPart: millicredits(0), duplicateWindowMs: 0 },
          senders,
          endpoints: [],
        },
      },
      messages: [message],
    });
    if (outcome.kind === 'replayed') throw new Error('replayed without an idempotency key');
    return outcome.result.verdicts[0] as Verdict;
  }

  /**
   * Counts what is allowed only so often, on all nodes together: for callers, whoever they are; what
   * strangers ask for is counted in memory.
   * @returns 0, or in how many milliseconds it is allowed again.
   */
  allow(name: string, rate: Rate): Promise<number> {
    const now = this.delivery.clock.now();
    return this.#storage.write((tx) => tx.rates.take(name, rate, now));
  }

  /** Gives finished notifications another round of tries; says how many. */
  async replayNotifications(ids: readonly NotificationId[]): Promise<number> {
    const now = this.delivery.clock.now();
    const replayed = await this.#storage.write((tx) => tx.notifications.replay(ids, now));
    // Those of sessions are found at the next look: which of them they are is not known here.
    if (replayed > 0) this.outbox.wake({ ...nothingTold, requests: replayed });
    return replayed;
  }

  /** An endpoint's receiver said that it is gone: nothing more is sent there. */
  async disableEndpoint(accountId: AccountId, id: EndpointId): Promise<void> {
    const now = this.delivery.clock.now();
    await this.#storage.write((tx) => tx.endpoints.disable(id, now));
    this.directory.forget(accountId);
  }
}

function once<News>(merged: (news: News) => Promise<unknown>): (news: News) => Promise<void> {
  return async (news) => {
    await merged(news);
  };
}
