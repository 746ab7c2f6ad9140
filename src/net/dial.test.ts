import { createServer as createTlsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TEST_CERTIFICATE, TEST_KEY } from './testkit/certificate.ts';
import {
  closed,
  closedPort,
  listen,
  loopbackClient,
  serveHttp,
  serveTcp,
} from './testkit/loopback.ts';

// In these tests 127.0.0.1 stands for a public address and 127.0.0.2 for a private one. The server
// listens on both, so a connection to the wrong one would succeed, and be seen.
const onlyFirst = ['127.0.0.1/32'];
const get = (url: string) => ({ method: 'GET' as const, url, headers: {}, timeoutMs: 10_000 });

describe('the guard', () => {
  it.each(['127.0.0.1', '0x7f.1', '2130706433', '[::ffff:127.0.0.1]', 'localhost'])(
    'refuses http://%s without asking it',
    async (host) => {
      const server = await serveHttp((_request, response) => response.end());
      const client = loopbackClient({ allow: [] });

      const answer = await client.request(get(`http://${host}:${server.port}/`));

      expect(answer).toMatchObject({ kind: 'failed', reason: 'address_refused', sent: false });
      expect(server.sockets).toHaveLength(0);
    },
  );

  it('says the range but not the address', async () => {
    const client = loopbackClient({ lookup: async () => ['10.1.2.3', '192.168.7.7'] });
    const answer = await client.request(get('http://inner.test/'));
    expect(answer).toMatchObject({
      detail: 'inner.test has no address that may be connected to (private)',
    });
  });

  it('connects to what it judged, though the name says otherwise a moment later', async () => {
    const server = await serveHttp((_request, response) => response.end('hello'), 'everywhere');
    const lookup = vi.fn<() => Promise<string[]>>();
    lookup.mockResolvedValueOnce(['127.0.0.1']).mockResolvedValue(['127.0.0.2']);
    const client = loopbackClient({ allow: onlyFirst, lookup });
    const url = `http://rebinding.test:${server.port}/`;

    expect(await client.request(get(url))).toMatchObject({ status: 200, body: 'hello' });
    expect(lookup).toHaveBeenCalledTimes(1);
    expect(server.reached).toEqual(['127.0.0.1']);

    // The next connection asks anew and judges anew.
    server.sockets[0]?.end();
    await closed(server.sockets[0]);
    expect(await client.request(get(url))).toMatchObject({ reason: 'address_refused' });
    expect(lookup).toHaveBeenCalledTimes(2);
    expect(server.sockets).toHaveLength(1);
  });

  it('passes over the private addresses of a name that has both', async () => {
    const server = await serveHttp((_request, response) => response.end(), 'everywhere');
    const lookup = async () => ['127.0.0.2', '10.0.0.1', '127.0.0.1', '::1'];
    const client = loopbackClient({ allow: onlyFirst, lookup });

    for (let round = 0; round < 5; round++) {
      const answer = await client.request(get(`http://mixed.test:${server.port}/`));
      expect(answer).toMatchObject({ status: 200 });
      server.sockets.at(-1)?.end();
      await closed(server.sockets.at(-1));
    }
    expect(server.reached).toEqual(Array.from({ length: 5 }, () => '127.0.0.1'));
  });

  it('refuses when a lookup gives what is not an address', async () => {
    const client = loopbackClient({ lookup: async () => ['2130706433'] });
    expect(await client.request(get('http://odd.test/'))).toMatchObject({
      reason: 'address_refused',
    });
  });
});

