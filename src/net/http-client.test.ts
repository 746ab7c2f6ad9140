import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { createHttpClient, type HttpRequest } from './http-client.ts';
import { closed, closedPort, loopbackClient, serveHttp, serveTcp } from './testkit/loopback.ts';

const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  headers: {},
  timeoutMs: 10_000,
  ...more,
});
const post = (url: string, more: Partial<HttpRequest> = {}) =>
  get(url, { method: 'POST', body: '{}', ...more });

describe('answers', () => {
  it('sends method, path, headers and body, and gives back what came', async () => {
    const server = await serveHttp(async (request, response) => {
      const { method, url, headers } = request;
      response.setHeader('X-Twice', ['a', 'b']);
      response.end(JSON.stringify({ method, url, headers, body: await text(request) }));
    });
    const client = loopbackClient();

    const answer = await client.request(
      post(`${server.url}/a%20b?c=d#e`, { body: '{"text":"ž"}', headers: { 'X-Token': 't' } }),
    );

    if (answer.kind !== 'answered') throw new Error(answer.detail);
    expect(answer.status).toBe(200);
    expect(answer.headers['x-twice']).toBe('a, b');
    expect(answer.durationMs).toBeGreaterThanOrEqual(0);
    expect(answer).not.toHaveProperty('truncated');
    expect(JSON.parse(answer.body)).toEqual({
      method: 'POST',
      url: '/a%20b?c=d',
      headers: {
        host: `127.0.0.1:${server.port}`,
        connection: 'keep-alive',
        'content-length': '13',
        'user-agent': 'parlance/test',
        'x-token': 't',
      },
      body: '{"text":"ž"}',
    });
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)(
    'sends %s with bytes and with nothing',
    async (method) => {
      const server = await serveHttp(async (request, response) => {
        response.end(`${request.method} ${await text(request)}`);
      });
      const client = loopbackClient();
      const bytes = new TextEncoder().encode('-bytes-').subarray(1, 6);
      expect(await client.request(get(server.url, { method, body: bytes }))).toMatchObject({
        body: `${method} bytes`,
      });
      expect(await client.request(get(server.url, { method }))).toMatchObject({
        body: `${method} `,
      });
    },
  );

  it('leaves the User-Agent to a request that names its own', async () => {
    const server = await serveHttp((request, response) => {
      response.end(JSON.stringify(request.rawHeaders));
    });
    const answer = await loopbackClient().request(
      get(server.url, { headers: { 'User-Agent': 'other' } }),
    );
    expect(answer).toMatchObject({ body: expect.stringContaining('"User-Agent","other"') });
    expect(answer).not.toMatchObject({ body: expect.stringContaining('parlance') });
  });

  it.each([204, 404, 410, 429, 500, 503])('answers %i as any other', async (status) => {
    const server = await serveHttp((_request, response) => {
      response.writeHead(status, { 'Retry-After': '7' }).end();
    });
    expect(await loopbackClient().request(get(server.url))).toMatchObject({
      kind: 'answered',
      status,
      headers: { 'retry-after': '7' },
      body: '',
    });
  });

  it.each([301, 302, 303, 307, 308])('answers %i and does not follow it', async (status) => {
    const asked: (string | undefined)[] = [];
    const server = await serveHttp((request, response) => {
      asked.push(request.url);
      response.writeHead(status, { Location: '/elsewhere' }).end();
    });
    expect(await loopbackClient().request(get(`${server.url}/here`))).toMatchObject({
      kind: 'answered',
      status,
      headers: { location: '/elsewhere' },
    });
    expect(asked).toEqual(['/here']);
  });

  it('takes 1xx for what it is: not yet an answer', async () => {
    const server = await serveHttp((_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' });
      response.end('done');
    });
    expect(await loopbackClient().request(get(server.url))).toMatchObject({
      status: 200,
      body: 'done',
    });
  });
});

describe('time-out', () => {
  it('comes when no headers arrive', async () => {
    const server = await serveHttp(() => {});
    expect(await loopbackClient().request(post(server.url, { timeoutMs: 100 }))).toMatchObject({
      kind: 'failed',
      reason: 'timeout',
      detail: '100 ms are over, while waiting for the answer',
      sent: true,
    });
  });

  it('comes when the body trickles, byte by byte, for ever', async () => {
    const server = await serveHttp((_request, response) => {
      const drip = setInterval(() => response.write('.'), 5);
      response.on('close', () => clearInterval(drip));
    });
    expect(await loopbackClient().request(get(server.url, { timeoutMs: 200 }))).toMatchObject({
      reason: 'timeout',
      detail: '200 ms are over, while reading the answer',
      sent: true,
    });
    // The connection is cut, too.
    await closed(server.sockets[0]);
  });

  it('covers the wait for a connection, and what timed out there is never sent', async () => {
    const asked: (string | undefined)[] = [];
    const held = Promise.withResolvers<void>();
    const server = await serveHttp(async (request, response) => {
      asked.push(request.url);
      await held.promise;
      response.end();
    });
    const client = loopbackClient({ connectionsPerHost: 1 });

    const first = client.request(post(`${server.url}/first`));
    const second = client.request(post(`${server.url}/second`, { timeoutMs: 50 }));
    const third = client.request(post(`${server.url}/third`));

    expect(await second).toMatchObject({
      reason: 'timeout',
      detail: '50 ms are over, while waiting for a free connection',
      sent: false,
    });
    held.resolve();
    expect(await first).toMatchObject({ status: 200 });
    expect(await third).toMatchObject({ status: 200 });
    expect(asked).toEqual(['/first', '/third']);
  });
});

describe('what breaks', () => {
  it('a connection reset before the answer', async () => {
    const server = await serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await loopbackClient().request(post(server.url))).toMatchObject({
      kind: 'failed',
      reason: 'reset',
      sent: true,
    });
  });

  it.each([
    ['with a length', 'Content-Length: 100'],
    ['in chunks', 'Transfer-Encoding: chunked'],
  ])('a connection reset in the middle of a body %s', async (_title, header) => {
    const server = await serveTcp((socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n5\r\nhello\r\n`);
        setImmediate(() => socket.resetAndDestroy());
      });
    });
    expect(await loopbackClient().request(post(server.url))).toMatchObject({
      kind: 'failed',
      reason: 'reset',
      sent: true,
    });
  });

  it('a connection ended politely, but too early', async () => {
    const server = await serveTcp((socket) => {
      socket.once('data', () => {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhello');
      });
    });
    expect(await loopbackClient().request(get(server.url))).toMatchObject({ reason: 'reset' });
  });

  it.each([
    ['another protocol', '220 mail.test ESMTP\r\n'],
    ['endless headers', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('an answer of %s', async (_title, bytes) => {
    const server = await serveTcp((socket) => socket.once('data', () => socket.write(bytes)));
    expect(await loopbackClient().request(get(server.url))).toMatchObject({
      kind: 'failed',
      reason: 'protocol',
      sent: true,
    });
  });

  it('a port where nobody listens', async () => {
    const port = await closedPort();
    expect(await loopbackClient().request(get(`http://127.0.0.1:${port}/`))).toMatchObject({
      kind: 'failed',
      reason: 'connect',
      detail: expect.stringContaining('ECONNREFUSED'),
      sent: false,
    });
  });

  it('and after each the host is reached again once it is well', async () => {
    let well = false;
    const server = await serveHttp((request, response) => {
      if (well) response.end();
      else request.socket.resetAndDestroy();
    });
    const client = loopbackClient({ connectionsPerHost: 2 });
    for (let round = 0; round < 5; round++) {
      expect(await client.request(get(server.url))).toMatchObject({ reason: 'reset' });
    }
    well = true;
    expect(await client.request(get(server.url))).toMatchObject({ status: 200 });
  });
});

