import { BoundedMap } from '../bounded-map.ts';
import { GatewayError } from '../errors.ts';
import { networkOf } from '../network-of.ts';
import type { Vault } from '../ports/vault.ts';

/** argon2 costs 19 MiB and ~30 ms of a core each: strangers get no more than this many at once. */
const verificationsAtOnce = 2;
const verificationsWaiting = 64;
/**
 * Wrong passwords for one name from one network before it must wait, and for how long that is counted;
 * and for all names together, since behind one address there may be many clients, of which one that is
 * set up wrongly must not lock out the others.
 */
const failuresAllowed = 20;
const failuresAllowedOfAddress = 200;
const failureWindowMs = 60_000;
const rememberedAddresses = 20_000;

/** Where a secret was shown, under which name, and when. */
export interface Attempt {
  address: string;
  name: string;
  now: number;
}

interface Failures {
  count: number;
  until: number;
}

/**
 * What stands between strangers and passwords, whoever's they are: wrong ones are counted by network (`networkOf`)
 * and name, and few are verified at a time, so that a stranger cannot occupy the machine.
 */
export class LoginGuard {
  readonly #vault: Pick<Vault, 'hashPassword' | 'verifyPassword'>;
  readonly #failures = new BoundedMap<string, Failures>(rememberedAddresses);
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

  /**
   * Runs the check of a secret. Until it says otherwise the attempt counts as a wrong one: of a hundred guesses at
   * one time all would else be checked, since none has failed yet when the last begins.
   * @param check gives undefined or false for a wrong one; when it throws nothing is counted.
   * @throws GatewayError `too_many_attempts`; whatever `check` throws.
   */
  async check<T>(attempt: Attempt, check: () => Promise<T>): Promise<T> {
    this.refuseWhenTooMany(attempt);
    const counted = this.countFailure(attempt);
    const takeBack = (): void => {
      for (const failures of counted) failures.count--;
    };
    try {
      const result = await check();
      if (result) takeBack();
      return result;
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  /** @throws GatewayError `too_many_attempts`. */
  refuseWhenTooMany(attempt: Attempt): void {
    const refusal = this.refusalOf(attempt);
    if (refusal) throw refusal;
  }

  /** @returns `too_many_attempts`, or undefined for who may try. */
  refusalOf({ address, name, now }: Attempt): GatewayError | undefined {
    for (const [key, allowed] of failureKeys(address, name)) {
      const failures = this.#failures.get(key);
      if (failures && now < failures.until && failures.count >= allowed) {
        return new GatewayError(
          'too_many_attempts',
          'Too many failed log-ins from this address. Please wait.',
          { retryAfterMs: failures.until - now },
        );
      }
    }
    return undefined;
  }

  /** @returns what it counts towards. */
  countFailure({ address, name, now }: Attempt): Failures[] {
    return failureKeys(address, name).map(([key]) => {
      let failures = this.#failures.get(key);
      if (!failures || now >= failures.until) {
        failures = { count: 0, until: now + failureWindowMs };
        this.#failures.set(key, failures);
      }
      failures.count++;
      return failures;
    });
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
  const network = networkOf(address);
  return [
    [`${network}\0${name.slice(0, 64)}`, failuresAllowed],
    [network, failuresAllowedOfAddress],
  ];
}
