import { createPublicKey, createVerify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startReceiver } from '../../../test/support/webhook-receiver.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { Received, WebhookReceiver } from '../../../test/support/webhook-receiver.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import type { Stage, SuiteEndpoint, WireAnswer } from '../testkit/suite.ts';
import { bodyLimit } from './routes.ts';
import { Client } from './testkit/client.ts';
import { suiteOf } from './testkit/suite.ts';

const base = '/v1/iam/signature_keys';
const wanted = { digest: 'SHA224', cipher: 'RSA' };

interface Key {
  key_id: string;
  public_key: string;
}

async function made(stage: Stage, as = stage.account): Promise<string> {
  const { body } = await stage.send({ method: 'POST', path: base, body: wanted }, as);
  return (JSON.parse(body) as Key).key_id;
}
const missing = ({ status, body }: WireAnswer): void =>
  expect({ status, body }).toEqual({ status: 404, body: '{"message":"Entity not found"}' });

const endpoints: SuiteEndpoint[] = [
  {
    name: `POST ${base}`,
    request: async () => ({ method: 'POST', path: base, body: wanted }),
    status: 201,
    wrongMethods: ['PUT', 'PATCH', 'DELETE'],
    bodyLimit,
  },
  {
    name: `GET ${base}`,
    request: async () => ({ method: 'GET', path: `${base}?page=1&page_size=10` }),
    wrongMethods: [],
    foreign: {
      request: async (stage, stranger) => {
        await made(stage, stranger);
        return { method: 'GET', path: `${base}?page=1&page_size=10` };
      },
      expect: ({ body }) => expect(body).toBe('[]'),
    },
  },
  {
    name: `GET ${base}/{key_id}`,
    request: async (stage) => ({ method: 'GET', path: `${base}/${await made(stage)}` }),
    wrongMethods: ['POST', 'PATCH'],
    foreign: {
      request: async (stage, stranger) => ({
        method: 'GET',
        path: `${base}/${await made(stage, stranger)}`,
      }),
      expect: missing,
    },
  },
  {
    name: `DELETE ${base}/{key_id}`,
    request: async (stage) => ({ method: 'DELETE', path: `${base}/${await made(stage)}` }),
    wrongMethods: [],
    foreign: {
      request: async (stage, stranger) => ({
        method: 'DELETE',
        path: `${base}/${await made(stage, stranger)}`,
      }),
      expect: missing,
    },
  },
  {
    name: `PATCH ${base}/enabled`,
    request: async (stage) => ({
      method: 'PATCH',
      path: `${base}/enabled`,
      body: { key_id: await made(stage) },
    }),
    wrongMethods: ['POST', 'PUT'],
    bodyLimit,
    foreign: {
      request: async (stage, stranger) => ({
        method: 'PATCH',
        path: `${base}/enabled`,
        body: { key_id: await made(stage, stranger) },
      }),
      expect: missing,
    },
  },
  {
    name: `DELETE ${base}/enabled`,
    request: async () => ({ method: 'DELETE', path: `${base}/enabled` }),
    status: 204,
    wrongMethods: [],
  },
];

const unknown = '7ca628a8-08b0-4e42-aeb8-960b37049c31';
const refused = (...details: string[]): object => ({ message: 'Bad Request', details });

