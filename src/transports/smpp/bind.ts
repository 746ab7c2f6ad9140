import type { Socket } from 'node:net';
import type { Timer } from '../../core/ports/clock.ts';
import type { Target } from '../../net/dial.ts';
import type { BindCommand, Pdu, RequestPdu } from '../../smpp/codec/pdu.ts';
import { statuses, statusName } from '../../smpp/codec/statuses.ts';
import type { Answer } from '../../smpp/pending.ts';
import type { Outgoing, Reply } from '../../smpp/session.ts';
import { Session } from '../../smpp/session.ts';
import type { TransportContext } from '../transport.ts';
import { BindLog } from './bind-log.ts';
import { connect } from './connect.ts';
import type { SmppSettings } from './settings.ts';
import { Trust } from './trust.ts';

export type BindRole = 'transceiver' | 'transmitter' | 'receiver';

export type OnRequest = (pdu: RequestPdu, answer: (response: Reply) => void) => void;

/** Doubled with each failure, with up to half of it left out by chance, so that many do not come at once. */
const firstDelayMs = 1_000;
const longestDelayMs = 60_000;
/** A carrier that knows neither us nor our password will not in a second either, and may lock us out. */
const refusedDelayMs = 60_000;
/** Bound for less than this, the line is not taken for good and the delay goes on growing. */
const stableMs = 5_000;
/** Requests of the carrier that may wait for our storage at once. */
const mostOpenRequests = 500;

const versions: Record<SmppSettings['version'], number> = { '3.3': 0x33, '3.4': 0x34, '5.0': 0x50 };

/** The owner has to do something about these. */
const ownersTrouble: ReadonlySet<number> = new Set([
  statuses.ESME_RINVPASWD,
  statuses.ESME_RINVSYSID,
  statuses.ESME_RINVSYSTYP,
]);

/**
 * One bind that is kept.
 *
 *   idle ──start──▶ connecting ──▶ binding ──▶ bound ──lost──▶ waiting ──▶ connecting …
 *                        └────────────┴─refused, time is up─────▶ waiting
 *   any ──stop──▶ stopped
 *
 * Of several hosts the next is tried after each failure, and the first again once a bind was stable. How many parts
 * it may be handed while it is bound is said by its `Trust`; a session that answers none is ended, as lost.
 */
export class Bind {
  readonly role: BindRole;
  readonly #settings: SmppSettings;
  readonly #targets: readonly Target[];
  readonly #context: TransportContext;
  readonly #onRequest: OnRequest;
  readonly #log: BindLog;
  #session: Session | undefined;
  #bound = false;
  #stopped = false;
  #host = 0;
  #failures = 0;
  #boundAt = 0;
  #timer: Timer | undefined;
  readonly #trust: Trust;
  /** Set while the carrier is mute: for so long a late answer is waited for. */
  #lastWait: Timer | undefined;

  /** @param name for the log: the link's, and which of its binds this is. */
  constructor(
    role: BindRole,
    name: string,
    given: { settings: SmppSettings; targets: readonly Target[]; context: TransportContext },
    onRequest: OnRequest,
  ) {
    this.role = role;
    this.#log = new BindLog(name, given.context);
    this.#settings = given.settings;
    this.#trust = new Trust(given.settings.window);
    this.#targets = given.targets;
    this.#context = given.context;
    this.#onRequest = onRequest;
  }

  get isBound(): boolean {
    return this.#bound && this.#session?.isOpen === true;
  }

  /** It is bound, and answers what it is handed as far as is known. */
  get isUp(): boolean {
    return this.isBound && this.#trust.isUp;
  }

  /** Parts that may wait for their answer at once; 0 while it is not bound, or nothing is answered. */
  get window(): number {
    return this.isBound ? this.#trust.window : 0;
  }

  /** Parts whose answer has not come; enquiries are not counted. */
  get underWay(): number {
    return this.#trust.underWay;
  }

  /** Requests of the carrier that it waits to hear of. */
  get openRequests(): number {
    return this.#session?.openRequests ?? 0;
  }

  start(): void {
    void this.#connect();
  }

  /** Hands over a part as `Session.request` does; of one that is not bound nothing leaves. */
  submit(pdu: Outgoing, onAnswer: (answer: Answer) => void, onLate: (pdu: Pdu) => void): void {
    if (!this.#session || !this.isBound) {
      onAnswer({ kind: 'unsent' });
      return;
    }
    const departure = this.#trust.left();
    const hear = (answer: Answer) => {
      this.#hear(answer, departure);
      onAnswer(answer);
    };
    const hearLate = (late: Pdu) => {
      this.#trust.late();
      this.#watch();
      onLate(late);
    };
    try {
      this.#session.request(pdu, hear, hearLate);
    } catch (error) {
      this.#trust.unsent();
      throw error;
    }
  }

