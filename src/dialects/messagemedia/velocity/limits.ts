/**
 * What a template may cost. A client writes it, and it is rendered on the thread that serves everybody: a
 * template and data that use up all of this take some ten milliseconds.
 */
export const limits = {
  /** Characters of a template. */
  length: 32_768,
  /** Pieces that it consists of. */
  nodes: 5_000,
  /** Blocks, brackets and quoted texts within each other. */
  depth: 32,
  /** Pieces evaluated, turns of loops and members looked at, all in all. */
  steps: 10_000,
  /** Characters read, compared and made, all in all: each as often as that is done. */
  characters: 262_144,
} as const;

/** A template that cannot be read, or costs too much. The message is for who wrote it. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/**
 * What the renderings for one request have cost so far. Whatever a template can do is counted, by what it reads
 * and by what it makes. Both ways to count throw TemplateError when it is too much.
 */
export class Work {
  #steps = 0;
  #characters = 0;

  get steps(): number {
    return this.#steps;
  }

  get characters(): number {
    return this.#characters;
  }

  step(count = 1): void {
    this.#steps += count;
    if (this.#steps > limits.steps) {
      throw new TemplateError(`the template takes more than ${limits.steps} steps`);
    }
  }

  spend(characters: number): void {
    this.#characters += characters;
    if (this.#characters > limits.characters) {
      throw new TemplateError(
        `the template reads and makes more than ${limits.characters} characters`,
      );
    }
  }
}
