import type { AccountView } from '../accounts/account.ts';
import type { UnhappyEnd } from '../billing/move-money.ts';
import type { DeliveryErrorCode } from '../errors.ts';
import type { LinkId, MessageId } from '../ids.ts';
import { goesAlone } from '../messages/lone-part.ts';
import type { Message, Part } from '../messages/message.ts';
import type { PartStatus } from '../messages/status.ts';
import type { Tx, UpstreamKey } from '../ports/storage.ts';
import type { ReceiptNews, SendOutcome } from '../ports/transport.ts';
import { keyed } from './bearers.ts';
import { Consequences } from './consequences.ts';
import type { DeliveryContext } from './context.ts';
import { applyDoubtfulAgain } from './doubtful-receipts.ts';
import { applyReceipts } from './receipts.ts';

/** What the network said to one hand-over of a message: an outcome for each part that was sent. */
export interface HandOverOutcome {
  message: Message;
  parts: { number: number; outcome: SendOutcome }[];
  /** How many parts the hand-over wrote down. */
  wireParts: number;
  /** Parts that the network had taken at an earlier hand-over. */
  takenBefore: number;
  at: number;
}

/** Waits before the next hand-over, by the number of those made. */
const retryDelaysMs = [5_000, 15_000, 60_000, 300_000, 900_000, 1_800_000] as const;
const throttledDelayMs = 1_000;
/** No receipt was asked for: `sent` is all that will be known. In the year 9999, within what an instant can be. */
export const never = 253_370_764_800_000;

/**
 * Writes down what the network said, for many messages in one transaction, each moved at most once:
 *
 * - a part refused: the message is `rejected`;
 * - else an answer lost: `unknown`, or back to `queued` by the link's `resend` policy, marked; or, where the link
 *   knows what it had by its id (`LinkPolicy.devices`), back to `queued` and that is all;
 * - else a part not taken for now: back to `queued`, for this link or, where it says so, for the next one of
 *   its route; `failed` when its tries are used up. A message of which the network has a part already stays
 *   with its link, and what was taken is left alone: another link may cut the text in another way, and a
 *   handset could not join what came by two;
 * - else every part was taken: `sent`.
 *
 * Receipts that had come before their part was known are applied at once. Call `committed()` after the commit.
 */
export async function applyOutcomes(
  tx: Tx,
  outcomes: readonly HandOverOutcome[],
  context: DeliveryContext,
): Promise<{ committed(): void }> {
  const views = await context.directory.views(outcomes.map((one) => one.message.accountId));
  const consequences = new Consequences(context, views);
  const elsewhere = await write(tx, outcomes, { consequences, context, views });
  await consequences.write(tx);
  const keys = outcomes.flatMap(acceptedKeys).map((id) => keyed(context.routing, id));
  const parked = keys.length > 0 ? await tx.parkedReceipts.take(keys) : [];
  const early = parked.length > 0 ? await applyParked(tx, parked, context) : null;
  return {
    committed: () => {
      consequences.committed();
      early?.committed();
      if (elsewhere.size > 0) context.dispatcher.wake(elsewhere);
      for (const outcome of outcomes) countAnswers(outcome, context);
    },
  };
}

function countAnswers({ message, parts }: HandOverOutcome, { meter }: DeliveryContext): void {
  if (message.linkId === null) return;
  for (const { outcome } of parts) {
    meter.answered(message.linkId, outcome.kind, 'said' in outcome ? outcome.said : undefined);
  }
}

/** What was parked for these answers. One for another handset's message waits on. */
export async function applyParked(
  tx: Tx,
  parked: readonly ReceiptNews[],
  context: DeliveryContext,
): Promise<{ committed(): void }> {
  const { consequences, missed, doubtful } = await applyReceipts(tx, parked, context);
  if (missed.length + doubtful.length === 0) return consequences;
  const further = await applyDoubtfulAgain(tx, [...missed, ...doubtful], context);
  return {
    committed: () => {
      consequences.committed();
      further.committed();
    },
  };
}

