import type { Caller } from '../accounts/authenticate.ts';
import { mergeByTurn } from '../batch.ts';
import type { MessageError } from '../errors.ts';
import { GatewayError } from '../errors.ts';
import type { LinkId, MessageId, SubmissionId } from '../ids.ts';
import type { Outbox } from '../notifications/outbox.ts';
import type { Clock } from '../ports/clock.ts';
import type { Dispatcher } from '../ports/dispatcher.ts';
import type { Ids } from '../ports/ids.ts';
import type { Meter } from '../ports/meter.ts';
import type { Storage } from '../ports/storage.ts';
import type { Routing } from '../routing/routing.ts';
import type { Acceptable, AcceptOutcome } from './accept.ts';
import { acceptAll } from './accept.ts';
import { newMessage, newRefusedMessage } from './build.ts';
import type { Message } from './message.ts';
import type { OutgoingMessage, Prepared, Refused } from './prepare.ts';
import { prepareDestination, prepareMessage } from './prepare.ts';

/** What a dialect asks the core to send. */
export interface SubmitRequest {
  caller: Caller;
  messages: readonly OutgoingMessage[];
  /** Of a retried request only the first is carried out; the others get its very answer. */
  idempotency?: {
    key: string;
    /** Digest of the request, as the client sent it. */
    fingerprint: string;
    /** Renders the answer that will be kept and given again. Pure. */
    answer(result: SubmitResult): string;
  };
}

/** What became of each message, in the order of the request. */
export type Verdict =
  | { ok: true; message: Message }
  /** `message` is there when the refusal was stored, so that it can be looked up. */
  | { ok: false; error: MessageError; message: Message | null };

export interface SubmitResult {
  submissionId: SubmissionId;
  verdicts: Verdict[];
}

export type SubmitOutcome =
  | { kind: 'done'; result: SubmitResult }
  | { kind: 'replayed'; answer: string };

/** How long a freshly accepted message may take from the commit to its hand-over on this node. */
const leaseMs = 60_000;
/** The most submissions in one transaction. */
const mergeLimit = 256;

export interface SubmitterParts {
  storage: Storage;
  clock: Clock;
  ids: Ids;
  routing: Routing;
  outbox: Outbox;
  dispatcher: Dispatcher;
  meter: Meter;
  /** How long a message may wait for its delivery. */
  validityMs: number;
}

/** Takes submissions in: checks, prices, routes, and makes them real in one transaction. */
export class Submitter {
  readonly #parts: SubmitterParts;
  readonly #accept: (submission: Acceptable) => Promise<AcceptOutcome>;

