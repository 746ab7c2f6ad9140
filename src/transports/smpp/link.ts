import type { LinkId } from '../../core/ids.ts';
import type {
  LateAnswer,
  Link,
  LinkHost,
  LinkState,
  OutgoingPart,
  SendOutcome,
} from '../../core/ports/transport.ts';
import type { Pdu, RequestPdu } from '../../smpp/codec/pdu.ts';
import { statuses, statusName } from '../../smpp/codec/statuses.ts';
import type { Answer } from '../../smpp/pending.ts';
import type { Reply } from '../../smpp/session.ts';
import type { Encoding } from '../../text/parts.ts';
import type { TransportContext } from '../transport.ts';
import type { BindRole } from './bind.ts';
import { Bind } from './bind.ts';
import { targetsOf } from './connect.ts';
import { Incoming } from './incoming.ts';
import { Pace, SenderPaces } from './pace.ts';
import { References } from './references.ts';
import type { SmppSettings } from './settings.ts';
import { actionFor } from './status-actions.ts';
import type { Submit } from './submit.ts';
import { submitOf } from './submit.ts';
import { Tries } from './tries.ts';
import { VendorTlvs } from './vendor-tlvs.ts';
import { splitForWire } from './wire-parts.ts';

/** Of a stop: how long answers and deliveries under way are waited for before the unbind. */
const drainMs = 8_000;
const drainLookMs = 50;
/** How long a part waits whose window has become smaller since it was handed over. */
const fullForMs = 200;
/** A late answer that the gateway cannot take yet is told again so often. */
const lateTries = 10;
const lateDelayMs = 1_000;

/** A carrier over SMPP: one or several binds that count as one link. */
export class SmppLink implements Link {
  readonly id: LinkId;
  readonly #settings: SmppSettings;
  readonly #context: TransportContext;
  readonly #binds: readonly Bind[];
  readonly #incoming: Incoming;
  readonly #references: References;
  readonly #vendorTlvs: VendorTlvs;
  readonly #pace: Pace;
  readonly #senderPaces: SenderPaces;
  readonly #tries = new Tries();
  #host: LinkHost | undefined;
  #started = false;
  #stopping: Promise<void> | undefined;

