import type { AccountView } from '../accounts/account.ts';
import type { LedgerEntry } from '../billing/ledger.ts';
import type { MessageError } from '../errors.ts';
import type { Event } from '../events.ts';
import { factsOf } from '../events.ts';
import type { AccountId, CredentialId, SubmissionId } from '../ids.ts';
import type { Millicredits } from '../money.ts';
import { millicredits } from '../money.ts';
import type { Outbox, Told } from '../notifications/outbox.ts';
import type { Ids } from '../ports/ids.ts';
import type { IdempotencyRecord, Tx } from '../ports/storage.ts';
import { refusedInstead } from './build.ts';
import type { Gathering, GatheringKey } from './gathering.ts';
import type { Message } from './message.ts';

/** A submission that has passed all checks which need no transaction. */
export interface Acceptable {
  view: AccountView;
  submissionId: SubmissionId;
  /** What is to be inserted, with its price: queued and scheduled ones. */
  messages: readonly Message[];
  now: number;
  idempotency: AcceptableKey | null;
  /** The gathering that it ends, where its one message came in pieces. */
  gathered: GatheredAs | null;
}

/** A gathering that has become whole. */
export type GatheredAs = GatheringKey & Pick<Gathering, 'id'>;

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
  /** The key was used for this very request: here is what was answered then. */
  | { kind: 'replayed'; answer: string }
  /** The key was used for another request. */
  | { kind: 'conflict' }
  /** Its gathering has ended already. */
  | { kind: 'gone' };

const nothingRefused: Refusals = new Map();

const optedOut: MessageError = {
  code: 'recipient_opted_out',
  detail: 'Recipient has unsubscribed',
};
const isRepetition: MessageError = {
  code: 'duplicate_message',
  detail: 'The same message was sent to this recipient a moment ago.',
};

/**
 * The one transaction in which submissions become real: money and messages together. Many at once,
 * in the order in which they came; each is accepted or refused for itself.
 *
 * Most accounts can pay. So what they owe is taken from their balances in one statement, shortly before
 * the commit, which leaves alone whoever has too little: a balance that was locked from the beginning
 * would keep other nodes waiting for all that lies between. Those who had too little are locked then,
 * and decided anew, one submission after the other.
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
  const locked = lockedAccounts(submissions);
  const balances =
    locked.length > 0 ? await tx.accounts.lockBalances(locked) : new Map<AccountId, never>();
  // Asked together: an engine that is not in this thread has them on one way.
  const [answered, blocked, gone] = await Promise.all([
    answeredBefore(tx, submissions),
    blockedOnes(tx, submissions),
    goneOnes(tx, submissions),
  ]);
  const known = { balances, answered, blocked, gone, ids: tools.ids };
  let round = await decide(tx, submissions, known);
  const short = await tx.accounts.debit(round.owed);
  if (short.length > 0) {
    const found = await tx.accounts.lockBalances(short);
    for (const id of short) found.set(id, found.get(id) ?? millicredits(0));
    const all = new Map([...balances, ...found]);
    round = await decide(tx, submissions, { ...known, balances: all });
  }

  const [told] = await Promise.all([
    tools.outbox.tell(tx, round.events),
    tx.accounts.setBalances(round.left),
    tx.ledger.insert(round.charges),
    tx.messages.insert(round.inserts),
    tx.idempotency.insert(round.answers),
    round.gathered.length > 0 ? tx.gatherings.remove(round.gathered) : undefined,
  ]);
  return { outcomes: round.outcomes, told };
}

/** What is to be written. */
interface Round {
  outcomes: AcceptOutcome[];
  inserts: Message[];
  charges: LedgerEntry[];
  answers: IdempotencyRecord[];
  events: { event: Event; view: AccountView }[];
  /** Gatherings that have ended. */
  gathered: GatheredAs[];
  /** What is left of the balances that were known and are spent from. */
  left: Map<AccountId, Millicredits>;
  /** What accounts of which no balance was known owe, as if they could pay. */
  owed: Map<AccountId, Millicredits>;
}

