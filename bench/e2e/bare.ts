import path from 'node:path';
import { startProgram } from '../process.ts';
import type { Stage } from '../stage.ts';
import { sendRequest } from './send-request.ts';
import type { Subject, Surroundings } from './subject.ts';

const program = path.join(import.meta.dirname, '../floors/bare-gateway.ts');

/** What the same parts cost with nothing of a gateway between them. */
export async function startBare(
  stage: Stage,
  { smscPort, webhookPort }: Surroundings,
): Promise<Subject> {
  const args = [program, String(smscPort), String(webhookPort), await stage.folder()];
  const { url, cpuMs } = await startProgram(stage, args);
  return {
    name: 'bare parts',
    role: 'floor',
    description:
      'Fastify, zod, a row of SQLite with one index, synchronous=FULL, the codec and the HTTP client of Parlance; ' +
      'no accounts, money, routes, retries or lists',
    connection: () => sendRequest(url, '/v1/messages'),
    cpuMs,
  };
}
