import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { JsonAnswer } from '../testkit/json-client.ts';
import { Client } from './testkit/client.ts';

const wish = { long_url: 'https://www.example.com/sale', title: 'testing', is_advanced: '1' };

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld({ shortLinks: { keepAddresses: true, keepUserAgents: true } });
  client = await Client.of(world);
});
afterEach(() => world.close());

const dataOf = ({ json }: JsonAnswer) => json['data'] as Record<string, unknown>;
const rowsOf = ({ json }: JsonAnswer) => json['data'] as Record<string, unknown>[];
const totalOf = ({ json }: JsonAnswer) => (json['meta'] as { total: number }).total;

async function made(more: object = {}): Promise<string> {
  const { status, json } = await client.post('/link/urls', { ...wish, ...more });
  expect(status).toBe(200);
  return (json['data'] as { id: string }).id;
}

/** Follows a link, and waits until the visit is written down. */
async function follow(id: string, address = '192.0.2.7'): Promise<number> {
  const { statusCode } = await world.inject({
    url: `/s/${id}`,
    headers: { 'user-agent': 'Mozilla/5.0 (a phone)' },
    remoteAddress: address,
  });
  await world.clock.advance(1_000);
  return statusCode;
}

it('a link is made, shown, changed and deleted in the words of the vendor', async () => {
  const created = await client.post('/link/urls', wish);
  const { id } = dataOf(created) as { id: string };
  const times = {
    created_at: '2026-03-01T00:00:00.000000Z',
    updated_at: '2026-03-01T00:00:00.000000Z',
  };
  const row = {
    id,
    title: 'testing',
    short_url: `https://sms.example/s/${id}`,
    long_url: wish.long_url,
    webhook_id: null,
    token: null,
    visits: [],
    last_visited: null,
    is_advanced: 1,
    status: 1,
    ...times,
  };
  const answer = (message: string, data: unknown) =>
    JSON.stringify({ status: 'OK', code: 200, message, data });
  expect(created.body).toBe(answer('Link Created Successfully', row));

  const shown = await client.get(`/link/urls/${id}`);
  expect(shown.body).toBe(answer('OK', { ...row, visits: 0 }));

  const path = `/link/urls/${id}`;
  const change = { long_url: 'https://www.example.com/other', is_advanced: 0 };
  const changed = await client.ask('PUT', path, { body: change });
  const after = { ...row, long_url: change.long_url, is_advanced: 0 };
  expect(changed.body).toBe(answer('Link Updated Successfully', after));

  const deletion = await client.post(`${path}?_method=DELETE`);
  expect(deletion.body).toBe(answer('Link Deleted Successfully', []));
  for (const method of ['GET', 'DELETE'] as const) {
    expect((await client.ask(method, path)).status).toBe(404);
  }
  expect(await follow(id)).toBe(404);
});

it('links are listed newest first, page by page, by what is asked', async () => {
  for (let at = 0; at < 16; at++) {
    await made({ title: `number ${at}` });
    await world.clock.advance(1);
  }
  const plain = await made({ title: 'plain', is_advanced: 0, long_url: 'https://b.example/' });
  const first = await client.get('/link/urls');
  expect(rowsOf(first)).toHaveLength(15);
  expect(rowsOf(first)[0]).toMatchObject({ id: plain });
  expect(first.json).toMatchObject({
    message: 'OK',
    links: { prev: null, next: expect.stringMatching(/\/api\/v2\/link\/urls\?page=2$/) as string },
    meta: { current_page: 1, from: 1, last_page: 2, per_page: 15, to: 15, total: 17 },
  });
  expect(rowsOf(await client.get('/link/urls?page=2'))).toHaveLength(2);
  for (const [filter, total] of [
    [`filter[id]=${plain}`, 1],
    ['filter[id]=nothing1', 0],
    ['filter[title]=NUMBER', 16],
    ['filter[long_url]=b.example', 1],
    ['filter[is_advanced]=0', 1],
    ['filter[webhook_id]=x', 0],
    ['filter[status]=0', 0],
    ['filter[status]=1', 17],
  ] as const) {
    expect(totalOf(await client.get(`/link/urls?${filter}`)), filter).toBe(total);
  }
});

