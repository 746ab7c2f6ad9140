import autocannon from 'autocannon';
import { authorizationOf } from './gateway.ts';

export interface LoadResult {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const warmUpSeconds = 2;

/**
 * Posts one body again and again on 32 connections, each with the log-in of its account: first a
 * warm-up, then `seconds` that count.
 * @throws Error when an answer was not 2xx: a figure of refusals says nothing.
 */
export async function postLoad(url: string, body: string, seconds: number): Promise<LoadResult> {
  const run = (duration: number) => {
    let connection = 0;
    return autocannon({
      url,
      method: 'POST',
      headers: {},
      body,
      connections: 32,
      duration,
      setupClient: (client) =>
        client.setHeaders({
          'content-type': 'application/json',
          authorization: authorizationOf(connection++),
        }),
    });
  };
  await run(warmUpSeconds);
  const result = await run(seconds);
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} answers were not 2xx, ${result.errors} errors`);
  }
  return {
    requestsPerSecond: result['2xx'] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}
