import type { AccountView } from '../accounts/account.ts';
import type { LedgerEntry } from '../billing/ledger.ts';
import type { Campaign, CampaignError } from '../campaigns/campaign.ts';
import type { CampaignChunk, ChunkResult } from '../campaigns/chunk.ts';
import { advance, isNext } from '../campaigns/chunk.ts';
import type { MessageError } from '../errors.ts';
import type { Event } from '../events.ts';
import { factsOf } from '../events.ts';
import type { CredentialId, MessageId, ProductId, PurseId, SubmissionId } from '../ids.ts';
import type { Millicredits } from '../money.ts';
import { millicredits } from '../money.ts';
import type { ShortCode } from '../links/code.ts';
import type { LinkedMessage } from '../links/linked.ts';
import { codesOf, comparableTexts, repeatedLinked, takenCodes } from '../links/linked.ts';
import type { ShortLink } from '../links/short-link.ts';
import type { Outbox, Told } from '../notifications/outbox.ts';
import { blockedOnes } from '../optouts/blocked.ts';
import type { Ids } from '../ports/ids.ts';
import type { IdempotencyRecord, Tx } from '../ports/storage.ts';
import { refusedInstead } from './build.ts';
import type { Finished } from './gathering.ts';
import type { Message } from './message.ts';
import { endedBadly } from './status.ts';

/** A submission that has passed all checks which need no transaction. */
export interface Acceptable {
  view: AccountView;
  submissionId: SubmissionId;
  /** What is to be inserted, with its price: queued and scheduled ones, and what is refused and kept. */
  messages: readonly Message[];
  /** Those of them with short links in their texts. */
  linked: readonly LinkedMessage[];
  /** Those of them that take the place of another one (`OutgoingMessage.insteadOf`). */
  instead: ReadonlyMap<Message, MessageId>;
  now: number;
  idempotency: AcceptableKey | null;
  /** As `SubmitRequest.newRef`. */
  newRef: string | null;
  /** The gathering that it ends, where its one message came in pieces. */
  gathered: Finished | null;
  /** What it is of a campaign, with those of its rows that are refused without a message. */
  campaign: { chunk: CampaignChunk; refused: ChunkResult['refused'] } | null;
  /** As `SubmitRequest.refused`: nothing of it is refused without a row. */
  keepsRefused: boolean;
  /** Nor for want of credit; otherwise that refuses the whole submission. */
  keepsUnpaid: boolean;
}

export interface AcceptableKey {
  credentialId: CredentialId;
  key: string;
  fingerprint: string;
  /** The answer to keep, once it is known which messages were refused after all. */
  answer(refusals: Refusals): string;
}

/**
 * Messages that are refused by what only the transaction can know: the recipient has opted out, or the
 * message repeats another. `stored` is what was inserted in its place, for its client to look up.
 */
export type Refusals = ReadonlyMap<Message, { error: MessageError; stored: Message | null }>;

export type AcceptOutcome =
  | { kind: 'accepted'; refusals: Refusals }
  | { kind: 'insufficient_credit' }
  /** A code of its short links is that of another link: nothing of it is stored. */
  | { kind: 'code_taken' }
  /** There is a message of the reference that should be new. */
  | { kind: 'ref_taken' }
  /** The key was used for this very request: here is what was answered then. */
  | { kind: 'replayed'; answer: string }
  /** The key was used for another request. */
  | { kind: 'conflict' }
  /** Its gathering has ended already, or its campaign is past these rows or not this node's. */
  | { kind: 'gone' };

const nothingRefused: Refusals = new Map();

export const optedOut: MessageError = {
  code: 'recipient_opted_out',
  detail: 'Recipient has unsubscribed',
};
const cannotPay: MessageError = {
  code: 'insufficient_credit',
  detail: 'The account has not enough credit.',
};
const notSentAgain: MessageError = {
  code: 'field_invalid',
  detail: 'Only a message that came to a bad end can be sent again, and only once.',
};
export const isRepetition: MessageError = {
  code: 'duplicate_message',
  detail: 'The same message was sent to this recipient a moment ago.',
};

/**
 * The one transaction in which submissions become real: money and messages together. Many at once,
 * in the order in which they came; each is accepted or refused for itself.
 *
 * Most accounts can pay. So what they owe is taken from their balances in one statement, shortly before
 * the commit, which leaves alone whoever has too little: a balance that was locked from the beginning
 * would keep other nodes waiting for all that lies between. When somebody had too little, all balances are
 * known then, and everything is decided anew, one submission after the other.
 *
 * Crash points: before the commit nothing is on disk and nobody was answered; after it everything is,
 * under a lease that ends by itself if this node dies before it hands the messages over.
 */
