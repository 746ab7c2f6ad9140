import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { Client, number } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld();
  client = await Client.of(world);
});
afterEach(() => world.close());

const now = '2026-03-01T00:00:00.000000Z';
interface Row {
  id: string;
  name: string | null;
}
async function ask(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Row & Record<string, unknown>> {
  const answer = await client.ask(method, path, { body });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
  return answer.json['data'] as Row & Record<string, unknown>;
}
const statusOf = async (...asked: Parameters<typeof ask>): Promise<number> => {
  const [method, path, body] = asked;
  return (await client.ask(method, path, { body })).status;
};
const create = (body: object = { mobile: number }) => ask('POST', '/contacts', body);
const group = (kind: string, name: string) => ask('POST', `/contacts/${kind}`, { name });
const optedOut = async (): Promise<unknown> =>
  (await client.get('/sms/suppressions/unsubscribers')).json['data'];

it('a contact is made, shown, changed and deleted', async () => {
  const [tag, segment] = [await group('tags', 'VIP'), await group('segments', 'Buyers')];
  const contact = await create({
    mobile: '9876543210',
    email: 'Ana@example.org',
    external_id: 7,
    name: 'Ana',
    attributes: { city: 'Pune' },
    tags: [tag.id],
    segments: segment.id,
  });
  expect(contact).toEqual({
    id: contact.id,
    name: 'Ana',
    attributes: { city: 'Pune' },
    identifiers: [
      { type: 'email', value: 'ana@example.org' },
      { type: 'external', value: '7' },
      { type: 'mobile', value: number },
    ],
    tags: [{ id: tag.id, name: 'VIP' }],
    segments: [{ id: segment.id, name: 'Buyers' }],
    subscriptions: [],
    created_at: now,
    updated_at: now,
  });
  expect(await ask('GET', `/contacts/${contact.id}`)).toEqual(contact);
  const changed = await ask('PUT', `/contacts/${contact.id}`, { name: 'Anna' });
  expect(changed).toEqual({ ...contact, name: 'Anna' });
  expect(await ask('DELETE', `/contacts/${contact.id}`)).toEqual([]);
  expect(await statusOf('GET', `/contacts/${contact.id}`)).toBe(404);
});

it('contacts are listed by name, identifier and segment', async () => {
  const segment = await group('segments', 'Buyers');
  const ana = await create({ mobile: number, name: 'Ana', segments: [segment.id] });
  const bob = await create({ email: 'bob@example.org', name: 'Bob' });
  const ids = async (query: string) => {
    const { json } = await client.get(`/contacts${query}`);
    return (json['data'] as Row[]).map(({ id }) => id);
  };
  expect(await ids('')).toEqual([bob.id, ana.id]);
  expect(await ids('?filter[name]=an')).toEqual([ana.id]);
  expect(await ids(`?filter[identifier]=${number}`)).toEqual([ana.id]);
  expect(await ids('?filter[identifier]=bob@example.org')).toEqual([bob.id]);
  expect(await ids(`?filter[segment]=${segment.id}`)).toEqual([ana.id]);
  expect(await statusOf('GET', '/contacts?filter[segment]=none')).toBe(404);
  const { json } = await client.get('/contacts');
  expect(json).toMatchObject({ message: 'Contacts List', meta: { total: 2, per_page: 15 } });
});

it.each<[string, object, number]>([
  ['by which it is known', { name: 'Ana' }, 422],
  ['that is a number', { mobile: 'x' }, 422],
  ['that is an address', { email: 'x' }, 422],
  ['of these types', { identifiers: [{ type: 'fax', value: '1' }] }, 422],
  ['of its tags', { mobile: number, tags: ['none'] }, 422],
])('a contact must have something %s: %j', async (_what, body, status) => {
  expect(await statusOf('POST', '/contacts', body)).toBe(status);
  expect((await client.get('/contacts')).json['data']).toEqual([]);
});

it('identifiers come and go, one for each', async () => {
  const contact = await create();
  expect(await statusOf('POST', '/contacts', { mobile: number })).toBe(409);
  const path = `/contacts/${contact.id}/identifiers`;
  const email = { type: 'email', value: 'ana@example.org' };
  expect(await ask('POST', path, email)).toEqual({ contact_id: contact.id, ...email });
  expect(await ask('GET', path)).toEqual([
    { contact_id: contact.id, ...email },
    { contact_id: contact.id, type: 'mobile', value: number },
  ]);
  const query = new URLSearchParams(email).toString();
  expect((await ask('GET', `/contacts/identifiers?${query}`)).id).toBe(contact.id);
  expect(await ask('DELETE', `${path}?${query}`)).toEqual([]);
  expect(await statusOf('DELETE', `${path}?${query}`)).toBe(404);
  expect(await statusOf('DELETE', path, { type: 'mobile', value: number })).toBe(422);
  expect(await statusOf('GET', `/contacts/identifiers?${query}`)).toBe(404);
});

describe.each(['tags', 'segments', 'subscriptions'])('%s', (kind) => {
  it('are made, renamed, listed and deleted', async () => {
    const path = `/contacts/${kind}`;
    const one = await group(kind, 'One');
    expect(one).toEqual({ id: one.id, name: 'One', created_at: now });
    expect(await statusOf('POST', path, { name: 'ONE' })).toBe(409);
    expect(await statusOf('POST', path, {})).toBe(422);
    expect(await ask('PUT', `${path}/${one.id}`, { name: 'Two' })).toEqual({ ...one, name: 'Two' });
    expect(await ask('GET', `${path}/${one.id}`)).toMatchObject({ name: 'Two' });
    expect((await client.get(path)).json).toMatchObject({ data: [{ name: 'Two' }] });
    expect(await ask('DELETE', `${path}/${one.id}`)).toEqual([]);
    expect(await statusOf('GET', `${path}/${one.id}`)).toBe(404);
  });
});

it('contacts come into segments and go', async () => {
  const segment = await group('segments', 'Buyers');
  const contact = await create();
  const path = `/contacts/segments/${segment.id}/subscribers`;
  expect(await ask('POST', path, { contacts: contact.id })).toEqual([]);
  expect((await client.get(path)).json).toMatchObject({
    message: 'Subscribers List',
    data: [{ id: contact.id, segments: [{ name: 'Buyers' }] }],
    meta: { total: 1 },
  });
  expect(await statusOf('POST', path, {})).toBe(422);
  expect(await statusOf('POST', path, { contacts: ['none'] })).toBe(404);
  await ask('DELETE', path, { contacts: [contact.id] });
  expect((await client.get(path)).json).toMatchObject({ data: [] });
});

describe('a contact unsubscribes', () => {
  it('from one subscription, and comes back', async () => {
    const news = await group('subscriptions', 'News');
    const contact = await create({ mobile: number, subscriptions: [news.id] });
    const shown = (subscribed: number) => [{ id: news.id, name: 'News', subscribed }];
    expect(contact).toMatchObject({ subscriptions: shown(1) });
    const path = (verb: string) => `/contacts/${contact.id}/${verb}/${news.id}`;
    expect(await ask('POST', path('unsubscribe'))).toMatchObject({ subscriptions: shown(0) });
    expect(await optedOut()).toEqual([]);
    expect(await ask('POST', path('resubscribe'))).toMatchObject({ subscriptions: shown(1) });
    expect(await statusOf('POST', `/contacts/${contact.id}/unsubscribe/x`)).toBe(404);
  });

  it('from everything, and comes back', async () => {
    const news = await group('subscriptions', 'News');
    const contact = await create({
      mobile: number,
      email: 'a@example.org',
      subscriptions: [news.id],
    });
    const path = (verb: string) => `/contacts/${contact.id}/${verb}`;
    expect(await ask('POST', path('unsubscribe'))).toMatchObject({
      subscriptions: [{ subscribed: 0 }],
    });
    expect(await optedOut()).toMatchObject([{ receiver: number, type: 'all' }]);
    expect(await ask('POST', path('resubscribe'))).toMatchObject({
      subscriptions: [{ subscribed: 1 }],
    });
    expect(await optedOut()).toEqual([]);
  });
});

it('two contacts become one', async () => {
  const [ana, twin] = [await create(), await create({ email: 'a@example.org', name: 'Ana' })];
  const merged = await ask('POST', '/contacts/merge', { into: ana.id, from: twin.id });
  expect(merged).toMatchObject({
    id: ana.id,
    name: 'Ana',
    identifiers: [{ type: 'email' }, { type: 'mobile' }],
  });
  expect(await statusOf('GET', `/contacts/${twin.id}`)).toBe(404);
  expect(await statusOf('POST', '/contacts/merge', { into: ana.id, from: ana.id })).toBe(422);
  expect(await statusOf('POST', '/contacts/merge', { into: ana.id, from: twin.id })).toBe(404);
});

describe('an import', () => {
  const path = '/contacts/import/subscribers';
  const csv =
    'Mobile,Name,City\n9876543210,Ana,Pune\nx,Bob,\n9876543210,,Mumbai\n9876543211,Cem,\n';
  const post = (body: string, type: string, query = '') =>
    client.ask('POST', path + query, { body, headers: { 'content-type': type } });

  it('takes what is right into a segment, names what is not, and can be looked up', async () => {
    const segment = await group('segments', 'Buyers');
    const form =
      `--b\r\nContent-Disposition: form-data; name="segment_id"\r\n\r\n${segment.id}\r\n` +
      `--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${csv}\r\n--b--`;
    const { json } = await post(form, 'multipart/form-data; boundary=b');
    expect(json).toMatchObject({ message: 'Subscribers accepted for import' });
    const done = json['data'] as Row;
    expect(done).toEqual({
      id: done.id,
      segment_id: segment.id,
      rows: 4,
      added: 2,
      updated: 1,
      failed: 1,
      errors: [{ row: 2, message: "'x' is not a phone number." }],
      created_at: now,
    });
    expect(await ask('GET', `${path}/${done.id}`)).toEqual(done);
    expect((await client.get(path)).json).toMatchObject({ data: [done], meta: { total: 1 } });
    const { json: members } = await client.get(`/contacts/segments/${segment.id}/subscribers`);
    expect(members).toMatchObject({
      data: [
        { name: 'Cem', attributes: {} },
        { name: 'Ana', attributes: { city: 'Mumbai' } },
      ],
    });
  });

  it.each([
    ['columns that have names', '9876543210,Ana\n', '', 422],
    ['a segment that there is', csv, '?segment_id=x', 404],
    ['a segment of its own', csv, '?segment_id=41379328-d3a7-4fcd-be90-d5237f911d76', 404],
  ])('needs %s', async (_what, body, query, status) => {
    expect((await post(body, 'text/csv', query)).status).toBe(status);
    expect((await client.get('/contacts')).json['data']).toEqual([]);
  });
});

it.each<[string, object, string]>([
  ['', { mobile: 'x' }, 'mobile'],
  ['', { email: 'x' }, 'email'],
  ['', { external_id: 'x', identifiers: [{ type: 'mobile', value: 'x' }] }, 'identifiers.0.value'],
  ['/{id}/identifiers', { type: 'mobile', value: 'x' }, 'value'],
])('says which field is wrong: POST contacts%s %j', async (path, body, field) => {
  const made = await client.post('/contacts', { external_id: 'one' });
  const { id } = made.json['data'] as { id: string };
  const { status, json } = await client.post(`/contacts${path.replace('{id}', id)}`, body);
  expect({ status, fields: Object.keys(json['errors'] ?? {}) }).toEqual({
    status: 422,
    fields: [field],
  });
});
