import { causeText } from '../core/cause-text.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { WorkerLog } from './worker.ts';

/** What is no outage repeats itself in the log no sooner. */
const sameDefectMs = 60_000;

/**
 * What a log line holds of an error: the code and the cause of an outage, which a stack would say
 * nothing more about; of everything else the stack, too.
 */
export function factsOf(error: unknown): Record<string, unknown> {
  if (!isOutage(error)) return { err: error };
  return { code: error.code, cause: causeText(error) ?? error.detail };
}

/**
 * Tells the owner of a task that is done again and again when it begins to fail, and when it works again.
 *
 *   works ──outage: one line──▶ fails, silently ──one line, with how often and how long──▶ works
 *     └────another error: a line with its stack, at most one a minute────▶ fails
 */
export class Troubles {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #log: WorkerLog;
  readonly #facts: Record<string, unknown>;
  readonly #says: { fails: string; task: string };
  /** Rounds that failed since it last worked. */
  #failed = 0;
  #since = 0;
  /** Of these rounds one was told. */
  #told = false;
  #outageTold = false;
  #defectToldAt = Number.NEGATIVE_INFINITY;

  /**
   * @param says `fails`: what is told of a failure; `task`: what it is that works again.
   * @param facts which of them it is, in every line.
   */
  constructor(
    says: { fails: string; task: string },
    facts: Record<string, unknown>,
    { clock, log }: { clock: Pick<Clock, 'now'>; log: WorkerLog },
  ) {
    this.#says = says;
    this.#facts = facts;
    this.#clock = clock;
    this.#log = log;
  }

  /** @param more which thing it failed at. */
  failed(error: unknown, more: Record<string, unknown> = {}): void {
    const now = this.#clock.now();
    if (this.#failed === 0) this.#since = now;
    this.#failed += 1;
    if (isOutage(error)) {
      if (this.#outageTold) return;
      this.#outageTold = true;
    } else {
      // A clock that was set back must not silence it.
      const ago = now - this.#defectToldAt;
      if (ago >= 0 && ago < sameDefectMs) return;
      this.#defectToldAt = now;
    }
    this.#told = true;
    this.#log.warn({ ...factsOf(error), ...this.#facts, ...more }, this.#says.fails);
  }

  worked(): void {
    if (this.#failed === 0) return;
    const rounds = `${this.#failed} failed ${this.#failed === 1 ? 'round' : 'rounds'}`;
    const seconds = Math.max(0, Math.round((this.#clock.now() - this.#since) / 1000));
    // A warning, so that whoever reads of the failure reads of its end, too.
    if (this.#told) {
      this.#log.warn(this.#facts, `${this.#says.task} works again after ${rounds}, ${seconds} s`);
    }
    this.#failed = 0;
    this.#told = false;
    this.#outageTold = false;
  }
}

function isOutage(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.code === 'storage_unavailable';
}
