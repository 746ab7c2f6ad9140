import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sendRaw } from '../../test/support/raw-http.ts';
import type { World, WorldWish } from '../../test/support/world.ts';
import { createWorld } from '../../test/support/world.ts';

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function open(wish: WorldWish = {}): Promise<World> {
  world = await createWorld(wish);
  return world;
}

describe('outside of the dialects', () => {
  it('the root says what there is, and an unknown path is a plain 404', async () => {
    const { inject } = await open();
    const root = await inject({ url: '/' });
    expect(root.statusCode).toBe(200);
    expect(root.body).toContain('/mobilemessage/');
    const unknown = await inject({ url: '/nothing' });
    expect(unknown.statusCode).toBe(404);
    expect(unknown.body).toBe('{"error":"Not found"}');
  });

  it('health and readiness need no log-in, and readiness fails when storage does', async () => {
    const { inject, storage } = await open();
    expect((await inject({ url: '/healthz' })).json()).toEqual({ status: 'ok' });
    expect((await inject({ url: '/readyz' })).statusCode).toBe(200);
    await storage.close();
    const notReady = await inject({ url: '/readyz' });
    expect(notReady.statusCode).toBe(503);
    expect(notReady.headers['retry-after']).toBe('1');
    expect((await inject({ url: '/healthz' })).statusCode).toBe(200);
  });

  it('metrics speak of SMS', async () => {
    const { inject } = await open();
    const { body, headers } = await inject({ url: '/metrics' });
    expect(headers['content-type']).toMatch(/^text\/plain/);
    for (const name of ['messages_accepted_total', 'receipt_latency_seconds', 'replies_total']) {
      expect(body).toContain(`parlance_${name}`);
    }
  });
});

describe('a dialect at the root of its own host name', () => {
  const http = { mounts: { mobilemessage: { hosts: ['api.example.org'], port: null } } };

  it('answers there as at its prefix, on any port and in any case', async () => {
    const { inject } = await open({ http });
    for (const host of ['api.example.org', 'API.example.org:8080']) {
      const answer = await inject({ url: '/v1/account', headers: { host } });
      expect(answer.statusCode).toBe(401);
      expect(answer.body).toBe('{"error":"Unauthorized"}');
    }
    expect((await inject({ url: '/v1/account' })).body).toBe('{"error":"Not found"}');
  });

  it('still answers at its prefix on that host, since links of ours name it', async () => {
    const { inject } = await open({ http });
    const answer = await inject({
      url: '/mobilemessage/v1/account',
      headers: { host: 'api.example.org' },
    });
    expect(answer.statusCode).toBe(401);
  });
});

describe('what no dialect ever sees', () => {
  it('header lines beyond what is read at all, and what is no HTTP', async () => {
    const { listen } = await open();
    const url = await listen();
    const huge = `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(70_000)}\r\n\r\n`;
    expect((await sendRaw(url, huge)).status).toBe(431);
    expect((await sendRaw(url, 'garbage\r\n\r\n')).status).toBe(400);
  });
});

