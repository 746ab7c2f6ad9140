import { BoundedMap } from '../bounded-map.ts';
import { GatewayError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import type { LimitKind, UserSettings } from './settings.ts';

/** Of one address on this node, many people may ask. */
const perAddress = 10;
const remembered = 20_000;

const attempts: Readonly<Record<LimitKind, string>> = {
  passwordReset: 'Too many attempts to reset the password',
  twoFactor: 'Too many attempts with a code',
  activation: 'Too many attempts to activate a user',
};

/**
 * What may be tried only so often, counted whether or not it succeeds: for each subject on all nodes together, and
 * ten times as often from one address on each node. Whether there is such a user plays no part, so that nothing is
 * learnt from it.
 */
export class AttemptLimits {
  readonly #storage: Pick<Storage, 'write'>;
  readonly #clock: Clock;
  readonly #vault: Pick<Vault, 'digest'>;
  readonly #limits: UserSettings['limits'];
  /** Until when it is refused: so that who goes on makes us write nothing. */
  readonly #refused = new BoundedMap<string, number>(remembered);
  readonly #ofAddress = new BoundedMap<string, { count: number; until: number }>(remembered);

  constructor(
    parts: { storage: Pick<Storage, 'write'>; clock: Clock; vault: Pick<Vault, 'digest'> },
    limits: UserSettings['limits'],
  ) {
    this.#storage = parts.storage;
    this.#clock = parts.clock;
    this.#vault = parts.vault;
    this.#limits = limits;
  }

  /**
   * Takes one attempt.
   * @param subject a user's id, an e-mail address (and which account invites it), or a network address.
   * @throws GatewayError `too_many_attempts`.
   */
  async take(kind: LimitKind, subject: string, address: string | null): Promise<void> {
    const now = this.#clock.now();
    if (address !== null) this.#takeOfAddress(kind, address, now);
    // Under a digest: strangers choose how long it is, and what it says is nobody's business.
    const name = `${kind} ${this.#vault.digest(subject)}`;
    const until = this.#refused.get(name);
    if (until !== undefined && now < until) throw this.#refusal(kind, until - now);
    const wait = await this.#storage.write((tx) => tx.rates.take(name, this.#limits[kind], now));
    if (wait === 0) return;
    this.#refused.set(name, now + wait);
    throw this.#refusal(kind, wait);
  }

  #takeOfAddress(kind: LimitKind, address: string, now: number): void {
    const { most, windowMs } = this.#limits[kind];
    const name = `${kind} ${address}`;
    const window = this.#ofAddress.get(name);
    if (!window || now >= window.until) {
      this.#ofAddress.set(name, { count: 1, until: now + windowMs });
      return;
    }
    if (window.count >= most * perAddress) throw this.#refusal(kind, window.until - now);
    window.count += 1;
  }

  #refusal(kind: LimitKind, retryAfterMs: number): GatewayError {
    const { most, windowMs } = this.#limits[kind];
    return new GatewayError(
      'too_many_attempts',
      `${attempts[kind]}: ${most} are allowed in ${spanText(windowMs)}. Please wait.`,
      { retryAfterMs },
    );
  }
}

function spanText(ms: number): string {
  const minutes = ms / 60_000;
  if (Number.isInteger(minutes)) return minutes === 1 ? 'a minute' : `${minutes} minutes`;
  return `${ms / 1000} seconds`;
}