export async function acceptAll(
  tx: Tx,
  submissions: readonly Acceptable[],
  tools: { ids: Ids; outbox: Outbox },
): Promise<{ outcomes: AcceptOutcome[]; told: Told }> {
  // Locked before anything is looked up: of two nodes that take in the same request, or the same message,
  // at the same time, the second sees what the first has made of it.
  const locked = lockedPurses(submissions);
  const balances =
    locked.length > 0 ? await tx.accounts.lockBalances(locked) : new Map<PurseId, never>();
  const linked = submissions.flatMap((submission) => submission.linked);
  // Asked together: an engine that is not in this thread has them on one way.
  const [answered, blocked, gone, taken, replaceable, takenRefs, campaigns] = await Promise.all([
    answeredBefore(tx, submissions),
    blockedOnes(tx, submissions),
    goneOnes(tx, submissions),
    takenCodes(tx, linked),
    replaceableOnes(tx, submissions),
    refsTaken(tx, submissions),
    campaignsOf(tx, submissions),
  ]);
  const known = {
    balances,
    answered,
    blocked,
    gone,
    taken,
    replaceable,
    takenRefs,
    campaigns,
    linked,
    ids: tools.ids,
  };
  let round = await decide(tx, submissions, known);
  const short = await tx.accounts.debit(round.owed);
  if (short.length > 0) {
    // What was taken from the others is given back first: a submission may be paid from several purses.
    const { owed } = round;
    const found = await tx.accounts.lockBalances([...owed.keys()]);
    const before = new Map<PurseId, Millicredits>();
    for (const [purse, amount] of owed) {
      const debited = short.includes(purse) ? 0 : amount;
      before.set(purse, millicredits((found.get(purse) ?? 0) + debited));
    }
    const all = new Map([...balances, ...before]);
    round = await decide(tx, submissions, { ...known, balances: all });
    round.left = new Map([...before, ...round.left]);
  }

  const [told] = await Promise.all([
    tools.outbox.tell(tx, round.events),
    tx.accounts.setBalances(round.left),
    tx.ledger.insert(round.charges),
    tx.messages.insert(round.inserts),
    tx.idempotency.insert(round.answers),
    round.links.length > 0 ? tx.shortLinks.insert(round.links) : undefined,
    round.hidden.size > 0 ? tx.messages.hide(round.hidden) : undefined,
    round.gathered.length > 0 ? tx.gatherings.finish(round.gathered) : undefined,
    round.campaigns.length > 0 ? saveCampaigns(tx, round.campaigns) : undefined,
  ]);
  return { outcomes: round.outcomes, told };
}

/** What is to be written. */
interface Round {
  outcomes: AcceptOutcome[];
  inserts: Message[];
  links: ShortLink[];
  charges: LedgerEntry[];
  answers: IdempotencyRecord[];
  events: { event: Event; view: AccountView }[];
  /** Gatherings that are whole. */
  gathered: Finished[];
  /** Campaigns that have come further. */
  campaigns: Advanced[];
  /** What others take the place of, and since when it is not seen any more. */
  hidden: Map<MessageId, number>;
  /** What is left of the balances that were known and are spent from. */
  left: Map<PurseId, Millicredits>;
  /** What is owed from balances that were not known, as if it were there. */
  owed: Map<PurseId, Millicredits>;
}

