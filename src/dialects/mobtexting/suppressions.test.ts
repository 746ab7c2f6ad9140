import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { startReceiver } from '../../../test/support/webhook-receiver.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Client, goodMessage, number } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld();
  client = await Client.of(world);
});
afterEach(() => world.close());

const sample = (name: string): unknown => readFixture(import.meta.url, name);
const now = '2026-03-01T00:00:00.000000Z';
const path = '/sms/suppressions/unsubscribers';
const url = `https://sms.example/mobtexting/api/v2${path}`;
const other = '919876543211';
interface Row {
  id: string;
  type: string;
  value: string;
  receiver: string;
}
async function add(receiver: object): Promise<{ body: string; row: Row }> {
  const { status, body, json } = await client.post(path, receiver);
  if (status !== 200) throw new Error(body);
  return { body, row: json['data'] as Row };
}
const list = async (query = ''): Promise<Row[]> =>
  (await client.get(path + query)).json['data'] as Row[];
/** The status of a message that is sent now. */
async function statusOf(more: object): Promise<string | undefined> {
  const [row] = await client.sent(more);
  await world.clock.settle();
  return (await client.message(String(row?.id))).status;
}

describe('unsubscribers', () => {
  it('are added, changed and shown as the page shows them', async () => {
    const { body, row } = await add({ receiver: '9876543210', type: 'tag', value: 'promo' });
    const put = {
      '848c22a0-6969-455a-b5dc-4b119016b55b': row.id,
      '2023-04-11T12:50:17.000000Z': now,
    };
    expectSample(body, sample('unsubscriber.json'), put);
    await world.clock.advance(5_000);
    const to = { receiver: number, type: 'tag', value: 'promo1' };
    const changed = await client.ask('PUT', `${path}/${row.id}`, { body: to });
    expectSample(changed.body, sample('unsubscriber-updated.json'), put);
    const shown = await client.get(`${path}/${row.id}`);
    expect(shown.json).toEqual({
      ...changed.json,
      message: 'Unsubscribers data',
    });
  });

  it('are listed as the page shows them', async () => {
    const { row } = await add({ receiver: number, type: 'sender', value: 'TXTSMS' });
    expectSample((await client.get(path)).body, sample('unsubscribers.json'), {
      '0e3fdaad-2b46-4dcf-8b14-xxxxxxxxxxxx': row.id,
      '9198xxxxxxxx': number,
      '2023-04-11T12:53:29.000000Z': now,
      '{endpoint}sms/suppressions/unsubscribers': url,
      '{endpoint}sms/suppressions/unsubscribers?page=1': `${url}?page=1`,
    });
  });

  it.each<[object, object, object]>([
    [{ type: 'tag', value: 'promo' }, { tags: ['promo'] }, { tags: ['news'] }],
    [{ type: 'product', value: 'P' }, { service: 'P' }, { service: 'T' }],
    [{ type: 'sender', value: 'txtsms' }, { sender: 'TXTSMS' }, { sender: 'TXTMES' }],
    [{ type: 'all' }, {}, { to: other }],
    [{}, { tags: ['x'] }, { to: other }],
  ])('of %j refuse %j, and not %j', async (scope, within, beyond) => {
    const { row } = await add({ receiver: number, ...scope });
    expect(await statusOf(within)).toBe('OPTOUT-REJ');
    expect(await statusOf(beyond)).not.toBe('OPTOUT-REJ');
    const { body } = await client.ask('DELETE', `${path}/${row.id}`);
    expect(body).toBe('{"status":"OK","code":200,"message":"Deleted Successfully","data":[]}');
    expect(await statusOf({ ...within, message: 'Again' })).not.toBe('OPTOUT-REJ');
    expect((await client.get(`${path}/${row.id}`)).status).toBe(404);
    expect((await client.ask('DELETE', `${path}/${row.id}`)).status).toBe(404);
  });

  it('of a product that there is not are refused', async () => {
    const wrong = { receiver: number, type: 'product', value: 'Promo' };
    const refused = {
      status: 422,
      json: { errors: { value: ['The selected value is invalid.'] } },
    };
    expect(await client.post(path, wrong)).toMatchObject(refused);
    const { row } = await add({ receiver: number, type: 'tag', value: 'x' });
    expect(await client.ask('PUT', `${path}/${row.id}`, { body: wrong })).toMatchObject(refused);
    expect(await list()).toMatchObject([{ type: 'tag' }]);
  });

  it('are found by what they are, newest first', async () => {
    const { row: tag } = await add({ receiver: number, type: 'tag', value: 'promo' });
    await world.clock.advance(1_000);
    const { row: all } = await add({ receiver: number });
    await world.clock.advance(1_000);
    const { row: product } = await add({ receiver: other, type: 'product', value: 'P' });
    const ids = async (query: string) => (await list(query)).map(({ id }) => id);
    expect(await ids('')).toEqual([product.id, all.id, tag.id]);
    expect(await ids(`?filter[receiver]=+${number}`)).toEqual([all.id, tag.id]);
    expect(await ids('?filter[type]=service')).toEqual([product.id]);
    expect(await ids('?filter[type]=all')).toEqual([all.id]);
    expect(await ids('?filter[value]=promo')).toEqual([tag.id]);
    expect(await ids(`?filter[id]=${all.id}`)).toEqual([all.id]);
    expect(await ids('?filter[id]=none')).toEqual([]);
    expect(await ids('?filter[receiver]=nobody')).toEqual([]);
    expect((await client.get(`${path}?filter[iso]=IN`)).status).toBe(422);
    expect((await client.ask('DELETE', path)).json).toMatchObject({ data: [] });
    expect(await ids('')).toEqual([]);
  });

  it('have pages that lead to each other, and to nobody else’s token', async () => {
    const numbers = Array.from({ length: 16 }, (_, nth) => String(919_876_500_000 + nth));
    await client.post('/sms/optout', { number: numbers.join() });
    await add({ receiver: number, type: 'tag', value: 'x' });
    const first = await client.get(`${path}?access_token=x&filter[type]=all&page=1`);
    const { next } = first.json['links'] as { next: string };
    expect(next).toBe(`${url}?filter%5Btype%5D=all&page=2`);
    const { pathname, search } = new URL(next);
    const second = await client.get(pathname.replace('/mobtexting/api/v2', '') + search);
    expect(second.json['data']).toMatchObject([{ type: 'all' }]);
  });

  it('are the same that the handset asks for', async () => {
    await world.gateway.optOut(await client.account.caller(), `+${number}` as never);
    const [row] = await list();
    expect(row).toMatchObject({ receiver: number, type: 'all', value: '' });
    await client.ask('DELETE', `${path}/${row?.id}`);
    expect(await statusOf({})).not.toBe('OPTOUT-REJ');
  });

  it('of everything become those of a scope, and back', async () => {
    const { row } = await add({ receiver: number });
    const change = async (id: string, to: object): Promise<Row> => {
      const { json } = await client.ask('PUT', `${path}/${id}`, { body: to });
      return json['data'] as Row;
    };
    const tag = await change(row.id, { receiver: number, type: 'tag', value: 'promo' });
    expect(await list()).toEqual([tag]);
    const all = await change(tag.id, { receiver: number, type: 'all' });
    expect(all.id).toBe(row.id);
    expect(await list()).toEqual([all]);
    expect(await change(all.id, { receiver: number })).toEqual(all);
    expect(await list()).toEqual([all]);
  });

  it.each<[string, object]>([
    ['receiver', { type: 'all' }],
    ['receiver', { receiver: 'nobody' }],
    ['type', { receiver: number, type: 'list' }],
    ['value', { receiver: number, type: 'tag' }],
    ['value', { receiver: number, type: 'tag', value: 'x'.repeat(401) }],
  ])('need a good %s: %j', async (field, receiver) => {
    const { status, json } = await client.post(path, receiver);
    expect(status).toBe(422);
    expect(Object.keys(json['errors'] as object)).toEqual([field]);
    expect(await list()).toEqual([]);
  });

  it('are told as events', async () => {
    await world.close();
    world = await createWorld({ notify: true });
    const receiver = await startReceiver();
    client = await Client.of(world, { endpoints: { events: receiver.url } });
    const { row } = await add({ receiver: number, type: 'sender', value: 'Demo12' });
    await waitUntil('it is told', () => receiver.received.length === 1);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toEqual({
      id: row.id,
      receiver: number,
      type: 'sender',
      value: 'Demo12',
      created_at: now,
      status: 'Unsubscriber created successfully',
    });
    await receiver.close();
  });
});