  /** Unbinds and lets go. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#watch();
    const session = this.#session;
    if (!session) return;
    if (this.#bound) await session.unbind('we unbound');
    else session.destroy('stopped while binding');
  }

  async #connect(): Promise<void> {
    const target = this.#targets[this.#host % this.#targets.length] as Target;
    const { clock } = this.#context;
    let socket: Socket;
    try {
      socket = await connect(target, this.#settings.connectTimeoutSeconds * 1_000, clock);
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error), 'warn');
      return;
    }
    if (this.#stopped) {
      socket.destroy();
      return;
    }
    await this.#bind(socket, target);
  }

  async #bind(socket: Socket, { hostname, port }: Target): Promise<void> {
    const { clock } = this.#context;
    const settings = this.#settings;
    let refusal: string | undefined;
    this.#bound = false;
    const session = new Session(
      socket,
      clock,
      {
        responseTimeoutMs: settings.responseTimeoutSeconds * 1_000,
        enquireLinkMs: settings.enquireLinkSeconds * 1_000,
        mostOpenRequests,
      },
      {
        // A carrier may deliver before its answer to the bind has reached us.
        onRequest: this.#onRequest,
        onClosed: (reason) => this.#lost(session, refusal ?? reason),
        onOddity: (what) =>
          this.#log.trouble('warn', `the carrier sent what cannot be used: ${what}`),
      },
    );
    this.#session = session;
    const patience = clock.after(settings.connectTimeoutSeconds * 1_000, () => {
      if (!this.#bound) session.destroy('the carrier did not answer the bind');
    });
    const command: BindCommand = `bind_${this.role}`;
    const answer = await session.ask({
      command,
      systemId: settings.systemId,
      password: settings.password,
      systemType: settings.systemType,
      interfaceVersion: versions[settings.version],
      addrTon: settings.addressRange.ton,
      addrNpi: settings.addressRange.npi,
      addressRange: settings.addressRange.range,
    });
    patience.cancel();
    // It may have ended right behind its answer.
    if (this.#session !== session) return;
    if (answer.kind !== 'answered') {
      session.destroy('the carrier did not answer the bind');
      return;
    }
    const { status } = answer.pdu;
    if (status !== statuses.ESME_ROK || answer.pdu.command === 'generic_nack') {
      refusal = `the carrier refused the bind: ${statusName(status)}`;
      if (ownersTrouble.has(status)) this.#failures = Number.POSITIVE_INFINITY;
      session.destroy(refusal);
      return;
    }
    this.#bound = true;
    this.#boundAt = clock.now();
    this.#log.bound(`${hostname}:${port}`);
  }

  #hear(answer: Answer, departure: number): void {
    switch (answer.kind) {
      case 'answered':
        this.#trust.answered();
        break;
      case 'silent':
        this.#trust.silent(departure);
        break;
      case 'closed':
        this.#trust.cut();
        return;
      case 'unsent':
        this.#trust.unsent();
    }
    this.#watch();
  }

  /** Of a carrier that is mute an answer may still come late; a time-out later its session is ended. */
  #watch(): void {
    if (this.#stopped || !this.#trust.isMute) {
      this.#lastWait?.cancel();
      this.#lastWait = undefined;
      return;
    }
    if (this.#lastWait) return;
    const trouble = 'the carrier answers nothing that it is handed';
    this.#log.trouble('warn', `${trouble}; nothing more goes by this bind until it does`);
    const patienceMs = this.#settings.responseTimeoutSeconds * 1_000;
    this.#lastWait = this.#context.clock.after(patienceMs, () => this.#session?.destroy(trouble));
  }

  #lost(session: Session, reason: string): void {
    if (this.#session !== session) return;
    const wasBound = this.#bound;
    this.#session = undefined;
    this.#bound = false;
    const worked = this.#trust.ended();
    this.#watch();
    if (wasBound && worked && this.#context.clock.now() - this.#boundAt >= stableMs) {
      this.#failures = 0;
      this.#host = -1;
    }
    if (this.#stopped) return;
    const ownersTurn = this.#failures === Number.POSITIVE_INFINITY;
    this.#failed(reason, ownersTurn ? 'error' : 'warn');
  }

  #failed(reason: string, level: 'warn' | 'error'): void {
    if (this.#stopped) return;
    const refused = level === 'error';
    const delay = refused ? refusedDelayMs : backOff(this.#failures);
    this.#failures = refused ? 0 : this.#failures + 1;
    this.#host += 1;
    const next = this.#targets[this.#host % this.#targets.length] as Target;
    this.#log.lost(level, reason, {
      nextTry: `${next.hostname}:${next.port} in ${Math.ceil(delay / 1_000)} s`,
    });
    this.#timer = this.#context.clock.after(delay, () => void this.#connect());
  }
}

function backOff(failures: number): number {
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(failures, 10));
  return delay * (0.5 + Math.random() / 2);
}
