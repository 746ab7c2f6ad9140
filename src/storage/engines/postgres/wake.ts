import { randomUUID } from 'node:crypto';

import type { Client } from 'pg';

import { connectionTo, OwnClient } from './client.ts';

const CHANNEL = 'parlance_wake';
/** What is announced again within this time goes out once more at its end, and no sooner. */
const QUIET_MS = 10;
/** A lost connection is made again after this, twice as long each time. */
const FIRST_REST_MS = 500;
const LONGEST_REST_MS = 10_000;
const CONNECT_MS = 5_000;
/** As many as there are links, and the outbox. */
const MOST_UNHEARD = 1_000;

export interface Wake {
  readonly announce: (topic: string) => void;
  readonly listen: (listener: (topic: string) => void) => void;
  close(): Promise<void>;
}

/**
 * Tells other nodes that something waits for them, by LISTEN and NOTIFY on a connection of its own,
 * which is made at the first call. Best effort: who misses it finds the same rows at his next look,
 * so nothing here is ever waited for, and nothing fails.
 *
 *   idle ──announce──▶ told now, quiet for 10 ms ──announced again──▶ told at the end of it
 *
 * NOTIFY outside of the transactions that it tells of: within them every commit would queue for one
 * lock of the whole server, while it is written.
 */
export function createWake(url: string): Wake {
  /** Own announcements come back; this tells them from others'. */
  const self = randomUUID().slice(0, 8);
  const listeners: ((topic: string) => void)[] = [];
  /** Announced while there was no connection. */
  const unheard = new Set<string>();
  const quiet = new Map<string, { again: boolean; timer: NodeJS.Timeout }>();
  let client: Client | undefined;
  let connecting: Promise<void> | undefined;
  let restMs = FIRST_REST_MS;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const lost = (one: Client): void => {
    if (client === one) client = undefined;
    one.end().catch(() => {});
    if (closed || retry) return;
    retry = setTimeout(() => {
      retry = undefined;
      void connect();
    }, restMs);
    retry.unref();
    restMs = Math.min(restMs * 2, LONGEST_REST_MS);
  };

  const open = async (): Promise<void> => {
    const one = new OwnClient({
      ...connectionTo(url),
      connectionTimeoutMillis: CONNECT_MS,
      application_name: 'parlance wake',
      pipeline: true,
    });
    one.on('error', () => lost(one));
    one.on('end', () => {
      if (client === one) lost(one);
    });
    one.on('notification', ({ payload = '' }) => {
      const [from, topic] = [payload.slice(0, self.length), payload.slice(self.length + 1)];
      if (from !== self) for (const listener of listeners) listener(topic);
    });
    try {
      await one.connect();
      await one.query(`listen ${CHANNEL}`);
      if (closed) {
        await one.end();
        return;
      }
      client = one;
      restMs = FIRST_REST_MS;
      for (const topic of unheard) tell(topic);
      unheard.clear();
    } catch {
      lost(one);
    }
  };

  const connect = (): Promise<void> => {
    if (closed || client) return Promise.resolve();
    connecting ??= open().finally(() => {
      connecting = undefined;
    });
    return connecting;
  };

  const tell = (topic: string): void => {
    if (!client) {
      if (unheard.size < MOST_UNHEARD) unheard.add(topic);
      void connect();
      return;
    }
    client.query('select pg_notify($1, $2)', [CHANNEL, `${self} ${topic}`]).catch(() => {});
    const timer = setTimeout(() => {
      const again = quiet.get(topic)?.again;
      quiet.delete(topic);
      if (again && !closed) tell(topic);
    }, QUIET_MS);
    timer.unref();
    quiet.set(topic, { again: false, timer });
  };

  return {
    announce(topic) {
      const last = quiet.get(topic);
      if (last) last.again = true;
      else tell(topic);
    },
    listen(listener) {
      listeners.push(listener);
      void connect();
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      for (const { timer } of quiet.values()) clearTimeout(timer);
      await connecting;
      await client?.end().catch(() => {});
    },
  };
}