describe('a long body', () => {
  it('is cut off, with the connection, and still an answer', async () => {
    const server = await serveHttp((_request, response) => {
      const block = 'x'.repeat(10_000);
      const pour = () => {
        while (response.writable && response.write(block));
      };
      response.on('drain', pour);
      pour();
    });
    const client = loopbackClient();

    const answer = await client.request(get(server.url));
    expect(answer).toMatchObject({ status: 200, body: 'x'.repeat(20_000), truncated: true });
    await closed(server.sockets[0]);

    expect(await client.request(get(server.url, { maxResponseBytes: 3 }))).toMatchObject({
      body: 'xxx',
      truncated: true,
    });
    expect(server.sockets).toHaveLength(2);
  });

  it('is not one when it just fits', async () => {
    const server = await serveHttp((_request, response) => response.end('abc'));
    const client = loopbackClient();
    for (let round = 0; round < 2; round++) {
      const answer = await client.request(get(server.url, { maxResponseBytes: 3 }));
      expect(answer).toMatchObject({ status: 200, body: 'abc' });
      expect(answer).not.toHaveProperty('truncated');
    }
    expect(server.sockets).toHaveLength(1);
  });

  it('is not cut through a character', async () => {
    const server = await serveHttp((_request, response) => response.end('až€'));
    const client = loopbackClient();
    for (const [maxResponseBytes, body] of [
      [2, 'a'],
      [3, 'až'],
      [5, 'až'],
      [6, 'až€'],
    ] as const) {
      expect(await client.request(get(server.url, { maxResponseBytes }))).toMatchObject({ body });
    }
  });
});

