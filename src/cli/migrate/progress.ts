import type { MoveProgress } from '../../storage/move/tally.ts';
import type { Output } from '../context.ts';
import type { Printer } from '../shared/printer.ts';

/** How often the line on a terminal is drawn anew. */
const redrawMs = 100;
/** How often a line is written where nobody looks, into a log say. */
const noteMs = 5_000;
const barWidth = 20;

/** Shows how a move comes on: a line that is drawn anew, or a line now and then. */
export function showProgress(
  { redraw }: Pick<Output, 'redraw'>,
  print: Printer,
): { show(progress: MoveProgress): void; end(): void } {
  const line = print.json ? undefined : redraw;
  const everyMs = line ? redrawMs : noteMs;
  let shownAt = line ? Number.NEGATIVE_INFINITY : 0;
  return {
    show(progress) {
      if (progress.tookMs - shownAt < everyMs) return;
      shownAt = progress.tookMs;
      const text = progressLine(progress);
      if (line) line(text);
      else print.remark(text);
    },
    end: () => line?.(''),
  };
}

/** `████████░░░░░░░░░░░░  42 %  420000/1000000 rows  21000/s  28s left  messages` */
export function progressLine(progress: MoveProgress): string {
  const { step, table, rows, ofRows, rowsNow, copyingMs } = progress;
  if (step === 'count') return `counting: ${ofRows} rows so far  ${table}`;
  if (step === 'check') return `all ${rows} rows are there, counting them once more  ${table}`;
  const share = ofRows === 0 ? 1 : Math.min(1, rows / ofRows);
  const perSecond = copyingMs === 0 ? 0 : (rowsNow * 1000) / copyingMs;
  const left = perSecond === 0 ? '' : `  ${lasted(((ofRows - rows) / perSecond) * 1000)} left`;
  return `${bar(share)}  ${rows}/${ofRows} rows  ${Math.round(perSecond)}/s${left}  ${table}`;
}

/** `████████░░░░░░░░░░░░  42 %` */
export function bar(share: number): string {
  const full = Math.floor(share * barWidth);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${String(Math.floor(share * 100)).padStart(3)} %`;
}

/** A time for people: `1h 4m`, `2m 3s`, `8s`. */
export function lasted(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours > 0) return `${hours}h ${minutes % 60}m`;
  return minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`;
}
