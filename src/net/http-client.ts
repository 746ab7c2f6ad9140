import { lookup as systemLookup } from 'node:dns/promises';
import { createDial, type Lookup } from './dial.ts';
import { exchange } from './exchange.ts';
import { type AllowList, parseAllowList } from './guard.ts';
import { HostPool } from './host-pool.ts';
import type { FailureReason, HttpAnswer, HttpRequest } from './http-answer.ts';
import { judgeHeader, prepareRequest } from './prepare-request.ts';

export type { Lookup } from './dial.ts';
export type { HttpAnswer, HttpRequest } from './http-answer.ts';

export type HttpClientOptions = {
  /** CIDRs that may be connected to although they are not public. */
  allow: readonly string[];
  userAgent: string;
  /** Default 16. A host is an origin: scheme, name and port. */
  connectionsPerHost?: number;
  /** How many requests may wait for a connection to one host; further ones fail. Default 1024. */
  waitingPerHost?: number;
  /** To how many hosts connections are held; the least recently used gives way. Default 256. */
  hosts?: number;
  /** All addresses of a name. Default: the system's resolver, hosts file and all. */
  lookup?: Lookup;
};

export type HttpClient = {
  /** Sends one request, at most once. What can go wrong on a network is a value; never rejects. */
  request(input: HttpRequest): Promise<HttpAnswer>;
  /** Takes no more requests, waits for those under way, closes all connections. */
  close(): Promise<void>;
  /** As `close`, but cuts off those under way, which fail as `closed`. */
  destroy(): Promise<void>;
};

/**
 * Makes the one HTTP client through which everything leaves the gateway.
 * Takes its limits and which special networks are allowed. Follows no redirects, sends nothing
 * twice, connects only where the guard permits, and lets no host wait for another.
 * It sends no Accept-Encoding and does not decompress.
 * Throws when the allow list or the User-Agent cannot be used. Follows DESIGN.md §6.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const dial = createDial({
    allow: checkOptions(options),
    lookup: options.lookup ?? lookupAll,
  });
  const limits = {
    connections: options.connectionsPerHost ?? 16,
    waiting: options.waitingPerHost ?? 1024,
  };
  const maxHosts = options.hosts ?? 256;
  /** By origin, the least recently used first. */
  const pools = new Map<string, HostPool>();
  const underWay = new Set<Promise<HttpAnswer>>();
  let closed = false;

  /** Gives undefined when all hosts have requests under way and there may be no further one. */
  function poolFor(origin: string): HostPool | undefined {
    let pool = pools.get(origin);
    if (pool === undefined) {
      if (pools.size >= maxHosts && !dropQuietHost()) return undefined;
      const made = new HostPool(origin, dial, limits, () => {
        if (pools.get(origin) === made) pools.delete(origin);
      });
      pool = made;
    } else {
      pools.delete(origin);
    }
    pools.set(origin, pool);
    return pool;
  }

  function dropQuietHost(): boolean {
    for (const [origin, pool] of pools) {
      if (!pool.quiet) continue;
      pools.delete(origin);
      void pool.destroy();
      return true;
    }
    return false;
  }

  async function destroy(): Promise<void> {
    closed = true;
    await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    pools.clear();
  }

  return {
    async request(input) {
      if (closed) return unsent('closed', 'this client is closed');
      const prepared = prepareRequest(input, options.userAgent);
      if (!prepared.ok) return unsent(prepared.reason, prepared.detail);
      const pool = poolFor(prepared.request.origin);
      if (pool === undefined) return unsent('busy', 'requests to too many hosts are under way');

      const answer = exchange(pool, prepared.request);
      underWay.add(answer);
      try {
        return await answer;
      } finally {
        underWay.delete(answer);
      }
    },
    async close() {
      closed = true;
      await Promise.all(underWay);
      await destroy();
    },
    destroy,
  };
}

/** @returns what may be connected to. @throws when the allow list or the User-Agent cannot be used. */
export function checkOptions(options: Pick<HttpClientOptions, 'allow' | 'userAgent'>): AllowList {
  const complaint = judgeHeader('user-agent', options.userAgent);
  if (complaint !== undefined) throw new Error(complaint);
  return parseAllowList(options.allow);
}

/** The answer to a request that never left. */
export function unsent(reason: FailureReason, detail: string): HttpAnswer {
  return { kind: 'failed', reason, detail, sent: false, durationMs: 0 };
}

async function lookupAll(hostname: string): Promise<readonly string[]> {
  const found = await systemLookup(hostname, { all: true });
  return found.map(({ address }) => address);
}