runDialectCases(suiteOf(endpoints, 'management'), [
  // The vendor's own sentences (reference §3, §8).
  ...(
    [
      ['POST', base, { digest: 'SHA224', cipher: 'RA' }, '/cipher: [RA] is invalid'],
      ['POST', base, { digest: 'SHA1', cipher: 'RSA' }, '/digest: [SHA1] is invalid'],
      ['GET', `${base}?page=0&page_size=10`, undefined, 'page property value is invalid'],
      ['GET', `${base}?page=x&page_size=10`, undefined, 'page property value is invalid'],
      ['GET', base, undefined, 'page property value is invalid'],
      ['GET', `${base}?page=1`, undefined, 'page_size property value is invalid'],
      ['GET', `${base}?page=1&page_size=-1`, undefined, 'page_size property value is invalid'],
      ['GET', `${base}/1`, undefined, 'key_id property value is invalid'],
      ['DELETE', `${base}/1`, undefined, 'key_id property value is invalid'],
      ['PATCH', `${base}/enabled`, {}, '/key_id: Key id cannot be null'],
      ['PATCH', `${base}/enabled`, { key_id: null }, '/key_id: Key id cannot be null'],
      ['PATCH', `${base}/enabled`, { key_id: 'x' }, '/key_id: [x] is invalid'],
    ] as const
  ).map(([method, path, body, detail]) => ({
    name: `${method} ${path} ${JSON.stringify(body) ?? ''} is refused`,
    request: { method, path, ...(body && { body }) },
    status: 400,
    body: refused(detail),
  })),
  {
    name: 'a key is refused with all that is wrong with it',
    request: { method: 'POST', path: base, body: {} },
    status: 400,
    body: refused('/digest: Digest cannot be null', '/cipher: Cipher cannot be null'),
  },
  ...(
    [
      ['GET', `${base}/${unknown}`, undefined, 'Entity not found'],
      ['DELETE', `${base}/${unknown}`, undefined, 'Entity not found'],
      ['PATCH', `${base}/enabled`, { key_id: unknown }, 'Entity not found'],
      ['GET', `${base}/enabled`, undefined, 'Currently no key is enabled'],
    ] as const
  ).map(([method, path, body, message]) => ({
    name: `${method} ${path} finds nothing`,
    request: { method, path, ...(body && { body }) },
    status: 404,
    body: { message },
  })),
]);

let world: World;
let client: Client;
beforeAll(async () => {
  world = await createWorld({ notify: true });
});
afterAll(() => world.close());
beforeEach(async () => {
  client = new Client(world, await world.account({ dialect: 'messagemedia' }));
});

async function newKey(digest = 'SHA256'): Promise<Key> {
  const { json } = await client.ask('POST', base, { body: { digest, cipher: 'RSA' } });
  return json as unknown as Key;
}
const enable = ({ key_id }: Key) => client.ask('PATCH', `${base}/enabled`, { body: { key_id } });

describe('a key', () => {
  it('is shown whole at its making, and without its public half later', async () => {
    const { status, json, headers } = await client.ask('POST', base, { body: wanted });
    expect(status).toBe(201);
    expect(headers['content-type']).toBe('application/json');
    expect(Object.keys(json)).toEqual([
      'key_id',
      'public_key',
      'cipher',
      'digest',
      'created',
      'enabled',
    ]);
    expect(json).toMatchObject({
      cipher: 'RSA',
      digest: 'SHA224',
      created: '2026-03-01T00:00:00.000Z',
      enabled: false,
    });
    const { public_key, ...rest } = json;
    const key = createPublicKey({
      key: Buffer.from(public_key as string, 'base64'),
      format: 'der',
      type: 'spki',
    });
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect((await client.get(`${base}/${json['key_id'] as string}`)).json).toEqual(rest);
    expect((await client.get(`${base}?page=1&page_size=10`)).json).toEqual([rest]);
  });

  it('is enabled in place of the one before, until none is', async () => {
    const [first, second] = [await newKey(), await newKey()];
    const enabled = await enable(first);
    expect([enabled.status, enabled.json['enabled']]).toEqual([200, true]);
    await enable(second);
    const list = (await client.get(`${base}?page=1&page_size=10`)).json as unknown as object[];
    expect(list).toMatchObject([
      { key_id: second.key_id, enabled: true },
      { key_id: first.key_id, enabled: false },
    ]);
    expect((await client.get(`${base}/enabled`)).json).toEqual(list[0]);
    for (let i = 0; i < 2; i++) {
      const none = await client.ask('DELETE', `${base}/enabled`);
      expect([none.status, none.body]).toEqual([204, '']);
    }
    expect((await client.get(`${base}/enabled`)).status).toBe(404);
    expect((await client.get(`${base}?page=2&page_size=1`)).json).toMatchObject([
      { key_id: first.key_id },
    ]);
  });

  it('can be removed, enabled or not', async () => {
    const key = await newKey();
    await enable(key);
    const removed = await client.ask('DELETE', `${base}/${key.key_id}`);
    expect([removed.status, removed.body, removed.headers['content-length']]).toEqual([
      200,
      '',
      '0',
    ]);
    expect((await client.get(`${base}/enabled`)).status).toBe(404);
    expect((await client.ask('DELETE', `${base}/${key.key_id}`)).status).toBe(404);
  });
});

