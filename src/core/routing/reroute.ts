import { Consequences } from '../delivery/consequences.ts';
import type { DeliveryContext } from '../delivery/context.ts';
import type { LinkId, MessageId } from '../ids.ts';
import type { Message } from '../messages/message.ts';
import type { QueuePlace, Tx } from '../ports/storage.ts';

/** The most rows that one round looks at: a round is one short transaction. */
const roundLimit = 500;
/** What a walk has left behind had no way around: it is looked at again after a while. */
const walkPauseMs = 10_000;

/** How far a link's queue has been looked through. */
interface Walk {
  place: QueuePlace | null;
  /** Not before this instant. */
  next: number;
}

/**
 * Moves what waits in the queue of a link that has been away too long to the next link of its route that is
 * up. Rounds of bounded size walk through the queue, past what has no other way.
 *
 * - A row is moved only while it is queued for that link and nobody holds it: it is read, then locked, and
 *   looked at again. So several nodes may do this at once, beside those who claim.
 * - What the network may have already stays with its link: parts of which another link knows nothing (each
 *   cuts and numbers them in its own way), and what is to be sent again after a lost answer.
 * - When a row may be taken does not change, so it keeps its place among those that wait for the other link,
 *   and a pause that it is in.
 * - Nothing is moved back by itself, and with all links down everything stays.
 */
export class Reroute {
  readonly #context: DeliveryContext;
  readonly #walks = new Map<LinkId, Walk>();

  constructor(context: DeliveryContext) {
    this.#context = context;
  }

  /** One round. @returns how many rows it looked at: 0 when there is nothing more to do for now. */
  async round(): Promise<number> {
    const { routing, clock } = this.#context;
    const now = clock.now();
    const away = new Set(routing.health.longAway());
    for (const linkId of this.#walks.keys()) if (!away.has(linkId)) this.#walks.delete(linkId);
    for (const linkId of away) {
      const walk = this.#walks.get(linkId) ?? { place: null, next: now };
      this.#walks.set(linkId, walk);
      // A clock that was set back must not keep it waiting.
      const waits = walk.next > now && walk.next - now <= walkPauseMs;
      if (waits || !routing.hasWayAround(linkId)) continue;
      const looked = await this.#step(linkId, walk, now);
      if (looked > 0) return looked;
    }
    return 0;
  }

  async #step(linkId: LinkId, walk: Walk, now: number): Promise<number> {
    const { storage } = this.#context;
    const page = { after: walk.place, now, limit: roundLimit };
    const rows = await storage.read.messages.waitingFor(linkId, page);
    const accounts = await this.#accountNames(rows);
    const movable = rows.filter((row) => this.#wayAround(row, accounts) !== undefined);
    if (movable.length > 0) await this.#move(linkId, movable, accounts);
    const last = rows.at(-1);
    if (last && rows.length === roundLimit) walk.place = last;
    else Object.assign(walk, { place: null, next: now + walkPauseMs });
    return rows.length;
  }

  async #move(
    linkId: LinkId,
    wanted: readonly Message[],
    accounts: ReadonlyMap<string, string>,
  ): Promise<void> {
    const { storage, directory, clock, dispatcher, meter } = this.#context;
    const moved = await storage.write(async (tx) => {
      const now = clock.now();
      const rows = (await tx.messages.lock(wanted.map(({ id }) => id))).filter(
        (row) =>
          row.status === 'queued' &&
          row.linkId === linkId &&
          (row.lockedBy === null || row.dueAt <= now),
      );
      const bound = await boundToTheirLink(tx, rows);
      const made = new Consequences(
        this.#context,
        await directory.views(rows.map(({ accountId }) => accountId)),
      );
      const leaving = rows.filter((row) => {
        const way = bound.has(row.id) ? undefined : this.#wayAround(row, accounts);
        if (!way) return false;
        Object.assign(row, way, { lockedBy: null });
        made.remark(row, now, 'rerouted', `${linkId} is down: by ${way.linkId}`);
        return true;
      });
      await tx.messages.save(leaving, { from: 'queued' });
      await tx.parts.remove(leaving.filter(wasTried).map(({ id }) => id));
      await made.write(tx);
      return leaving;
    });
    if (moved.length === 0) return;
    meter.rerouted(linkId, moved.length);
    dispatcher.wake(new Set(moved.flatMap((row) => row.linkId ?? [])));
  }

  #wayAround(row: Message, accounts: ReadonlyMap<string, string>) {
    const account = accounts.get(row.accountId);
    return account === undefined ? undefined : this.#context.routing.around(row, account);
  }

  async #accountNames(rows: readonly Message[]): Promise<Map<string, string>> {
    const views = await this.#context.directory.views(rows.map(({ accountId }) => accountId));
    return new Map([...views].map(([id, { account }]) => [id, account.name]));
  }
}

/** Of these messages those of which the network has something, or may have. */
async function boundToTheirLink(tx: Tx, messages: readonly Message[]): Promise<Set<MessageId>> {
  const bound = new Set(messages.filter((one) => one.possiblyDoubled === 1).map(({ id }) => id));
  // One that was never handed over has no parts to ask for.
  const tried = messages.filter(wasTried);
  for (const part of await tx.parts.ofMessages(tried.map(({ id }) => id))) {
    if (part.status !== 'sending') bound.add(part.messageId);
  }
  return bound;
}

function wasTried({ attempts, error }: Message): boolean {
  // A throttled try is not counted.
  return attempts > 0 || error !== null;
}
