import type { NodeId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Holders, NodeRecord, Storage, Tx } from '../core/ports/storage.ts';
import { every } from './every.ts';
import type { Worker, WorkerLog } from './worker.ts';

const beatPauseMs = 5_000;
/** A node that shows no heartbeat for so long is dead. */
const deadMs = 20_000;
/** Two heartbeats that lie further apart have a gap between them. */
const mostGapMs = 2 * beatPauseMs;

/** Another node's last heartbeat, and since when nothing came after it. */
interface Watched {
  seenAt: number;
  since: number;
}

/**
 * Says that this node serves, and buries nodes that have stopped without a word.
 *
 *            ┌──another heartbeat──┐
 *            ▼                     │
 *   unknown ─┴─▶ watched, with its last heartbeat ──20 s without another──▶ dead: buried
 *      ▲             │
 *      └─a gap in our own heartbeats (of everybody: the watch begins anew)
 *
 * - Buried: its row goes, and what it held is due now; the sweep settles its hand-overs as lost.
 * - After an outage of the database everybody's heartbeat is old. So a node that could not write its own
 *   for a while, or whose clock jumped, has seen nothing: it watches for the whole time again before it
 *   buries anybody. Whoever lives has written by then.
 * - How old a heartbeat is, the watcher measures from when he first saw it, by his own clock: nodes'
 *   clocks may differ.
 * - The burial deletes the row by that heartbeat: of several nodes one does it, and one whose heartbeat
 *   came in the last moment lives. Who was slow and is buried nevertheless is there again with his next
 *   heartbeat; what he held he finds taken, since each of his writes asks whether his claim still is.
 *
 * At its start a node buries its own earlier run, whose data folder it has locked, at once; on an engine
 * that one node alone may serve, all others, known or not.
 */
export class Registry implements Worker {
  readonly #node: NodeRecord;
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #log: WorkerLog;
  readonly #beats: Worker;
  #watched = new Map<NodeId, Watched>();
  #lastBeat = Number.NEGATIVE_INFINITY;

  constructor(
    node: Omit<NodeRecord, 'startedAt' | 'seenAt'>,
    { storage, clock, log }: { storage: Storage; clock: Clock; log: WorkerLog },
  ) {
    const now = clock.now();
    this.#node = { ...node, startedAt: now, seenAt: now };
    this.#storage = storage;
    this.#clock = clock;
    this.#log = log;
    this.#beats = every(beatPauseMs, () => this.#beat(), { clock, log, name: 'registry' });
  }

  /** Writes this node down, before it claims anything. */
  async join(): Promise<void> {
    const { id } = this.#node;
    const gone = this.#storage.manyNodes ? await this.#earlierRuns() : { allBut: id };
    const rows = await this.#storage.write(async (tx) => {
      await tx.nodes.remove(gone);
      await tx.nodes.seen(this.#node);
      await tx.linkHolders.release(gone);
      return reclaim(tx, gone, this.#clock.now());
    });
    if (rows > 0) this.#log.info({ leftovers: rows }, 'took over what an earlier run had claimed');
    if (this.#storage.manyNodes) await this.#beat();
  }

  start(): void {
    this.#beats.start();
  }

  async stop(): Promise<void> {
    await this.#beats.stop();
    await this.#storage.write((tx) => tx.nodes.remove([this.#node.id]));
  }

  async #earlierRuns(): Promise<NodeId[]> {
    const nodes = await this.#storage.read.nodes.list();
    return nodes.filter(({ home }) => home === this.#node.home).map(({ id }) => id);
  }

  async #beat(): Promise<void> {
    try {
      this.#node.seenAt = this.#clock.now();
      await this.#storage.write((tx) => tx.nodes.seen(this.#node));
      if (this.#storage.manyNodes) await this.#watch();
    } catch (error) {
      this.#watched.clear();
      throw error;
    }
  }

  async #watch(): Promise<void> {
    const now = this.#clock.now();
    const gap = now - this.#lastBeat;
    this.#lastBeat = now;
    if (gap < 0 || gap > mostGapMs) this.#watched.clear();
    const watched = new Map<NodeId, Watched>();
    const dead: NodeRecord[] = [];
    for (const node of await this.#storage.read.nodes.list()) {
      if (node.id === this.#node.id) continue;
      const before = this.#watched.get(node.id);
      const since = before?.seenAt === node.seenAt ? before.since : now;
      watched.set(node.id, { seenAt: node.seenAt, since });
      if (now - since >= deadMs) dead.push(node);
    }
    this.#watched = watched;
    if (dead.length > 0) await this.#bury(dead);
  }

  async #bury(dead: readonly NodeRecord[]): Promise<void> {
    const { buried, rows } = await this.#storage.write(async (tx) => {
      const ids = await tx.nodes.bury(dead);
      const now = this.#clock.now();
      // A dead node's slots have ended long since. One that runs still is held by somebody who lives.
      await tx.linkHolders.release(ids, { endedBy: now });
      return { buried: new Set(ids), rows: await reclaim(tx, ids, now) };
    });
    for (const { id, name } of dead) {
      if (buried.has(id)) this.#log.warn({ node: id, name }, 'a node has died: it was not seen');
    }
    if (rows > 0) this.#log.info({ leftovers: rows }, 'took over what dead nodes had claimed');
  }
}

/** @returns how many messages and notifications are due now. */
async function reclaim(tx: Tx, from: Holders, now: number): Promise<number> {
  const messages = await tx.messages.reclaim(from, now);
  await tx.campaigns.reclaim(from, now);
  return messages + (await tx.notifications.reclaim(from, now));
}