interface Given {
  consequences: Consequences;
  context: DeliveryContext;
  views: ReadonlyMap<string, AccountView>;
}

/** @returns the links that messages were given to. */
async function write(
  tx: Tx,
  outcomes: readonly HandOverOutcome[],
  given: Given,
): Promise<Set<LinkId>> {
  const { consequences, context, views } = given;
  const next = outcomes.map((one) => decide(one, context, views));
  const written = await tx.messages.save(
    next.map((one) => one.message),
    {
      from: 'sending',
      held: {
        by: context.dispatcher.nodeId,
        until: outcomes.map((one) => one.message.dueAt),
      },
    },
  );
  const late: HandOverOutcome[] = [];
  const parts: Part[] = [];
  const movedOn: MessageId[] = [];
  const links = new Set<LinkId>();
  next.forEach(({ message, end, remark }, index) => {
    const outcome = outcomes[index] as HandOverOutcome;
    // Not written: it was settled without this answer, or is handed over anew.
    if (!written[index]) {
      late.push(outcome);
      return;
    }
    if (message.linkId !== null && message.linkId !== outcome.message.linkId) {
      // Nothing of it was taken, and the other link may make more or fewer parts of it.
      movedOn.push(message.id);
      links.add(message.linkId);
    } else if (!saysItself(outcome)) {
      for (const part of outcome.parts) parts.push(partOf(outcome, part));
    }
    if (remark) consequences.remark(message, outcome.at, remark, message.errorDetail);
    if (message.status !== 'queued') consequences.moved(message, outcome.at, end);
  });
  if (parts.length > 0) await tx.parts.save(parts);
  if (movedOn.length > 0) await tx.parts.remove(movedOn);
  if (late.length > 0) await writeLate(tx, late, given);
  return links;
}

/** Has the network its only part, and is there nothing to write of it but what its message says? */
function saysItself({ message, parts: [one, another], wireParts }: HandOverOutcome): boolean {
  if (one?.outcome.kind !== 'accepted' || another) return false;
  return goesAlone(message, message.attempts - 1, wireParts);
}

/**
 * Answers that come after their message was given up for lost. That the network took all of it is good
 * news, which receipts can then complete, and which spares a message that waits to be sent again by the
 * `resend` policy its second way. That it did not take all of it ends an `unknown` message as `rejected`
 * (`recordLateAnswers` says why it is not sent again). Everything else is too late: the message may be under
 * way again, and its parts then belong to that hand-over.
 */
async function writeLate(
  tx: Tx,
  late: readonly HandOverOutcome[],
  { consequences, context, views }: Given,
): Promise<void> {
  const rows = await tx.messages.lock(late.map((one) => one.message.id));
  const byId = new Map(rows.map((row) => [row.id, row]));
  const moved = { unknown: [] as Message[], queued: [] as Message[], sending: [] as Message[] };
  const parts: Part[] = [];
  for (const outcome of late) {
    const row = byId.get(outcome.message.id);
    if (!row || row.attempts !== outcome.message.attempts) continue;
    if (find(outcome.parts, 'unknown')) continue;
    const no = find(outcome.parts, 'refused') ?? notNow(outcome.parts);
    if (no) {
      if (row.status !== 'unknown') continue;
      moved.unknown.push(row);
      for (const part of outcome.parts) parts.push(endedPart(partOf(outcome, part)));
      finish(row, 'rejected', 'refused_by_link', no.detail, outcome.at);
      const taken = outcome.takenBefore + acceptedKeys(outcome).length > 0;
      consequences.moved(row, outcome.at, taken || wasSentAgain(row) ? 'undelivered' : 'unsent');
      continue;
    }
    // Sending and nobody's: this node was taken for dead, and nobody has settled it yet.
    const settled = row.status === 'unknown' || row.status === 'queued';
    if (!settled && !(row.status === 'sending' && row.lockedBy === null)) continue;
    moved[row.status as keyof typeof moved].push(row);
    for (const part of outcome.parts) parts.push(partOf(outcome, part));
    becomeSent(row, outcome.at, context);
    row.dueAt = receiptBy(row, outcome.parts);
    row.cost = costOf(outcome, context, views);
    consequences.moved(row, outcome.at, null);
  }
  await tx.messages.save(moved.unknown, { from: 'unknown' });
  await tx.messages.save(moved.queued, { from: 'queued' });
  await tx.messages.save(moved.sending, { from: 'sending' });
  await tx.parts.save(parts);
}