it('visits are counted and listed, newest first', async () => {
  const id = await made();
  expect(await follow(id)).toBe(302);
  expect(await follow(id, '192.0.2.8')).toBe(302);
  const { json } = await client.get(`/link/urls/${id}`);
  // In the account's zone, which is that of India.
  expect(json['data']).toMatchObject({ visits: 2, last_visited: '2026-03-01 05:30:01' });
  const visits = await client.get(`/link/urls/${id}/visits`);
  expect(visits.json).toMatchObject({
    status: 'OK',
    code: 200,
    message: 'Visits',
    meta: { total: 2, per_page: 15 },
  });
  expect(rowsOf(visits)).toMatchObject([
    { id: `${id}:2`, link_id: id, client_ip: '192.0.2.8', created_at: '2026-03-01 05:30:01' },
    { id: `${id}:1`, link_id: id, client_ip: '192.0.2.7', user_agent: 'Mozilla/5.0 (a phone)' },
  ]);
});

it('a visit is told at the webhook that the link names, and nowhere else', async () => {
  const hook = async (name: string) =>
    dataOf(await client.post('/developer/webhooks', { name, uri: `https://shop.example/${name}` }))[
      'id'
    ] as string;
  const [named, other] = [await hook('visits'), await hook('other')];
  expect(other).not.toBe(named);
  const id = await made({ webhook_id: named });
  await follow(id);
  await follow(await made());
  const { account } = client.account;
  const page = { limit: 10, offset: 0 };
  const told = await world.storage.read.notifications.list(account.id, page);
  expect(told.map(({ endpointId }) => endpointId)).toEqual([named]);
  const view = await world.gateway.directory.view(account.id);
  const endpoint = view?.endpoints.find((one) => one.id === named);
  const [notification] = told;
  if (!view || !endpoint || !notification) throw new Error('nothing was told');
  const form = world.gateway.outbox.form('mobtexting');
  const at = { now: 0, secret: null, notificationId: 'n', attempt: 0, signingKey: null };
  const request = await form?.render(notification.event, endpoint, view, at);
  expect(request?.url).toBe('https://shop.example/visits');
  expect(JSON.parse(request?.body ?? '')).toEqual({
    link_id: id,
    title: 'testing',
    short_url: `https://sms.example/s/${id}`,
    long_url: wish.long_url,
    client_ip: '192.0.2.7',
    user_agent: 'Mozilla/5.0 (a phone)',
    type: 'click',
    created_at: '2026-03-01T00:00:00.000000Z',
  });
});

describe('a link is refused', () => {
  it.each([
    ['long_url', {}, 'The long url field is required.'],
    [
      'long_url',
      { long_url: 'example' },
      'A link leads to an http or https URL of at most 2048 characters.',
    ],
    [
      'long_url',
      { long_url: 'https://sms.example/s/abcdefgh' },
      'A short link does not lead to another one.',
    ],
    ['webhook_id', { ...wish, webhook_id: '5558' }, 'The selected webhook id is invalid.'],
    [
      'title',
      { ...wish, title: 'a'.repeat(256) },
      'The title must not be greater than 255 characters.',
    ],
    ['is_advanced', { ...wish, is_advanced: 'perhaps' }, 'The is advanced must be true or false.'],
  ])('for its %s: %j', async (field, body, sentence) => {
    const id = await made();
    for (const answer of [
      await client.post('/link/urls', body),
      await client.ask('PUT', `/link/urls/${id}`, { body }),
    ]) {
      expect(answer.status).toBe(422);
      expect(answer.json).toMatchObject({
        status: 'ERROR',
        code: 422,
        errors: { [field]: [sentence] },
      });
    }
  });
});