async function decide(
  tx: Tx,
  submissions: readonly Acceptable[],
  known: {
    balances: ReadonlyMap<PurseId, Millicredits>;
    answered: ReadonlyMap<string, { fingerprint: string; answer: string }>;
    blocked: ReadonlySet<Message>;
    gone: ReadonlySet<Acceptable>;
    taken: ReadonlySet<ShortCode>;
    replaceable: ReadonlySet<MessageId>;
    takenRefs: ReadonlySet<string>;
    /** Of those submissions that are a campaign's next rows. */
    campaigns: ReadonlyMap<Acceptable, Campaign>;
    linked: readonly LinkedMessage[];
    ids: Ids;
  },
): Promise<Round> {
  const { blocked, replaceable, ids } = known;
  const outcomes: AcceptOutcome[] = [];
  const inserts: Message[] = [];
  const links: ShortLink[] = [];
  const charges: LedgerEntry[] = [];
  const answers: IdempotencyRecord[] = [];
  const events: Round['events'] = [];
  const gathered: Round['gathered'] = [];
  const campaigns: Round['campaigns'] = [];
  const hidden: Round['hidden'] = new Map();
  const left: Round['left'] = new Map();
  const owed: Round['owed'] = new Map();
  const answered = new Map(known.answered);
  const takenRefs = new Set(known.takenRefs);
  const texts = comparableTexts(known.linked);

  for (const submission of submissions) {
    const { view, idempotency, submissionId, now } = submission;
    const accountId = view.account.id;
    const campaign = known.campaigns.get(submission);
    if (known.gone.has(submission) || (submission.campaign && !campaign)) {
      outcomes.push({ kind: 'gone' });
      continue;
    }
    const before = idempotency && answered.get(keyOf(idempotency));
    if (before) {
      outcomes.push(
        before.fingerprint === idempotency.fingerprint
          ? { kind: 'replayed', answer: before.answer }
          : { kind: 'conflict' },
      );
      continue;
    }

    const ref = refOf(submission);
    if (ref !== undefined && takenRefs.has(ref)) {
      outcomes.push({ kind: 'ref_taken' });
      continue;
    }

    if (submission.linked.flatMap(codesOf).some((code) => known.taken.has(code))) {
      outcomes.push({ kind: 'code_taken' });
      continue;
    }

    let refusals =
      blocked.size > 0 || view.account.duplicateWindowMs > 0 || submission.instead.size > 0
        ? await refusalsOf(tx, submission, {
            blocked,
            replaceable,
            hidden,
            sameRound: inserts,
            texts,
          })
        : nothingRefused;
    if (submission.gathered && refusals.size > 0) {
      // Its other pieces were acknowledged: whoever gathered them ends it in their sense.
      outcomes.push({ kind: 'accepted', refusals: unstored(refusals) });
      continue;
    }
    let kept = withoutRefused(submission, refusals);
    let dues = duesOf(kept);
    const balanceOf = (product: ProductId | null): Millicredits | undefined =>
      left.get(product ?? accountId) ?? known.balances.get(product ?? accountId);
    const tooDear = dues.filter(({ product, total }) => (balanceOf(product) ?? total) < total);
    if (tooDear.length > 0) {
      if (!submission.keepsUnpaid) {
        outcomes.push({ kind: 'insufficient_credit' });
        continue;
      }
      const poor = new Set(tooDear.map(({ product }) => product));
      refusals = refusedForCredit(submission, refusals, poor);
      kept = withoutRefused(submission, refusals);
      dues = dues.filter(({ product }) => !poor.has(product));
    }
    for (const { product, total } of dues) {
      const purse = product ?? accountId;
      const balance = balanceOf(product);
      if (balance === undefined) owed.set(purse, millicredits((owed.get(purse) ?? 0) + total));
      else left.set(purse, millicredits(balance - total));
      charges.push({
        id: ids.next(),
        accountId,
        productId: product,
        at: now,
        amount: millicredits(-total),
        kind: 'charge',
        submissionId,
        messageId: null,
        note: null,
        orderRef: null,
      });
    }
    if (submission.gathered) gathered.push(submission.gathered);
    if (submission.campaign && campaign) {
      campaigns.push(advanced(campaign, submission, kept, refusals));
    }
    if (ref !== undefined) takenRefs.add(ref);
    for (const message of kept) {
      inserts.push(message);
      const replaced = submission.instead.get(message);
      if (replaced !== undefined) hidden.set(replaced, now);
      if (view.endpoints.length === 0) continue;
      const rejected = message.status === 'rejected';
      if (rejected && !submission.keepsRefused) continue;
      const type = rejected ? 'message.failed' : 'message.accepted';
      events.push({ event: { type, accountId, at: now, message: factsOf(message) }, view });
    }
    for (const one of submission.linked) {
      if (!refusals.has(one.message)) links.push(...one.links);
    }
    if (idempotency) {
      const record: IdempotencyRecord = {
        credentialId: idempotency.credentialId,
        key: idempotency.key,
        fingerprint: idempotency.fingerprint,
        answer: idempotency.answer(refusals),
        createdAt: now,
      };
      answered.set(keyOf(idempotency), record);
      answers.push(record);
    }
    outcomes.push({ kind: 'accepted', refusals });
  }
  return {
    outcomes,
    inserts,
    links,
    charges,
    answers,
    events,
    gathered,
    campaigns,
    hidden,
    left,
    owed,
  };
}

function withoutRefused({ messages }: Acceptable, refusals: Refusals): readonly Message[] {
  if (refusals.size === 0) return messages;
  return messages.flatMap((message) => {
    const refusal = refusals.get(message);
    return refusal ? (refusal.stored ?? []) : message;
  });
}

