import type { LinkId } from '../core/ids.ts';
import type { Clock, Timer } from '../core/ports/clock.ts';
import type { Storage } from '../core/ports/storage.ts';
import type { Link, LinkHost, LinkState } from '../core/ports/transport.ts';
import type { DispatchWorker } from './dispatch.ts';
import { every } from './every.ts';
import { LeasedLink } from './leased-link.ts';
import { within } from './within.ts';
import type { Worker, WorkerLog } from './worker.ts';

const leaseMs = 15_000;
const roundPauseMs = 5_000;
/** So long before the lease ends nothing is handed over any more: clocks differ, and a stop takes time. */
const fenceMs = 4_000;
/** How long answers are waited for when a link must be let go … */
const leavePatienceMs = 3_000;
/** … and when this node stops, with its lease still running. */
const stopPatienceMs = 10_000;

/** A link of the configuration, as this node may hold it. */
export interface LinkPlan {
  id: LinkId;
  /** How many nodes may hold it at once. */
  nodes: number;
  /** A fresh one for each time that it is held. */
  create(): Link;
}

interface LinkHolderParts {
  links: readonly LinkPlan[];
  storage: Storage;
  clock: Clock;
  dispatcher: DispatchWorker;
  host: LinkHost;
  log: WorkerLog;
}

interface Held {
  link: LeasedLink;
  fence: Timer | undefined;
  /** Whether it could be started. */
  started: Promise<boolean>;
  /** Set once it is let go. */
  left: Promise<void> | undefined;
}

/**
 * Carriers allow few connections, so a link has slots, and a node uses it only while it has one under a
 * lease in storage.
 *
 *   away ──a slot is ours──▶ starting ──started──▶ held ──▶ leaving ──stopped──▶ away
 *                                │ failed             slot gone, lease nearly over, or stop
 *                                └──────slot given back, next round tries again──────▶ away
 *
 * - A round every 5 s renews each lease to 15 s and tries for what is away. Each time a link is held it
 *   is a new `Link`.
 * - Fence: a lease that could not be renewed ends here before it ends for others. 4 s before, nothing
 *   more is handed over (the timer says so, and `LeasedLink` by the clock should the timer be late), for
 *   3 s answers are waited for, then the link is stopped.
 * - Where one node alone may serve there is nobody to make way for: an outage of storage does not take
 *   its links away.
 */
export class LinkHolder implements Worker {
  readonly #given: LinkHolderParts;
  readonly #held = new Map<LinkId, Held>();
  readonly #rounds: Worker;

  constructor(given: LinkHolderParts) {
    const { clock, log } = given;
    this.#given = given;
    this.#rounds = every(roundPauseMs, () => this.#round(), { clock, log, name: 'links' });
  }

  /** The first round: what is free is held, and started, when it resolves. */
  async join(): Promise<void> {
    await this.#round();
    await Promise.all([...this.#held.values()].map(({ started }) => started));
  }

  start(): void {
    this.#rounds.start();
  }

  /** The state of a link that this node holds, or is about to; undefined where it does not. */
  stateOf(linkId: LinkId): LinkState | undefined {
    const held = this.#held.get(linkId);
    return held && !held.left ? held.link.state() : undefined;
  }

  /** Lets go of all links at once, so that other nodes find their slots free. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    await Promise.all([...this.#held.values()].map((held) => this.#leave(held, stopPatienceMs)));
    const { storage, dispatcher } = this.#given;
    await storage.write((tx) => tx.linkHolders.release([dispatcher.nodeId]));
  }

  async #round(): Promise<void> {
    const { links, storage, clock, dispatcher, log } = this.#given;
    const wanted = links.filter(({ id }) => !this.#held.get(id)?.left);
    if (wanted.length === 0) return;
    const now = clock.now();
    const until = now + leaseMs;
    const wishes = wanted.map(({ id, nodes }) => ({ linkId: id, slots: nodes }));
    const ours = await storage.write((tx) =>
      tx.linkHolders.hold(wishes, { nodeId: dispatcher.nodeId, now, until }),
    );
    // The answer may have taken longer than the lease.
    const usable = this.#usableUntil(until);
    const late = clock.now() >= usable;
    for (const plan of wanted) {
      const held = this.#held.get(plan.id);
      if (held?.left) continue;
      if (!ours.has(plan.id)) {
        if (!held) continue;
        log.warn({ link: plan.id }, 'another node holds the link: it is let go here');
        void this.#leave(held, leavePatienceMs);
      } else if (!late) {
        if (held) this.#renew(held, usable);
        else this.#begin(plan, usable);
      }
    }
  }

  #usableUntil(leaseEnd: number): number {
    return this.#given.storage.manyNodes ? leaseEnd - fenceMs : Number.POSITIVE_INFINITY;
  }

  #begin(plan: LinkPlan, until: number): void {
    const { clock, log } = this.#given;
    let made: Link;
    try {
      made = plan.create();
    } catch (error) {
      log.warn({ err: error, link: plan.id }, 'a link could not be made; it is tried again');
      return;
    }
    const link = new LeasedLink(made, until, clock);
    const held: Held = { link, fence: undefined, started: this.#startLink(link), left: undefined };
    this.#held.set(plan.id, held);
    this.#renew(held, until);
    void held.started.then((started) => this.#afterStart(held, started));
  }

  async #startLink(link: LeasedLink): Promise<boolean> {
    const { host, log } = this.#given;
    try {
      await link.start(host);
      return true;
    } catch (error) {
      log.warn({ err: error, link: link.id }, 'a link could not be started; it is tried again');
      return false;
    }
  }

  #afterStart(held: Held, started: boolean): void {
    const { dispatcher, log } = this.#given;
    if (held.left) return;
    if (started) {
      dispatcher.hold(held.link);
      log.info({ link: held.link.id }, 'holding the link');
    } else {
      void this.#leave(held, leavePatienceMs, () => this.#giveBackSlot(held.link.id));
    }
  }

  #renew(held: Held, until: number): void {
    const { clock, log } = this.#given;
    held.link.until = until;
    held.fence?.cancel();
    if (until === Number.POSITIVE_INFINITY) return;
    held.fence = clock.after(until - clock.now(), () => {
      log.warn({ link: held.link.id }, 'the lease of the link could not be renewed: it is let go');
      void this.#leave(held, leavePatienceMs);
    });
  }

  /**
   * @param last what is done before the link may be held again.
   * @returns when it is away. Never rejects.
   */
  #leave(held: Held, patienceMs: number, last = async () => {}): Promise<void> {
    held.left ??= this.#letGo(held, patienceMs)
      .then(last)
      .finally(() => {
        this.#held.delete(held.link.id);
      });
    return held.left;
  }

  async #letGo({ link, started, fence }: Held, patienceMs: number): Promise<void> {
    const { clock, dispatcher, log } = this.#given;
    fence?.cancel();
    // A start under way ends by itself: whatever a link asks of its network has a time-out.
    await started;
    try {
      // The dispatcher may wait for storage, which may be the reason why we leave.
      await within(clock, patienceMs, dispatcher.drop(link.id, patienceMs));
      await link.stop();
    } catch (error) {
      log.warn({ err: error, link: link.id }, 'a link did not stop well');
    }
  }

  /** For another node that may fare better with it. */
  async #giveBackSlot(linkId: LinkId): Promise<void> {
    const { storage, dispatcher, log } = this.#given;
    try {
      await storage.write((tx) => tx.linkHolders.release([dispatcher.nodeId], { linkId }));
    } catch (error) {
      log.warn({ err: error, link: linkId }, 'a slot could not be given back; its lease ends');
    }
  }
}
