import autocannon from 'autocannon';
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
export async function postLoad(urls: readonly string[], body: string): Promise<LoadResult> {
  await post(urls, body, { duration: warmUpSeconds });
  return post(urls, body, { duration: seconds });
}

/**
 * Posts one body for so many seconds, or so many times, on 32 connections, which are spread over the
 * URLs. Each has the log-in of its account, and each account uses all URLs alike.
 * @throws Error when an answer was not 2xx: a figure of refusals says nothing.
 */
export async function post(
  urls: readonly string[],
  body: string,
  howMuch: { duration: number } | { amount: number },
): Promise<LoadResult> {
  let connection = 0;
  const result = await autocannon({
    // Its connections take them in turns.
    url: [...urls],
    method: 'POST',
    headers: {},
    body,
    connections,
    ...howMuch,
    setupClient: (client) =>
      client.setHeaders({
        'content-type': 'application/json',
        authorization: authorizationOf(Math.floor(connection++ / urls.length)),
      }),
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${urls[0]}: ${result.non2xx} answers not 2xx, ${result.errors} errors`);
  }
  return {
    requests: result['2xx'],
    requestsPerSecond: result['2xx'] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}
