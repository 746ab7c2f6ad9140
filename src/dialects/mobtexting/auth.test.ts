import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { mobtexting } from './index.ts';
import { Client, wish } from './testkit/client.ts';

let world: World;
let client: Client;
let token: string;
beforeEach(async () => {
  world = await createWorld({ dialects: [mobtexting], dispatch: false });
  client = await Client.of(world, { password: '38e896f55670311982434e929559abcd' });
  token = client.account.password;
});
afterEach(() => world.close());

const path = '/mobtexting/api/v2/auth/me';
const json = { accept: 'application/json' };
const refused = (code: number, message: string) => ({ status: 'ERROR', code, message });

describe('a token', () => {
  it('tells whose it is', async () => {
    const { id, name } = client.account.account;
    expect((await client.get('/auth/me')).json).toEqual({
      status: 'OK',
      code: 200,
      message: 'OK',
      data: { id, name, email: null },
    });
  });

  it.each([
    ['Bearer', { headers: { authorization: 'Bearer TOKEN' } }],
    ['bearer', { headers: { authorization: 'bearer  TOKEN ' } }],
    ['raw, as the Python client sends it', { headers: { authorization: 'TOKEN' } }],
    ['in the query', { url: `${path}?access_token=TOKEN` }],
    ['in a form', { method: 'POST', payload: '_method=GET&access_token=TOKEN' }],
    ['in JSON', { method: 'POST', payload: '{"access_token":"TOKEN","_method":"get"}' }],
    [
      'in a multipart form',
      {
        method: 'POST',
        payload:
          '--x\r\nContent-Disposition: form-data; name="access_token"\r\n\r\nTOKEN\r\n--x\r\n' +
          'Content-Disposition: form-data; name="_method"\r\n\r\nGET\r\n--x--\r\n',
      },
    ],
  ] as const)('is taken %s', async (_, request) => {
    const filled = JSON.parse(JSON.stringify(request).replaceAll('TOKEN', token)) as object;
    const answer = await world.inject({ method: 'GET', url: path, ...filled });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ data: { name: client.account.account.name } });
    expect(world.log.lines.join('\n')).not.toContain(token);
  });

  it.each([
    ['none', undefined],
    ['a wrong one', 'Bearer 38e896f55670311982434e929559dcba'],
    ['one of another kind', 'Basic dXNlcjpwYXNz'],
    ['a forged one', 'Bearer a.b.c'],
    ['an empty one', 'Bearer '],
  ])('is refused as JSON to who reads JSON: %s', async (_, authorization) => {
    const headers = { ...json, ...(authorization !== undefined && { authorization }) };
    const answer = await world.inject({ url: path, headers });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toEqual(refused(401, 'Unauthenticated.'));
  });

  it.each([
    ['GET', {}],
    ['GET', { accept: '*/*' }],
    ['GET', { accept: 'text/html,application/json' }],
    ['POST', { accept: 'text/html' }],
  ] as const)('is asked for by %s on the page where one logs in: %j', async (method, headers) => {
    const answer = await world.inject({ method, url: path, headers });
    expect(answer.statusCode).toBe(302);
    expect(answer.headers['location']).toBe('https://sms.example/mobtexting/login');
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    const page = await world.inject({ url: '/mobtexting/login' });
    expect(page.statusCode).toBe(401);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.body).toContain('Authorization: Bearer');
  });

  it('may be bound to addresses, and then is good from nowhere else', async () => {
    const caller = await client.account.caller();
    await world.gateway.owner.setCredential(caller.credentialId, {
      allow: ['10.0.0.0/8', '2001:db8::/32'],
    });
    const headers = { ...json, authorization: `Bearer ${token}` };
    const from = async (remoteAddress: string): Promise<number> =>
      (await world.inject({ url: path, headers, remoteAddress })).statusCode;
    expect(await from('10.1.2.3')).toBe(200);
    expect(await from('::ffff:10.1.2.3')).toBe(200);
    expect(await from('2001:db8::7')).toBe(200);
    expect(await from('11.1.2.3')).toBe(403);
    await world.gateway.owner.setCredential(caller.credentialId, { allow: ['nonsense'] });
    expect(await from('10.1.2.3')).toBe(403);
  });

  it('of a suspended account is refused', async () => {
    const suspended = await Client.of(world, { suspended: true });
    expect((await suspended.get('/auth/me')).json).toEqual(
      refused(403, 'This account is suspended.'),
    );
  });
});

describe('the verb', () => {
  it.each([
    ['POST', '?_method=GET', 200],
    ['POST', '?_method=get', 200],
    ['PUT', '?_method=GET', 200],
    ['GET', '?_method=DELETE', 405],
    ['POST', '?_method=TRACE', 405],
    ['POST', '', 405],
  ] as const)('%s%s is answered with %d', async (method, query, status) => {
    const answer = await client.ask(method, `/auth/me${query}`);
    expect(answer.status).toBe(status);
    if (status === 405) expect(answer.headers['allow']).toBe('GET, HEAD');
  });
});

describe('the rate of GET requests', () => {
  const limits = ({ headers }: { headers: Record<string, unknown> }): unknown[] =>
    ['limit', 'remaining', 'reset'].map((name) => headers[`x-ratelimit-${name}`]);

  it('is limited, with the documented headers, and is free again after its window', async () => {
    const few = await Client.of(world, { settings: { getsPerMinute: 3 } });
    for (const left of ['2', '1', '0']) {
      const answer = await few.get('/auth/me');
      expect(answer.status).toBe(200);
      expect(limits(answer)).toEqual(['3', left, undefined]);
    }
    await world.clock.advance(10_000);
    const refusal = await few.get('/auth/me');
    expect(refusal.status).toBe(429);
    expect(refusal.json).toEqual(refused(429, 'Too Many Attempts.'));
    const reset = Math.ceil((world.clock.now() + 50_000) / 1000);
    expect(limits(refusal)).toEqual(['3', '0', String(reset)]);
    expect(refusal.headers['retry-after']).toBe('50');
    // What asks for one by another verb is one; no other is counted, and another account has a limit of its own.
    expect((await few.ask('POST', '/auth/me?_method=GET')).status).toBe(429);
    expect((await few.post('/auth/me', { _method: 'get' })).status).toBe(429);
    expect((await few.post('/auth/me', '_method=GET')).status).toBe(429);
    expect((await few.get('/auth/me?_method=DELETE')).status).toBe(429);
    expect((await few.post('/auth/me')).status).toBe(405);
    expect((await client.get('/auth/me')).status).toBe(200);
    await world.clock.advance(50_000);
    expect((await few.get('/auth/me')).status).toBe(200);
  });

  it('is 1000 a minute', async () => {
    expect(limits(await client.get('/auth/me'))).toEqual(['1000', '999', undefined]);
    const name = `mobtexting gets ${client.account.account.id}`;
    const rate = { most: 1000, windowMs: 60_000 };
    await Promise.all(Array.from({ length: 998 }, () => world.gateway.allow(name, rate)));
    expect(limits(await client.get('/auth/me'))).toEqual(['1000', '0', undefined]);
    expect((await client.get('/auth/me')).status).toBe(429);
    await world.clock.advance(60_000);
    expect((await client.get('/auth/me')).status).toBe(200);
  });
});

it('a token of nobody else is good here', async () => {
  const other = await world.account({ ...wish, dialect: 'smsgate' });
  const headers = { ...json, authorization: `Bearer ${other.password}` };
  expect((await world.inject({ url: path, headers })).statusCode).toBe(401);
});
