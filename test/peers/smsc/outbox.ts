import type { ReceiptPlan } from './behaviour.ts';
import type { Session } from './session.ts';
import type { Delivery } from './ledger.ts';
import type { Timers } from './timers.ts';
import type { ShortMessage } from './wire.ts';
import { commands, dataBody, deliverBody, readMessageId, statuses, WireFault } from './wire.ts';

/** How a delivery is sent. */
export interface Parcel {
  message: ShortMessage;
  by: 'deliver_sm' | 'data_sm';
  /** Whose binds; null: any. */
  systemId: string | null;
  /** The session of the submit that a receipt is about. */
  origin: Session | null;
  on: ReceiptPlan['on'];
}

/**
 * Sends deliveries to binds that receive; what finds none waits for one. One that was refused for now
 * or not answered is sent again after `resendMs`, with null never.
 */
export class Outbox {
  readonly deliveries: Delivery[] = [];
  readonly #sessions: readonly Session[];
  readonly #timers: Timers;
  readonly #resendMs: () => number | null;
  readonly #onFault: (fault: string) => void;
  #waiting: (() => void)[] = [];
  #unanswered = 0;

  constructor(
    sessions: readonly Session[],
    timers: Timers,
    resendMs: () => number | null,
    onFault: (fault: string) => void,
  ) {
    this.#sessions = sessions;
    this.#timers = timers;
    this.#resendMs = resendMs;
    this.#onFault = onFault;
  }

  /** Those that wait for a bind, and those that wait for an answer. */
  get pending(): number {
    return this.#waiting.length + this.#unanswered;
  }

  /** @returns the status of the last answer; null when none came. */
  async send(delivery: Delivery, parcel: Parcel): Promise<number | null> {
    this.deliveries.push(delivery);
    for (;;) {
      const session = this.#sessionFor(parcel) ?? (await this.#bindFor(parcel));
      const status = await this.#try(delivery, parcel, session);
      const resendMs = this.#resendMs();
      const settled = status !== null && !temporary.has(status);
      if (settled || resendMs === null) return status;
      await new Promise<void>((resolve) => this.#timers.after(resendMs, resolve));
    }
  }

  /** A bind has come. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }

  async #try(delivery: Delivery, parcel: Parcel, session: Session): Promise<number | null> {
    delivery.tries += 1;
    delivery.session = session.number;
    this.#unanswered += 1;
    const body = parcel.by === 'data_sm' ? dataBody(parcel.message) : deliverBody(parcel.message);
    const answer = await session.request(commands[parcel.by], body);
    this.#unanswered -= 1;
    delivery.status = answer?.status ?? null;
    try {
      if (answer) readMessageId(answer.body);
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      this.#onFault(`session ${session.number}: the answer to a delivery: ${error.message}`);
    }
    return delivery.status;
  }

  #bindFor(parcel: Parcel): Promise<Session> {
    return new Promise((resolve) => {
      const look = (): void => {
        const session = this.#sessionFor(parcel);
        if (session) resolve(session);
        else this.#waiting.push(look);
      };
      look();
    });
  }

  #sessionFor({ systemId, origin, on }: Parcel): Session | undefined {
    const fitting = this.#sessions.filter(
      (session) => session.receives && (systemId === null || session.bind?.systemId === systemId),
    );
    if (on === 'other') return fitting.find((session) => session !== origin);
    return fitting.find((session) => session === origin) ?? fitting[0];
  }
}

/** A carrier sends again what was refused with these. */
const temporary: ReadonlySet<number> = new Set([
  statuses.systemError,
  statuses.queueFull,
  statuses.throttled,
  statuses.temporaryAppError,
]);
