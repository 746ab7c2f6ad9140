import type { E164 } from '../../text/phone-number.ts';
import type { Millicredits } from '../money.ts';
import { Prefixes } from './prefixes.ts';
import type { CostList } from './rule.ts';

/** What a part costs, made ready to be looked up. */
export class Costs {
  readonly #standard: Millicredits | null;
  readonly #prefixes: Prefixes<Millicredits>;

  constructor({ standard, prefixes }: CostList) {
    this.#standard = standard;
    this.#prefixes = new Prefixes(prefixes);
  }

  /** @returns null when it is not known. */
  ofPart(destination: E164): Millicredits | null {
    return this.#prefixes.longest(destination) ?? this.#standard;
  }
}