describe('an import', () => {
  const form = (file: string): { headers: Record<string, string>; body: string } => ({
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: `--b\r\nContent-Disposition: form-data; name="file"; filename="receiver.csv"\r\n\r\n${file}\r\n--b--\r\n`,
  });

  it('takes what is right of a file, and counts the rest', async () => {
    const file = [
      'Receiver,Type,Value',
      `${number},tag,promo`,
      '9876543211,,',
      'nobody,,',
      `${number},tag,`,
      `${number},product,P`,
      `${number},product,Promo`,
    ].join('\n');
    const { status, json } = await client.ask('POST', `${path}/import`, form(file));
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        status: 'OK',
        message: 'Receivers accepted for import',
        data: { rows: 6, failed: 3 },
      },
    });
    expect((await list()).map(({ receiver, type }) => `${receiver} ${type}`).toSorted()).toEqual([
      `${number} product`,
      `${number} tag`,
      `${other} all`,
    ]);
  });

  it('of numbers alone needs no names of columns, and is a body like another', async () => {
    const headers = { 'content-type': 'text/plain' };
    const numbers = Array.from({ length: 1_200 }, (_, at) => `98${String(10_000_000 + at)}`);
    const body = numbers.join('\n');
    const { json } = await client.ask('POST', `${path}/import`, { headers, body });
    expect(json).toMatchObject({ data: { rows: 1_200, failed: 0 } });
    expect((await client.get(path)).json).toMatchObject({ meta: { total: 1_200, last_page: 80 } });
  });

  it.each([
    [
      'no file',
      { ...form('x'), body: '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--' },
      422,
    ],
    [
      'half a file',
      {
        ...form('x'),
        body: '--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n1',
      },
      400,
    ],
  ])('needs more than %s', async (_what, request, status) => {
    const answer = await client.ask('POST', `${path}/import`, request);
    expect(answer.status).toBe(status);
    expect(await list()).toEqual([]);
  });

  it('blocks templates', async () => {
    const file = 'template_id,status\n12,1\n13,0\n,1\n';
    const templates = '/sms/suppressions/templates';
    const { json } = await client.ask('POST', `${templates}/import`, form(file));
    expect(json).toEqual({
      status: 'OK',
      message: 'Blocked templates accepted for import',
      data: { rows: 3, failed: 1 },
    });
    expect((await client.get(templates)).json).toMatchObject({
      data: [
        { template_id: '13', status: 0 },
        { template_id: '12', status: 1 },
      ],
    });
  });
});

