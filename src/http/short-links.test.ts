import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendRaw } from '../../test/support/raw-http.ts';
import type { World, WorldWish } from '../../test/support/world.ts';
import { createWorld } from '../../test/support/world.ts';
import { GatewayError } from '../core/errors.ts';

const browser = { 'user-agent': 'Mozilla/5.0 (a phone)' };
const target = 'https://shop.example/sale?a=1#top';

let world: World;
let code: string;
beforeEach(() => begin({}));
afterEach(() => world.close());

async function begin(wish: WorldWish): Promise<void> {
  world = await createWorld({ shortLinks: { keepAddresses: true }, ...wish });
  const account = await world.account();
  const caller = await account.caller();
  const limits = { alphabet: 'any' as const, characters: 500, parts: 5 };
  await world.gateway.submit({
    caller,
    messages: [
      { to: '0412345678', sender: 'CompanyABC', text: `See ${target}`, shorten: true, limits },
    ],
  });
  const { links } = await world.gateway.shortLinks.report(caller, {}, { limit: 1, offset: 0 });
  code = links[0]?.code ?? '';
  counted = async () => {
    await world.gateway.shortLinks.writeVisits();
    const found = await world.gateway.shortLinks.detail(caller, code);
    return {
      clicks: found?.link.clicks,
      views: found?.link.views,
      address: found?.visits[0]?.address,
    };
  };
}
interface Counted {
  clicks: number | undefined;
  views: number | undefined;
  address: string | null | undefined;
}

let counted: () => Promise<Counted>;

async function anew(wish: WorldWish): Promise<void> {
  await world.close();
  await begin(wish);
}

describe('GET /s/<code>', () => {
  it('leads there, keeps nothing and tells nobody where from', async () => {
    const answer = await world.inject({ url: `/s/${code}`, headers: browser });
    expect(answer.statusCode).toBe(302);
    expect(answer.headers).toMatchObject({
      location: target,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-length': '0',
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await counted()).toEqual({ clicks: 1, views: 0, address: '127.0.0.1' });
  });

  it.each([
    ['HEAD', {}],
    ['GET', { 'sec-purpose': 'prefetch;prerender' }],
    ['GET', { purpose: 'prefetch' }],
    ['GET', { 'x-purpose': 'preview' }],
    ['GET', { 'x-moz': 'prefetch' }],
    ['GET', { 'user-agent': 'TelegramBot (like TwitterBot)' }],
    ['GET', { 'user-agent': '' }],
  ] as const)('with %s %j is a view', async (method, headers) => {
    const answer = await world.inject({
      method,
      url: `/s/${code}`,
      headers: { ...browser, ...headers },
    });
    expect(answer.statusCode).toBe(302);
    expect(answer.headers.location).toBe(target);
    expect(await counted()).toMatchObject({ clicks: 0, views: 1 });
  });

  it.each([
    '/s',
    '/s/',
    '/s/unknown2',
    '/s/short',
    '/s/a/b',
    '/s/%0d%0aSet-Cookie:%20a=b',
    '/s/..%2f',
  ])('%s is a small page that says so', async (url) => {
    const answer = await world.inject({ url, headers: browser });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'",
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.body).toContain('This link leads nowhere');
    expect(answer.body.length).toBeLessThan(400);
  });

  it('is the only way', async () => {
    const answer = await world.inject({ method: 'POST', url: `/s/${code}`, headers: browser });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers.location).toBeUndefined();
  });

  it('is refused to who guesses', async () => {
    for (let at = 0; at < 30; at++) await world.inject(`/s/guess${100 + at}`);
    const answer = await world.inject({ url: `/s/${code}`, headers: browser });
    expect(answer.statusCode).toBe(429);
    expect(answer.headers['retry-after']).toBe('60');
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  });

  it('is refused for a while to who follows smart links too often', async () => {
    const account = await world.account();
    const own = await world.gateway.shortLinks.own.create(await account.caller(), {
      url: target,
      title: null,
      advanced: false,
      endpointId: null,
    });
    const ask = () => world.inject({ url: `/s/${own.code}`, headers: browser });
    for (let at = 0; at < 10; at++) expect((await ask()).statusCode).toBe(302);
    const answer = await ask();
    expect(answer.statusCode).toBe(429);
    expect(answer.headers['retry-after']).toBe('300');
    expect(answer.body).toContain('Too many requests. Please try again in 5 minutes.');
    // Messages' links are still there for it.
    expect((await world.inject({ url: `/s/${code}`, headers: browser })).statusCode).toBe(302);
    await world.clock.advance(300_000);
    expect((await ask()).statusCode).toBe(302);
  });

  it('believes a proxy that is trusted, and nobody else, who it is', async () => {
    const headers = { ...browser, 'x-forwarded-for': '203.0.113.9' };
    await world.inject({ url: `/s/${code}`, headers });
    expect((await counted()).address).toBe('127.0.0.1');
    await anew({ http: { trustProxy: ['127.0.0.1'] } });
    await world.inject({ url: `/s/${code}`, headers });
    expect((await counted()).address).toBe('203.0.113.9');
  });

  it('says when it cannot be looked up', async () => {
    const { shortLinks } = world.storage.read;
    shortLinks.find = () => Promise.reject(new GatewayError('storage_unavailable', 'secret words'));
    const answer = await world.inject({ url: `/s/${code}`, headers: browser });
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain('try again');
    expect(answer.body).not.toContain('secret');
  });

  it('answers over a real connection, before the visit is on disk', async () => {
    const { write } = world.storage;
    world.storage.write = () => Promise.reject(new Error('it was waited for'));
    const url = await world.listen();
    const request = `GET /s/${code} HTTP/1.1\r\nHost: x\r\nUser-Agent: Mozilla/5.0\r\n\r\n`;
    const answer = await sendRaw(url, request);
    expect(answer.status).toBe(302);
    world.storage.write = write;
    expect((await counted()).clicks).toBe(1);
  });
});

describe('a domain of its own', () => {
  beforeEach(() =>
    anew({
      shortLinks: { base: () => 'https://sho.rt/' },
      http: { shortLinkHost: 'sho.rt' },
    }),
  );
  const host = 'SHO.rt:8080';

  it('has short links at its root', async () => {
    const answer = await world.inject({ url: `/${code}`, headers: { ...browser, host } });
    expect(answer.statusCode).toBe(302);
    expect(answer.headers.location).toBe(target);
    const prefixed = await world.inject({ url: `/s/${code}`, headers: { ...browser, host } });
    expect(prefixed.statusCode).toBe(302);
    const elsewhere = await world.inject({ url: `/s/${code}`, headers: browser });
    expect(elsewhere.statusCode).toBe(302);
  });

  it.each([
    '/',
    '/healthz',
    '/metrics',
    '/mobilemessage/v1/account',
    '/favicon.ico',
    '/robots.txt',
  ])('has nothing else: %s', async (url) => {
    const answer = await world.inject({ url, headers: { ...browser, host } });
    expect(answer.statusCode).toBe(404);
    expect(answer.body).toContain('This link leads nowhere');
  });
});

it('is not there where no client is served', async () => {
  await anew({});
  const server = await world.server();
  expect(server.routes.hasRoute({ method: 'GET', url: '/s/:code' })).toBe(true);
  const without = await createWorld({ dialects: [] });
  const bare = await without.server();
  expect(bare.routes.hasRoute({ method: 'GET', url: '/s/:code' })).toBe(false);
  await without.close();
});
