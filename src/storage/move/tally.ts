import type { Clock } from '../../core/ports/clock.ts';

export interface MoveProgress {
  /** `count`: the source's rows are counted. `copy`: they are copied. `check`: the target's are counted. */
  readonly step: 'count' | 'copy' | 'check';
  readonly table: string;
  /** Rows that are in the target, those of earlier runs included. */
  readonly rows: number;
  readonly ofRows: number;
  /** Rows that this run has copied, and the time since it began to. */
  readonly rowsNow: number;
  readonly copyingMs: number;
  /** Since the move began. */
  readonly tookMs: number;
}

/** Adds up what a move has done, and tells it. */
export class Tally {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #onProgress: (progress: MoveProgress) => void | Promise<void>;
  /** Rows that there are to copy, by table. */
  readonly wanted = new Map<string, number>();
  readonly #rows = new Map<string, number>();
  #before = 0;
  readonly #startedAt: number;
  #copyingSince: number | undefined;

  constructor(
    clock: Pick<Clock, 'now'>,
    onProgress: (progress: MoveProgress) => void | Promise<void>,
  ) {
    this.#clock = clock;
    this.#onProgress = onProgress;
    this.#startedAt = clock.now();
  }

  get rows(): number {
    return sum(this.#rows);
  }

  /** Rows of this run. */
  get rowsNow(): number {
    return this.rows - this.#before;
  }

  async counted(table: string, rows: number): Promise<void> {
    this.wanted.set(table, rows);
    await this.#tell('count', table);
  }

  /** What earlier runs have copied. */
  begins(earlier: ReadonlyMap<string, number>): void {
    for (const [table, rows] of earlier) this.#rows.set(table, rows);
    this.#before = this.rows;
    this.#copyingSince = this.#clock.now();
  }

  async copied(table: string, rows: number): Promise<void> {
    this.#rows.set(table, rows);
    await this.#tell('copy', table);
  }

  async checked(table: string): Promise<void> {
    await this.#tell('check', table);
  }

  async #tell(step: MoveProgress['step'], table: string): Promise<void> {
    const now = this.#clock.now();
    await this.#onProgress({
      step,
      table,
      rows: this.rows,
      ofRows: sum(this.wanted),
      rowsNow: this.rowsNow,
      copyingMs: now - (this.#copyingSince ?? now),
      tookMs: now - this.#startedAt,
    });
  }
}

function sum(counts: ReadonlyMap<string, number>): number {
  let all = 0;
  for (const count of counts.values()) all += count;
  return all;
}