describe('blocked templates', () => {
  const templates = '/sms/suppressions/templates';

  it('are added, listed, shown and deleted as the page shows them', async () => {
    const asked = { template_id: '12xxxxx', status: '1' };
    const { body, json } = await client.post(templates, asked);
    const { id } = json['data'] as { id: string };
    expectSample(body, sample('block-template.json'), { '2': id });
    expect((await client.get(`${templates}/${id}`)).json).toEqual({
      ...json,
      message: 'Block template data',
    });
    expect((await client.get(templates)).json).toMatchObject({
      message: 'Block templates list',
      data: [json['data']],
      meta: { total: 1 },
    });
    await client.post(templates, { ...asked, status: '0' });
    expect((await client.get(templates)).json).toMatchObject({ data: [{ id, status: 0 }] });
    expect((await client.ask('DELETE', `${templates}/${id}`)).json).toMatchObject({ data: [] });
    expect((await client.get(`${templates}/${id}`)).status).toBe(404);
    await client.post(templates, asked);
    await client.ask('POST', `${templates}?_method=DELETE`);
    expect((await client.get(templates)).json).toMatchObject({ data: [] });
    expect((await client.post(templates, {})).status).toBe(422);
  });
});

describe('sms/optout', () => {
  it('adds a number as the older page shows it', async () => {
    const { body, json } = await client.post('/sms/optout', 'number=9998754000');
    const { id } = json['data'] as { id: string };
    expectSample(body, sample('optout.json'), {
      '91998754****': '919998754000',
      'b45a89d7-5429-47fd-9275-b373f3f4****': id,
      '2022-10-27T06:47:16.000000Z': now,
    });
    expect(await list()).toMatchObject([{ id, type: 'all' }]);
    expect((await client.ask('DELETE', '/sms/optout/919998754000')).json).toMatchObject({
      message: 'Deleted Successfully',
      data: [],
    });
    expect((await client.ask('DELETE', '/sms/optout/919998754000')).status).toBe(404);
    expect((await client.ask('DELETE', '/sms/optout/x')).status).toBe(404);
  });

  it('adds several, or none of them', async () => {
    expect((await client.post('/sms/optout', { number: `${number},x` })).status).toBe(422);
    expect(await list()).toEqual([]);
    await client.post('/sms/optout', { number: `${number},${other}` });
    expect(await list()).toHaveLength(2);
    expect((await client.post('/sms/optout', {})).status).toBe(422);
  });
});