describe('names', () => {
  it('goes to the next address when one does not answer', async () => {
    const server = await serveHttp((_request, response) => response.end());
    const client = loopbackClient({ lookup: async () => ['127.0.0.2', '127.0.0.1'] });
    const answer = await client.request(get(`http://two.test:${server.port}/`));
    expect(answer).toMatchObject({ status: 200 });
  });

  it('tells of every address that did not answer', async () => {
    const port = await closedPort();
    const client = loopbackClient({ lookup: async () => ['127.0.0.1', '127.0.0.2'] });
    expect(await client.request(get(`http://none.test:${port}/`))).toMatchObject({
      reason: 'connect',
      detail: expect.stringMatching(/127\.0\.0\.1.*127\.0\.0\.2/),
      sent: false,
    });
  });

  it.each([
    ['fails', () => Promise.reject(new Error('getaddrinfo ENOTFOUND gone.test'))],
    ['finds nothing', () => Promise.resolve([])],
  ])('fails when the lookup %s', async (_title, lookup) => {
    const client = loopbackClient({ lookup });
    expect(await client.request(get('http://gone.test/'))).toMatchObject({
      reason: 'dns',
      detail: expect.stringContaining('gone.test'),
      sent: false,
    });
  });

  it('asks once for all connections that wait for the same name', async () => {
    const server = await serveHttp((_request, response) => response.end());
    const asked = Promise.withResolvers<string[]>();
    const lookup = vi.fn(() => asked.promise);
    const client = loopbackClient({ lookup });

    const url = `http://shared.test:${server.port}/`;
    const answers = Promise.all([1, 2, 3].map(() => client.request(get(url))));
    asked.resolve(['127.0.0.1']);

    expect(await answers).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }]);
    expect(lookup).toHaveBeenCalledTimes(1);
    expect(server.sockets).toHaveLength(3);
  });

  it('does not connect for a request that timed out during its lookup', async () => {
    const server = await serveHttp((_request, response) => response.end());
    const asked = Promise.withResolvers<string[]>();
    const client = loopbackClient({ lookup: () => asked.promise });

    const late = get(`http://slow.test:${server.port}/`);
    expect(await client.request({ ...late, timeoutMs: 20 })).toMatchObject({
      reason: 'timeout',
      detail: '20 ms are over, while connecting',
      sent: false,
    });

    asked.resolve(['127.0.0.1']);
    // What goes out after it arrives, and arrives alone.
    expect(await client.request(late)).toMatchObject({ status: 200 });
    expect(server.sockets).toHaveLength(1);
  });
});

describe('TLS', () => {
  const trusted = getCACertificates('default');
  const lookup = async () => ['127.0.0.1'];

  afterEach(() => setDefaultCACertificates(trusted));

  async function serveTls() {
    const seen: { servername: string | false | undefined; host: string | undefined }[] = [];
    const server = createTlsServer(
      { cert: TEST_CERTIFICATE, key: TEST_KEY },
      (request, response) => {
        const { servername } = request.socket as TLSSocket & { servername?: string | false };
        seen.push({ servername, host: request.headers.host });
        response.end('secret');
      },
    );
    return { seen, ...(await listen(server)) };
  }

  it('asks for the name and not the address, in SNI and Host', async () => {
    setDefaultCACertificates([TEST_CERTIFICATE]);
    const { seen, port, sockets } = await serveTls();
    const client = loopbackClient({ lookup });

    const url = `https://hooks.test:${port}/`;
    expect(await client.request(get(url))).toMatchObject({ status: 200, body: 'secret' });
    expect(await client.request(get(url))).toMatchObject({ status: 200 });

    const host = `hooks.test:${port}`;
    expect(seen).toEqual([
      { servername: 'hooks.test', host },
      { servername: 'hooks.test', host },
    ]);
    expect(sockets).toHaveLength(1);
  });

  it('refuses a certificate nobody vouches for', async () => {
    const { seen, port } = await serveTls();
    const client = loopbackClient({ lookup });
    expect(await client.request(get(`https://hooks.test:${port}/`))).toMatchObject({
      kind: 'failed',
      reason: 'tls',
      sent: false,
    });
    expect(seen).toEqual([]);
  });

  it.each(['other.test', '127.0.0.1'])(
    'refuses a certificate that does not name %s',
    async (host) => {
      setDefaultCACertificates([TEST_CERTIFICATE]);
      const { seen, port } = await serveTls();
      const client = loopbackClient({ lookup });
      expect(await client.request(get(`https://${host}:${port}/`))).toMatchObject({
        kind: 'failed',
        reason: 'tls',
        sent: false,
      });
      expect(seen).toEqual([]);
    },
  );

  it('fails when the other side does not speak TLS', async () => {
    const server = await serveHttp((_request, response) => response.end());
    const client = loopbackClient();
    expect(await client.request(get(`https://127.0.0.1:${server.port}/`))).toMatchObject({
      reason: 'tls',
      sent: false,
    });
  });

  it('gives up a handshake that is never answered', async () => {
    const server = await serveTcp((socket) => socket.resume());
    const client = loopbackClient();
    const silent = { ...get(`https://127.0.0.1:${server.port}/`), timeoutMs: 100 };
    expect(await client.request(silent)).toMatchObject({ reason: 'timeout', sent: false });
    await closed(server.sockets[0]);
  });
});
