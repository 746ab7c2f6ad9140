import { startGateway } from './gateway.ts';
import { rawInserts } from './floors/raw-inserts.ts';
import { postLoad } from './load.ts';
import type { Comparison } from './machine.ts';
import { median } from './machine.ts';
import { startProgram, withTemporaryFolder } from './process.ts';
import { sendRequest } from './request.ts';
import path from 'node:path';

const rounds = 3;
const seconds = 5;
const api = '/mobilemessage/v1/messages';

/** Accept, 1 message a request, on disk, beside a bare Fastify+zod echo of the same request. */
export function acceptSingle(): Promise<Comparison> {
  return withTemporaryFolder(async (folder) => {
    const body = sendRequest(1);
    const gateway = await startGateway(folder, 'api');
    const echo = await startProgram([path.join(import.meta.dirname, 'floors/echo-server.ts')]);
    const ours = [];
    const floor = [];
    // In turns, so that a machine that grows slower does so for both.
    for (let round = 0; round < rounds; round++) {
      floor.push(await postLoad(`${echo.url}/v1/messages`, body, seconds));
      ours.push(await postLoad(gateway.url + api, body, seconds));
    }
    await Promise.all([gateway.stop(), echo.stop()]);
    return {
      name: 'accept, 1 message a request, 32 connections, on disk',
      unit: 'requests/s',
      ours: median(ours.map((one) => one.requestsPerSecond)),
      floorName: 'fastify+zod',
      floor: median(floor.map((one) => one.requestsPerSecond)),
      bar: 0.5,
      remarks: [
        `latency p50/p99: parlance ${median(ours.map((o) => o.p50Ms))}/${median(ours.map((o) => o.p99Ms))} ms, floor ${median(floor.map((o) => o.p50Ms))}/${median(floor.map((o) => o.p99Ms))} ms`,
      ],
    };
  });
}

/** Accept, 100 messages a request, beside raw batched inserts into the same table. */
export function acceptHundred(): Promise<Comparison> {
  return withTemporaryFolder(async (folder) => {
    const body = sendRequest(100);
    const gateway = await startGateway(folder, 'api');
    const ours = [];
    const floor = [];
    for (let round = 0; round < rounds; round++) {
      floor.push(await rawInserts(path.join(folder, `floor-${round}`), seconds));
      const load = await postLoad(gateway.url + api, body, seconds);
      ours.push(load.requestsPerSecond * 100);
    }
    await gateway.stop();
    return {
      name: 'accept, 100 messages a request, 32 connections, on disk',
      unit: 'messages/s',
      ours: median(ours),
      floorName: 'raw inserts',
      floor: median(floor),
      bar: 0.5,
      remarks: ['floor: prepared inserts into the same table, transactions of 100 rows, no HTTP'],
    };
  });
}
