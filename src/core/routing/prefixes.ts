import type { E164 } from '../../text/phone-number.ts';

/** Up to so many are compared one by one, at 20 ns each; each length of a longer list costs 70. */
const fewPrefixes = 8;

/**
 * What stands beside prefixes of destinations, `+614` and such, found by the longest that fits. A lookup
 * costs no more than as many steps as there are different lengths, however long the list is.
 */
export class Prefixes<Value> {
  readonly #values: ReadonlyMap<string, Value>;
  /** Longest first. */
  readonly #lengths: readonly number[];
  /** All of them, longest first, when they are few. */
  readonly #few: readonly (readonly [prefix: string, value: Value])[] | undefined;

  constructor(entries: Iterable<readonly [prefix: string, value: Value]>) {
    this.#values = new Map(entries);
    const sorted = [...this.#values].toSorted(([a], [b]) => b.length - a.length);
    this.#lengths = [...new Set(sorted.map(([prefix]) => prefix.length))];
    this.#few = sorted.length <= fewPrefixes ? sorted : undefined;
  }

  /** @returns undefined when none fits. */
  longest(destination: E164): Value | undefined {
    if (this.#few) {
      for (const [prefix, value] of this.#few) if (destination.startsWith(prefix)) return value;
      return undefined;
    }
    for (const length of this.#lengths) {
      const value = this.#values.get(destination.slice(0, length));
      if (value !== undefined) return value;
    }
    return undefined;
  }
}
