import type { Clock } from '../core/ports/clock.ts';
import type { Pdu } from '../smpp/codec/pdu.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import type { Answer } from '../smpp/pending.ts';
import type { Session } from '../smpp/session.ts';
import type { DeliverSm } from './deliver-sm.ts';
import type { Hearing } from './heard.ts';

const shortestRestMs = 1_000;
const longestRestMs = 60_000;

/**
 * What one client is being told: how much at once, and when again after it could take nothing.
 *
 *   free ──ESME_ROK──▶ free
 *     └──an error for now, or no answer──▶ rests, twice as long each time ──▶ free
 */
export class Telling {
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #window: number;
  #underWay = 0;
  #restMs = 0;
  #restUntil = 0;

  /** @param window how many deliver_sm may wait for their answers at once. */
  constructor(session: Session, clock: Clock, window: number) {
    this.#session = session;
    this.#clock = clock;
    this.#window = window;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** How many more it may be given at this moment. */
  get free(): number {
    // A client that has unbound is closing, though what it asked before is not answered yet.
    if (!this.#session.isOpen || this.#clock.now() < this.#restUntil) return 0;
    return Math.max(0, this.#window - this.#underWay);
  }

  /** Never rejects. @param onLate told of an answer that comes after `lost`. */
  tell(pdu: DeliverSm, onLate: (hearing: Hearing) => void): Promise<Hearing> {
    this.#underWay += 1;
    return new Promise((resolve) => {
      const heard = (hearing: Hearing): void => {
        this.#underWay -= 1;
        this.#restAfter(hearing);
        resolve(hearing);
      };
      try {
        this.#session.request(
          pdu,
          (answer) => heard(hearingOf(answer)),
          (late) => onLate({ kind: 'answered', status: statusIn(late) }),
        );
      } catch (error) {
        heard({ kind: 'void', detail: `It does not fit: ${(error as Error).message}` });
      }
    });
  }

  #restAfter(hearing: Hearing): void {
    if (!isTiring(hearing)) {
      if (hearing.kind === 'answered') this.#restMs = 0;
      return;
    }
    const now = this.#clock.now();
    // Those of one window fail together: that is one reason to rest.
    if (now < this.#restUntil) return;
    this.#restMs = Math.min(longestRestMs, Math.max(shortestRestMs, this.#restMs * 2));
    this.#restUntil = now + this.#restMs;
  }
}

function isTiring(hearing: Hearing): boolean {
  switch (hearing.kind) {
    case 'answered':
      return !settled.has(hearing.status);
    case 'lost':
      return hearing.why === 'silent';
    case 'void':
      return false;
  }
}

/** Statuses of a client that can be told more: it has taken this one, or never will. */
const settled: ReadonlySet<number> = new Set([
  statuses.ESME_ROK,
  statuses.ESME_RX_P_APPN,
  statuses.ESME_RX_R_APPN,
]);

function hearingOf(answer: Answer): Hearing {
  switch (answer.kind) {
    case 'answered':
      return { kind: 'answered', status: statusIn(answer.pdu) };
    case 'silent':
      return { kind: 'lost', why: 'silent' };
    case 'closed':
    case 'unsent':
      return { kind: 'lost', why: 'closed' };
  }
}

/** A generic_nack is never a yes. */
function statusIn(pdu: Pdu): number {
  return pdu.command === 'generic_nack' && pdu.status === 0
    ? statuses.ESME_RUNKNOWNERR
    : pdu.status;
}