  constructor(parts: SubmitterParts) {
    this.#parts = parts;
    const { storage, ids, outbox } = parts;
    this.#accept = mergeByTurn(async (submissions: Acceptable[]) => {
      const { outcomes, told } = await storage.write((tx) =>
        acceptAll(tx, submissions, { ids, outbox }),
      );
      if (told > 0) outbox.wake();
      return outcomes;
    }, mergeLimit);
  }

  /**
   * @returns after the commit.
   * @throws GatewayError `insufficient_credit` (nothing of the submission is stored or charged),
   * `idempotency_conflict`, and what the storage throws.
   */
  async submit(request: SubmitRequest): Promise<SubmitOutcome> {
    const { meter } = this.#parts;
    const { view, credentialId } = request.caller;
    const now = this.#parts.clock.now();
    const submissionId: SubmissionId = this.#parts.ids.next();
    const prepared = await this.#prepare(request, now);
    const { verdicts, inserts } = this.#build(prepared, { request, submissionId, now });
    const result: SubmitResult = { submissionId, verdicts };
    for (const verdict of verdicts) if (!verdict.ok) meter.refused(verdict.error.code);

    const { idempotency } = request;
    if (inserts.length === 0 && !idempotency) return { kind: 'done', result };

    const leases = this.#lease(inserts, now);
    let outcome: AcceptOutcome;
    try {
      outcome = await this.#accept({
        view,
        submissionId,
        messages: inserts,
        now,
        idempotency: idempotency
          ? {
              credentialId,
              key: idempotency.key,
              fingerprint: idempotency.fingerprint,
              answer: (repeated) => idempotency.answer(withRepetitions(result, repeated)),
            }
          : null,
      });
    } catch (error) {
      this.#settle(leases, null);
      throw error;
    }
    switch (outcome.kind) {
      case 'accepted': {
        this.#settle(leases, outcome.repeated);
        meter.accepted(inserts.length - outcome.repeated.size);
        return { kind: 'done', result: withRepetitions(result, outcome.repeated) };
      }
      case 'insufficient_credit':
        this.#settle(leases, null);
        throw new GatewayError(
          'insufficient_credit',
          'Insufficient credits to send the batch of messages.',
        );
      case 'replayed':
        this.#settle(leases, null);
        return { kind: 'replayed', answer: outcome.answer };
      case 'conflict':
        this.#settle(leases, null);
        throw new GatewayError(
          'idempotency_conflict',
          'This Idempotency-Key was already used for another request.',
        );
    }
  }

  async #prepare(request: SubmitRequest, now: number): Promise<(Prepared | Refused)[]> {
    const { view } = request.caller;
    const destinations = request.messages.map((message) => prepareDestination(message, view));
    const numbers = destinations.flatMap((one) => (one.ok ? [one.destination] : []));
    const optedOut =
      numbers.length > 0
        ? await this.#parts.storage.read.optouts.matching(view.account.id, numbers)
        : new Set<never>();
    const known = { view, routing: this.#parts.routing, optedOut, now };
    return request.messages.map((message, index) => {
      const destination = destinations[index] as (typeof destinations)[number];
      return destination.ok ? prepareMessage(message, destination.destination, known) : destination;
    });
  }

  /** The rows to insert, and what will be answered if they are. */
  #build(
    prepared: readonly (Prepared | Refused)[],
    from: { request: SubmitRequest; submissionId: SubmissionId; now: number },
  ): { verdicts: Verdict[]; inserts: Message[] } {
    const { request, submissionId, now } = from;
    const inserts: Message[] = [];
    const verdicts = prepared.map((one, position): Verdict => {
      const origin = {
        id: this.#parts.ids.next<MessageId>(),
        accountId: request.caller.view.account.id,
        submissionId,
        position,
        now,
        validityMs: this.#parts.validityMs,
      };
      if (one.ok) {
        const message = newMessage(one, origin);
        inserts.push(message);
        return { ok: true, message };
      }
      const { error, destination } = one;
      if (destination === null) return { ok: false, error, message: null };
      // A blocked recipient is the one refusal that is kept: its client may ask for it by its id.
      const asked = request.messages[position] as OutgoingMessage;
      const message = newRefusedMessage({ ...one, destination }, asked, origin);
      inserts.push(message);
      return { ok: false, error, message };
    });
    return { verdicts, inserts };
  }

  /** Leases rows to this node where it has room, so that they need not be read again. */
  #lease(inserts: readonly Message[], now: number): Lease[] {
    const { dispatcher } = this.#parts;
    const byLink = new Map<LinkId, Message[]>();
    for (const message of inserts) {
      if (message.status !== 'queued' || message.linkId === null) continue;
      const sameLink = byLink.get(message.linkId);
      if (sameLink) sameLink.push(message);
      else byLink.set(message.linkId, [message]);
    }
    return [...byLink].map(([linkId, messages]) => {
      const reserved = dispatcher.reserve(linkId, messages.length);
      if (reserved) {
        for (const message of messages) {
          message.lockedBy = dispatcher.nodeId;
          message.dueAt = now + leaseMs;
        }
      }
      return { linkId, messages, reserved };
    });
  }

  /** After the transaction: hands over what was inserted (all but `repeated`), or gives the room back. */
  #settle(leases: readonly Lease[], repeated: ReadonlySet<Message> | null): void {
    const { dispatcher } = this.#parts;
    const waiting: LinkId[] = [];
    for (const { linkId, messages, reserved } of leases) {
      if (repeated === null) {
        if (reserved) dispatcher.release(linkId, messages.length);
        continue;
      }
      if (!reserved) {
        waiting.push(linkId);
        continue;
      }
      const inserted =
        repeated.size === 0 ? messages : messages.filter((message) => !repeated.has(message));
      dispatcher.release(linkId, messages.length - inserted.length);
      dispatcher.offer(linkId, inserted);
    }
    if (waiting.length > 0) dispatcher.wake(waiting);
  }
}

interface Lease {
  linkId: LinkId;
  messages: Message[];
  reserved: boolean;
}

/** The verdicts once it is known which messages were repetitions. */
function withRepetitions(result: SubmitResult, repeated: ReadonlySet<Message>): SubmitResult {
  if (repeated.size === 0) return result;
  return {
    submissionId: result.submissionId,
    verdicts: result.verdicts.map((verdict) =>
      verdict.ok && repeated.has(verdict.message)
        ? {
            ok: false,
            error: {
              code: 'duplicate_message',
              detail: 'The same message was sent to this recipient a moment ago.',
            },
            message: null,
          }
        : verdict,
    ),
  };
}
