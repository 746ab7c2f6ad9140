import { BoundedMap } from '../bounded-map.ts';
import { GatewayError } from '../errors.ts';
import type { Vault } from '../ports/vault.ts';

/** argon2 costs 19 MiB and ~30 ms of a core each: strangers get no more than this many at once. */
const verificationsAtOnce = 2;
const verificationsWaiting = 64;
/**
 * Wrong passwords for one name from one address before it must wait, and for how long that is counted;
 * and for all names together, since behind one address there may be many clients, of which one that is
 * set up wrongly must not lock out the others.
 */
const failuresAllowed = 20;
const failuresAllowedOfAddress = 200;
const failureWindowMs = 60_000;
const rememberedAddresses = 20_000;

/**
 * What stands between strangers and passwords, whoever's they are: wrong ones are counted by address and
 * name, and few are verified at a time, so that a stranger cannot occupy the machine.
 */
export class LoginGuard {
  readonly #vault: Pick<Vault, 'hashPassword' | 'verifyPassword'>;
  readonly #failures = new BoundedMap<string, { count: number; until: number }>(
    rememberedAddresses,
  );
  #verifying = 0;
  readonly #waiting: (() => void)[] = [];
  #decoy: Promise<string> | undefined;

  constructor(vault: Pick<Vault, 'hashPassword' | 'verifyPassword'>) {
    this.#vault = vault;
  }

  /**
   * @param hash undefined for a name that nobody has: it costs as much as a wrong password, so that names
   * cannot be guessed by time.
   * @throws GatewayError `overloaded` when too many wait.
   */
  async verify(hash: string | undefined, password: string): Promise<boolean> {
    const against = hash ?? (await this.#decoyHash());
    if (this.#verifying < verificationsAtOnce) this.#verifying++;
    else await this.#turn();
    try {
      return (await this.#vault.verifyPassword(against, password)) && hash !== undefined;
    } finally {
      const next = this.#waiting.shift();
      // The place goes on to who waited longest; only with nobody waiting is it free again.
      if (next) next();
      else this.#verifying--;
    }
  }

  /** @throws GatewayError `too_many_attempts`. */
  refuseWhenTooMany(address: string, name: string, now: number): void {
    for (const [key, allowed] of failureKeys(address, name)) {
      const failures = this.#failures.get(key);
      if (failures && now < failures.until && failures.count >= allowed) {
        throw new GatewayError(
          'too_many_attempts',
          'Too many failed log-ins from this address. Please wait.',
          { retryAfterMs: failures.until - now },
        );
      }
    }
  }

  countFailure(address: string, name: string, now: number): void {
    for (const [key] of failureKeys(address, name)) {
      const failures = this.#failures.get(key);
      if (failures && now < failures.until) failures.count++;
      else this.#failures.set(key, { count: 1, until: now + failureWindowMs });
    }
  }

  #decoyHash(): Promise<string> {
    this.#decoy ??= this.#vault.hashPassword('a password that nobody has');
    return this.#decoy;
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= verificationsWaiting) {
      throw new GatewayError('overloaded', 'Too many log-ins at once. Please try again.', {
        retryAfterMs: 1000,
      });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** What failures are counted by, and how many are allowed of each. */
function failureKeys(address: string, name: string): [string, number][] {
  return [
    [`${address}\0${name.slice(0, 64)}`, failuresAllowed],
    [address, failuresAllowedOfAddress],
  ];
}