/** What an earlier hand-over of such a message came to nobody knows. */
export function wasSentAgain({ possiblyDoubled, attempts }: Message): boolean {
  return possiblyDoubled === 1 && attempts > 1;
}

/** A part that was not taken for now, of a message that has ended. */
function endedPart(part: Part): Part {
  return part.status === 'sending' ? { ...part, status: 'rejected', doneAt: part.sentAt } : part;
}

interface Decision {
  message: Message;
  end: UnhappyEnd | null;
  remark: string | null;
}

function decide(
  handedOver: HandOverOutcome,
  context: DeliveryContext,
  views: ReadonlyMap<string, AccountView>,
): Decision {
  const { message, parts, takenBefore, at } = handedOver;
  const { settings, routing } = context;
  const next: Message = { ...message, cost: costOf(handedOver, context, views), lockedBy: null };
  const anyTaken =
    takenBefore > 0 ||
    message.possiblyDoubled === 1 ||
    parts.some(({ outcome }) => outcome.kind === 'accepted' || outcome.kind === 'unknown');
  const end = anyTaken ? 'undelivered' : 'unsent';
  const refused = find(parts, 'refused');
  if (refused) {
    finish(next, 'rejected', refused.code, refused.detail, at);
    return { message: next, end, remark: null };
  }

  const lost = find(parts, 'unknown');
  if (lost) {
    const policy = message.linkId === null ? undefined : routing.policy(message.linkId);
    const resend = policy?.devices || policy?.onLostAnswer === 'resend';
    if (!resend || message.attempts >= settings.maxAttempts) {
      finish(next, 'unknown', 'answer_lost', lost.detail, at);
      return { message: next, end: null, remark: null };
    }
    if (!policy?.devices) next.possiblyDoubled = 1;
    return requeue(next, 'answer_lost', lost.detail, at + retryDelay(message.attempts));
  }

  const later = notNow(parts);
  if (later) {
    if (later.code === 'link_throttled') {
      next.attempts = message.attempts - 1;
      const rest = Math.max(throttledDelayMs, later.retryAfterMs ?? 0);
      return requeue(next, later.code, later.detail, at + rest);
    }
    if (message.attempts >= settings.maxAttempts) {
      finish(next, 'failed', 'retries_exhausted', later.detail, at);
      return { message: next, end, remark: null };
    }
    const pause = later.retryAfterMs ?? retryDelay(message.attempts);
    const account = views.get(message.accountId)?.account;
    const after =
      later.again === 'elsewhere' && !anyTaken ? routing.after(message, account?.name) : undefined;
    if (after) [next.linkId, next.cost] = [after.linkId, after.cost];
    return requeue(next, later.code, later.detail, after?.atOnce ? at : at + pause);
  }

  becomeSent(next, at, context);
  next.dueAt = receiptBy(next, parts);
  const [one] = parts;
  if (one?.outcome.kind === 'accepted' && saysItself(handedOver)) {
    next.upstreamId = one.outcome.upstreamId;
  }
  return { message: next, end: null, remark: null };
}

/**
 * What the message costs us by its link. It was reckoned by the parts that its account is charged for, and a link may
 * have made more or fewer of it.
 */
function costOf(
  { message, parts, takenBefore }: HandOverOutcome,
  { routing }: DeliveryContext,
  views: ReadonlyMap<string, AccountView>,
): Message['cost'] {
  const wireParts = takenBefore + parts.length;
  const account = views.get(message.accountId)?.account;
  if (wireParts === message.parts || message.cost === null || !account) return message.cost;
  return routing.cost(message, account.name, wireParts) ?? message.cost;
}

