import { randomUUID } from 'node:crypto';

import type { InstallationFact } from '../../core/ports/storage.ts';
import { installationReads, installationWrites } from '../repositories/installation.ts';
import type { Session, WriteSession } from '../engine.ts';

/** In the source from the beginning of its move on: nobody serves it any more. */
export interface MovedTo {
  /** Another one for each move: what an earlier one left in a target is not taken for this one's. */
  move: string;
  /** The target as people know it, without a password. */
  to: string;
  begunAt: number;
  doneAt: number | null;
}

/** In the target until its move is done: what is there is not whole. */
export interface MovingIn {
  move: string;
  /** The source as people know it. */
  from: string;
}

/** Facts that a target takes over from its source. */
const inherited: readonly InstallationFact[] = ['id', 'key_check'];

/** What a fact of a move says. */
export function parseMark<Mark>(value: string | undefined): Mark | undefined {
  return value === undefined ? undefined : (JSON.parse(value) as Mark);
}

export async function movedToOf(session: Session): Promise<MovedTo | undefined> {
  return parseMark<MovedTo>(await installationReads(session).fact('moved_to'));
}

export async function movingInOf(session: Session): Promise<MovingIn | undefined> {
  return parseMark<MovingIn>(await installationReads(session).fact('moving_in'));
}

/** A move that begins now. */
export function newMove(to: string, now: number): MovedTo {
  return { move: randomUUID(), to, begunAt: now, doneAt: null };
}

export async function markSource(session: WriteSession, mark: MovedTo): Promise<void> {
  await installationWrites(session).set('moved_to', JSON.stringify(mark));
}

/** From here on the target's rows are those of this move. */
export async function markTarget(session: WriteSession, mark: MovingIn): Promise<void> {
  await session.kysely.deleteFrom('move_progress').execute();
  await installationWrites(session).set('moving_in', JSON.stringify(mark));
}

/** The target is whole: it takes over the source's place. */
export async function settleTarget(session: WriteSession, source: Session): Promise<void> {
  const facts = installationWrites(session);
  for (const name of inherited) {
    const value = await installationReads(source).fact(name);
    if (value !== undefined) await facts.set(name, value);
  }
  await session.kysely.deleteFrom('move_progress').execute();
  await facts.remove('moving_in');
}
