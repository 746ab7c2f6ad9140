import type { Caller } from '../accounts/authenticate.ts';
import { mergeCallers } from '../batch.ts';
import type { CampaignChunk } from '../campaigns/chunk.ts';
import type { MessageError } from '../errors.ts';
import { GatewayError } from '../errors.ts';
import type { LinkId, MessageId, SubmissionId } from '../ids.ts';
import type { LinkedMessage } from '../links/linked.ts';
import type { Shortener } from '../links/shorten.ts';
import type { Outbox } from '../notifications/outbox.ts';
import type { Clock } from '../ports/clock.ts';
import type { Dispatcher, Reservation } from '../ports/dispatcher.ts';
import type { Ids } from '../ports/ids.ts';
import type { Meter } from '../ports/meter.ts';
import type { Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import type { Routing } from '../routing/routing.ts';
import type { Acceptable, AcceptOutcome, Refusals } from './accept.ts';
import { acceptAll } from './accept.ts';
import { linksOf, newMessage, refusedAtOnce } from './build.ts';
import type { Gathered } from './gathering.ts';
import { digestsOf } from './gathering.ts';
import type { Message } from './message.ts';
import type { OutgoingMessage, Prepared, Refused } from './prepare.ts';
import { prepareMessage } from './prepare.ts';

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
  /**
   * `keep`: what is refused, for want of credit too, is stored as `rejected` and told as any message that
   * fails; the answer promises nothing else. `keep_but_unpaid`: the same, but want of credit refuses the whole request.
   * Default: it is answered, and only what others must find is stored.
   */
  refused?: 'keep' | 'keep_but_unpaid' | undefined;
  /** The account has no message of this reference yet, however many of these have it: else `already_exists`. */
  newRef?: string | undefined;
  /**
   * `submission`: messages without a reference of their own have the submission's id for one. Or what makes the
   * reference of each, by its place from 0; pure.
   */
  refs?: 'submission' | ((id: SubmissionId, position: number) => string) | undefined;
  /** Its one message came in these pieces under this key, and has the gathering's id. */
  gathered?: { key: string; id: MessageId; pieces: readonly Gathered[] };
  /** Its messages are a campaign's next rows, in order: the campaign is moved past them. */
  campaign?: CampaignChunk;
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

/** The most messages of merged submissions: some 10 ms of inserts, in which nobody else is served. */
const mergeLimit = 1_000;

export interface SubmitterParts {
  storage: Storage;
  clock: Clock;
  ids: Ids;
  vault: Vault;
  routing: Routing;
  shortener: Shortener;
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
    this.#accept = mergeCallers(
      async (take: () => Acceptable[]) => {
        const { outcomes, told } = await storage.write((tx) =>
          acceptAll(tx, take(), { ids, outbox }),
        );
        outbox.wake(told);
        return outcomes;
      },
      mergeLimit,
      ({ messages }) => messages.length,
    );
  }

  /**
   * @returns after the commit.
   * @throws GatewayError `insufficient_credit` (nothing of the submission is stored or charged),
   * `idempotency_conflict`, `already_exists` (there is a message of the reference that should be new, or what its
   * pieces were gathered for has ended already, or its campaign is not where it says), and what the storage throws.
   */
  async submit(request: SubmitRequest): Promise<SubmitOutcome> {
    const { view, credentialId } = request.caller;
    const now = this.#parts.clock.now();
    const submissionId: SubmissionId = this.#parts.ids.next();
    const { verdicts, inserts, linked, instead } = this.#build(request, submissionId, now);
    const result: SubmitResult = { submissionId, verdicts };

    const { idempotency, gathered, campaign, newRef = null } = request;
    if (inserts.length === 0 && !idempotency && !campaign) return this.#done(result);

    const reserved = this.#reserve(inserts);
    let outcome: AcceptOutcome;
    try {
      outcome = await this.#accept({
        view,
        submissionId,
        messages: inserts,
        linked,
        instead,
        now,
        idempotency: idempotency
          ? {
              credentialId,
              key: idempotency.key,
              fingerprint: idempotency.fingerprint,
              answer: (refusals) => idempotency.answer(withRefusals(result, refusals)),
            }
          : null,
        newRef,
        gathered: gathered
          ? {
              accountId: view.account.id,
              key: gathered.key,
              id: gathered.id,
              doneAt: now,
              digests: digestsOf(gathered.pieces),
            }
          : null,
        campaign: campaign
          ? {
              chunk: campaign,
              refused: verdicts.flatMap((verdict, at) =>
                verdict.ok ? [] : [{ at, error: verdict.error }],
              ),
            }
          : null,
        keepsRefused: request.refused !== undefined,
        keepsUnpaid: request.refused === 'keep',
      });
    } catch (error) {
      this.#settle(reserved, null);
      throw error;
    }
    switch (outcome.kind) {
      case 'accepted': {
        this.#settle(reserved, outcome.refusals);
        return this.#done(withRefusals(result, outcome.refusals));
      }
      case 'insufficient_credit':
        this.#settle(reserved, null);
        throw new GatewayError(
          'insufficient_credit',
          'Insufficient credits to send the batch of messages.',
        );
      case 'replayed':
        this.#settle(reserved, null);
        return { kind: 'replayed', answer: outcome.answer };
      case 'conflict':
        this.#settle(reserved, null);
        throw new GatewayError(
          'idempotency_conflict',
          'This Idempotency-Key was already used for another request.',
        );
      case 'ref_taken':
        this.#settle(reserved, null);
        throw new GatewayError('already_exists', 'There is a message of this reference already.');
      case 'code_taken':
        // Other codes are drawn. That it comes to this at all takes many millions of links.
        this.#settle(reserved, null);
        return this.submit(request);
      case 'gone':
        this.#settle(reserved, null);
        throw new GatewayError(
          'already_exists',
          request.campaign
            ? 'The campaign is past these rows, or not to be moved now.'
            : 'The message was whole or given up before.',
        );
    }
  }

  /** What would be refused about a message at once, whatever only a transaction can know. */
  check(caller: Caller, message: OutgoingMessage): MessageError | null {
    const prepared = this.preview(caller, message);
    return prepared.ok ? null : prepared.error;
  }

  /** The same with what it would be, and cost, if it were not. */
  preview(caller: Caller, message: OutgoingMessage): Prepared | Refused {
    const { clock, routing, shortener } = this.#parts;
    const { view, channel } = caller;
    const now = clock.now();
    return prepareMessage(message, { view, channel, routing, shortener, now });
  }

  #done(result: SubmitResult): SubmitOutcome {
    const { meter } = this.#parts;
    let accepted = 0;
    for (const verdict of result.verdicts) {
      if (verdict.ok) accepted += 1;
      else meter.refused(verdict.error.code);
    }
    if (accepted > 0) meter.accepted(accepted);
    return { kind: 'done', result };
  }

  /** The rows to insert, and what will be answered if they are. */
  #build(
    { caller: { view, channel }, messages, refused, refs }: SubmitRequest,
    submissionId: SubmissionId,
    now: number,
  ): Built {
    const { ids, vault, routing, shortener, validityMs } = this.#parts;
    const known = { view, channel, routing, shortener, now };
    const linked: LinkedMessage[] = [];
    const instead = new Map<Message, MessageId>();
    const inserts: Message[] = [];
    const verdicts = messages.map((given, position): Verdict => {
      const asked: OutgoingMessage =
        refs === undefined
          ? given
          : {
              ...given,
              clientRef:
                refs === 'submission'
                  ? (given.clientRef ?? submissionId)
                  : refs(submissionId, position),
            };
      const prepared = asked.refusal
        ? { ok: false as const, error: asked.refusal }
        : prepareMessage(asked, known);
      if (!prepared.ok && refused === undefined) {
        return { ok: false, error: prepared.error, message: null };
      }
      const origin = {
        id: asked.id ?? ids.next<MessageId>(),
        accountId: view.account.id,
        submissionId,
        position,
        channel,
        now,
        validityMs,
      };
      if (!prepared.ok) {
        const stored = refusedAtOnce(asked, prepared.error, view, origin);
        if (stored) inserts.push(stored);
        return { ok: false, error: prepared.error, message: stored };
      }
      const message = newMessage(prepared, origin, { routing, vault });
      inserts.push(message);
      if (asked.insteadOf !== undefined) instead.set(message, asked.insteadOf);
      if (prepared.links.length > 0) {
        linked.push({ message, links: linksOf(message, prepared, asked.metadata) });
      }
      return { ok: true, message };
    });
    return { verdicts, inserts, linked, instead };
  }

  /** Claims rows for this node where it has room, so that they need not be read again. */
  #reserve(inserts: readonly Message[]): Reserved[] {
    const { dispatcher } = this.#parts;
    const byLink = new Map<LinkId, Message[]>();
    for (const message of inserts) {
      if (message.status !== 'queued' || message.linkId === null) continue;
      const sameLink = byLink.get(message.linkId);
      if (sameLink) sameLink.push(message);
      else byLink.set(message.linkId, [message]);
    }
    return [...byLink].map(([linkId, messages]) => ({
      linkId,
      messages,
      // What goes behind others waits where they overtake it: in storage.
      room: messages.some(({ priority }) => priority < 0)
        ? undefined
        : dispatcher.reserve(linkId, messages),
    }));
  }

  /** After the transaction: hands over what was inserted (all but `refusals`), or gives the room back. */
  #settle(reserved: readonly Reserved[], refusals: Refusals | null): void {
    const waiting: LinkId[] = [];
    for (const { linkId, messages, room } of reserved) {
      if (refusals === null) room?.release();
      else if (!room) waiting.push(linkId);
      else {
        room.offer(
          refusals.size === 0 ? messages : messages.filter((message) => !refusals.has(message)),
        );
      }
    }
    if (waiting.length > 0) this.#parts.dispatcher.wake(waiting);
  }
}

/** A submission as it is to be accepted, and what will be answered if it is. */
interface Built extends Pick<Acceptable, 'linked' | 'instead'> {
  verdicts: Verdict[];
  inserts: Message[];
}

/** Messages for one link, and their room on this node, where it has some. */
interface Reserved {
  linkId: LinkId;
  messages: Message[];
  room: Reservation | undefined;
}

/** The verdicts once it is known which messages were refused after all. */
function withRefusals(result: SubmitResult, refusals: Refusals): SubmitResult {
  if (refusals.size === 0) return result;
  return {
    submissionId: result.submissionId,
    verdicts: result.verdicts.map((verdict) => {
      const refusal = verdict.ok && refusals.get(verdict.message);
      return refusal ? { ok: false, error: refusal.error, message: refusal.stored } : verdict;
    }),
  };
}