async function decide(
  tx: Tx,
  submissions: readonly Acceptable[],
  known: {
    balances: ReadonlyMap<AccountId, Millicredits>;
    answered: ReadonlyMap<string, { fingerprint: string; answer: string }>;
    blocked: ReadonlySet<Message>;
    gone: ReadonlySet<Acceptable>;
    ids: Ids;
  },
): Promise<Round> {
  const { blocked, ids } = known;
  const outcomes: AcceptOutcome[] = [];
  const inserts: Message[] = [];
  const charges: LedgerEntry[] = [];
  const answers: IdempotencyRecord[] = [];
  const events: Round['events'] = [];
  const gathered: Round['gathered'] = [];
  const left: Round['left'] = new Map();
  const owed: Round['owed'] = new Map();
  const answered = new Map(known.answered);

  for (const submission of submissions) {
    const { view, idempotency, submissionId, now } = submission;
    const accountId = view.account.id;
    if (known.gone.has(submission)) {
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

    const refusals =
      blocked.size > 0 || view.account.duplicateWindowMs > 0
        ? await refusalsOf(tx, submission, { blocked, sameRound: inserts })
        : nothingRefused;
    if (submission.gathered && refusals.size > 0) {
      // Its other pieces were acknowledged: whoever gathered them ends it in their sense.
      outcomes.push({ kind: 'accepted', refusals: unstored(refusals) });
      continue;
    }
    const kept =
      refusals.size === 0
        ? submission.messages
        : submission.messages.flatMap((message) => {
            const refusal = refusals.get(message);
            return refusal ? (refusal.stored ?? []) : message;
          });
    let total = 0;
    for (const message of kept) total += message.price;
    if (total > 0) {
      const balance = left.get(accountId) ?? known.balances.get(accountId);
      if (balance === undefined) {
        owed.set(accountId, millicredits((owed.get(accountId) ?? 0) + total));
      } else if (balance < total) {
        outcomes.push({ kind: 'insufficient_credit' });
        continue;
      } else {
        left.set(accountId, millicredits(balance - total));
      }
      charges.push({
        id: ids.next(),
        accountId,
        at: now,
        amount: millicredits(-total),
        kind: 'charge',
        submissionId,
        messageId: null,
        note: null,
      });
    }
    if (submission.gathered) gathered.push(submission.gathered);
    for (const message of kept) {
      inserts.push(message);
      if (view.endpoints.length > 0 && message.status !== 'rejected') {
        events.push({
          event: { type: 'message.accepted', accountId, at: now, message: factsOf(message) },
          view,
        });
      }
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
  return { outcomes, inserts, charges, answers, events, gathered, left, owed };
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
 * early and others late would take them in another order than his neighbour.
 */
function lockedAccounts(submissions: readonly Acceptable[]): AccountId[] {
  const careful = submissions.some(
    ({ view, messages, idempotency }) =>
      idempotency !== null ||
      view.account.duplicateWindowMs > 0 ||
      messages.some(({ status }) => status === 'scheduled'),
  );
  return careful ? [...new Set(submissions.map(({ view }) => view.account.id))] : [];
}

/** Those whose gathering has ended; nobody else ends that of another until the commit. */
async function goneOnes(
  tx: Tx,
  submissions: readonly Acceptable[],
): Promise<ReadonlySet<Acceptable>> {
  const whole = submissions.filter(({ gathered }) => gathered !== null);
  if (whole.length === 0) return new Set();
  const found = await tx.gatherings.lock(whole.map((one) => one.gathered as GatheredAs));
  return new Set(whole.filter((one, at) => found[at]?.id !== one.gathered?.id));
}

/** All messages of these submissions whose recipient must be left alone. */
async function blockedOnes(
  tx: Tx,
  submissions: readonly Acceptable[],
): Promise<ReadonlySet<Message>> {
  const all = submissions.flatMap(({ messages }) => messages);
  const matching = await tx.optouts.matching(
    all.map(({ accountId, destination }) => ({ accountId, number: destination })),
  );
  return new Set(all.filter((_, index) => matching[index]));
}

/** What is refused of a submission: blocked ones, and those that repeat one on disk, of this round, or before them. */
async function refusalsOf(
  tx: Tx,
  { view, messages, now }: Acceptable,
  known: { blocked: ReadonlySet<Message>; sameRound: readonly Message[] },
): Promise<Refusals> {
  const refusals = new Map<Message, { error: MessageError; stored: Message | null }>();
  for (const message of messages) {
    if (!known.blocked.has(message)) continue;
    refusals.set(message, { error: optedOut, stored: refusedInstead(message, optedOut) });
  }
  const { id: accountId, duplicateWindowMs } = view.account;
  if (duplicateWindowMs === 0) return refusals;

  const candidates = messages.filter((message) => !refusals.has(message));
  const onDisk = await tx.messages.repeated(accountId, candidates, now - duplicateWindowMs);
  const seen = new Set(
    known.sameRound.filter((message) => message.accountId === accountId).map(sameness),
  );
  candidates.forEach((message, index) => {
    const mark = sameness(message);
    if (onDisk[index] || seen.has(mark)) {
      refusals.set(message, { error: isRepetition, stored: null });
    } else seen.add(mark);
  });
  return refusals;
}

const sameness = (message: Message): string =>
  `${message.destination}\0${message.sender}\0${message.text}`;
