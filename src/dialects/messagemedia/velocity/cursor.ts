import type { Node } from './ast.ts';
import { limits, TemplateError } from './limits.ts';

/** What all cursors of one template share. */
interface Budget {
  nodes: number;
  depth: number;
}

/** Reads a template, or the text in quotes within one, from its start to its end. */
export class Cursor {
  readonly text: string;
  at = 0;
  /** Reads the text in double quotes, which is a template of its own. */
  readonly readNodes: (cursor: Cursor) => Node[];
  /** Where the text in quotes that this one reads stands. */
  readonly #outer: { cursor: Cursor; from: number } | undefined;
  readonly #budget: Budget;

  constructor(
    text: string,
    readNodes: (cursor: Cursor) => Node[],
    outer?: { cursor: Cursor; from: number },
  ) {
    this.text = text;
    this.readNodes = readNodes;
    this.#outer = outer;
    this.#budget = outer ? outer.cursor.#budget : { nodes: 0, depth: 0 };
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** Takes what a sticky pattern finds here. */
  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at += found[0].length;
    return found;
  }

  /** Takes this text, when it is what comes next. */
  takeText(text: string): boolean {
    const here = this.text.startsWith(text, this.at);
    if (here) this.at += text.length;
    return here;
  }

  /** @throws TemplateError when this text is not what comes next. */
  expect(text: string, where: string): void {
    if (!this.takeText(text)) this.fail(`expected '${text}' ${where}`);
  }

  /** @throws TemplateError always. `at` is where it is wrong; default here. */
  fail(what: string, at = this.at): never {
    throw new TemplateError(`line ${this.#lineOf(at)}: ${what}`);
  }

  /** Counts one piece. @throws TemplateError when there are too many. */
  count(): void {
    this.#budget.nodes += 1;
    if (this.#budget.nodes > limits.nodes) {
      this.fail(`the template has more than ${limits.nodes} parts`);
    }
  }

  /** Reads what is within something. @throws TemplateError when it is too deep in. */
  within<Result>(read: () => Result): Result {
    this.#budget.depth += 1;
    if (this.#budget.depth > limits.depth) this.fail(`nested deeper than ${limits.depth}`);
    const result = read();
    this.#budget.depth -= 1;
    return result;
  }

  /** For a text that began at `from`. */
  inner(text: string, from: number): Cursor {
    return new Cursor(text, this.readNodes, { cursor: this, from });
  }

  /** Reads everything before it: for mistakes alone, of which there is one in a template. */
  #lineOf(at: number): number {
    const first = this.#outer ? this.#outer.cursor.#lineOf(this.#outer.from) : 1;
    return first + this.text.slice(0, at).split('\n').length - 1;
  }
}