/** What messages cost from one purse: of a product, or their account's own. */
interface Due {
  product: ProductId | null;
  total: number;
}

/** By purse, without those that nothing is taken from. Nearly always there is one. */
function duesOf(messages: readonly Message[]): Due[] {
  const dues: Due[] = [];
  for (const { price, productId } of messages) {
    if (price === 0) continue;
    const due = dues.find(({ product }) => product === productId);
    if (due) due.total += price;
    else dues.push({ product: productId, total: price });
  }
  return dues;
}

/** All of these purses that is not refused for another reason. */
function refusedForCredit(
  { messages }: Acceptable,
  refusals: Refusals,
  poor: ReadonlySet<ProductId | null>,
): Refusals {
  const all = new Map(refusals);
  for (const message of messages) {
    if (all.has(message) || message.status === 'rejected' || !poor.has(message.productId)) continue;
    all.set(message, { error: cannotPay, stored: refusedInstead(message, cannotPay) });
  }
  return all;
}

function unstored(refusals: Refusals): Refusals {
  return new Map([...refusals].map(([message, { error }]) => [message, { error, stored: null }]));
}

const keyOf = (key: { credentialId: CredentialId; key: string }): string =>
  `${key.credentialId}\0${key.key}`;

async function answeredBefore(
  tx: Tx,
  submissions: readonly Acceptable[],
): Promise<Map<string, { fingerprint: string; answer: string }>> {
  const keys = submissions.flatMap(({ idempotency }) => (idempotency ? [idempotency] : []));
  if (keys.length === 0) return new Map();
  const records = await tx.idempotency.find(keys);
  return new Map(records.map((record) => [keyOf(record), record]));
}

/**
 * Whose balance is locked at the beginning: for whom something must not happen twice, or must not be
 * missed by an opt-out at this moment; and with one such account all others, since who took some balances
 * early and others late would take them in another order than his neighbour. Their products' purses likewise.
 */
function lockedPurses(submissions: readonly Acceptable[]): PurseId[] {
  const careful = submissions.some(
    ({ view, messages, instead, idempotency, newRef }) =>
      idempotency !== null ||
      newRef !== null ||
      instead.size > 0 ||
      view.account.duplicateWindowMs > 0 ||
      messages.some(({ status }) => status === 'scheduled'),
  );
  if (!careful) return [];
  const purses = new Set<PurseId>();
  for (const { view, messages } of submissions) {
    purses.add(view.account.id);
    for (const { productId } of messages) if (productId !== null) purses.add(productId);
  }
  return [...purses];
}

/** A reference that should be new, told from those of other accounts. */
function refOf({ view, newRef }: Acceptable): string | undefined {
  return newRef === null ? undefined : `${view.account.id}\0${newRef}`;
}

/** Those references that should be new and are not. */
async function refsTaken(tx: Tx, submissions: readonly Acceptable[]): Promise<ReadonlySet<string>> {
  const wanted = submissions.flatMap((one) =>
    one.newRef === null ? [] : [{ one, accountId: one.view.account.id, clientRef: one.newRef }],
  );
  if (wanted.length === 0) return new Set();
  const taken = await tx.messages.refsTaken(wanted);
  return new Set(wanted.flatMap(({ one }, at) => (taken[at] ? (refOf(one) ?? []) : [])));
}

/** Those whose place may be taken: their account's, ended badly, and not taken yet. They stay so until the commit. */
async function replaceableOnes(
  tx: Tx,
  submissions: readonly Acceptable[],
): Promise<ReadonlySet<MessageId>> {
  const ids = submissions.flatMap(({ instead }) => [...instead.values()]);
  if (ids.length === 0) return new Set();
  const owners = new Map(
    submissions.flatMap(({ view, instead }) =>
      [...instead.values()].map((id) => [id, view.account.id]),
    ),
  );
  const found = await tx.messages.lock(ids);
  return new Set(
    found
      .filter(
        ({ id, accountId, status, hiddenAt }) =>
          accountId === owners.get(id) && hiddenAt === null && endedBadly(status),
      )
      .map(({ id }) => id),
  );
}

/** Those whose gathering has ended; nobody else ends that of another until the commit. */
async function goneOnes(
  tx: Tx,
  submissions: readonly Acceptable[],
): Promise<ReadonlySet<Acceptable>> {
  const whole = submissions.filter(({ gathered }) => gathered !== null);
  if (whole.length === 0) return new Set();
  const found = await tx.gatherings.lock(whole.map((one) => one.gathered as Finished));
  return new Set(
    whole.filter((one, at) => found[at]?.id !== one.gathered?.id || found[at]?.doneAt !== null),
  );
}