describe('what is never sent', () => {
  it.each([
    '',
    'hooks.test/path',
    '/path',
    'ftp://hooks.test/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http://',
    'http://a b/',
    'http://hooks.test:99999/',
    'http://user@hooks.test/',
    'https://user:topsecret@hooks.test/topsecret?key=topsecret',
    'https://:topsecret@hooks.test/',
    'http://[fe80::1%25eth0]/',
  ])('the URL %j', async (url) => {
    const answer = await loopbackClient().request(get(url));
    expect(answer).toMatchObject({ kind: 'failed', reason: 'bad_url', sent: false });
    expect(JSON.stringify(answer)).not.toContain('topsecret');
  });

  it.each([
    ['X-Name', 'topsecret\r\nX-Forged: 1'],
    ['X-Name', 'topsecret\nX-Forged: 1'],
    ['X-Name', 'topsecret\r'],
    ['X-Name', 'topsecret\0'],
    ['X-Name', 'topsecret ž'],
    ['X-Name\r\nX-Forged', '1'],
    ['X Name', '1'],
    ['', '1'],
    ['Host', 'elsewhere.test'],
    ['Content-Length', '0'],
    ['transfer-encoding', 'chunked'],
    ['Connection', 'upgrade'],
    ['Upgrade', 'websocket'],
    ['Expect', '100-continue'],
  ])('the header %j: %j', async (name, value) => {
    const server = await serveHttp((_request, response) => response.end());
    const client = loopbackClient({ connectionsPerHost: 1 });

    const answer = await client.request(post(server.url, { headers: { [name]: value } }));
    expect(answer).toMatchObject({ kind: 'failed', reason: 'bad_request', sent: false });
    expect(JSON.stringify(answer)).not.toContain('topsecret');

    expect(await client.request(post(server.url))).toMatchObject({ status: 200 });
  });

  it('anything by a client with a bad allow list or User-Agent', () => {
    expect(() => createHttpClient({ allow: ['inner'], userAgent: 'x' })).toThrow('"inner"');
    expect(() => createHttpClient({ allow: [], userAgent: 'x\r\ny' })).toThrow('user-agent');
  });
});

