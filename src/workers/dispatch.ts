import type { DeliveryContext } from '../core/delivery/context.ts';
import type { LinkNews } from '../core/delivery/link-news.ts';
import type { LinkId, NodeId } from '../core/ids.ts';
import type { Message } from '../core/messages/message.ts';
import type { Dispatcher, Reservation } from '../core/ports/dispatcher.ts';
import type { Storage } from '../core/ports/storage.ts';
import { announcements } from '../core/ports/storage.ts';
import type { Link } from '../core/ports/transport.ts';
import { every } from './every.ts';
import { Lane } from './lane.ts';
import type { Worker, WorkerLog } from './worker.ts';

/**
 * How often storage is asked for rows that nobody announced: retries that have become due, and what
 * other nodes inserted without being heard.
 */
const lookPauseMs = 1_000;

/**
 * Brings messages to the links that this node holds, which come and go. It is the core's `Dispatcher`
 * (so it exists before the core) and a worker around it (so it is started after it).
 */
export class DispatchWorker implements Dispatcher, Worker {
  readonly nodeId: NodeId;
  readonly #lanes = new Map<LinkId, Lane>();
  /** Of links that were dropped: answers are still written down. */
  readonly #left = new Set<Lane>();
  #given: { context: DeliveryContext; news: LinkNews; log: WorkerLog } | undefined;
  #look: Worker | undefined;
  #started = false;
  #stopped = false;

  readonly #storage: Pick<Storage, 'announce' | 'onAnnounced'>;

  /** @param storage by which it tells other nodes of what waits for their links. */
  constructor(nodeId: NodeId, storage: Pick<Storage, 'announce' | 'onAnnounced'>) {
    this.nodeId = nodeId;
    this.#storage = storage;
  }

  /** What it works with. Without it, it only answers "not here". */
  serve(context: DeliveryContext, news: LinkNews, log: WorkerLog): void {
    this.#given = { context, news, log };
    this.#look = every(
      lookPauseMs,
      async () => {
        for (const lane of this.#lanes.values()) lane.look();
      },
      { clock: context.clock, log, name: 'dispatch' },
    );
  }

  /** A link is this node's from now on. It has been started. */
  hold(link: Link): void {
    if (!this.#given) throw new Error('a dispatcher that does not serve holds no links');
    if (this.#stopped) return;
    const { context, news, log } = this.#given;
    const lane = new Lane(link, this.nodeId, { context, news, log });
    this.#lanes.set(link.id, lane);
    if (this.#started) lane.look();
  }

  /**
   * A link is this node's no more: nothing is handed to it from now on.
   * @returns once it has answered what is on its way, or after `patienceMs`: it may be stopped then.
   */
  async drop(linkId: LinkId, patienceMs: number): Promise<void> {
    const lane = this.#lanes.get(linkId);
    if (!lane) return;
    this.#lanes.delete(linkId);
    this.#left.add(lane);
    await lane.leave(patienceMs);
    void lane.quiet().then(() => this.#left.delete(lane));
  }

  start(): void {
    this.#started = true;
    this.#storage.onAnnounced((topic) => {
      for (const [linkId, lane] of this.#lanes) {
        if (topic === announcements.queue(linkId)) lane.wake();
      }
    });
    for (const lane of this.#lanes.values()) lane.look();
    this.#look?.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#look?.stop();
    await Promise.all([...this.#lanes.values(), ...this.#left].map((lane) => lane.stop()));
  }

  reserve(linkId: LinkId, messages: readonly Message[]): Reservation | undefined {
    return this.#lanes.get(linkId)?.reserve(messages);
  }

  wake(linkIds: Iterable<LinkId>): void {
    for (const linkId of linkIds) {
      this.#lanes.get(linkId)?.wake();
      // The link is another node's, or this one has no room and another that holds it too may have.
      this.#storage.announce(announcements.queue(linkId));
    }
  }

  /** For the metrics: by link, parts on their way and messages waiting in memory. */
  load(): { linkId: LinkId; onTheirWay: number; waiting: number }[] {
    return [...this.#lanes].map(([linkId, lane]) => ({ linkId, ...lane.load() }));
  }
}
