import { BoundedMap } from '../bounded-map.ts';
import { networkOf } from '../network-of.ts';
import type { Attempt } from './login-guard.ts';

/** For how long after it was right others who guess from there do not stop it. */
const rememberForMs = 60_000;
const remembered = 10_000;
/** Who shows it with each request is not written down anew each time. */
const noteAgainAfterMs = 1_000;

/**
 * What was right from which network (`networkOf`), so that a guesser does not lock out who lives beside him. It holds
 * from there only: were a right secret let in from wherever it is known by now, a stranger who has guessed too often
 * would see by it when he has guessed it.
 */
export class RightPlaces {
  readonly #until = new BoundedMap<string, number>(remembered);

  /** @param what the secret's mark, or the name of its key. */
  was(what: string, { address, now }: Attempt): boolean {
    return now < (this.#until.get(placeOf(what, address)) ?? 0);
  }

  note(what: string, { address, now }: Attempt): void {
    const place = placeOf(what, address);
    const until = this.#until.get(place) ?? 0;
    if (until - now < rememberForMs - noteAgainAfterMs) this.#until.set(place, now + rememberForMs);
  }
}

function placeOf(what: string, address: string): string {
  return `${what}\0${networkOf(address)}`;
}
