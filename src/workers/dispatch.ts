import type { DeliveryContext } from '../core/delivery/context.ts';
import type { LinkId, NodeId } from '../core/ids.ts';
import type { Message } from '../core/messages/message.ts';
import type { Dispatcher } from '../core/ports/dispatcher.ts';
import type { Link } from '../core/ports/transport.ts';
import { every } from './every.ts';
import { Lane } from './lane.ts';
import type { Worker, WorkerLog } from './worker.ts';

/**
 * How often storage is asked for rows that nobody announced: retries that have become due, and what
 * other nodes inserted.
 */
const lookPauseMs = 1_000;

/**
 * Brings messages to the links of this node. It is the core's `Dispatcher` (so it exists before the
 * core) and a worker around it (so it is started after it).
 */
export class DispatchWorker implements Dispatcher, Worker {
  readonly nodeId: NodeId;
  readonly #lanes = new Map<LinkId, Lane>();
  #look: Worker | undefined;

  constructor(nodeId: NodeId) {
    this.nodeId = nodeId;
  }

  /** The links of this node, which have been started. None: it only answers "not here". */
  serve(links: readonly Link[], context: DeliveryContext, log: WorkerLog): void {
    for (const link of links) this.#lanes.set(link.id, new Lane(link, this.nodeId, context, log));
    this.#look = every(
      lookPauseMs,
      async () => {
        for (const lane of this.#lanes.values()) lane.look();
      },
      { clock: context.clock, log, name: 'dispatch' },
    );
  }

  start(): void {
    for (const lane of this.#lanes.values()) lane.look();
    this.#look?.start();
  }

  async stop(): Promise<void> {
    await this.#look?.stop();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop()));
  }

  reserve(linkId: LinkId, count: number): boolean {
    return this.#lanes.get(linkId)?.reserve(count) ?? false;
  }

  release(linkId: LinkId, count: number): void {
    if (count > 0) this.#lanes.get(linkId)?.release(count);
  }

  offer(linkId: LinkId, messages: Message[]): void {
    this.#lanes.get(linkId)?.offer(messages);
  }

  wake(linkIds: Iterable<LinkId>): void {
    for (const linkId of linkIds) this.#lanes.get(linkId)?.wake();
  }

  /** For the metrics: by link, parts on their way and messages waiting in memory. */
  load(): { linkId: LinkId; onTheirWay: number; waiting: number }[] {
    return [...this.#lanes].map(([linkId, lane]) => ({ linkId, ...lane.load() }));
  }
}
