import { sql } from 'kysely';

import { formatUtc } from '../../text/instant.ts';
import type { Engine, Session } from '../engine.ts';
import { StorageRefused } from '../refused.ts';
import { installationReads } from '../repositories/installation.ts';
import { nodeReads } from '../repositories/nodes.ts';
import { markSource, markTarget, movedToOf, movingInOf, newMove } from './marks.ts';
import type { MovedTo } from './marks.ts';
import { carriedTables } from './plan.ts';
import { requireUnserved } from './unserved.ts';

/** A database, and what people call it: never with a password. */
export interface Place {
  readonly engine: Engine;
  readonly name: string;
}

/**
 * Begins a move, or goes on with the one that was begun, and says which one it is. The source is marked
 * first: from then on it is not served, so that no row which was copied changes behind the move's back.
 *
 * @throws StorageRefused when the target is not for this source. Nothing was changed then.
 */
export async function beginMove(source: Place, target: Place, now: number): Promise<MovedTo> {
  // Nodes that serve an empty database would begin to write into it.
  requireUnserved(await nodeReads(target.engine.reader).list(), target.name, now);
  const begun = await movedToOf(source.engine.reader);
  await requireAnother(source, target, begun);
  if (begun && (await movingInOf(target.engine.reader))?.move === begun.move) return begun;
  if (begun?.doneAt) throw movedAlready(source, begun.to, begun.doneAt);
  // One that was ended before it had marked its target finds it as it was.
  if (begun && begun.to !== target.name) throw elsewhere(begun);
  await requireEmpty(target.engine.reader, target);
  const move = begun ?? newMove(target.name, now);
  await source.engine.transaction((session) => markSource(session, move));
  await target.engine.exclusively(async (session) => {
    await requireEmpty(session, target);
    await markTarget(session, { move: move.move, from: source.name });
  });
  return move;
}

async function requireAnother(
  source: Place,
  target: Place,
  begun: MovedTo | undefined,
): Promise<void> {
  const idOf = ({ engine }: Place) => installationReads(engine.reader).fact('id');
  if ((await idOf(source)) !== (await idOf(target))) return;
  if (begun?.doneAt) throw movedAlready(source, begun.to, begun.doneAt);
  throw new StorageRefused(
    `${target.name} holds the same installation as ${source.name}: it is the very same database, a ` +
      'copy of it, or where it was moved before. Name an empty database as `storage`.',
  );
}

function movedAlready({ name }: Place, to: string, doneAt: number): StorageRefused {
  return new StorageRefused(
    `The installation in ${name} was moved to ${to} on ${formatUtc(doneAt)} UTC: serve it from there. To move ` +
      'it once more from here, without what has happened there since, first run `parlance migrate --undo ' +
      `--data ${name}\`.`,
  );
}

function elsewhere({ to }: MovedTo): StorageRefused {
  return new StorageRefused(
    `A move to ${to} was begun and is not finished: run it again with that database as \`storage\`, ` +
      'or give it up with `parlance migrate --undo`.',
  );
}

/** A move only ever fills an empty database: two installations in one could not be told apart. */
async function requireEmpty({ kysely }: Session, { name }: Place): Promise<void> {
  for (const table of carriedTables) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(kysely);
    if (rows.length === 0) continue;
    throw new StorageRefused(
      `${name} is not empty: it holds another installation, or what is left of a move that was given ` +
        'up. Name an empty database as `storage`.',
    );
  }
}
