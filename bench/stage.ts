import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const open = new Set<Stage>();

/** What a benchmark sets up. It is undone, last things first, however the benchmark ends. */
export class Stage {
  readonly #undos: (() => Promise<void>)[] = [];
  #clearing: Promise<void> | undefined;

  /**
   * Says how something is undone; best before it is begun, so that nothing comes in between.
   * @throws Error when the run is being ended already.
   */
  later(undo: () => Promise<void>): void {
    if (this.#clearing) throw new Error('the run is being ended');
    this.#undos.push(undo);
  }

  /** A new folder. */
  async folder(): Promise<string> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-bench-'));
    this.later(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  /** However often it is asked for, it is done once, and everyone waits for its end. */
  clear(): Promise<void> {
    return (this.#clearing ??= this.#undoAll());
  }

  async #undoAll(): Promise<void> {
    open.delete(this);
    for (const undo of this.#undos.toReversed()) {
      // One thing that cannot be undone leaves the others to be undone.
      await undo().catch((error: unknown) => console.error(`not cleaned up: ${String(error)}`));
    }
  }
}

export async function onStage<T>(run: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = new Stage();
  open.add(stage);
  try {
    return await run(stage);
  } finally {
    await stage.clear();
  }
}

/** For a run that is ended from outside: what stands on another stage goes before it. */
export async function clearStages(): Promise<void> {
  for (const stage of [...open].toReversed()) await stage.clear();
}
