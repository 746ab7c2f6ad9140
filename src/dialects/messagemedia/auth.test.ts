import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendRaw } from '../../../test/support/raw-http.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
const secret = 'geheim-é';
let key: string;
beforeAll(async () => {
  world = await createWorld({
    dispatch: false,
    http: { mounts: { messagemedia: { hosts: ['api.example'], port: null } } },
  });
});
let keys = 0;
beforeEach(async () => {
  await world.clock.advance(61_000);
  client = new Client(world, await world.account({ dialect: 'messagemedia' }));
  key = `hmac-${++keys}`;
  await issue(key);
});
afterAll(() => world.close());

const issue = (username: string) =>
  world.gateway.owner.issueCredential(client.account.account.id, {
    dialect: 'messagemedia',
    kind: 'hmac',
    username,
    secret,
  });

interface Signing {
  method?: 'GET' | 'POST' | 'PUT';
  path: string;
  body?: string;
  /** What is signed, as the client spells it. */
  headers?: string;
  algorithm?: 'sha1' | 'sha256';
  /** As the client writes it into the signed line; default as it is asked. */
  signedMethod?: string;
  date?: string;
  digest?: string;
  username?: string;
  secret?: string;
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** The headers of a signed request. */
function signed(wish: Signing): Record<string, string> {
  const { path, body, algorithm = 'sha1' } = wish;
  const method = wish.method ?? (body === undefined ? 'GET' : 'POST');
  const date = wish.date ?? new Date(world.clock.now()).toUTCString();
  const digest = wish.digest ?? md5(body ?? '');
  const names =
    wish.headers ?? (body === undefined ? 'date request-line' : 'date x-Content-MD5 request-line');
  const lines = names.split(' ').map((name) => {
    if (name === 'request-line') return `${wish.signedMethod ?? method} ${path} HTTP/1.1`;
    return `${name}: ${name.toLowerCase() === 'date' ? date : digest}`;
  });
  const signature = createHmac(algorithm, wish.secret ?? secret)
    .update(lines.join('\n'))
    .digest('base64');
  return {
    authorization: `hmac username="${wish.username ?? key}", algorithm="hmac-${algorithm}", headers="${names}", signature="${signature}"`,
    date,
    ...(/md5/i.test(names) && { [/\S*md5/i.exec(names)?.[0] ?? '']: digest }),
  };
}

async function ask(wish: Signing, more: Record<string, string> = {}) {
  const { path, body } = wish;
  const method = wish.method ?? (body === undefined ? 'GET' : 'POST');
  const headers = { ...signed(wish), ...more };
  return client.ask(method, path, { headers, ...(body !== undefined && { body }) });
}

const messages = { messages: [{ content: 'Grüße 👍', destination_number: '+61491570156' }] };
const body = JSON.stringify(messages);
const refused = { status: 401, body: '{"message":"Invalid authentication credentials"}' };
const send = { path: '/v1/messages', body };

describe('a signed request', () => {
  it.each([
    [
      'as the documents have it',
      { ...send, headers: 'Date Content-MD5 request-line', algorithm: 'sha256' },
      202,
    ],
    ['as the SDKs have it', send, 202],
    ['as PHP has it', { ...send, headers: 'date x-content-md5 request-line' }, 202],
    ['with a digest in capitals', { ...send, digest: md5(body).toUpperCase() }, 202],
    [
      'with the digest of the text in ASCII',
      { ...send, digest: md5(body.replace(/[^\0-\x7f]/g, '?')) },
      202,
    ],
    ['that covers no body', { ...send, headers: 'Date request-line' }, 202],
    ['without a body', { path: '/v1/replies' }, 200],
    ['with a query', { path: '/v1/replies?x=1' }, 200],
    ['with a slash at its end', { path: '/v1/replies/' }, 200],
  ] as [string, Signing, number][])('%s is let in', async (_name, wish, status) => {
    expect((await ask(wish)).status).toBe(status);
  });

  it('of the SDKs says POST where it is PUT', async () => {
    const [sent] = await client.sent({
      scheduled: new Date(world.clock.now() + 60_000).toISOString(),
    });
    const path = `/v1/messages/${sent?.message_id}`;
    const cancel = { method: 'PUT', path, body: '{"status":"cancelled"}' } as const;
    expect((await ask({ ...cancel, signedMethod: 'GET' })).status).toBe(401);
    expect((await ask({ ...cancel, signedMethod: 'POST' })).status).toBe(200);
  });

  it.each([
    ['another secret', { ...send, secret: 'other' }],
    ['an unknown key', { ...send, username: 'nobody' }],
    ['the digest of another body', { ...send, digest: md5('{}') }],
    ['a body where the digest is of none', { ...send, digest: md5('') }],
    ['no date', { ...send, headers: 'x-Content-MD5 request-line' }],
    ['no request line', { ...send, headers: 'date x-Content-MD5' }],
    ['a date of long ago', { ...send, date: 'Sat, 30 Jul 2016 05:13:23 GMT' }],
    ['a date that is none', { ...send, date: 'today' }],
  ] as [string, Signing][])('with %s is refused', async (_name, wish) => {
    const { status, body: text, headers } = await ask(wish);
    expect({ status, body: text }).toEqual(refused);
    expect(headers['www-authenticate']).toBe('Basic realm="MessageMedia", charset="UTF-8"');
    expect(await client.account.messages()).toBe(0);
  });

  it('may be some minutes old, by a setting', async () => {
    const old = (minutes: number) =>
      ask({
        path: '/v1/replies',
        date: new Date(world.clock.now() - minutes * 60_000).toUTCString(),
      });
    expect((await old(14)).status).toBe(200);
    expect((await old(16)).status).toBe(401);
    const { account } = client.account;
    for (const [clockSkewSeconds, status] of [
      [60, 401],
      [0, 200],
    ] as const) {
      await world.gateway.owner.updateAccount({
        ...account,
        settings: { messagemedia: { clockSkewSeconds } },
      });
      expect((await old(14)).status).toBe(status);
    }
  });

  it('is not taken with a key of Basic, nor Basic with its key', async () => {
    const { username, password } = client.account;
    expect((await ask({ ...send, username, secret: password })).status).toBe(401);
    const login = Buffer.from(`${key}:${secret}`).toString('base64');
    const { status } = await client.ask('GET', '/v1/replies', {
      headers: { authorization: `Basic ${login}` },
    });
    expect(status).toBe(401);
  });

  it('is refused once its key is revoked', async () => {
    const { credential } = await issue(`${key}-2`);
    const wish = { ...send, username: `${key}-2` };
    expect((await ask(wish)).status).toBe(202);
    await world.gateway.owner.revokeCredential(credential.id);
    expect((await ask(wish)).status).toBe(401);
  });

  it('may sign the path as it is mounted, and need not', async () => {
    const url = '/messagemedia/v1/replies';
    for (const path of ['/messagemedia/v1/replies', '/v1/replies']) {
      const headers = signed({ path });
      expect((await world.inject({ url, headers })).statusCode).toBe(200);
    }
    const headers = signed({ path: '/other/v1/replies' });
    expect((await world.inject({ url, headers })).statusCode).toBe(401);
  });

  it('is known at the root of a host of the dialect’s own', async () => {
    const url = await world.listen();
    const lines = Object.entries(signed({ path: '/v1/replies' })).map(
      ([name, value]) => `${name}: ${value}`,
    );
    const answer = await sendRaw(
      url,
      ['GET /v1/replies HTTP/1.1', 'Host: api.example', ...lines, '', ''].join('\r\n'),
    );
    expect(answer).toMatchObject({ status: 200, body: '{"replies":[]}' });
  });
});

describe('the header Account', () => {
  const withAccount = (name: string) =>
    client.ask('GET', '/v1/delivery_reports', { headers: { Account: name } });
  const makeSub = async (name: string, parentId = client.account.account.id) => {
    const { account } = client.account;
    const { id: _id, createdAt: _at, status: _status, ...like } = account;
    return world.gateway.owner.createAccount({ ...like, name, parentId });
  };

  it.each(['INVALID ACCOUNT', "it's", 'a"b', '../x'])(
    'that names no sub-account is told so to the byte: %s',
    async (name) => {
      const { status, body: text, headers } = await withAccount(name);
      const quoted = JSON.stringify(name).slice(1, -1);
      expect({ status, text }).toEqual({
        status: 403,
        text: `{"message":"Invalid account '${quoted}' in header Account"}\n`,
      });
      expect(headers['content-type']).toBe('application/json');
    },
  );

  it('may name the account itself, or nothing', async () => {
    expect((await withAccount(client.account.account.name)).status).toBe(200);
    expect((await withAccount('')).status).toBe(200);
  });

  it('lets a parent act for a sub-account', async () => {
    const sub = await makeSub(`sub-${keys}`);
    await world.gateway.senders.add(sub.id, 'CompanyABC');
    await world.gateway.owner.topUp(sub.id, 5000 as never, null);
    const before = await client.account.credits();
    const answer = await client.ask('POST', '/v1/messages', {
      headers: { Account: sub.name },
      body: { messages: [{ ...messages.messages[0], delivery_report: true }] },
    });
    expect(answer.status).toBe(202);
    expect(await client.account.credits()).toBe(before);
    expect((await client.get('/v1/messaging/credits')).json).toEqual({ remaining_credits: 1000 });
    const [sent] = answer.json['messages'] as { message_id: string }[];
    expect((await client.get(`/v1/messages/${sent?.message_id}`)).status).toBe(404);
    expect(await client.reports()).toEqual([]);
    const { json } = await withAccount(sub.name);
    expect(json['delivery_reports']).toMatchObject([
      { status: 'enroute', vendor_account_id: { account_id: sub.name } },
    ]);
  });

  it('does so for a signed request', async () => {
    const sub = await makeSub(`signed-${keys}`);
    expect((await ask({ path: '/v1/replies' }, { Account: sub.name })).status).toBe(200);
  });

  it('does not for an account of another', async () => {
    const stranger = await world.account({ dialect: 'messagemedia' });
    expect((await withAccount(stranger.account.name)).status).toBe(403);
    const sub = await makeSub(`other-${keys}`, stranger.account.id);
    expect((await withAccount(sub.name)).status).toBe(403);
  });

  it('does not for one that is suspended', async () => {
    const sub = await makeSub(`suspended-${keys}`);
    await world.gateway.owner.updateAccount({ ...sub, status: 'suspended' });
    expect((await withAccount(sub.name)).status).toBe(403);
  });

  it('is looked at behind the log-in', async () => {
    const { status } = await client.ask('GET', '/v1/replies', {
      headers: { Account: 'INVALID ACCOUNT', authorization: 'Basic x' },
    });
    expect(status).toBe(401);
  });
});