describe('connections', () => {
  it('are used again', async () => {
    const server = await serveHttp(async (request, response) => response.end(await text(request)));
    const client = loopbackClient();
    for (const body of ['one', 'two', 'three']) {
      expect(await client.request(post(server.url, { body }))).toMatchObject({ body });
    }
    expect(server.sockets).toHaveLength(1);
  });

  it.each([
    ['that its server is about to end', 'Keep-Alive: timeout=2\r\n', ''],
    ['that its server wants to end', 'Connection: close\r\n', ''],
    ['on which something comes that nobody asked for', '', 'HTTP/1.1 408 Timeout\r\n\r\n'],
  ])('are not used again: one %s', async (_title, header, more) => {
    const server = await serveTcp((socket) => {
      socket.on('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\n${header}Content-Length: 0\r\n\r\n`);
        setImmediate(() => socket.write(more));
      });
    });
    const client = loopbackClient();
    for (let round = 1; round <= 3; round++) {
      expect(await client.request(get(server.url))).toMatchObject({ status: 200 });
      if (more !== '') await closed(server.sockets.at(-1));
    }
    expect(server.sockets).toHaveLength(3);
  });

  it('are opened up to the limit of the host, and no further', async () => {
    const waiting: (() => void)[] = [];
    const server = await serveHttp((_request, response) => {
      waiting.push(() => response.end());
    });
    const client = loopbackClient({ connectionsPerHost: 3 });

    const answers = Promise.all(Array.from({ length: 9 }, () => client.request(get(server.url))));
    for (let answered = 0; answered < 9; answered += 3) {
      await vi.waitFor(() => expect(waiting).toHaveLength(3), { interval: 5 });
      for (const end of waiting.splice(0)) end();
    }

    expect((await answers).every((answer) => answer.kind === 'answered')).toBe(true);
    expect(server.sockets).toHaveLength(3);
  });

  it('to a host that hangs do not delay those to another', async () => {
    const hanging = await serveHttp(() => {});
    const unreachable = Promise.withResolvers<string[]>();
    const server = await serveHttp((_request, response) => response.end());
    const client = loopbackClient({ connectionsPerHost: 2, lookup: () => unreachable.promise });

    let settled = 0;
    const hung = Array.from({ length: 20 }, async (_, index) => {
      const answer = await client.request(get(index % 2 ? hanging.url : 'http://silent.test/'));
      settled++;
      return answer;
    });
    for (let round = 0; round < 20; round++) {
      expect(await client.request(get(server.url))).toMatchObject({ status: 200 });
    }
    expect(settled).toBe(0);

    await client.destroy();
    expect(
      (await Promise.all(hung)).map((answer) => answer.kind === 'failed' && answer.reason),
    ).toEqual(Array.from({ length: 20 }, () => 'closed'));
  });

  it('have a line of limited length', async () => {
    const server = await serveHttp(() => {});
    const client = loopbackClient({ connectionsPerHost: 1, waitingPerHost: 2 });
    const patient = [1, 2, 3].map(() => client.request(get(server.url)));
    expect(await client.request(get(server.url))).toMatchObject({ reason: 'busy', sent: false });
    await client.destroy();
    expect(await Promise.all(patient)).toHaveLength(3);
  });

  it('are held to a limited number of hosts, the least recently used giving way', async () => {
    const servers = await Promise.all(
      [1, 2, 3].map(() => serveHttp((_request, response) => response.end())),
    );
    const [a, b, c] = servers;
    if (!a || !b || !c) throw new Error('unreachable');
    const client = loopbackClient({ hosts: 2 });

    for (const { url } of [a, b, a, c]) {
      expect(await client.request(get(url))).toMatchObject({ status: 200 });
    }
    await closed(b.sockets[0]);

    expect(await client.request(get(a.url))).toMatchObject({ status: 200 });
    expect(a.sockets).toHaveLength(1);
  });

  it('to one host more than may be are refused while all are in use', async () => {
    const hanging = await serveHttp(() => {});
    const server = await serveHttp((_request, response) => response.end());
    const client = loopbackClient({ hosts: 1 });
    const hung = client.request(get(hanging.url, { timeoutMs: 100 }));
    expect(await client.request(get(server.url))).toMatchObject({ reason: 'busy', sent: false });
    expect(await hung).toMatchObject({ reason: 'timeout' });
    expect(await client.request(get(server.url))).toMatchObject({ status: 200 });
  });
});

