import { createHistogram } from 'node:perf_hooks';
import { askAgain } from './ask-again.ts';
import { authorizationOf } from './gateway.ts';
import { connections, seconds, warmUpSeconds } from './scale.ts';

export interface LoadResult {
  /** How many were answered. */
  requests: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Posts one body again and again: first a warm-up, then for the seconds that count. */
export async function postLoad(
  urls: readonly string[],
  body: string,
  customers?: number,
): Promise<LoadResult> {
  await post(urls, body, { duration: warmUpSeconds }, customers);
  return post(urls, body, { duration: seconds }, customers);
}

/**
 * Posts one body for so many seconds, or so many times, on 32 connections, which are spread over the
 * URLs. Each has the log-in of its account, and each account uses all URLs alike.
 *
 * Autocannon took 54 µs for a request, where a bare Fastify took 70 to answer it (ADR 21); this takes 17 to 25.
 * @param customers accounts that share the connections; all that there are by default.
 * @throws Error when an answer was not 2xx: a figure of refusals says nothing.
 */
export async function post(
  urls: readonly string[],
  body: string,
  howMuch: { duration: number } | { amount: number },
  customers?: number,
): Promise<LoadResult> {
  const latency = createHistogram();
  let left = 'amount' in howMuch ? howMuch.amount : Number.POSITIVE_INFINITY;
  const begun = performance.now();
  const until = 'duration' in howMuch ? begun + howMuch.duration * 1000 : Number.POSITIVE_INFINITY;
  let requests = 0;
  await Promise.all(
    Array.from({ length: connections }, (_, connection) => {
      const url = urls[connection % urls.length] as string;
      const account = authorizationOf(Math.floor(connection / urls.length), customers);
      const request = requestTo(url, body, account);
      const { hostname: host, port } = new URL(url);
      let sentAt = 0;
      const next = (): Buffer | null => {
        sentAt = performance.now();
        return sentAt < until && left-- > 0 ? request : null;
      };
      return askAgain({ host, port: Number(port) }, next, () => {
        requests += 1;
        latency.record(Math.max(1, Math.round((performance.now() - sentAt) * 1000)));
      });
    }),
  );
  return {
    requests,
    requestsPerSecond: requests / ((performance.now() - begun) / 1000),
    p50Ms: Math.round(latency.percentile(50) / 100) / 10,
    p99Ms: Math.round(latency.percentile(99) / 100) / 10,
  };
}

function requestTo(url: string, body: string, authorization: string): Buffer {
  const { host, pathname } = new URL(url);
  const lines = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json',
    `Authorization: ${authorization}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
