import path from 'node:path';
import { migratePostgresStorage } from '../src/storage/engines/postgres/open.ts';
import { addressesOf, startEcho } from './accept.ts';
import { startGateway } from './gateway.ts';
import type { LoadResult } from './load.ts';
import { postLoad } from './load.ts';
import { comparisonText, figure, latencies, median } from './machine.ts';
import { startPostgres } from './postgres.ts';
import { runProgram } from './process.ts';
import { sendRequest } from './request.ts';
import { rounds, seconds } from './scale.ts';
import type { Stage } from './stage.ts';
import { onStage } from './stage.ts';
import { inTurns, postTurn, ratioOfTurns, spread } from './turns.ts';

/** Connections of the floor: one waits for the disk alone, four share what a sync costs. */
const floorConnections = [1, 4];

/** The same as `acceptSingle` on PostgreSQL, by one node and by two. */
export function acceptSinglePostgres(): Promise<string> {
  return onStage(async (stage) => {
    const body = sendRequest(1);
    const server = await startPostgres(stage);
    const echo = await startEcho(stage);
    const gateways = [];
    for (const nodes of [1, 2]) {
      const storage = await server.database(`nodes_${nodes}`);
      const place = { data: await stage.folder(), storage };
      const started = await startGateway(stage, place, { nodes, roles: 'api' });
      gateways.push({ nodes, urls: addressesOf(started), results: [] as LoadResult[] });
    }
    const floor: LoadResult[] = [];
    await inTurns([
      async () => floor.push(await postTurn([`${echo.url}/v1/messages`], body)),
      ...gateways.map(({ urls, results }) => async () => {
        results.push(await postTurn(urls, body));
      }),
    ]);
    return gateways
      .map(({ nodes, results }) =>
        comparisonText({
          name: `accept, 1 message a request, 32 connections, PostgreSQL, ${nodes} node${nodes > 1 ? 's' : ''}`,
          unit: 'requests/s',
          ours: median(results.map((one) => one.requestsPerSecond)),
          floorName: 'fastify+zod',
          floor: median(floor.map((one) => one.requestsPerSecond)),
          ratio: ratioOfTurns(results, floor),
          bar: null,
          remarks: [spread(results, floor), latencies(results, floor), server.description],
        }),
      )
      .join('\n');
  });
}

/** Accept, 100 messages a request, on PostgreSQL, beside bare `unnest` inserts into the same table. */
export function acceptHundredPostgres(): Promise<string> {
  return onStage(async (stage) => {
    const body = sendRequest(100);
    const server = await startPostgres(stage);
    const place = { data: await stage.folder(), storage: await server.database('gateway') };
    const gateway = addressesOf(await startGateway(stage, place, { roles: 'api' }));
    const floorUrl = await server.database('floor');
    await migratePostgresStorage(floorUrl);
    const ours: number[] = [];
    const floors = floorConnections.map((connections) => ({ connections, rates: [] as number[] }));
    for (let round = 0; round < rounds; round++) {
      for (const { connections, rates } of floors) {
        rates.push(await unnestInserts(stage, floorUrl, connections));
      }
      ours.push((await postLoad(gateway, body)).requestsPerSecond * 100);
    }
    const tried = floors.map(({ connections, rates }) => ({ connections, rate: median(rates) }));
    return comparisonText({
      name: 'accept, 100 messages a request, 32 connections, PostgreSQL, 1 node',
      unit: 'messages/s',
      ours: median(ours),
      floorName: 'unnest',
      floor: Math.max(...tried.map(({ rate }) => rate)),
      bar: 0.5,
      remarks: [
        'floor: `insert … select from unnest(…)` into the same table, transactions of 100 rows, no HTTP;',
        `       ${tried.map(({ connections, rate }) => `${figure(rate)} rows/s on ${connections} connection${connections > 1 ? 's' : ''}`).join(', ')}; the faster counts`,
        server.description,
      ],
    });
  });
}

/** @returns rows a second. */
async function unnestInserts(stage: Stage, url: string, connections: number): Promise<number> {
  const program = path.join(import.meta.dirname, 'floors/unnest-inserts.ts');
  return Number(await runProgram(stage, [program, url, String(connections), String(seconds)]));
}