describe('what never reached a route', () => {
  const cases: [string, string, number][] = [
    [
      'a header of 9000 bytes',
      `GET /v1/account HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(9_000)}`,
      431,
    ],
    [
      'a header of 70 000 bytes',
      `GET /v1/account HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(70_000)}`,
      431,
    ],
    ['a method that nobody knows', 'FOO /v1/account HTTP/1.1\r\nHost: x', 400],
    ['a broken escape in the path', 'GET /v1/%zz HTTP/1.1\r\nHost: x', 400],
    ['a header line without a colon', 'GET /v1/account HTTP/1.1\r\nHost: x\r\nnonsense', 400],
  ];

  it.each(cases)('%s is answered in the words of the dialect', async (_, request, status) => {
    const { listen } = await open();
    const inDialect = request.replace('/v1', '/mobilemessage/v1');
    const answer = await sendRaw(await listen(), `${inDialect}\r\n\r\n`);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(Object.keys(JSON.parse(answer.body) as object)).toEqual(
      status === 400 ? ['error', 'message'] : ['error'],
    );
  });

  it.each(cases)('%s is answered plainly outside of the dialects', async (_, request, status) => {
    const { listen } = await open();
    const answer = await sendRaw(await listen(), `${request}\r\n\r\n`);
    expect(answer.status).toBe(status);
    expect(Object.keys(JSON.parse(answer.body) as object)).toEqual(['error']);
  });

  it('a request without a host, and one that expects something, are served', async () => {
    const { listen } = await open();
    const url = await listen();
    const path = '/mobilemessage/v1/account';
    expect((await sendRaw(url, `GET ${path} HTTP/1.1\r\n\r\n`)).status).toBe(401);
    const expecting = `GET ${path} HTTP/1.1\r\nHost: x\r\nExpect: banana\r\n\r\n`;
    expect((await sendRaw(url, expecting)).status).toBe(401);
    const absolute = `GET http://x${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    expect((await sendRaw(url, absolute)).status).toBe(401);
  });

  it('a body that nobody asked for is no error', async () => {
    const { inject } = await open();
    const answer = await inject({
      method: 'POST',
      url: '/nope',
      headers: { 'content-type': 'application/json' },
      payload: '{broken',
    });
    expect(answer.statusCode).toBe(404);
  });
});

describe('a body that does not come', () => {
  const answers: [string, string, RegExp][] = [
    [
      'below a dialect',
      '/mobilemessage/v1/messages',
      /^HTTP\/1\.1 400 .*"error":"The request took too long to arrive."/s,
    ],
    ['where nothing is', '/nothing', /^HTTP\/1\.1 404 /],
    ['to a URL that cannot be read', '/v1/%zz', /^HTTP\/1\.1 400 /],
    // Nobody who is not known has more time than that for a file.
    ['of a stranger with a file', '/mobtexting/api/v2/sms/bulk', /^HTTP\/1\.1 302 /],
  ];
  it.each(answers)('is not waited for %s', async (_, path, expected) => {
    const type = path.endsWith('/bulk') ? 'Content-Type: multipart/form-data; boundary=x\r\n' : '';
    const made = await open({ http: { requestTimeoutMs: 100 } });
    const { authorization } = await made.account();
    const { hostname, port } = new URL(await made.listen());
    for (const length of ['Content-Length: 1000', 'Transfer-Encoding: chunked']) {
      const socket = connect(Number(port), hostname);
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('error', () => {});
      const ended = new Promise((resolve) => socket.on('close', resolve));
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n${type}${length}\r\n\r\n1\r\n{`,
      );
      // It sends something, again and again.
      const drip = setInterval(() => socket.write('\r\n1\r\n '), 40);
      await ended;
      clearInterval(drip);
      expect(text).toMatch(expected);
    }
  });
});

describe('a server that closes', () => {
  it('answers what is in flight and ends its kept-alive connection, also on a port of its own', async () => {
    const port = await freePort();
    const mounts = { mobilemessage: { hosts: [], port } };
    const made = await open({ http: { mounts } });
    const account = await made.account();
    const main = await made.listen();
    const server = await made.server();
    const expecting = 'GET /v1/account HTTP/1.1\r\nHost: x\r\nExpect: banana\r\n\r\n';
    expect((await sendRaw(`http://127.0.0.1:${port}`, expecting)).status).toBe(401);
    const targets = [
      { url: main, path: '/mobilemessage/v1/messages' },
      { url: `http://127.0.0.1:${port}`, path: '/v1/messages' },
    ];
    const body = JSON.stringify({
      messages: [{ to: '0412345678', message: 'Hello', sender: 'CompanyABC' }],
    });
    const halves = await Promise.all(
      targets.map(({ url, path }) => sendHalf(url, path, body, account.authorization)),
    );
    const closed = server.close();
    for (const half of halves) {
      const answer = await half.finish();
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer).toMatch(/connection: close/i);
    }
    await closed;
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  return port;
}

/**
 * Sends a request but for the last byte of its body, and waits until the server has it: it says 100.
 * `finish` sends that byte and gives all that is answered then.
 */
function sendHalf(
  url: string,
  path: string,
  body: string,
  authorization: string,
): Promise<{ finish(): Promise<string> }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`;
      socket.write(`${head}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`);
      socket.write(body.slice(0, -1));
    });
    socket.on('error', reject);
    let text = '';
    const closed = new Promise<string>((answered) => {
      socket.on('close', () => answered(text));
    });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (!text.startsWith('HTTP/1.1 100 ')) return;
      text = text.slice(text.indexOf('\r\n\r\n') + 4);
      resolve({
        finish: () => {
          socket.write(body.slice(-1));
          return closed;
        },
      });
    });
  });
}