describe('links', () => {
  const link = (direction: string, body: object = {}) =>
    client.post(`/sms/suppressions/${direction}/link`, body);
  const wish = { sender: 'TXTSMS', tags: ['tag1', 'tag2'], service: 'T' };

  it.each([
    ['optout', 'Optout link generated Successfully.', '[#optout#]'],
    ['optin', 'Optin link generated Successfully.', '[#optin#]'],
  ])('%s', async (direction, message, placeholder) => {
    const { body } = await link(direction, wish);
    const data = `https://sms.example/o/${placeholder}?sender=TXTSMS&tag=tag1,tag2&service=T`;
    expect(body).toBe(JSON.stringify({ status: 'OK', message, data }));
    expect((await link(direction, { ...wish, tags: undefined, tag: 'tag1,tag2' })).body).toBe(body);
    expect((await link(direction)).json['data']).toBe(`https://sms.example/o/${placeholder}`);
  });

  it('may have three tags, and not four', async () => {
    expect((await link('optout', { tags: ['a', 'b', 'c'] })).status).toBe(200);
    const { status, json } = await link('optout', { tags: ['a', 'b', 'c', 'd'] });
    expect({ status, json }).toMatchObject({
      status: 422,
      json: { message: 'The tags must not have more than 3 items.' },
    });
    expect((await link('optout', { sender: 'NOBODY' })).status).toBe(422);
    expect((await link('optout', { service: 'X' })).status).toBe(422);
  });

  it.each([
    ['three links', '[#optout#] [#optout#]?tag=a [#optin#]', 200],
    ['four links', '[#optout#]'.repeat(4), 422],
    ['a link with four tags', '[#optout#]?tag=a,b,c,d', 422],
    ['a link with a long sender', `[#optout#]?sender=${'x'.repeat(101)}`, 422],
  ])('stand in a text, or it is refused and costs nothing: %s', async (_, message, status) => {
    const answer = await client.post('/sms/send', { ...goodMessage, message });
    expect(answer.status).toBe(status);
    if (status === 422)
      expect(answer.json['errors']).toEqual({ message: [answer.json['message']] });
    expect(await client.account.messages()).toBe(status === 200 ? 1 : 0);
  });

  it('become those of each recipient, and opt him out when he says so', async () => {
    const { json } = await link('optout', { sender: 'TXTSMS', tags: ['promo'] });
    const message = `Sale! (Stop: ${String(json['data'])}).`;
    await client.sent({ to: `${number},${other}`, message, tags: 'promo' });
    await waitUntil('both are sent', () => world.link.sent.length === 2);
    const urls = world.link.sent.map(({ wholeText }) => /https:[^\s)]+/.exec(wholeText)?.[0] ?? '');
    expect(new Set(urls).size).toBe(2);
    const mine = world.link.sent.findIndex(({ destination }) => destination === `+${number}`);
    const { pathname, search } = new URL(urls[mine] ?? '');
    await world.inject({ url: pathname + search });
    expect(await list()).toEqual([]);
    await world.inject({ method: 'POST', url: pathname + search });
    expect(
      (await list()).map(({ receiver, type, value }) => `${receiver} ${type} ${value}`).toSorted(),
    ).toEqual([`${number} sender TXTSMS`, `${number} tag promo`]);
  });
});
