import { mkdtemp, rmdir, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Config } from '../../config/load.ts';
import { createHttpClient } from '../../net/http-client.ts';
import { explain } from '../shared/failure.ts';
import type { Outcome } from './finding.ts';
import { fail, ok, warn } from './finding.ts';

const megabyte = 1024 * 1024;
/** Below this a database with its log soon cannot grow. */
const littleRoom = 1024 * megabyte;
const noRoom = 50 * megabyte;

/** Can the data folder be written to, and has its disk room? */
export async function checkDataFolder({ data }: Config): Promise<Outcome> {
  const folder = await stat(data).catch(() => undefined);
  if (!folder) {
    return warn(`${data} is not there yet`, 'run `parlance migrate`, or see to `data` (--data)');
  }
  if (!folder.isDirectory()) return fail(`${data} is not a folder`, 'see to `data` (--data)');
  // Asking for the rights would not see a disk that is mounted read-only.
  await rmdir(await mkdtemp(join(data, '.doctor-')));
  const { bavail, bsize } = await statfs(data);
  const free = bavail * bsize;
  const room = `${Math.floor(free / megabyte)} MB free`;
  if (free < noRoom) return fail(`${data} has ${room}`, 'make room on its disk');
  if (free < littleRoom) return warn(`${data} has ${room}`, 'make room on its disk soon');
  return ok(`${data} can be written to, ${room}`);
}

/** How long a server on this machine may take to answer. */
const patienceMs = 3_000;

/** What became of the port: the outcome, and whether a gateway answers there. */
export interface PortOutcome extends Outcome {
  served: boolean;
}

/** Is the port free, or served by a gateway that is ready? */
export async function checkPort({ http }: Config): Promise<PortOutcome> {
  const { host, port } = http;
  if (port === 0) return { ...ok('any free port is taken'), served: false };
  const place = `${host}:${port}`;
  const taken = {
    ...fail(`${place} is taken by another program`, 'stop that, or set `http.port`'),
    served: false,
  };
  // The owner's own address, whatever range it is in.
  const client = createHttpClient({ allow: ['0.0.0.0/0', '::/0'], userAgent: 'Parlance doctor' });
  try {
    const answer = await client.request({
      method: 'GET',
      url: `http://${reachable(host)}:${port}/readyz`,
      headers: {},
      timeoutMs: patienceMs,
    });
    if (answer.kind === 'failed') {
      if (answer.reason !== 'connect') return taken;
      return { ...(await tryToListen(host, port)), served: false };
    }
    switch (statusIn(answer.body)) {
      case 'ready':
        return { ...ok(`${place} is served, and ready`), served: true };
      case 'not ready':
        return {
          ...warn(`${place} is served and not ready`, 'see the log of that process'),
          served: true,
        };
      default:
        return taken;
    }
  } finally {
    await client.destroy();
  }
}

/** Where to reach what listens on an address, which may be all there are. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function statusIn(body: string): unknown {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null && 'status' in answer && answer.status;
  } catch {
    return undefined;
  }
}

function tryToListen(host: string, port: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      resolve(fail(explain(error).text.replace(/\.$/, '')));
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => resolve(ok(`${host}:${port} is free: nothing is serving now`)));
    });
  });
}
