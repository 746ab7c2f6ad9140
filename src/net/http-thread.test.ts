import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import type { HttpRequest } from './http-answer.ts';
import type { HttpClient } from './http-client.ts';
import type { HttpThreadOptions } from './http-thread.ts';
import { createHttpThread } from './http-thread.ts';
import { closed, closedPort, serveHttp } from './testkit/loopback.ts';

/* What a client does is tried in http-client.test.ts; here, that it does so on its thread. */

function threadClient(options: Partial<HttpThreadOptions> = {}): HttpClient {
  const client = createHttpThread({
    allow: ['127.0.0.0/8'],
    userAgent: 'parlance/test',
    ...options,
  });
  onTestFinished(() => client.destroy());
  return client;
}

const post = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url,
  headers: { 'X-Token': 't' },
  body: '{"text":"ž"}',
  timeoutMs: 10_000,
  ...more,
});

const echo = () =>
  serveHttp(async (request, response) => {
    response.setHeader('X-Seen', `${request.method} ${String(request.headers['x-token'])}`);
    response.end(await text(request));
  });

it('sends what it is given and gives back what came, as text and as bytes', async () => {
  const server = await echo();
  const client = threadClient();

  expect(await client.request(post(server.url))).toMatchObject({
    kind: 'answered',
    status: 200,
    headers: { 'x-seen': 'POST t' },
    body: '{"text":"ž"}',
  });
  const bytes = new TextEncoder().encode('-bytes-').subarray(1, 6);
  const answer = await client.request(post(server.url, { body: bytes, binary: true }));
  expect(answer).toMatchObject({ kind: 'answered', body: '' });
  if (answer.kind !== 'answered') throw new Error(answer.detail);
  expect(Buffer.isBuffer(answer.bytes)).toBe(true);
  expect(answer.bytes?.toString()).toBe('bytes');
});

it('answers each request with its own answer, however many there are in a turn', async () => {
  const server = await echo();
  const client = threadClient();
  const bodies = Array.from({ length: 300 }, (_, at) => `body ${at}`);
  const answers = await Promise.all(
    bodies.map((body) => client.request(post(server.url, { body }))),
  );
  expect(answers.map((one) => one.kind === 'answered' && one.body)).toEqual(bodies);
  expect(server.sockets.length).toBeLessThanOrEqual(16);
});

it('says what went wrong as the client does, and does not let it end the others', async () => {
  const server = await echo();
  const port = await closedPort();
  const client = threadClient({ connectionsPerHost: 1, waitingPerHost: 1 });
  const [bad, far, nobody, first, second, third] = await Promise.all([
    client.request(post('nowhere')),
    client.request(post('http://10.1.2.3/')),
    client.request(post(`http://127.0.0.1:${port}/`)),
    client.request(post(server.url)),
    client.request(post(server.url)),
    client.request(post(server.url)),
  ]);
  expect(bad).toMatchObject({ kind: 'failed', reason: 'bad_url', sent: false });
  expect(far).toMatchObject({ kind: 'failed', reason: 'address_refused', sent: false });
  expect(nobody).toMatchObject({ kind: 'failed', reason: 'connect', sent: false });
  expect([first, second, third]).toMatchObject([
    { kind: 'answered' },
    { kind: 'answered' },
    { kind: 'failed', reason: 'busy' },
  ]);
});

it('is refused here when its allow list or User-Agent cannot be used', () => {
  expect(() => threadClient({ allow: ['inner'] })).toThrow('"inner"');
  expect(() => threadClient({ userAgent: 'x\r\ny' })).toThrow('user-agent');
});

it('closes when it was never used, and takes nothing then', async () => {
  const server = await echo();
  const client = threadClient();
  await client.close();
  expect(await client.request(post(server.url))).toMatchObject({ reason: 'closed', sent: false });
  expect(server.sockets).toEqual([]);
});

it('waits at the end for what is under way, and for what was asked for in the same turn', async () => {
  const held = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const server = await serveHttp(async (request, response) => {
    asked.resolve();
    await held.promise;
    response.end(await text(request));
  });
  const client = threadClient({ connectionsPerHost: 1 });
  const first = client.request(post(server.url));
  await asked.promise;
  const second = client.request(post(server.url));
  const over = client.close();
  expect(await client.request(post(server.url))).toMatchObject({ reason: 'closed' });
  held.resolve();
  await over;
  expect(await first).toMatchObject({ kind: 'answered' });
  expect(await second).toMatchObject({ kind: 'answered' });
  await closed(server.sockets[0]);
});

it('cuts off what is under way when forced, also while it is closing', async () => {
  const asked = Promise.withResolvers<void>();
  const server = await serveHttp(() => asked.resolve());
  const client = threadClient();
  const answer = client.request(post(server.url));
  await asked.promise;
  const over = client.close();
  await client.destroy();
  expect(await answer).toMatchObject({ kind: 'failed', reason: 'closed', sent: true });
  await over;
});
