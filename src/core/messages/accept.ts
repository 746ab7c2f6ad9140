import type { AccountView } from '../accounts/account.ts';
import type { LedgerEntry } from '../billing/ledger.ts';
import type { Event } from '../events.ts';
import { factsOf } from '../events.ts';
import type { AccountId, CredentialId, SubmissionId } from '../ids.ts';
import { millicredits } from '../money.ts';
import type { Outbox } from '../notifications/outbox.ts';
import type { Ids } from '../ports/ids.ts';
import type { Tx } from '../ports/storage.ts';
import type { Message } from './message.ts';

/** A submission that has passed all checks which need no transaction. */
export interface Acceptable {
  view: AccountView;
  submissionId: SubmissionId;
  /** What is to be inserted: queued and scheduled ones with their price, refused ones without. */
  messages: readonly Message[];
  now: number;
  idempotency: AcceptableKey | null;
}

export interface AcceptableKey {
  credentialId: CredentialId;
  key: string;
  fingerprint: string;
  /** The answer to keep, once it is known which messages were repetitions. */
  answer(repeated: ReadonlySet<Message>): string;
}

export type AcceptOutcome =
  | { kind: 'accepted'; repeated: ReadonlySet<Message> }
  | { kind: 'insufficient_credit' }
  /** The key was used for this very request: here is what was answered then. */
  | { kind: 'replayed'; answer: string }
  /** The key was used for another request. */
  | { kind: 'conflict' };

const nothingRepeated: ReadonlySet<Message> = new Set();

/**
 * The one transaction in which submissions become real: money and messages together. Many at once,
 * in the order in which they came; each is accepted or refused for itself.
 *
 * Crash points: before the commit nothing is on disk and nobody was answered; after it everything is,
 * under a lease that ends by itself if this node dies before it hands the messages over.
 */
export async function acceptAll(
  tx: Tx,
  submissions: readonly Acceptable[],
  tools: { ids: Ids; outbox: Outbox },
): Promise<{ outcomes: AcceptOutcome[]; told: number }> {
  const outcomes: AcceptOutcome[] = [];
  const inserts: Message[] = [];
  const charges: LedgerEntry[] = [];
  const events: { event: Event; view: AccountView }[] = [];

  const answered = await answeredBefore(tx, submissions);
  const balances = await tx.accounts.lockBalances(payers(submissions));
  const changed = new Map<AccountId, ReturnType<typeof millicredits>>();

  for (const submission of submissions) {
    const { view, idempotency, submissionId, now } = submission;
    const accountId = view.account.id;
    const before = idempotency && answered.get(keyOf(idempotency));
    if (before) {
      outcomes.push(
        before.fingerprint === idempotency.fingerprint
          ? { kind: 'replayed', answer: before.answer }
          : { kind: 'conflict' },
      );
      continue;
    }

    const repeated =
      view.account.duplicateWindowMs > 0
        ? await repetitions(tx, submission, inserts)
        : nothingRepeated;
    const kept =
      repeated.size === 0
        ? submission.messages
        : submission.messages.filter((message) => !repeated.has(message));
    let total = 0;
    for (const message of kept) total += message.price;
    if (total > 0) {
      const balance = balances.get(accountId) ?? 0;
      if (balance < total) {
        outcomes.push({ kind: 'insufficient_credit' });
        continue;
      }
      const left = millicredits(balance - total);
      balances.set(accountId, left);
      changed.set(accountId, left);
      charges.push({
        id: tools.ids.next(),
        accountId,
        at: now,
        amount: millicredits(-total),
        kind: 'charge',
        submissionId,
        messageId: null,
        note: null,
      });
    }
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
      const record = {
        credentialId: idempotency.credentialId,
        key: idempotency.key,
        fingerprint: idempotency.fingerprint,
        answer: idempotency.answer(repeated),
        createdAt: now,
      };
      answered.set(keyOf(idempotency), record);
      await tx.idempotency.insert([record]);
    }
    outcomes.push({ kind: 'accepted', repeated });
  }

  if (changed.size > 0) await tx.accounts.setBalances(changed);
  if (charges.length > 0) await tx.ledger.insert(charges);
  if (inserts.length > 0) await tx.messages.insert(inserts);
  const told = events.length > 0 ? await tools.outbox.tell(tx, events) : 0;
  return { outcomes, told };
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

function payers(submissions: readonly Acceptable[]): AccountId[] {
  const ids = new Set<AccountId>();
  for (const { view, messages } of submissions) {
    if (messages.some((message) => message.price > 0)) ids.add(view.account.id);
  }
  // Always in the same order, so that two nodes that lock the same accounts never wait for each other.
  return [...ids].toSorted();
}

/** Those of a submission that repeat one on disk, one of this round, or one before them in it. */
async function repetitions(
  tx: Tx,
  { view, messages, now }: Acceptable,
  sameRound: readonly Message[],
): Promise<ReadonlySet<Message>> {
  const { id: accountId, duplicateWindowMs } = view.account;
  const candidates = messages.filter((message) => message.status !== 'rejected');
  const onDisk = await tx.messages.repeated(accountId, candidates, now - duplicateWindowMs);
  const seen = new Set(
    sameRound.filter((message) => message.accountId === accountId).map(sameness),
  );
  const repeated = new Set<Message>();
  candidates.forEach((message, index) => {
    const mark = sameness(message);
    if (onDisk[index] || seen.has(mark)) repeated.add(message);
    else seen.add(mark);
  });
  return repeated;
}

const sameness = (message: Message): string =>
  `${message.destination}\0${message.sender}\0${message.text}`;