/** Until when its receipts are waited for: less long than usual where the link knows better. */
function receiptBy({ dueAt }: Message, parts: HandOverOutcome['parts']): number {
  const accepted = parts.map(({ outcome }) => (outcome.kind === 'accepted' ? outcome : undefined));
  if (accepted.every((outcome) => outcome?.noReceipt)) return never;
  return Math.min(dueAt, ...accepted.map((outcome) => outcome?.receiptBy ?? dueAt));
}

/** The network has all of it; from now on its receipt is waited for. */
export function becomeSent(message: Message, at: number, { settings }: DeliveryContext): void {
  message.status = 'sent';
  message.error = null;
  message.errorDetail = null;
  message.sentAt = at;
  message.doneAt = null;
  message.dueAt = at + settings.receiptTimeoutMs;
  message.lockedBy = null;
}

function requeue(
  message: Message,
  code: DeliveryErrorCode,
  detail: string,
  dueAt: number,
): Decision {
  message.status = 'queued';
  message.error = code;
  message.errorDetail = detail;
  message.dueAt = dueAt;
  return { message, end: null, remark: code === 'link_throttled' ? 'throttled' : 'retry' };
}

/** It comes to a bad end. */
export function finish(
  message: Message,
  status: 'rejected' | 'unknown' | 'failed',
  code: DeliveryErrorCode,
  detail: string,
  at: number,
): void {
  message.status = status;
  message.error = code;
  message.errorDetail = detail;
  message.dueAt = at;
  message.doneAt = at;
}

/** The wait after the n-th hand-over. */
export function retryDelay(attempts: number): number {
  return retryDelaysMs[Math.min(Math.max(attempts, 1), retryDelaysMs.length) - 1] as number;
}

/** Of several parts that were not taken, one that must go elsewhere speaks for all. */
function notNow(
  parts: HandOverOutcome['parts'],
): Extract<SendOutcome, { kind: 'retryable' }> | undefined {
  let found: Extract<SendOutcome, { kind: 'retryable' }> | undefined;
  for (const { outcome } of parts) {
    if (outcome.kind !== 'retryable') continue;
    if (outcome.again === 'elsewhere') return outcome;
    found ??= outcome;
  }
  return found;
}

function find<Kind extends SendOutcome['kind']>(
  parts: HandOverOutcome['parts'],
  kind: Kind,
): Extract<SendOutcome, { kind: Kind }> | undefined {
  for (const { outcome } of parts) {
    if (outcome.kind === kind) return outcome as Extract<SendOutcome, { kind: Kind }>;
  }
  return undefined;
}

const statusOf: Record<SendOutcome['kind'], PartStatus> = {
  accepted: 'sent',
  refused: 'rejected',
  unknown: 'unknown',
  retryable: 'sending',
};

function partOf(
  { message, at }: HandOverOutcome,
  { number, outcome }: HandOverOutcome['parts'][number],
): Part {
  if (message.linkId === null) throw new Error(`message ${message.id} was sent without a link`);
  return {
    messageId: message.id,
    number,
    linkId: message.linkId,
    upstreamId: outcome.kind === 'accepted' ? outcome.upstreamId : null,
    status: statusOf[outcome.kind],
    error: outcome.kind === 'accepted' ? null : outcome.detail,
    sentAt: at,
    doneAt: outcome.kind === 'refused' || outcome.kind === 'unknown' ? at : null,
  };
}

/** The ids that the network gave. */
function acceptedKeys({ message, parts }: HandOverOutcome): UpstreamKey[] {
  const { linkId } = message;
  if (linkId === null) return [];
  return parts.flatMap(({ outcome }) =>
    outcome.kind === 'accepted' ? [{ linkId, upstreamId: outcome.upstreamId }] : [],
  );
}