/** As the vendor documents it: request line, date and body, with nothing between them. */
function isSigned({ method, path, headers, body }: Received, { key_id, public_key }: Key): boolean {
  const pem = `-----BEGIN PUBLIC KEY-----\n${public_key}\n-----END PUBLIC KEY-----`;
  const header = (name: string): string => headers[name] as string;
  expect(headers).toMatchObject({
    'x-messagemedia-cipher-type': 'RSA',
    'x-messagemedia-key-id': key_id,
  });
  expect(header('date')).toMatch(/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
  return createVerify(header('x-messagemedia-digest-type'))
    .update(`${method} ${path} HTTP/1.1${header('date')}${body}`)
    .verify(pem, header('x-messagemedia-signature'), 'base64');
}

describe('a signature', () => {
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    receiver = await startReceiver();
    return () => receiver.close();
  });
  const heard = async (count: number): Promise<Received[]> => {
    await waitUntil('it is told', () => receiver.received.length >= count);
    return receiver.received;
  };

  it.each(['SHA224', 'SHA256', 'SHA512'])('of a callback can be verified, %s', async (digest) => {
    const key = await newKey(digest);
    await enable(key);
    const content = 'Caf\u00e9 \u{1f600} "quoted"';
    const more = { delivery_report: true, callback_url: `${receiver.url}?a=b%20c&d` };
    await client.sent({ content, ...more });
    const [request] = await heard(1);
    expect(request?.headers['x-messagemedia-digest-type']).toBe(digest);
    expect(isSigned(request as Received, key)).toBe(true);
    expect(isSigned({ ...(request as Received), body: '{}' }, key)).toBe(false);
    expect(isSigned({ ...(request as Received), method: 'PUT' }, key)).toBe(false);
    expect(isSigned({ ...(request as Received), path: '/webhook' }, key)).toBe(false);
    // One of the vendor's samples verifies what its framework has read of the body.
    expect(JSON.stringify(JSON.parse(request?.body ?? ''))).toBe(request?.body);
  });

  it.each(['GET', 'POST', 'DELETE'])('of a webhook can be verified, %s', async (method) => {
    const key = await newKey();
    await enable(key);
    const url = `${receiver.url}?text=$mtContent&x=\u00e9`;
    const body = { url, method, encoding: 'JSON', events: ['ENROUTE_DR'] };
    expect((await client.ask('POST', '/v1/webhooks/messages', { body })).status).toBe(201);
    await client.sent({ content: 'a b&c\u00e9' });
    const [request] = await heard(1);
    expect(request?.path).toBe('/webhook?text=a%20b%26c%C3%A9&x=%C3%A9');
    expect(isSigned(request as Received, key)).toBe(true);
  });

  it('is made with the key that is enabled at the try, and is not made where none is', async () => {
    const told = async (name: string): Promise<Received> => {
      const path = `/webhook?${name}`;
      await client.sent({ delivery_report: true, callback_url: `${receiver.url}?${name}` });
      await waitUntil('it is told', () => receiver.received.some((one) => one.path === path));
      return receiver.received.find((one) => one.path === path) as Received;
    };
    await newKey();
    const { headers } = await told('before');
    expect(Object.keys(headers)).not.toContain('x-messagemedia-signature');
    expect(headers).not.toHaveProperty('date');
    const key = await newKey();
    await enable(key);
    expect(isSigned(await told('after'), key)).toBe(true);
  });
});
