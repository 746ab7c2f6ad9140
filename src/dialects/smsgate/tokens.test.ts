import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { Method } from './call.ts';
import { endpoints } from './endpoints.ts';
import { smsgate } from './index.ts';
import { scopes } from './scopes.ts';
import { base, Client } from './testkit/client.ts';

const hour = 3_600_000;

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld({ dialects: [smsgate], dispatch: false });
  client = new Client(world, await world.account({ dialect: 'smsgate' }));
});
afterEach(() => world.close());

interface Pair {
  id: string;
  token_type: string;
  access_token: string;
  refresh_token: string;
  expires_at: string;
}
const request = (body: object, as = client) => as.ask('POST', '/auth/token', { body });
async function issue(wanted: readonly string[], as = client, ttl?: number): Promise<Pair> {
  const { status, body, json } = await request({ scopes: wanted, ttl }, as);
  if (status !== 201) throw new Error(`${status} ${body}`);
  return json as unknown as Pair;
}
const by = (token: string): Client => new Client(world, client.account, token);
const refresh = (token: string) => by(token).ask('POST', '/auth/token/refresh');
const statusOf = async (token: string, path = '/messages'): Promise<number> =>
  (await by(token).get(path)).status;

/** Every method of every path, and who may use it (reference §11). */
const uses = endpoints.flatMap(({ path, methods }) =>
  Object.entries(methods).map(
    ([method, { scope }]) => [method as Method, path, scope as string] as const,
  ),
);

describe('a scope', () => {
  it('is asked for by each of them, and there is a use for each', () => {
    expect(uses.map(([method, path, scope]) => `${method} ${path}: ${scope}`)).toEqual([
      'POST /messages: messages:send',
      'POST /message: messages:send',
      'GET /messages: messages:list',
      'GET /messages/:id: messages:read',
      'GET /message: messages:list',
      'GET /message/:id: messages:read',
      'DELETE /messages/:id: messages:cancel',
      'DELETE /message/:id: messages:cancel',
      'GET /devices: devices:list',
      'DELETE /devices/:id: devices:delete',
      'GET /webhooks: webhooks:list',
      'POST /webhooks: webhooks:write',
      'DELETE /webhooks/:id: webhooks:delete',
      'GET /settings: settings:read',
      'PUT /settings: settings:write',
      'PATCH /settings: settings:write',
      'GET /inbox: inbox:list',
      'POST /inbox/refresh: inbox:refresh',
      'POST /inbox/export: inbox:refresh',
      'POST /messages/inbox/export: messages:export',
      'POST /message/inbox/export: messages:export',
      'GET /logs: logs:read',
      'POST /auth/token: tokens:manage',
      'POST /auth/token/refresh: tokens:refresh',
      'DELETE /auth/token/:jti: tokens:manage',
    ]);
    const used = new Set(uses.map(([, , scope]) => scope));
    for (const scope of scopes) expect(used.has(scope) || scope === 'all:any').toBe(true);
  });

  it.each(uses)('%s %s needs %s and nothing else', async (method, path, scope) => {
    const url = path.replace(/:\w+/, 'x');
    const others = scopes.filter((one) => one !== scope && one !== 'all:any');
    const { access_token: without } = await issue(others);
    const refused = await by(without).ask(method, url);
    expect({ status: refused.status, json: refused.json }).toEqual({
      status: 403,
      json: { message: `scope required: ${scope}` },
    });
    if (scope === 'tokens:refresh') return;
    const { access_token: alone } = await issue([scope]);
    const { access_token: all } = await issue(['all:any']);
    for (const token of [alone, all]) {
      expect([401, 403]).not.toContain((await by(token).ask(method, url)).status);
    }
  });

  it('that nobody knows is given and permits nothing', async () => {
    const { access_token: token } = await issue(['devices:write']);
    for (const [method, path] of uses) {
      expect((await by(token).ask(method, path.replace(/:\w+/, 'x'))).status).toBe(403);
    }
  });

  it('is not given by who does not have it', async () => {
    const { access_token: token } = await issue(['tokens:manage', 'messages:read']);
    expect((await request({ scopes: ['messages:read'] }, by(token))).status).toBe(201);
    for (const wanted of ['messages:send', 'all:any', 'devices:write']) {
      const { status, json } = await request({ scopes: ['messages:read', wanted] }, by(token));
      expect({ status, json }).toEqual({
        status: 403,
        json: { message: `scope required: ${wanted}` },
      });
    }
  });
});