/** A campaign after this round, and what it does not need any more. */
interface Advanced {
  campaign: Campaign;
  errors: CampaignError[];
  finished: { campaignId: Campaign['id']; first: number } | null;
}

/**
 * The campaigns of which submissions are the next rows, which nobody else moves until the commit. Of two submissions
 * of one campaign only the first is.
 */
async function campaignsOf(
  tx: Tx,
  submissions: readonly Acceptable[],
): Promise<ReadonlyMap<Acceptable, Campaign>> {
  const chunks = submissions.flatMap((submission) =>
    submission.campaign ? [{ submission, chunk: submission.campaign.chunk }] : [],
  );
  if (chunks.length === 0) return new Map();
  const ids = [...new Set(chunks.map(({ chunk }) => chunk.id))];
  const locked = await tx.campaigns.lock(ids);
  const next = new Map<Acceptable, Campaign>();
  ids.forEach((id, at) => {
    const campaign = locked[at];
    const first = chunks.find(({ chunk }) => chunk.id === id && isNext(campaign, chunk));
    if (first && campaign) next.set(first.submission, campaign);
  });
  return next;
}

function advanced(
  campaign: Campaign,
  { campaign: of, messages, now }: Acceptable,
  kept: readonly Message[],
  refusals: Refusals,
): Advanced {
  if (!of) throw new Error('not of a campaign');
  const { chunk } = of;
  const late = messages.flatMap((message) => {
    const refusal = refusals.get(message);
    return refusal ? [{ at: message.position, error: refusal.error }] : [];
  });
  return {
    ...advance(
      campaign,
      chunk,
      {
        sent: kept.filter(({ status }) => status !== 'rejected'),
        refused: [...of.refused, ...late],
      },
      now,
    ),
    finished: chunk.finishes === null ? null : { campaignId: chunk.id, first: chunk.finishes },
  };
}

async function saveCampaigns(tx: Tx, moved: readonly Advanced[]): Promise<void> {
  await tx.campaigns.save(moved.map(({ campaign }) => campaign));
  await tx.campaigns.insertErrors(moved.flatMap(({ errors }) => errors));
  await tx.campaigns.removePages(moved.flatMap(({ finished }) => finished ?? []));
}

/** What is refused of a submission: blocked ones, and those that repeat one on disk, of this round, or before them. */
async function refusalsOf(
  tx: Tx,
  { view, messages, linked, instead, now, keepsRefused }: Acceptable,
  known: {
    blocked: ReadonlySet<Message>;
    replaceable: ReadonlySet<MessageId>;
    /** Whose place is taken by a message of this round. */
    hidden: ReadonlyMap<MessageId, number>;
    sameRound: readonly Message[];
    /** Of messages with links, without the codes. */
    texts: ReadonlyMap<Message, string>;
  },
): Promise<Refusals> {
  const refusals = new Map<Message, { error: MessageError; stored: Message | null }>();
  for (const message of messages) {
    if (!known.blocked.has(message) || message.status === 'rejected') continue;
    refusals.set(message, { error: optedOut, stored: refusedInstead(message, optedOut) });
  }
  // The one before is still there to be looked up.
  for (const [message, id] of instead) {
    if (!known.replaceable.has(id) || known.hidden.has(id)) {
      refusals.set(message, { error: notSentAgain, stored: null });
    } else if (refusals.has(message)) refusals.set(message, { error: optedOut, stored: null });
  }
  const { id: accountId, duplicateWindowMs } = view.account;
  if (duplicateWindowMs === 0) return refusals;

  // Of two texts with a secret nobody knows whether they are the same: one has a code that no other has.
  const candidates = messages.filter(
    (message) => !refusals.has(message) && message.status !== 'rejected' && message.secret === null,
  );
  const since = now - duplicateWindowMs;
  const onDisk = await tx.messages.repeated(accountId, candidates, since);
  const linkedOnDisk = await repeatedLinked(tx, accountId, linked, since);
  const sameness = (message: Message): string =>
    `${message.destination}\0${message.sender}\0${known.texts.get(message) ?? message.text}`;
  const seen = new Set(
    known.sameRound
      .filter((message) => message.accountId === accountId && message.status !== 'rejected')
      .map(sameness),
  );
  candidates.forEach((message, index) => {
    const mark = sameness(message);
    if (onDisk[index] || linkedOnDisk.has(message) || seen.has(mark)) {
      const stored = keepsRefused ? refusedInstead(message, isRepetition) : null;
      refusals.set(message, { error: isRepetition, stored });
    } else seen.add(mark);
  });
  return refusals;
}
