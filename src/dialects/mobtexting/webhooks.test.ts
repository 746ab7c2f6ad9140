import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Received, WebhookReceiver } from '../../../test/support/webhook-receiver.ts';
import { startReceiver } from '../../../test/support/webhook-receiver.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { mobtexting } from './index.ts';
import { Client } from './testkit/client.ts';

let world: World;
let receiver: WebhookReceiver;
let client: Client;
let answer: (challenge: string, response: ServerResponse) => void;
beforeEach(async () => {
  answer = (challenge, response) => response.end(JSON.stringify({ challenge }));
  world = await createWorld({ dialects: [mobtexting], dispatch: false });
  receiver = await startReceiver(({ body }: Received, response) => {
    answer((JSON.parse(body) as { challenge: string }).challenge, response);
  });
  client = await Client.of(world);
});
afterEach(async () => {
  await world.close();
  await receiver.close();
});

const hook = (more: object = {}) => ({ name: 'shop', uri: receiver.url, token: '123456', ...more });
const make = (more: object = {}) => client.post('/developer/webhooks', hook(more));
const unanswered = {
  status: 'ERROR',
  code: 422,
  message: 'The uri did not answer the verification challenge.',
  errors: { uri: ['The uri did not answer the verification challenge.'] },
  data: [],
};

describe('verification', () => {
  it('asks the receiver as documented, and keeps what answers', async () => {
    const { json } = await make({ secret: 's3cret', uri: `${receiver.url}?a=1` });
    expect(json).toMatchObject({ data: { secret: '*****', verification_code: '*****' } });
    const [asked] = receiver.received;
    expect(asked).toMatchObject({
      method: 'POST',
      path: '/webhook?a=1&token=123456',
      headers: { authorization: 'Bearer s3cret', 'content-type': 'application/json' },
    });
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      validation_key: '123456',
      challenge: expect.stringMatching(/^[\w-]{8}$/) as string,
    });
  });

  it('asks nothing of who has no token', async () => {
    expect((await make({ token: undefined })).status).toBe(200);
    expect(receiver.received).toEqual([]);
  });

  it.each<[string, (challenge: string, response: ServerResponse) => void]>([
    ['another challenge', (_, response) => response.end('{"challenge":"a234qwe"}')],
    [
      'another status',
      (challenge, response) => {
        response.statusCode = 202;
        response.end(JSON.stringify({ challenge }));
      },
    ],
    ['no JSON', (challenge, response) => response.end(challenge)],
    ['nothing', (_, response) => response.destroy()],
  ])('refuses what answers %s', async (_, how) => {
    answer = how;
    const { status, json } = await make();
    expect({ status, json }).toEqual({ status: 422, json: unanswered });
    expect((await client.get('/developer/webhooks')).json['data']).toEqual([]);
  });

  it('refuses what is at an address that is refused', async () => {
    const { status, json } = await make({ uri: 'http://192.168.1.1/' });
    expect({ status, json }).toEqual({ status: 422, json: unanswered });
  });

  it('asks again for another uri, with the secret that it has', async () => {
    const { json } = await make({ secret: 's3cret' });
    const path = `/developer/webhooks/${(json['data'] as { id: string }).id}`;
    const put = (body: object) => client.ask('PUT', path, { body });
    const elsewhere = `${receiver.url}/2`;
    expect((await put({ uri: elsewhere })).json).toMatchObject({
      data: { uri: elsewhere, verification_code: null },
    });
    expect(receiver.received).toHaveLength(1);
    expect((await put({ uri: elsewhere, token: '7' })).json).toMatchObject({
      data: { verification_code: '*****' },
    });
    expect(receiver.received[1]?.headers['authorization']).toBe('Bearer s3cret');
  });

  it('is asked for thirty times a minute, and then again', async () => {
    answer = (_, response) => response.end();
    for (let nth = 0; nth < 30; nth++) expect((await make()).status).toBe(422);
    expect((await make()).status).toBe(429);
    expect(receiver.received).toHaveLength(30);
    await world.clock.advance(60_000);
    expect((await make()).status).toBe(422);
  });
});