describe('a token', () => {
  it('is one of a pair, as documented', async () => {
    const { status, headers, json } = await request({ ttl: 3600, scopes: ['messages:list'] });
    expect(status).toBe(201);
    expect(headers['cache-control']).toBe('no-store');
    expect(json).toEqual({
      id: expect.stringMatching(/^[\w-]{20}$/) as string,
      token_type: 'Bearer',
      access_token: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]{43}$/) as string,
      refresh_token: expect.stringMatching(/^eyJ/) as string,
      expires_at: '2026-03-01T01:00:00.000Z',
    });
  });

  it.each([
    [60, 60],
    [86_400, 86_400],
    [100_000_000, 86_400],
    [0, 86_400],
    [undefined, 86_400],
  ])('that is to live %s seconds lives %i', async (ttl, seconds) => {
    const { access_token: token, expires_at } = await issue(['messages:list'], client, ttl);
    expect(Date.parse(expires_at)).toBe(world.clock.now() + seconds * 1000);
    if (seconds > 60) return;
    await world.clock.advance((seconds - 1) * 1000);
    expect(await statusOf(token)).toBe(200);
    await world.clock.advance(1000);
    expect(await statusOf(token)).toBe(401);
  });

  it('is taken as a password, too, with no name before it', async () => {
    const { access_token: token } = await issue(['messages:list']);
    const authorization = `Basic ${Buffer.from(`:${token}`).toString('base64')}`;
    const url = `/smsgate${base}`;
    const ask = (path: string) =>
      world.inject({ url: url + path, headers: { authorization } }).then((one) => one.statusCode);
    expect(await ask('/messages')).toBe(200);
    expect(await ask('/devices')).toBe(403);
  });

  it.each([
    [{}, /scopes is missing/],
    [{ scopes: [] }, /scopes must have at least 1/],
    [{ scopes: 'all:any' }, /scopes must be an array/],
    [{ scopes: [''] }, /scopes\[0\] does not have the right form/],
    [{ scopes: ['tokens:refresh'] }, /The scope tokens:refresh is not for asking/],
    [{ scopes: ['all:any'], ttl: -1 }, /ttl must be at least 0/],
    [{ scopes: ['all:any'], ttl: 'x' }, /ttl must be a number/],
  ])('is refused for %j', async (body, words) => {
    const { status, json } = await request(body);
    expect({ status, message: json['message'] }).toEqual({
      status: 400,
      message: expect.stringMatching(words) as string,
    });
  });

  it('ends when it is revoked, with its other half, and no other', async () => {
    const [one, two] = [await issue(['all:any']), await issue(['all:any'])];
    expect(await statusOf(one.access_token)).toBe(200);
    const answer = await client.ask('DELETE', `/auth/token/${one.id}`);
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 204, body: '' });
    expect(await statusOf(one.access_token)).toBe(401);
    expect((await refresh(one.refresh_token)).status).toBe(401);
    expect(await statusOf(two.access_token)).toBe(200);
    // It may revoke itself.
    expect((await by(two.access_token).ask('DELETE', `/auth/token/${two.id}`)).status).toBe(204);
    expect(await statusOf(two.access_token)).toBe(401);
  });

  it('is not revoked by strangers, and what is no token is no error', async () => {
    const { id, access_token: token } = await issue(['all:any']);
    const stranger = new Client(world, await world.account({ dialect: 'smsgate' }));
    expect((await stranger.ask('DELETE', `/auth/token/${id}`)).status).toBe(204);
    expect((await stranger.ask('DELETE', '/auth/token/%2e%2e%00')).status).toBe(204);
    expect(await statusOf(token)).toBe(200);
  });

  it('ends with the credential that it stands for', async () => {
    const { access_token: token } = await issue(['all:any']);
    const { credentialId } = await client.account.caller();
    await world.gateway.owner.revokeCredential(credentialId);
    expect(await statusOf(token)).toBe(401);
  });
});

describe('a refresh token', () => {
  it('gets the next pair, once, after the first token has expired, too', async () => {
    const first = await issue(['messages:list'], client, 600);
    await world.clock.advance(hour);
    const { status, json } = await refresh(first.refresh_token);
    const next = json as unknown as Pair;
    expect(status).toBe(201);
    expect(Object.keys(json)).toEqual(Object.keys(first));
    expect(Date.parse(next.expires_at)).toBe(world.clock.now() + 600_000);
    expect(await statusOf(next.access_token)).toBe(200);
    expect(await statusOf(next.access_token, '/devices')).toBe(403);
    const again = await refresh(first.refresh_token);
    expect({ status: again.status, json: again.json }).toEqual({
      status: 401,
      json: { message: 'Unauthorized' },
    });
  });

  it('ends the pair that it is of', async () => {
    const { access_token: token, refresh_token: renewal } = await issue(['messages:list']);
    await refresh(renewal);
    expect(await statusOf(token)).toBe(401);
  });

  it('is good for thirty days, and for nothing else', async () => {
    const { access_token: token, refresh_token: renewal } = await issue(['all:any']);
    expect(await statusOf(renewal)).toBe(403);
    const claims = (one: string) =>
      JSON.parse(Buffer.from(one.split('.')[1] ?? '', 'base64url').toString()) as { exp: number };
    expect(claims(renewal).exp - claims(token).exp).toBe(29 * 86_400);
  });

  it('is no access token and no password', async () => {
    const { access_token: token } = await issue(['all:any']);
    expect((await refresh(token)).status).toBe(401);
    expect((await client.ask('POST', '/auth/token/refresh')).status).toBe(401);
  });
});
