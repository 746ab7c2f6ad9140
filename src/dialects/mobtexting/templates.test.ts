import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { Country } from '../../text/phone-number.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld();
  client = await Client.of(world, { senders: ['Sen123', 'SENDER'] });
});
afterEach(() => world.close());

const sample = (name: string): unknown => readFixture(import.meta.url, name);
const wish = {
  sender: 'Sen123',
  name: 'temp',
  body: 'This is verification {{var1}} and {{var2}}',
  template_id: '1234567',
  type: 'T',
};
const now = '2026-03-01T00:00:00.000000Z';
interface Row {
  id: string;
  sender_id: string;
}
async function create(more: object = {}, as = client): Promise<{ body: string; row: Row }> {
  const { status, body, json } = await as.post('/sms/templates', { ...wish, ...more });
  if (status !== 200) throw new Error(body);
  return { body, row: json['data'] as Row };
}

it('is created as the page shows it', async () => {
  const { body, row } = await create();
  expectSample(body, sample('template-created.json'), {
    '329d5b16-ab52-4da3-9ba4-a9d99a3xxxxx': row.id,
    'b6a266e1-0290-4921-b54a-f4ed158xxxxx': row.sender_id,
    '2022-05-02T10:49:13.000000Z': now,
  });
  const { view } = await client.account.caller();
  expect(row.sender_id).toBe(view.senders.get('sen123')?.id);
});

it('is changed as the page shows it; its alias stays', async () => {
  const { row } = await create({ sender: 'SENDER' });
  await world.clock.advance(1_000);
  const to = {
    name: 'temp12',
    body: 'Welcome to mobtexting family',
    template_id: '342442343xxxx',
    is_english: 1,
  };
  const { body } = await client.ask('PUT', `/sms/templates/${row.id}`, { body: to });
  expectSample(body, sample('template-updated.json'), {
    'a09c5d2c-d9bf-4f22-99c5-4592d0fxxxxx': row.id,
    '845f6e29-0320-4aad-9f62-90baf44xxxxx': row.sender_id,
    '2024-05-02T11:14:54.000000Z': now,
    '2024-05-02T12:24:28.000000Z': '2026-03-01T00:00:01.000000Z',
  });
});

const shown = {
  sender: 'SENDER',
  name: 'hind-number',
  body: 'Your Verification code is:{{1}} is code {{2}}',
  template_id: '1107161521283358301',
};
const put = (row: Row) => ({
  'b23769e6-019f-48f4-aae9-ec00a5xxxxxx': row.id,
  '015c2f82-1352-4d19-9f8f-b8449xxxxxx': row.sender_id,
  '2022-11-16T04:41:32.000000Z': now,
  '2022-11-16T04:56:11.000000Z': now,
});

it('is shown as the page shows it', async () => {
  const { row } = await create(shown);
  const { body } = await client.get(`/sms/templates/${row.id}`);
  expectSample(body, sample('template.json'), put(row));
});

it('is listed as the page shows it, by pages of fifteen and by name', async () => {
  const { row } = await create(shown);
  for (let at = 1; at <= 42; at++) await create({ name: `other ${at}` });
  const { row: newest } = await create(shown);
  const { body } = await client.get('/sms/templates?filter[name]=HIND');
  expect(JSON.parse(body)).toMatchObject({ data: [{ id: newest.id }, { id: row.id }] });
  await client.ask('DELETE', `/sms/templates/${newest.id}`);
  const last = await client.get('/sms/templates?page=3');
  const { data, ...list } = last.json as { data: object[] };
  expect(data).toHaveLength(13);
  const url = 'https://sms.example/mobtexting/api/v2/sms/templates';
  expect(list).toMatchObject({
    status: 'OK',
    code: 200,
    message: 'Templates List',
    links: { first: `${url}?page=1`, last: `${url}?page=3`, prev: `${url}?page=2`, next: null },
    meta: { current_page: 3, from: 31, last_page: 3, path: url, per_page: 15, to: 43, total: 43 },
  });
  const filtered = await client.get('/sms/templates?filter[name]=hind');
  const { data: rows } = filtered.json as { data: object[] };
  expectSample(
    JSON.stringify({ status: 'OK', code: 200, message: 'Template Data', data: rows[0] }),
    sample('template.json'),
    put(row),
  );
});

it('is deleted as the page shows it', async () => {
  const { row } = await create();
  const { body } = await client.ask('DELETE', `/sms/templates/${row.id}`);
  expect(body).toBe('{"status":"OK","code":200,"message":"Deleted Successfully","data":[]}');
  expect((await client.get(`/sms/templates/${row.id}`)).status).toBe(404);
});

describe('what is refused', () => {
  it.each<[string, object, string]>([
    ['name', { name: '' }, 'The name field is required.'],
    ['body', { body: null }, 'The body field is required.'],
    ['sender', { sender: undefined }, 'The sender field is required.'],
    ['sender', { sender: 'NOBODY' }, 'The selected sender is invalid.'],
    ['type', { type: 'X' }, 'The selected type is invalid.'],
    ['template_id', { template_id: '' }, 'The template id field is required.'],
    ['type', { type: '' }, 'The type field is required.'],
    ['body', { body: 'x'.repeat(2_001) }, 'The body must not be greater than 2000 characters.'],
  ])('%s: %j', async (field, more, message) => {
    const { status, json } = await client.post('/sms/templates', { ...wish, ...more });
    expect({ status, json }).toMatchObject({
      status: 422,
      json: { status: 'ERROR', code: 422, message, errors: { [field]: [message] } },
    });
  });

  it('but what only Indian accounts must say', async () => {
    const abroad = await Client.of(world, {
      homeCountry: 'AU' as Country,
      allowedCountries: ['AU'] as Country[],
      senders: ['Sen123'],
    });
    const { body } = await create({ template_id: undefined, type: undefined, body: 'ü世' }, abroad);
    expect(JSON.parse(body)).toMatchObject({
      data: { template_id: null, template_type: 'Global', is_english: 0, body_length: 2 },
    });
  });
});

it('can be created by _method, and its name is a word of a form, too', async () => {
  const form = new URLSearchParams({ ...wish, name: 'Form' }).toString();
  const { json } = await client.ask('GET', `/sms/templates?_method=POST&${form}`);
  expect(json).toMatchObject({ message: 'Template Saved Successfully', data: { alias: 'form' } });
});
