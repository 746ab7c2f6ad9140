import type { Account, AccountView, Credential } from './accounts/account.ts';
import type { Caller } from './accounts/authenticate.ts';
import { Authenticator } from './accounts/authenticate.ts';
import { AccessTokens } from './accounts/access-tokens.ts';
import { CampaignBook } from './campaigns/campaign-book.ts';
import type { CampaignLimits } from './campaigns/campaign.ts';
import { usualCampaignLimits } from './campaigns/campaign.ts';
import { Expansion } from './campaigns/expansion.ts';
import { Directory } from './accounts/directory.ts';
import { LoginGuard } from './accounts/login-guard.ts';
import { Owner } from './accounts/owner.ts';
import { register } from './accounts/registration.ts';
import type { Actor, AuditEntry } from './audit/entry.ts';
import { ownerActor } from './audit/entry.ts';
import { mergeCallers } from './batch.ts';
import type { Product } from './billing/product.ts';
import { Products } from './billing/products.ts';
import { DeviceBook } from './devices/device-book.ts';
import type { DevicePolicy } from './devices/device.ts';
import { usualPolicy } from './devices/device.ts';
import type { DeliveryContext, DeliverySettings } from './delivery/context.ts';
import { recordLateAnswers } from './delivery/late-answers.ts';
import { LinkNews } from './delivery/link-news.ts';
import type { Reply } from './delivery/reply.ts';
import { recordReplies } from './delivery/replies.ts';
import { recordSegments } from './delivery/segments.ts';
import type { MessageError } from './errors.ts';
import type { AccountId, EndpointId, MessageId, NotificationId } from './ids.ts';
import { House } from './accounts/house.ts';
import { History } from './history/history.ts';
import { ClientEndpoints } from './notifications/client-endpoints.ts';
import type { Notification } from './notifications/notification.ts';
import { SigningKeys } from './notifications/signing-keys.ts';
import type { E164 } from '../text/phone-number.ts';
import type { ShortLinkSettings } from './links/short-links.ts';
import { ShortLinks } from './links/short-links.ts';
import type { Cancellation } from './messages/cancel.ts';
import { cancelMessages } from './messages/cancel.ts';
import type { Message } from './messages/message.ts';
import type { Abandoned, Gather, GatherOutcome } from './messages/gather.ts';
import { abandonGatherings, forgetGathered, Gatherer } from './messages/gather.ts';
import type { OutgoingMessage } from './messages/prepare.ts';
import type { SubmitOutcome, SubmitRequest, Verdict } from './messages/submit.ts';
import { Submitter } from './messages/submit.ts';
import type { Millicredits } from './money.ts';
import { millicredits } from './money.ts';
import type { Endpoint } from './notifications/endpoint.ts';
import { nothingTold, Outbox } from './notifications/outbox.ts';
import { optInByRequest, optOutByRequest } from './optouts/manage.ts';
import type { Optout } from './optouts/optout.ts';
import type { OptoutLinkSettings } from './optouts/optout-links.ts';
import { OptoutLinks } from './optouts/optout-links.ts';
import { ScopedOptouts } from './optouts/scoped-optouts.ts';
import type { Clock } from './ports/clock.ts';
import type { Dispatcher } from './ports/dispatcher.ts';
import type { Ids } from './ports/ids.ts';
import type { Meter } from './ports/meter.ts';
import type { NotificationForm, SessionForm } from './ports/notifier.ts';
import type { MessageSearch, Page, Rate, Reads, ReplySearch, Storage } from './ports/storage.ts';
import { announcements } from './ports/storage.ts';
import type {
  LateAnswer,
  LinkHost,
  ReceiptNews,
  ReplyNews,
  ReplySegment,
} from './ports/transport.ts';
import type { Places } from './ports/places.ts';
import type { RowFiles } from './ports/row-files.ts';
import type { Vault } from './ports/vault.ts';
import type { Routing } from './routing/routing.ts';
import type { SealedTextSettings } from './sealed-texts/sealed-texts.ts';
import { SealedTexts } from './sealed-texts/sealed-texts.ts';
import { NumberPool } from './senders/number-pool.ts';
import { SenderBook } from './senders/sender-book.ts';
import { SenderRequests } from './senders/sender-requests.ts';
import { Templates } from './templates/templates.ts';
import { Verifications } from './verifications/verifications.ts';
import { Contacts } from './contacts/contacts.ts';
import type { UserSettings } from './users/settings.ts';
import { Imports } from './imports.ts';
import { usualUserSettings } from './users/settings.ts';
import { Users } from './users/users.ts';

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
  shortLinks: ShortLinkSettings;
  sealedTexts: SealedTextSettings;
  /** Reads the files of campaigns. */
  rowFiles: RowFiles;
  /** What a campaign may be; default as usual. */
  campaigns?: CampaignLimits;
  optoutLinks: OptoutLinkSettings;
  /** How users of the console are dealt with; as usual by default. */
  users?: UserSettings;
  /** Who does what `owner` does, for the audit log; default somebody without a name. */
  operator?: Actor;
  /** How phones are dealt with; as usual where no link goes by them. */
  devices?: DevicePolicy;
  settings: DeliverySettings & {
    /** How long a message may wait for its delivery. */
    validityMs: number;
  };
}

