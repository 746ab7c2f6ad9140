import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { onTestFinished } from 'vitest';
import { createHttpClient, type HttpClient, type HttpClientOptions } from '../http-client.ts';

export type LoopbackServer = {
  port: number;
  /** `http://127.0.0.1:<port>`. */
  url: string;
  /** Every connection it ever had, in order, closed ones too. */
  sockets: Socket[];
  /** Which of the machine's addresses each of them came to. */
  reached: string[];
};

/** Serves HTTP until the test is over, on 127.0.0.1 or on every address the machine has. */
export function serveHttp(
  listener: RequestListener,
  where: 'near' | 'everywhere' = 'near',
): Promise<LoopbackServer> {
  // Far above the client's own: who closes an idle connection is up to the test.
  return listen(createServer({ keepAliveTimeout: 60_000 }, listener), where);
}

/** Accepts bare TCP connections on loopback until the test is over. */
export function serveTcp(listener: (socket: Socket) => void): Promise<LoopbackServer> {
  return listen(createTcpServer(listener));
}

/** As above with a server of the test's own making. */
export async function listen(
  server: Server,
  where: 'near' | 'everywhere' = 'near',
): Promise<LoopbackServer> {
  const sockets: Socket[] = [];
  const reached: string[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    // A server on every address shows IPv4 ones as mapped.
    reached.push(socket.localAddress?.replace('::ffff:', '') ?? 'unknown');
    socket.on('error', () => {});
  });
  server.listen(where === 'near' ? { port: 0, host: '127.0.0.1' } : { port: 0 });
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    if (server.listening) await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, sockets, reached };
}

/** A port on which nothing listens: one that was just given up. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until a connection is closed on both sides, whether politely or not. */
export async function closed(socket: Socket | undefined): Promise<void> {
  if (socket === undefined) throw new Error('there was no connection');
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

/** A client that may go to 127.0.0.0/8, unless told otherwise, destroyed when the test is over. */
export function loopbackClient(options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = createHttpClient({
    allow: ['127.0.0.0/8'],
    userAgent: 'parlance/test',
    ...options,
  });
  onTestFinished(() => client.destroy());
  return client;
}
