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
