import type { CliContext, Output } from '../context.ts';
import type { Paint } from './paint.ts';
import { createPaint } from './paint.ts';
import type { Column } from './table.ts';
import { fields, table } from './table.ts';

/** Writes results, for people or, with `--json`, as one JSON document. */
export class Printer {
  readonly json: boolean;
  readonly paint: Paint;
  readonly #out: Output;

  constructor(context: Pick<CliContext, 'out' | 'env'>, json: boolean) {
    this.json = json;
    this.paint = createPaint(context);
    this.#out = context.out;
  }

  /**
   * The result of a command.
   * @param document for programs. It holds no secrets but those that are shown once.
   * @param lines for people.
   */
  result(document: unknown, lines: () => readonly string[]): void {
    if (this.json) this.#out.line(asJson(document));
    else for (const line of lines()) this.#out.line(line);
  }

  /** A remark beside the result, on standard error; programs do without it. */
  remark(text: string): void {
    if (!this.json) this.#out.note(text);
  }

  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
    return table(rows, columns, this.paint);
  }

  fields(pairs: Parameters<typeof fields>[0]): string[] {
    return fields(pairs, this.paint);
  }
}

function asJson(document: unknown): string {
  return withoutControls(JSON.stringify(document, null, 2));
}

/** C1 control characters are legal in JSON, and some terminals obey them. */
export function withoutControls(json: string): string {
  return json.replace(
    /[\u007f-\u009f]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
