import path from 'node:path';
import { rawInserts } from './floors/raw-inserts.ts';
import { api, startGateway } from './gateway.ts';
import type { LoadResult } from './load.ts';
import { post, postLoad } from './load.ts';
import { comparisonText, latencies, median } from './machine.ts';
import type { Running } from './process.ts';
import { startProgram } from './process.ts';
import { sendRequest } from './request.ts';
import { rounds, seconds, warmUpRequests } from './scale.ts';
import type { Stage } from './stage.ts';
import { onStage } from './stage.ts';
import { inTurns, postTurn, ratioOfTurns, spread } from './turns.ts';

/** Who share the connections: one program, as in front of the floor, and as many as have the usual five in flight. */
const sharings = [
  { customers: 1, name: 'one customer' },
  { customers: 8, name: '8 customers' },
];

/** Accept, 1 message a request, on disk, beside a bare Fastify+zod echo of the same request. */
export function acceptSingle(): Promise<string> {
  return onStage(async (stage) => {
    const body = sendRequest(1);
    const place = { data: await stage.folder(), storage: '' };
    const gateway = await startGateway(stage, place, { roles: 'api' });
    const echo = await startEcho(stage);
    const echoUrls = [`${echo.url}/v1/messages`];
    const floor: LoadResult[] = [];
    const ours = sharings.map((sharing) => ({ ...sharing, results: [] as LoadResult[] }));
    for (const urls of [echoUrls, addressesOf(gateway)]) {
      await post(urls, body, { amount: warmUpRequests });
    }
    await inTurns([
      async () => floor.push(await postTurn(echoUrls, body)),
      ...ours.map(({ customers, results }) => async () => {
        results.push(await postTurn(addressesOf(gateway), body, customers));
      }),
    ]);
    return ours
      .map(({ name, results }) =>
        comparisonText({
          name: `accept, 1 message a request, 32 connections of ${name}, on disk`,
          unit: 'requests/s',
          ours: median(results.map((one) => one.requestsPerSecond)),
          floorName: 'fastify+zod',
          floor: median(floor.map((one) => one.requestsPerSecond)),
          ratio: ratioOfTurns(results, floor),
          bar: 0.5,
          remarks: [spread(results, floor), latencies(results, floor)],
        }),
      )
      .join('\n');
  });
}

/** Accept, 100 messages a request, beside raw batched inserts into the same table. */
export function acceptHundred(): Promise<string> {
  return onStage(async (stage) => {
    const body = sendRequest(100);
    const folder = await stage.folder();
    const gateway = await startGateway(stage, { data: folder, storage: '' }, { roles: 'api' });
    const ours: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round < rounds; round++) {
      floor.push(await rawInserts(path.join(folder, `floor-${round}`), seconds));
      const load = await postLoad(addressesOf(gateway), body);
      ours.push(load.requestsPerSecond * 100);
    }
    return comparisonText({
      name: 'accept, 100 messages a request, 32 connections, on disk',
      unit: 'messages/s',
      ours: median(ours),
      floorName: 'raw inserts',
      floor: median(floor),
      bar: 0.5,
      remarks: ['floor: prepared inserts into the same table, transactions of 100 rows, no HTTP'],
    });
  });
}

/** Where messages are posted, on each node. */
export function addressesOf(nodes: readonly Running[]): string[] {
  return nodes.map(({ url }) => url + api);
}

/** The floor of accepting single messages. */
export function startEcho(stage: Stage): Promise<Running> {
  return startProgram(stage, [path.join(import.meta.dirname, 'floors/echo-server.ts')]);
}
