import { connect } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { authorizationOf } from './gateway.ts';
import { endOfHttpMessage } from './http-frame.ts';
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
 * It shares the cores with whom it measures, so it does as little as can be done: the same bytes are written again
 * and again, and of the answers only their ends are looked for. Autocannon took 54 µs for a request, where a bare
 * Fastify took 70 to answer it (ADR 21).
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
      return postOn(
        url,
        requestTo(url, body, authorizationOf(Math.floor(connection / urls.length), customers)),
        {
          more: () => performance.now() < until && left-- > 0,
          answered: (ms) => {
            requests += 1;
            latency.record(Math.max(1, Math.round(ms * 1000)));
          },
        },
      );
    }),
  );
  return {
    requests,
    requestsPerSecond: requests / ((performance.now() - begun) / 1000),
    p50Ms: latency.percentile(50) / 1000,
    p99Ms: latency.percentile(99) / 1000,
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

/** One connection: the next request goes when the one before was answered, while there are more. */
function postOn(
  url: string,
  request: Buffer,
  { more, answered }: { more(): boolean; answered(ms: number): void },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let rest = '';
  let sentAt = 0;
  const send = (): void => {
    if (more()) {
      sentAt = performance.now();
      socket.write(request);
    } else {
      resolve();
      socket.destroy();
    }
  };
  // Answers are read into one buffer again and again, which costs a third of what a stream does.
  const buffer = Buffer.allocUnsafeSlow(64 * 1024);
  const callback = (read: number): boolean => {
    rest += buffer.toString('latin1', 0, read);
    const end = endOfHttpMessage(rest);
    if (end === 0) return true;
    if (rest[9] === '2' && end === rest.length) {
      rest = '';
      answered(performance.now() - sentAt);
      send();
    } else socket.destroy(new Error(`${url} answered: ${rest}`));
    return true;
  };
  const { hostname: host, port } = new URL(url);
  const socket = connect(
    { host, port: Number(port), noDelay: true, onread: { buffer, callback } },
    send,
  );
  socket.on('error', reject);
  socket.on('close', () => reject(new Error(`${url} closed a connection`)));
  return promise;
}
