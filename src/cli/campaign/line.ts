import type { Output } from '../context.ts';
import type { Printer } from '../shared/printer.ts';

/** How often the line on a terminal is drawn anew, and how often one is written where nobody looks. */
const redrawMs = 200;
const noteMs = 5_000;

/** Shows how something comes on: a line that is drawn anew, or a line now and then. */
export function showLine(
  { redraw }: Pick<Output, 'redraw'>,
  print: Printer,
): { show(text: () => string): void; end(): void } {
  const line = print.json ? undefined : redraw;
  const everyMs = line ? redrawMs : noteMs;
  let shownAt = line ? Number.NEGATIVE_INFINITY : performance.now();
  return {
    show(text) {
      const now = performance.now();
      if (now - shownAt < everyMs) return;
      shownAt = now;
      if (line) line(text());
      else print.remark(text());
    },
    end: () => line?.(''),
  };
}
