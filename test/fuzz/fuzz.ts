import { seededRandom } from '../support/seeded-random.ts';
import { checkStream } from './check.ts';
import { mutate } from './mutate.ts';

/** A stream that broke something. */
export interface Breaking {
  stream: Buffer;
  why: string;
}

/** Streams with an outcome of their own that are mutated further, besides the seeds. */
const mostKept = 2_000;
/** PDUs of one stream. */
const mostPdus = 3;

/**
 * Mutates PDUs and checks what becomes of the stream that they make, over and over. Streams with an
 * outcome that no earlier one had are mutated in their turn. All of it follows from the seed.
 */
export class Fuzzer {
  readonly #random: (below: number) => number;
  readonly #pool: Buffer[];
  readonly #mostPool: number;
  readonly #outcomes = new Set<string>();
  runs = 0;

  constructor(seed: number, seeds: readonly Buffer[]) {
    this.#random = seededRandom(seed);
    this.#pool = [...seeds];
    this.#mostPool = seeds.length + mostKept;
  }

  /** Kinds of outcome so far. */
  get outcomes(): number {
    return this.#outcomes.size;
  }

  /** Tries one stream; gives it when it broke something. */
  run(): Breaking | undefined {
    this.runs += 1;
    const pdus = Array.from({ length: 1 + this.#random(mostPdus) }, () =>
      mutate(this.#any(), this.#any(), this.#random),
    );
    const stream = Buffer.concat(pdus);
    try {
      const outcomes = checkStream(stream, this.#random);
      const isNew = outcomes.filter((outcome) => !this.#outcomes.has(outcome)).length > 0;
      for (const outcome of outcomes) this.#outcomes.add(outcome);
      if (isNew && this.#pool.length < this.#mostPool)
        this.#pool.push(...pdus.filter((pdu) => pdu.length > 0));
      return undefined;
    } catch (error) {
      return {
        stream,
        why: error instanceof Error ? (error.stack ?? error.message) : String(error),
      };
    }
  }

  #any(): Buffer {
    return this.#pool[this.#random(this.#pool.length)] as Buffer;
  }
}