/** Replies and late answers of one turn that share a transaction. */
const mergeLimit = 500;
/** More of them are not listed. */
const mostSubAccounts = 100;

/**
 * The façade: what dialects, transports, workers and the CLI ask of the core. It knows no vendor, no
 * wire format and no SQL. Every method throws GatewayError and nothing else on purpose.
 */
export class Gateway implements LinkHost {
  readonly directory: Directory;
  readonly authenticate: Authenticator;
  /** With which a credential stands for itself for a while. */
  readonly accessTokens: AccessTokens;
  readonly outbox: Outbox;
  readonly senders: SenderBook;
  /** What accounts ask to be allowed to show. */
  readonly senderRequests: SenderRequests;
  /** What the owner offers, and whose it is. */
  readonly numbers: NumberPool;
  /** Where clients want to hear of events, as they say themselves. */
  readonly endpoints: ClientEndpoints;
  readonly signingKeys: SigningKeys;
  readonly shortLinks: ShortLinks;
  readonly sealedTexts: SealedTexts;
  /** Numbers that must not be sent what is in a scope. */
  readonly scopedOptouts: ScopedOptouts;
  /** By which handsets opt out, or in again. */
  readonly optoutLinks: OptoutLinks;
  readonly templates: Templates;
  /** One-time passwords. */
  readonly verifications: Verifications;
  readonly contacts: Contacts;
  /** Reads tables that come as files. */
  readonly rowFiles: RowFiles;
  /** Whose files are being taken in. */
  readonly imports = new Imports();
  /** What accounts look up of their traffic, note of it and erase. */
  readonly history: History;
  /** What the owner does: accounts, credentials, money. Never reachable by a dialect's client. */
  readonly owner: Owner;
  /** The people who log in to the console. */
  readonly users: Users;
  /** One text to the rows of a file. */
  readonly campaigns: CampaignBook;
  /** What makes campaigns' rows messages: for the workers. */
  readonly expansion: Expansion;
  /** Accounts' own phones, which serve as ways out. */
  readonly devices: DeviceBook;
  /** What is under way for a key, on all nodes together. */
  readonly places: Places;
  /** For the workers. */
  readonly delivery: DeliveryContext;
  /** What links tell of their parts. */
  readonly linkNews: LinkNews;
  readonly #storage: Storage;
  readonly #submitter: Submitter;
  readonly #gatherer: Gatherer;
  readonly #house: House;
  readonly #products: Products;
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
    this.accessTokens = new AccessTokens({ storage, vault, clock, ids });
    const guard = new LoginGuard(vault);
    this.authenticate = new Authenticator({
      guard,
      storage,
      directory: this.directory,
      vault,
      clock,
      tokens: this.accessTokens,
    });
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
    this.shortLinks = new ShortLinks(
      { storage, clock, ids, directory: this.directory, outbox: this.outbox },
      parts.shortLinks,
    );
    this.sealedTexts = new SealedTexts({ storage, clock, ids, vault }, parts.sealedTexts);
    this.history = new History({ storage, clock });
    this.#submitter = new Submitter({
      storage,
      clock,
      ids,
      vault,
      routing,
      shortener: this.shortLinks.shortener,
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
      vault,
      meter,
      settings,
    };
    this.scopedOptouts = new ScopedOptouts(this.delivery);
    this.optoutLinks = new OptoutLinks(this.delivery, this.scopedOptouts, parts.optoutLinks);
    this.templates = new Templates({ storage, clock, ids });
    this.verifications = new Verifications({
      storage,
      clock,
      ids,
      vault,
      submit: (request) => this.submit(request),
    });
    this.contacts = new Contacts({ storage, clock, ids });
    this.rowFiles = parts.rowFiles;
    this.#gatherer = new Gatherer(this.delivery);
    const { directory, authenticate } = this;
    this.senders = new SenderBook({ storage, directory, clock, ids });
    this.numbers = new NumberPool({ storage, directory, clock, ids });
    this.senderRequests = new SenderRequests({
      storage,
      directory,
      clock,
      ids,
      vault,
      allow: (name, rate) => this.allow(name, rate),
      sendOwn: (caller, message) => this.sendOwn(caller, message),
    });
    this.#house = new House({ storage, clock, ids });
    this.#products = new Products({ storage, directory, clock, ids });
    this.endpoints = new ClientEndpoints({ storage, directory, clock, ids, vault });
    this.signingKeys = new SigningKeys({ storage, directory, clock, ids, vault });
    const { outbox, endpoints } = this;
    this.users = new Users({
      storage,
      directory,
      clock,
      ids,
      vault,
      guard,
      settings: parts.users ?? usualUserSettings,
    });
    this.owner = new Owner({
      actor: parts.operator ?? ownerActor,
      storage,
      directory,
      authenticate,
      clock,
      ids,
      vault,
      endpoints,
      products: this.#products,
      standing: (form) => outbox.form(form)?.standing ?? [],
    });
    this.linkNews = new LinkNews(this.delivery);
    this.receipt = (news) => this.linkNews.receipt(news);
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
    const limits = parts.campaigns ?? usualCampaignLimits;
    const submit = (request: SubmitRequest) => this.submit(request);
    this.campaigns = new CampaignBook({
      storage,
      clock,
      ids,
      files: parts.rowFiles,
      limits,
      preview: (caller, message) => this.#submitter.preview(caller, message),
      submit,
      optoutLinks: this.optoutLinks,
    });
    this.expansion = new Expansion({
      storage,
      clock,
      limits,
      actAs: (id) => this.owner.actAs(id),
      submit,
      optoutLinks: this.optoutLinks,
    });
    this.devices = new DeviceBook({
      delivery: this.delivery,
      policy: parts.devices ?? usualPolicy,
      authenticate,
      owner: this.owner,
      reply: this.reply,
    });
  }

  /** Nothing leaves the house: all that is sent is only played, as in the demo. */
  get onlyPlays(): boolean {
    return this.delivery.routing.onlyPlays;
  }

  /** Resolves when it can serve. @throws GatewayError `storage_unavailable`. */
  ready(): Promise<void> {
    return this.#storage.ping();
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

  /** Forgets messages that came in pieces, once no piece of them comes again. */
  forgetGathered(): Promise<void> {
    return forgetGathered(this.delivery);
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

  /** What the caller is offered apart from the rest, by code, with what is in its purse. */
  products({ view }: Caller): Promise<{ product: Product; balance: Millicredits }[]> {
    return this.#products.list(view.account.id);
  }

  /** Moves credit to a sub-account of the caller's. @throws GatewayError as `Products.give`. */
  giveCredits(caller: Caller, gift: Parameters<Products['give']>[1]): Promise<void> {
    return this.#products.give(caller, gift);
  }

  /** Replies to the caller, newest first. */
  replies(caller: Caller, search: ReplySearch): Promise<Reply[]> {
    return this.#storage.read.replies.list(caller.view.account.id, search);
  }

  /** Numbers that the caller must not send to, newest first. */
  optouts(caller: Caller, page: Page): Promise<Optout[]> {
    return this.#storage.read.optouts.list(caller.view.account.id, page);
  }

  /** The same by their numbers alone, in the order of their digits: those that follow one. */
  optoutsAfter(caller: Caller, number: E164 | null, limit: number): Promise<E164[]> {
    return this.#storage.read.optouts.numbersAfter(caller.view.account.id, number, limit);
  }

  /** Which of these the caller must not send to. */
  optedOut(caller: Caller, numbers: readonly E164[]): Promise<boolean[]> {
    return this.#storage.read.optouts.matching(caller.view.account.id, numbers);
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
    const { account, senders, devices } = caller.view;
    const outcome = await this.submit({
      caller: {
        credentialId: caller.credentialId,
        channel: caller.channel,
        view: {
          account: { ...account, id: house, pricePerPart: millicredits(0), duplicateWindowMs: 0 },
          senders,
          endpoints: [],
          signingKey: null,
          products: new Map(),
          hasScopedOptouts: false,
          devices,
        },
      },
      messages: [{ ...message, shorten: message.shorten ?? false }],
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

  /** Takes back one that `allow` has counted: nothing came of it. */
  giveBack(name: string): Promise<void> {
    const now = this.delivery.clock.now();
    return this.#storage.write((tx) => tx.rates.giveBack(name, now));
  }

  /** Makes an account under the caller's, for somebody who is asked by mail. @throws GatewayError as `register`. */
  register(caller: Caller, wanted: { name: string; email: string }): Promise<Account> {
    const { book } = this.users;
    return register({ owner: this.owner, book, clock: this.delivery.clock }, caller, wanted);
  }

  /** The caller's sub-accounts that are active, by name: the first hundred. */
  async subAccounts(caller: Caller): Promise<Account[]> {
    const { read } = this.#storage;
    const found = await read.accounts.subAccounts(caller.view.account.id, mostSubAccounts);
    return found.filter(({ status }) => status === 'active');
  }

  /**
   * Acts for a sub-account of the caller's.
   * @returns undefined when he has none of that name, or it is suspended.
   */
  async subAccount(caller: Caller, name: string): Promise<Caller | undefined> {
    const account = await this.#storage.read.accounts.findByName(name);
    if (account?.parentId !== caller.view.account.id || account.status !== 'active') {
      return undefined;
    }
    await this.owner.standIn(account.id, caller.channel);
    const view = await this.directory.view(account.id);
    return view && { ...caller, view };
  }

  /** An account's ways in, also those that were revoked: without their secrets, which nobody has. */
  credentialsOf(accountId: AccountId): Promise<Credential[]> {
    return this.#storage.read.credentials.ofAccount(accountId);
  }

  /** What was changed by whom, newest first. */
  auditLog(search: Parameters<Reads['audit']['list']>[0]): Promise<AuditEntry[]> {
    return this.#storage.read.audit.list(search);
  }

  /** How many of what is allowed only so often (`allow`) were taken in the window that is open. */
  taken(name: string): Promise<number> {
    return this.#storage.read.rates.taken(name, this.delivery.clock.now());
  }

  /** What waits for a client who asks for it, the oldest first, until he confirms it. */
  async polled(
    { view }: Caller,
    { form, topic, limit }: { form: string; topic: string; limit: number },
  ): Promise<Notification[]> {
    const endpoint = polledEndpoint(view, form, topic);
    return endpoint ? this.#storage.read.notifications.polled(endpoint.id, limit) : [];
  }

  /** He has these: they are not shown again. Ids that are not his, or were confirmed before, are passed over. */
  async confirm(
    { view }: Caller,
    { form, topic, ids }: { form: string; topic: string; ids: readonly NotificationId[] },
  ): Promise<void> {
    const endpoint = polledEndpoint(view, form, topic);
    if (!endpoint || ids.length === 0) return;
    const now = this.delivery.clock.now();
    await this.#storage.write((tx) => tx.notifications.confirm(endpoint.id, ids, now));
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

function polledEndpoint(view: AccountView, form: string, topic: string): Endpoint | undefined {
  return view.endpoints.find(
    (one) => one.via === 'poll' && one.form === form && one.topic === topic,
  );
}

function once<News>(merged: (news: News) => Promise<unknown>): (news: News) => Promise<void> {
  return async (news) => {
    await merged(news);
  };
}