it.each([
  ['no name', { name: '' }, 'The name field is required.'],
  ['no uri', { uri: null }, 'The uri field is required.'],
  ['what is no URL', { uri: 'shop' }, 'The uri format is invalid.'],
  ['another protocol', { uri: 'ftp://shop.example/' }, 'The uri format is invalid.'],
  ['a password', { uri: 'https://me:mine@shop.example/' }, 'The uri format is invalid.'],
  ['a place in the host', { uri: 'https://{{status}}.example/' }, 'The uri format is invalid.'],
  ['an unknown place', { payload: { a: '{{secret}}' } }, 'There is no {{secret}} to be told.'],
  [
    'an unknown place far inside',
    { payload: { a: [{ b: { c: '{{secret}}' } }] } },
    'There is no {{secret}} to be told.',
  ],
  ['half a character inside', { payload: { a: ['\ud800'] } }, 'The payload format is invalid.'],
  ['no character in a name', { payload: { 'a\0': 1 } }, 'The payload format is invalid.'],
  ['a body that is no object', { payload: ['{{status}}'] }, 'The payload must be an array.'],
  [
    'too deep a body',
    { payload: { a: JSON.parse('['.repeat(8) + ']'.repeat(8)) as object } },
    'The payload format is invalid.',
  ],
  ['too long a text', { payload: { a: ['x'.repeat(2_001)] } }, 'The payload format is invalid.'],
  [
    'too long a name',
    { payload: { a: { ['x'.repeat(101)]: 1 } } },
    'The payload format is invalid.',
  ],
  ['too long a list', { payload: { a: Array(51).fill(1) } }, 'The payload format is invalid.'],
  [
    'too large a body',
    { payload: { a: Array(50).fill('x'.repeat(2_000)), b: 1 } },
    'The payload format is invalid.',
  ],
  ['a header that is ours', { headers: { Host: 'x' } }, 'The headers format is invalid.'],
  [
    'a header that breaks off',
    { headers: { 'X-A': 'a\r\nb: c' } },
    'The headers format is invalid.',
  ],
  ['another method', { method: 'DELETE' }, 'The selected method is invalid.'],
  ['a secret with a line break', { secret: 'a\nb' }, 'The secret format is invalid.'],
])('a webhook is refused with %s', async (_, more, message) => {
  const { status, json } = await make(more);
  expect({ status, message: json['message'] }).toEqual({ status: 422, message });
  expect(receiver.received).toEqual([]);
});

it('there are a hundred at most', async () => {
  for (let nth = 0; nth < 100; nth++) await make({ token: undefined });
  const { status, json } = await make({ token: undefined });
  expect({ status, message: json['message'] }).toEqual({
    status: 422,
    message: 'Maximum number of webhooks (100) reached',
  });
});

describe('subscriptions', () => {
  const subscribe = (more: object) =>
    client.post('/developer/subscriptions', { event: 'sms:message:status', ...more });

  it('have a number of their own, whoever makes them at once', async () => {
    const ids: string[] = [];
    for (let nth = 0; nth < 3; nth++) {
      ids.push(((await make({ token: undefined })).json['data'] as { id: string }).id);
    }
    const all = await Promise.all(
      Array.from({ length: 9 }, (_, nth) => subscribe({ webhook_id: ids[nth % 3] })),
    );
    const numbers = all.map(({ json }) => (json['data'] as { id: number }).id);
    expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it.each([
    [{ event: 'nothing' }, 'The selected event is invalid.'],
    [{ event: '' }, 'The event field is required.'],
    [{ webhook_id: undefined }, 'The webhook id field is required.'],
    [{ webhook_id: 'nothing' }, 'The selected webhook id is invalid.'],
    [{ identity: 'number:1' }, 'The selected identity is invalid.'],
  ])('are refused: %j', async (more, message) => {
    const { json } = await make({ token: undefined });
    const webhook_id = (json['data'] as { id: string }).id;
    const answered = await subscribe({ webhook_id, ...more });
    expect({ status: answered.status, message: answered.json['message'] }).toEqual({
      status: 422,
      message,
    });
  });
});