describe('sending once', () => {
  it('opens another connection when the server has closed the idle one', async () => {
    const bodies: string[] = [];
    const server = await serveHttp(async (request, response) => {
      bodies.push(await text(request));
      response.end();
    });
    const client = loopbackClient();

    for (const body of ['1', '2', '3', '4']) {
      expect(await client.request(post(server.url, { body }))).toMatchObject({ status: 200 });
      server.sockets.at(-1)?.end();
      await closed(server.sockets.at(-1));
    }
    expect(bodies).toEqual(['1', '2', '3', '4']);
    expect(server.sockets).toHaveLength(4);
  });

  it('fails rather than repeat when the server closes the idle one at that moment', async () => {
    const bodies: string[] = [];
    const server = await serveHttp(async (request, response) => {
      bodies.push(await text(request));
      response.end();
    });
    const client = loopbackClient();

    // Whether the client sees the end in time is left to chance; that it sends twice must not be.
    for (let round = 0; round < 50; round++) {
      const body = String(round);
      const answer = await client.request(post(server.url, { body }));
      if (answer.kind === 'answered') expect(bodies).toContain(body);
      else expect(answer).toMatchObject({ reason: 'reset', sent: true });
      server.sockets.at(-1)?.end();
    }
    expect(new Set(bodies).size).toBe(bodies.length);
  });

  it.each(['GET', 'POST'] as const)(
    'does not repeat a %s on which a connection that was used before breaks',
    async (method) => {
      const asked: string[] = [];
      const server = await serveTcp((socket) => {
        socket.on('data', (data) => {
          const path = data.toString().split(' ')[1] ?? '';
          asked.push(path);
          if (path === '/break') socket.resetAndDestroy();
          else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        });
      });
      const client = loopbackClient();

      expect(await client.request(get(`${server.url}/1`, { method }))).toMatchObject({
        status: 200,
      });
      expect(await client.request(get(`${server.url}/break`, { method }))).toMatchObject({
        kind: 'failed',
        reason: 'reset',
        sent: true,
      });
      expect(await client.request(get(`${server.url}/2`, { method }))).toMatchObject({
        status: 200,
      });
      expect(asked).toEqual(['/1', '/break', '/2']);
      expect(server.sockets).toHaveLength(2);
    },
  );
});

describe('the end', () => {
  it('waits for what is under way and in line, and takes nothing new', async () => {
    const held = Promise.withResolvers<void>();
    const server = await serveHttp(async (_request, response) => {
      await held.promise;
      response.end();
    });
    const client = loopbackClient({ connectionsPerHost: 1 });
    const before = [client.request(get(server.url)), client.request(get(server.url))];

    const ended = client.close();
    expect(await client.request(get(server.url))).toMatchObject({ reason: 'closed', sent: false });
    held.resolve();
    expect(await Promise.all(before)).toMatchObject([{ status: 200 }, { status: 200 }]);
    await ended;

    await closed(server.sockets[0]);
  });

  it('cuts off what is under way when forced', async () => {
    const arrived = Promise.withResolvers<void>();
    const server = await serveHttp(() => arrived.resolve());
    const client = loopbackClient({ connectionsPerHost: 1 });
    const underWay = client.request(get(server.url));
    const inLine = client.request(get(server.url));
    await arrived.promise;

    await client.destroy();
    expect(await underWay).toMatchObject({ reason: 'closed', sent: true });
    expect(await inLine).toMatchObject({ reason: 'closed', sent: false });
    await client.close();
  });
});
