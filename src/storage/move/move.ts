import type { Clock } from '../../core/ports/clock.ts';
import type { WriteSession } from '../engine.ts';
import { StorageRefused } from '../refused.ts';
import type { Place } from './begin.ts';
import { beginMove } from './begin.ts';
import { raiseCounters, requireBalanced, requireCount } from './check.ts';
import { copyTable, progressOf } from './copy.ts';
import { countRows } from './count.ts';
import type { SetCounter } from './counters.ts';
import type { MovedTo } from './marks.ts';
import { markSource, settleTarget } from './marks.ts';
import { plansOf } from './plan.ts';
import { makePartitions } from './span.ts';
import type { MoveProgress } from './tally.ts';
import { Tally } from './tally.ts';

export interface Move {
  /** Nobody serves it: its data folder is locked. Its schema is current. */
  readonly source: Place;
  /** Its schema is current. */
  readonly target: Place;
  readonly setCounter: SetCounter;
  readonly clock: Pick<Clock, 'now'>;
  /** Told after every page. When it throws, the move ends there and can be run again. */
  readonly onProgress: (progress: MoveProgress) => void | Promise<void>;
}

export interface Moved {
  readonly to: string;
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
  readonly rows: number;
  /** Rows of this run, where an earlier one was interrupted. */
  readonly rowsNow: number;
  /** Texts in which U+0000 became U+FFFD, since the target cannot hold it. */
  readonly nuls: number;
  readonly tookMs: number;
}

/**
 * Moves a whole installation into an empty database, every row compared, in such steps that it may be
 * ended at any moment and run again:
 *
 *   mark the source ─▶ mark the target ─▶ copy, page by page ─▶ counts and balances are right
 *     ─▶ mark the source as moved ─▶ the target takes over its id
 *
 * From the first mark on the source is not served, and the target not before the last step: at no moment
 * would both be. While rows are copied nobody can write into the source.
 *
 * @throws StorageRefused when the target is not for this source, when a row there is not the same, or
 * when one of the two gave out.
 */
export async function moveInstallation(move: Move): Promise<Moved> {
  const { source, target, clock, onProgress } = move;
  const startedAt = clock.now();
  try {
    const mark = await beginMove(source, target, startedAt);
    const tally = new Tally(clock, onProgress);
    const nuls = await source.engine.exclusively((from) => copyAll(move, mark, from, tally));
    await target.engine.transaction((session) => settleTarget(session, source.engine.reader));
    return {
      to: target.name,
      tables: [...tally.wanted].map(([table, rows]) => ({ table, rows })),
      rows: tally.rows,
      rowsNow: tally.rowsNow,
      nuls,
      tookMs: clock.now() - startedAt,
    };
  } catch (error) {
    throw asStopped(move, error);
  }
}

/** All but the last step. Gives how many texts lost a U+0000. */
async function copyAll(
  { target, setCounter, clock }: Move,
  mark: MovedTo,
  from: WriteSession,
  tally: Tally,
): Promise<number> {
  const plans = await plansOf(from);
  for (const plan of plans) await tally.counted(plan.table, await countRows(from, plan));
  await makePartitions(from, target.engine, clock.now());

  const earlier = new Map<string, Awaited<ReturnType<typeof progressOf>>>();
  for (const plan of plans) earlier.set(plan.table, await progressOf(target.engine.reader, plan));
  tally.begins(new Map([...earlier].map(([table, { rows }]) => [table, rows])));

  let nuls = 0;
  for (const plan of plans) {
    const start = earlier.get(plan.table) ?? { last: undefined, rows: 0, nuls: 0 };
    const end = await copyTable(from, target.engine, plan, start, ({ rows }) =>
      tally.copied(plan.table, rows),
    );
    nuls += end.nuls;
  }
  for (const plan of plans) {
    await requireCount(target, plan, tally.wanted.get(plan.table) ?? 0);
    await tally.checked(plan.table);
  }
  await requireBalanced(target);
  await target.engine.transaction((session) => raiseCounters(from, session, plans, setCounter));
  await markSource(from, { ...mark, doneAt: mark.doneAt ?? clock.now() });
  return nuls;
}

/** An engine that gave out is no defect: what is done stays done. */
function asStopped({ source, target }: Move, error: unknown): unknown {
  for (const { engine, name } of [target, source]) {
    const failure = engine.failureOf(error);
    if (failure === undefined || failure === 'unique') continue;
    return new StorageRefused(
      `The move stopped because ${name} gave out: ${error instanceof Error ? error.message : failure}. ` +
        'Nothing is lost: see to it and run the same command again, which goes on from there.',
      { cause: error },
    );
  }
  return error;
}