  constructor(id: LinkId, settings: SmppSettings, context: TransportContext) {
    this.id = id;
    this.#settings = settings;
    this.#context = context;
    const targets = targetsOf(settings);
    const onRequest = (pdu: RequestPdu, answer: (response: Reply) => void) =>
      this.#take(pdu, answer);
    this.#binds = rolesOf(settings).map(
      (role, at) =>
        new Bind(role, `${id} ${role} ${at + 1}`, { settings, targets, context }, onRequest),
    );
    this.#incoming = new Incoming(id, settings, context);
    this.#references = new References(settings.longMessages === 'udh8' ? 8 : 16);
    this.#vendorTlvs = new VendorTlvs(settings.tlvs);
    this.#pace = new Pace(settings.throughput, context.clock.now());
    this.#senderPaces = new SenderPaces(settings.throughputPerSender);
  }

  /** Of the binds that can take parts now; while there is none, of one. */
  get window(): number {
    let window = 0;
    for (const bind of this.#binds) if (transmits(bind)) window += bind.window;
    return window || this.#settings.window;
  }

  /** Bound is not enough to be up: who answers nothing that he is handed is down (`Trust`). */
  state(): LinkState {
    if (this.#stopping) return 'stopped';
    if (!this.#started) return 'starting';
    return this.#binds.some((bind) => transmits(bind) && bind.isUp) && this.#hears()
      ? 'up'
      : 'down';
  }

  /** Of a pair the receiver brings receipts and replies: sent without it, messages would stay `sent`. */
  #hears(): boolean {
    const receivers = this.#binds.filter(({ role }) => role === 'receiver');
    return receivers.length === 0 || receivers.some(({ isBound }) => isBound);
  }

  /** Resolves at once: a carrier that cannot be reached keeps nobody from starting. */
  async start(host: LinkHost): Promise<void> {
    this.#host = host;
    this.#started = true;
    if (!this.#stopping) for (const bind of this.#binds) bind.start();
  }

  split(text: string, encoding: Encoding): string[] {
    return splitForWire(text, encoding, this.#settings);
  }

  pace(): { parts: number; waitMs: number } {
    return this.#pace.ready(this.#context.clock.now());
  }

  send(part: OutgoingPart): Promise<SendOutcome> {
    const now = this.#context.clock.now();
    const bind = this.#stopping ? undefined : this.#freest();
    if (!bind) return Promise.resolve(elsewhere(`the link is ${this.state()}`));
    if (bind.underWay >= bind.window) {
      return Promise.resolve(throttled('the window became smaller', fullForMs));
    }
    const key = `${part.messageId} ${part.number}`;
    const waitMs = this.#senderPaces.waitMs(part.sender, key, now);
    if (waitMs > 0) {
      const detail = 'the sender has reached its parts a second';
      return Promise.resolve({ ...throttled(detail, waitMs), onlyThis: true });
    }
    let submit: Submit;
    try {
      const made = { references: this.#references, vendorTlvs: this.#vendorTlvs, now };
      submit = submitOf(part, this.#settings, made);
    } catch (error) {
      return Promise.resolve(refused(String(error)));
    }
    return new Promise((resolve) => {
      const onAnswer = (answer: Answer) => resolve(this.#outcomeOf(answer, part, now));
      try {
        bind.submit(submit, onAnswer, (pdu) => this.#late(pdu, part));
        this.#pace.left(now);
      } catch (error) {
        // A field that does not fit, such as a sender of 30 characters: nothing left.
        resolve(refused(error instanceof Error ? error.message : String(error)));
      }
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { clock } = this.#context;
    const until = clock.now() + drainMs;
    const busy = () => this.#binds.some((bind) => bind.underWay > 0 || bind.openRequests > 0);
    while (busy() && clock.now() < until) {
      await new Promise<void>((resolve) => void clock.after(drainLookMs, resolve));
    }
    await Promise.all(this.#binds.map((bind) => bind.stop()));
  }

  /** Of the binds that may be handed parts the one with the most room. */
  #freest(): Bind | undefined {
    let best: Bind | undefined;
    for (const bind of this.#binds) {
      if (!transmits(bind) || bind.window === 0) continue;
      if (!best || roomOf(bind) > roomOf(best)) best = bind;
    }
    return best;
  }

  #outcomeOf(answer: Answer, part: OutgoingPart, sentAt: number): SendOutcome {
    switch (answer.kind) {
      case 'unsent':
        return elsewhere('the bind was lost');
      case 'closed':
        return { kind: 'unknown', detail: 'The line broke before the carrier had answered.' };
      case 'silent':
        return {
          kind: 'unknown',
          detail: `The carrier did not answer within ${this.#settings.responseTimeoutSeconds} s.`,
        };
      case 'answered':
        return this.#inTime(answer.pdu, part, sentAt);
    }
  }

  #inTime(pdu: Pdu, part: OutgoingPart, sentAt: number): SendOutcome {
    const outcome = this.#answered(pdu, part);
    if (outcome?.kind === 'accepted') this.#pace.accepted(sentAt);
    return (
      outcome ?? { kind: 'unknown', detail: `The carrier answered ${pdu.command} with ESME_ROK.` }
    );
  }

  /** Undefined for a generic_nack that says at once that nothing was understood and that all is well (SMPP 3.4, 4.3). */
  #answered(pdu: Pdu, part: OutgoingPart): LateAnswer['outcome'] | undefined {
    if (pdu.status === statuses.ESME_ROK) {
      if (pdu.command !== 'submit_sm_resp') return undefined;
      return {
        kind: 'accepted',
        upstreamId: this.#idOf(pdu.messageId, part),
        ...this.#noReceipt(),
      };
    }
    return { ...this.#error(pdu, part), said: statusName(pdu.status) };
  }

  #error(pdu: Pdu, part: OutgoingPart): NotNow | Refused {
    const detail = `the carrier answered ${statusName(pdu.status)}`;
    const action = actionFor(pdu.status, this.#settings.statuses);
    switch (action.action) {
      case 'throttle': {
        const restMs = this.#pace.throttled(this.#context.clock.now());
        return throttled(detail, restMs);
      }
      case 'again':
        if (this.#tries.usedUp(part, action.times)) return elsewhere(detail);
        return {
          kind: 'retryable',
          code: 'link_unavailable',
          detail,
          again: 'here',
          retryAfterMs: action.afterSeconds * 1_000,
        };
      case 'elsewhere':
        return elsewhere(detail);
      case 'refuse':
        return refused(detail);
    }
  }

  /** Of a message that arrives nothing more will be heard. */
  #noReceipt(): { noReceipt?: true } {
    return this.#settings.receipts.ask === 'all' ? {} : { noReceipt: true };
  }

  /** A carrier that names no id has the part all the same; no receipt will find it. */
  #idOf(messageId: string, part: OutgoingPart): string {
    if (messageId === '') return `none ${part.messageId} ${part.number}`;
    return this.#incoming.answered(messageId);
  }

  #late(pdu: Pdu, part: OutgoingPart): void {
    const outcome = this.#answered(pdu, part);
    if (!outcome) return;
    const { messageId, number, attempt } = part;
    const at = this.#context.clock.now();
    this.#tellLate({ linkId: this.id, messageId, number, attempt, outcome, at }, lateTries);
  }

  #tellLate(answer: LateAnswer, tries: number): void {
    const again = () => {
      if (tries > 1)
        this.#context.clock.after(lateDelayMs, () => this.#tellLate(answer, tries - 1));
    };
    this.#host?.late(answer).then((settled) => settled || again(), again);
  }

  #take(pdu: RequestPdu, answer: (response: Reply) => void): void {
    const host = this.#host as LinkHost;
    switch (pdu.command) {
      case 'deliver_sm':
      case 'data_sm':
        this.#incoming.take(pdu, host, answer);
        return;
      case 'alert_notification':
      case 'outbind':
        return;
      default:
        // What only an ESME may ask of an SMSC.
        answer({ command: 'generic_nack', status: statuses.ESME_RINVCMDID });
    }
  }
}

type NotNow = Extract<SendOutcome, { kind: 'retryable' }>;
type Refused = Extract<SendOutcome, { kind: 'refused' }>;

function transmits(bind: Bind): boolean {
  return bind.role !== 'receiver';
}

function roomOf(bind: Bind): number {
  return bind.window - bind.underWay;
}

function rolesOf({ bind, binds }: SmppSettings): BindRole[] {
  const roles: BindRole[] = bind === 'pair' ? ['transmitter', 'receiver'] : [bind];
  return Array.from({ length: binds }, () => roles).flat();
}

function elsewhere(detail: string): NotNow {
  return { kind: 'retryable', code: 'link_unavailable', detail, again: 'elsewhere' };
}

function throttled(detail: string, retryAfterMs: number): NotNow {
  return { kind: 'retryable', code: 'link_throttled', detail, again: 'here', retryAfterMs };
}

function refused(detail: string): Refused {
  return { kind: 'refused', code: 'refused_by_link', detail };
}
