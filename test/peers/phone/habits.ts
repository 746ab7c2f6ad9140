import { seededRandom } from '../../support/seeded-random.ts';

/** How a phone misbehaves: each a share of what it does, from 0 to 1. */
export interface Habits {
  /** What it says it says twice. */
  repeats: number;
  /** What it has to say is said in another order. */
  shuffles: number;
  /** It never says one of the steps: as when the app gave up saying it. */
  loses: number;
  /** It also tells at its hook what became of a message. */
  hooks: number;
}

export const wellBehaved: Habits = { repeats: 0, shuffles: 0, loses: 0, hooks: 0 };
export const usualHabits: Habits = { repeats: 0.2, shuffles: 0.2, loses: 0.2, hooks: 0.3 };

/** The same misbehaviour in each run. */
export class Chance {
  readonly #random: (below: number) => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  happens(share: number): boolean {
    return this.#random(1_000_000) < share * 1_000_000;
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const mixed = [...items];
    for (let at = mixed.length - 1; at > 0; at--) {
      const other = this.#random(at + 1);
      [mixed[at], mixed[other]] = [mixed[other] as Item, mixed[at] as Item];
    }
    return mixed;
  }
}
