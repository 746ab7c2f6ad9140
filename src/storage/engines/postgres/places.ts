import type { Client } from 'pg';

import type { Places } from '../../../core/ports/places.ts';
import { connectionTo, OwnClient } from './client.ts';

const CONNECT_MS = 5_000;
/** A server that does not answer within this time is as good as gone: nobody waits longer for a place. */
const ANSWER_MS = 2_000;
const REST_MS = 1_000;
/** Keys of one round trip. */
const MOST_KEYS = 500;

/** `$1` names, `$2` how many places are wanted of each, `$3` its places that this node does not hold. */
const take = {
  name: 'take_places',
  text: `
    select array(
      select slot::int from unnest(string_to_array(asked.free, ',')) as slot
      where pg_try_advisory_lock(hashtextextended(asked.name || ' ' || slot, 0))
      limit asked.wanted
    ) as slots
    from unnest($1::text[], $2::int[], $3::text[]) as asked (name, wanted, free)`,
};

const giveBack = {
  name: 'give_back_places',
  text: `select pg_advisory_unlock(hashtextextended(place, 0)) from unnest($1::text[]) as place`,
};

interface Asker {
  limit: number;
  answer: (slot: number | undefined) => void;
}

/** What this node holds of a key. A place that was taken without asking has a negative number. */
type Held = Set<number>;

/**
 * Places as advisory locks of one session: a place of a key is a lock that its node's session holds. That
 * is memory of the server, no row and no disk, and it ends with the node, however that ends. All that ask
 * while a round trip is under way share the next.
 *
 * When the session breaks, the others no longer see what this node holds: until that has been given back
 * a key may have as many more places as this node held. While the server is away every node counts by
 * itself.
 */
export function createPlaces(url: string): Places & { close(): Promise<void> } {
  const held = new Map<string, Held>();
  const askers = new Map<string, Asker[]>();
  let leaving: string[] = [];
  let client: Client | undefined;
  let connecting: Promise<void> | undefined;
  let restUntil = 0;
  let running = false;
  let closed = false;

  const heldOf = (key: string): Held => {
    const known = held.get(key);
    if (known) return known;
    const none: Held = new Set();
    held.set(key, none);
    return none;
  };

  const lost = (one: Client): void => {
    one.end().catch(() => {});
    if (client !== one) return;
    client = undefined;
    leaving = [];
    // Their locks have ended with the session; they are counted here until they are given back.
    for (const slots of held.values()) {
      for (const slot of [...slots].filter((each) => each >= 0)) {
        slots.delete(slot);
        slots.add(-1 - slot);
      }
    }
  };

  const connect = async (): Promise<void> => {
    if (client || closed || performance.now() < restUntil) return;
    const one = new OwnClient({
      ...connectionTo(url),
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      application_name: 'parlance places',
      pipeline: true,
    });
    one.on('error', () => lost(one));
    one.on('end', () => lost(one));
    try {
      await one.connect();
      if (closed) await one.end();
      else client = one;
    } catch {
      restUntil = performance.now() + REST_MS;
      one.end().catch(() => {});
    }
  };

  /** Says to each asker of a key which slot is his; to those left over, that there is none. */
  const answer = (key: string, asking: readonly Asker[], slots: readonly number[]): void => {
    asking.forEach((asker, at) => asker.answer(slots[at]));
    if (held.get(key)?.size === 0) held.delete(key);
  };

  /** Without the server: what this node does not hold is free. */
  const byItself = (key: string, asking: readonly Asker[]): void => {
    const own = heldOf(key);
    const slots: number[] = [];
    for (const { limit } of asking) {
      if (own.size >= limit) break;
      let slot = -1;
      while (own.has(slot)) slot -= 1;
      own.add(slot);
      slots.push(slot);
    }
    answer(key, asking, slots);
  };

  const round = async (): Promise<void> => {
    const asked = [...askers].slice(0, MOST_KEYS);
    for (const [key] of asked) askers.delete(key);
    connecting ??= connect().finally(() => {
      connecting = undefined;
    });
    await connecting;
    const one = client;
    if (!one) {
      for (const [key, asking] of asked) byItself(key, asking);
      return;
    }
    const wants = asked.map(([key, asking]) => {
      const own = heldOf(key);
      const limit = Math.max(...asking.map((asker) => asker.limit));
      const free: number[] = [];
      for (let slot = 0; slot < limit; slot++) {
        if (!own.has(slot) && !own.has(-1 - slot)) free.push(slot);
      }
      return { free, wanted: Math.min(asking.length, Math.max(0, limit - own.size)) };
    });
    try {
      const { rows } = await one.query<{ slots: number[] }>({
        ...take,
        values: [
          asked.map(([key]) => key),
          wants.map(({ wanted }) => wanted),
          wants.map(({ free }) => free.join(',')),
        ],
      });
      asked.forEach(([key, asking], at) => {
        const slots = rows[at]?.slots ?? [];
        const own = heldOf(key);
        // Taken in a session that has ended meanwhile: held, but nobody else sees it.
        const numbers = client === one ? slots : slots.map((slot) => -1 - slot);
        for (const slot of numbers) own.add(slot);
        answer(key, asking, numbers);
      });
    } catch {
      lost(one);
      for (const [key, asking] of asked) byItself(key, asking);
    }
  };

  const run = async (): Promise<void> => {
    while (askers.size > 0 || leaving.length > 0) {
      const places = leaving.splice(0);
      // Not waited for: what is asked next goes over the same connection, after it.
      if (places.length > 0) client?.query({ ...giveBack, values: [places] }).catch(() => {});
      if (askers.size > 0) await round();
    }
    running = false;
  };

  const schedule = (): void => {
    if (running || closed) return;
    running = true;
    setImmediate(() => void run());
  };

  const leave = (key: string, slot: number): void => {
    const own = held.get(key);
    if (!own) return;
    // It may have been counted as lost since.
    if (own.delete(slot)) {
      if (slot >= 0) {
        leaving.push(`${key} ${slot}`);
        schedule();
      }
    } else {
      own.delete(-1 - slot);
    }
    if (own.size === 0 && !askers.has(key)) held.delete(key);
  };

  return {
    enter: (key, limit) =>
      new Promise((resolve) => {
        if ((held.get(key)?.size ?? 0) >= limit) {
          resolve(undefined);
          return;
        }
        const asker: Asker = {
          limit,
          answer: (slot) => {
            let left = false;
            resolve(
              slot === undefined
                ? undefined
                : () => {
                    if (left) return;
                    left = true;
                    leave(key, slot);
                  },
            );
          },
        };
        const asking = askers.get(key);
        if (asking) asking.push(asker);
        else askers.set(key, [asker]);
        schedule();
      }),
    async close() {
      closed = true;
      await connecting;
      await client?.end().catch(() => {});
    },
  };
}
