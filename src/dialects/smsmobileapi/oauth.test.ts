import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { smsmobileapi } from './index.ts';
import { Client, goodMessage } from './testkit/client.ts';

let world: World;
let client: Client;
let credential: Awaited<ReturnType<World['gateway']['owner']['issueCredential']>>;
beforeAll(async () => {
  world = await createWorld({ dispatch: false });
  const account = await world.account({ dialect: 'smsmobileapi', kind: 'api_key' });
  client = new Client(world, account);
  credential = await world.gateway.owner.issueCredential(account.account.id, {
    dialect: 'smsmobileapi',
    kind: 'oauth_client',
    username: 'a client',
    secret: 'its:secret+%',
  });
});
afterAll(() => world.close());

const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
const good = {
  grant_type: 'client_credentials',
  client_id: 'a client',
  client_secret: 'its:secret+%',
};
const ask = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  client.ask({
    method: 'POST',
    url: '/oauth2/token',
    payload: form(fields),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
async function token(): Promise<string> {
  return String((await ask(good)).result['access_token']);
}
const withToken = (bearer: string, url = '/sendsms', payload = form(goodMessage)) =>
  client.ask({ method: 'POST', url, payload, headers: { authorization: `Bearer ${bearer}` } });

describe('/oauth2/token', () => {
  it('answers as RFC 6749 has it', async () => {
    const { status, headers, result } = await ask(good);
    expect(status).toBe(200);
    expect(result).toEqual({
      access_token: expect.stringMatching(/^[\w.~+/-]+$/) as string,
      token_type: 'Bearer',
      expires_in: 3600,
    });
    expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
  });

  it('takes id and secret from the header too, encoded or plain, and JSON, and a slash at the end', async () => {
    const basic = (text: string) => ({
      authorization: `Basic ${Buffer.from(text).toString('base64')}`,
    });
    const grant = { grant_type: 'client_credentials' };
    const encoded = 'a+client:its%3Asecret%2B%25';
    expect((await ask(grant, basic(encoded))).status).toBe(200);
    expect((await ask(grant, basic('a client:its:secret+%'))).status).toBe(200);
    const json = { method: 'POST', url: '/oauth2/token/', payload: JSON.stringify(good) } as const;
    expect((await client.ask(json)).status).toBe(200);
  });

  it.each([
    [{ ...good, client_secret: 'wrong' }, 401, 'invalid_client'],
    [{ ...good, client_id: 'nobody' }, 401, 'invalid_client'],
    [{ ...good, grant_type: 'password' }, 400, 'unsupported_grant_type'],
    [{ client_id: 'a client', client_secret: 'x' }, 400, 'invalid_request'],
    [{ grant_type: 'client_credentials' }, 400, 'invalid_request'],
  ])('refuses %j', async (fields, status, error) => {
    const answer = await ask(fields);
    expect({ status: answer.status, error: answer.result['error'] }).toEqual({ status, error });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.result['error_description']).toMatch(/\S/);
    if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Basic/);
  });

  it('is POST alone', async () => {
    const answer = await client.ask({ method: 'GET', url: '/oauth2/token' });
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('POST');
  });

  it('has nothing to give to the keys of other kinds', async () => {
    const { status } = await ask({
      ...good,
      client_id: 'x',
      client_secret: client.account.password,
    });
    expect(status).toBe(401);
  });
});

const life = { accessMs: 60_000, renewalMs: 60_000 };

describe('an access token', () => {
  it('is a log-in everywhere, on every node, for an hour', async () => {
    const bearer = await token();
    const { status, result } = await withToken(bearer);
    expect({ status, sent: result['sent'] }).toEqual({ status: 200, sent: '1' });
    for (const url of [
      '/log/sent/sms',
      '/getsms/',
      '/gateway/mobile/list/',
      '/deletesms?guid_message=x',
    ]) {
      expect((await withToken(bearer, url)).status).toBe(200);
    }
    const another = await createWorld({
      storage: world.storage,
      clock: world.clock,
      node: 'b',
      dispatch: false,
    });
    const answer = await another.inject({
      method: 'GET',
      url: '/smsmobileapi/getsms',
      headers: { authorization: `bearer  ${bearer}` },
    });
    expect(answer.statusCode).toBe(200);
    await (await another.server()).close();
    await world.clock.advance(3_599_000);
    expect((await withToken(bearer, '/getsms')).status).toBe(200);
    await world.clock.advance(1_000);
    const late = await withToken(bearer, '/getsms');
    expect(late.status).toBe(401);
    expect(late.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(late.result['error']).toBe(1);
  }, 60_000);

  it('ends with its client', async () => {
    const bearer = await token();
    expect((await withToken(bearer, '/getsms')).status).toBe(200);
    await world.gateway.owner.revokeCredential(credential.credential.id);
    expect((await withToken(bearer, '/getsms')).status).toBe(401);
  });

  it.each([
    [
      'one of another dialect',
      async () =>
        world.gateway.accessTokens.issue(
          { ...(await client.account.caller()), channel: 'x' },
          [],
          life,
        ).access,
    ],
    [
      'the one that gets the next pair',
      async () =>
        world.gateway.accessTokens.issue(
          { ...(await client.account.caller()), channel: 'smsmobileapi' },
          [],
          life,
        ).renewal,
    ],
    ['one that is changed', async () => `${(await token()).slice(0, -4)}AAAA`],
    ['an API key', async () => client.account.password],
    ['nothing', async () => 'x'],
  ])('is not %s', async (_name, make) => {
    await world.clock.advance(61_000);
    expect((await withToken(encodeURIComponent(await make()), '/getsms')).status).toBe(401);
  });

  it('stands in no table and no log', async () => {
    // What is stored of a client is a hash of its secret; of a token nothing.
    const held = await world.storage.read.credentials.ofAccount(client.account.account.id);
    expect(JSON.stringify(held)).not.toContain('its:secret');
    for (const line of world.log.lines) expect(line).not.toMatch(/eyJ|its:secret/);
  });
});

it('the demo has both ways in', async () => {
  expect(smsmobileapi.demo.credentials).toEqual([
    { kind: 'api_key', secret: 'demo-api-key' },
    { kind: 'oauth_client', username: 'demo-client', secret: 'demo-secret' },
  ]);
});
