import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { LinkId } from '../../core/ids.ts';
import type {
  Link,
  LinkHost,
  LinkState,
  OutgoingPart,
  ReceiptNews,
  ReplyNews,
  SendOutcome,
} from '../../core/ports/transport.ts';
import type { Encoding } from '../../text/parts.ts';
import { splitText } from '../../text/parts.ts';
import type { TransportContext } from '../transport.ts';
import { type Behaviour, behaviourFor, replyDelayMs } from './behaviour.ts';
import { Journal } from './journal.ts';
import { NewsDesk } from './news-desk.ts';
import type { SandboxSettings } from './settings.ts';
import { ThrottledOnce } from './throttled-once.ts';
import { Timetable } from './timetable.ts';
import { UnderWay } from './under-way.ts';

const throttledForMs = 1_000;
/** About 15 MB. */
const throttledMemory = 100_000;

/** A carrier and its handsets, played. It keeps nothing: what is pending at its stop is lost. */
export class SandboxLink implements Link {
  readonly id: LinkId;
  readonly window: number;
  readonly #settings: SandboxSettings;
  readonly #context: TransportContext;
  readonly #timetable: Timetable;
  readonly #sends = new UnderWay();
  readonly #throttledOnce = new ThrottledOnce(throttledMemory);
  /** Of this run alone, so that no upstream id comes a second time after a restart. */
  readonly #run = randomBytes(6).toString('hex');
  #ids = 0;
  #state: LinkState = 'starting';
  #stopped: Promise<void> | undefined;
  #desk: NewsDesk | undefined;
  #journal: Journal | undefined;
  #journalFails = false;

  constructor(id: LinkId, settings: SandboxSettings, context: TransportContext) {
    this.id = id;
    this.window = settings.window;
    this.#settings = settings;
    this.#context = context;
    this.#timetable = new Timetable(context.clock);
  }

  state(): LinkState {
    return this.#state;
  }

  /** Rejects when the journal cannot be opened. */
  async start(host: LinkHost): Promise<void> {
    if (this.#state !== 'starting') throw new Error(`link ${this.id} was started before`);
    const { journal } = this.#settings;
    if (journal !== null) {
      this.#journal = new Journal(resolve(this.#context.dataFolder, journal));
    }
    this.#desk = new NewsDesk(host, this.#timetable, this.#context);
    this.#state = 'up';
  }

  split(text: string, encoding: Encoding): string[] {
    return splitText(text, encoding);
  }

  pace(): { parts: number; waitMs: number } {
    return { parts: Number.MAX_SAFE_INTEGER, waitMs: 0 };
  }

  send(part: OutgoingPart): Promise<SendOutcome> {
    const desk = this.#desk;
    if (this.#state !== 'up' || !desk) {
      return Promise.resolve({
        kind: 'retryable',
        code: 'link_unavailable',
        again: 'elsewhere',
        detail: `sandbox: the link is ${this.#state}`,
      });
    }
    const behaviour = behaviourFor(part);
    const outcome = this.#handOver(part, behaviour);
    if (this.#settings.latencyMs === 0) {
      this.#follow(part, behaviour, outcome, desk);
      return Promise.resolve(outcome);
    }
    this.#sends.enter();
    return new Promise((answer) => {
      this.#timetable.add(this.#settings.latencyMs, () => {
        this.#follow(part, behaviour, outcome, desk);
        answer(outcome);
        this.#sends.leave();
      });
    });
  }

  /** Waits until each send has its answer and the gateway has what it is being told; the rest is lost. */
  stop(): Promise<void> {
    this.#state = 'stopped';
    this.#stopped ??= this.#letGo();
    return this.#stopped;
  }

  async #letGo(): Promise<void> {
    await this.#sends.idle();
    const lost = this.#timetable.close();
    if (lost > 0) {
      this.#context.log('info', 'receipts and replies were pending at the stop and are lost', {
        link: this.id,
        count: lost,
      });
    }
    await this.#desk?.idle();
    this.#journal?.close();
    this.#journal = undefined;
  }

  #handOver(part: OutgoingPart, behaviour: Behaviour): SendOutcome {
    const outcome = this.#decide(part, behaviour);
    if (!this.#journal) return outcome;
    try {
      this.#journal.write(this.#context.clock.now(), part, outcome);
      this.#journalFails = false;
      return outcome;
    } catch (error) {
      // What is not in the journal did not reach the carrier: the journal must be able to prove it.
      if (!this.#journalFails) {
        const more = { link: this.id, error: String(error) };
        this.#context.log('error', 'the journal cannot be written: nothing is taken', more);
      }
      this.#journalFails = true;
      const detail = 'sandbox: the journal cannot be written';
      return { kind: 'retryable', code: 'link_unavailable', again: 'elsewhere', detail };
    }
  }

  #decide(part: OutgoingPart, behaviour: Behaviour): SendOutcome {
    if (behaviour.handOver === 'refused') {
      const detail = 'sandbox: numbers that end like this are refused';
      return { kind: 'refused', code: 'refused_by_link', detail };
    }
    if (this.#pending() >= this.#settings.pendingLimit) {
      return throttled('sandbox: too many receipts are pending');
    }
    if (behaviour.handOver === 'throttled-first' && this.#throttledOnce.isFirst(part)) {
      return throttled('sandbox: the first hand-over to such a number is throttled');
    }
    return { kind: 'accepted', upstreamId: this.#nextId() };
  }

  /**
   * Sets down what will be heard of a part that was taken. The tasks hold only what they tell, never
   * the part: with its text, what is pending would weigh several times as much.
   */
  #follow(part: OutgoingPart, behaviour: Behaviour, outcome: SendOutcome, desk: NewsDesk): void {
    const { receipt, reply } = behaviour;
    if (outcome.kind !== 'accepted' || !receipt) return;
    const { upstreamId } = outcome;
    const planned = receipt.afterMs ?? this.#settings.receiptDelayMs;
    const left = Math.max(0, part.expiresAt - this.#context.clock.now());
    if (receipt.status === 'delivered' && planned > left) {
      const detail = 'sandbox: the validity of the message passed';
      this.#receiptAfter(left, desk, { upstreamId, status: 'expired', detail });
      return;
    }
    const { status, detail } = receipt;
    this.#receiptAfter(planned, desk, { upstreamId, status, detail });
    // A handset answers a message, not each of its parts.
    if (reply !== null && part.number === 1) {
      const { destination: from, sender: to } = part;
      this.#replyAfter(planned + replyDelayMs, desk, { from, to, text: reply });
    }
  }

  #receiptAfter(
    delayMs: number,
    desk: NewsDesk,
    news: Pick<ReceiptNews, 'upstreamId' | 'status' | 'detail'>,
  ): void {
    this.#timetable.add(delayMs, () => {
      desk.receipt({ linkId: this.id, ...news, at: this.#context.clock.now() });
    });
  }

  #replyAfter(
    delayMs: number,
    desk: NewsDesk,
    news: Pick<ReplyNews, 'from' | 'to' | 'text'>,
  ): void {
    this.#timetable.add(delayMs, () => {
      const upstreamId = this.#nextId();
      desk.reply({ linkId: this.id, ...news, at: this.#context.clock.now(), upstreamId });
    });
  }

  #pending(): number {
    return this.#timetable.size + (this.#desk?.telling ?? 0);
  }

  #nextId(): string {
    return `sb-${this.#run}-${(++this.#ids).toString(36)}`;
  }
}

function throttled(detail: string): SendOutcome {
  return {
    kind: 'retryable',
    code: 'link_throttled',
    again: 'here',
    detail,
    retryAfterMs: throttledForMs,
  };
}
