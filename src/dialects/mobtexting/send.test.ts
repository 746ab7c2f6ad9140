import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { RouteRule } from '../../core/routing/rule.ts';
import { Client, goodMessage, number } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld();
  client = await Client.of(world);
});
afterEach(() => world.close());

const other = '919876543211';
const stored = async (who = client) =>
  world.gateway.searchMessages(await who.account.caller(), { limit: 100, offset: 0 });

describe('a message', () => {
  it('goes to several numbers with commas between them, each with its place', async () => {
    const rows = await client.sent({ to: `${number}, +${other} ,09876543212`, custom: 'order' });
    const group = rows[0]?.id.split(':')[0] ?? '';
    expect(rows.map(({ id, mobile }) => [id, mobile])).toEqual([
      [`${group}:1`, number],
      [`${group}:2`, other],
      [`${group}:3`, '919876543212'],
    ]);
    for (const { id, mobile } of rows)
      expect(await client.message(id)).toMatchObject({ id, mobile });
    expect(await client.account.credits()).toBe(997);
  });

  it('tells at once what is no number, and sends the others', async () => {
    const rows = await client.sent({ to: `${number},hello` });
    expect(rows.map(({ status, charges }) => [status, charges])).toEqual([
      ['AWAITING-DLR', 1],
      ['INV-NUMBER', 0],
    ]);
    expect(await stored()).toHaveLength(1);
  });

  it.each([
    ['A', 'Grüße €', 'Grüße €'],
    ['U', 'Grüße 你好', 'Grüße 你好'],
    ['N', 'Grüße 你好 👍!', 'Grüße ?? ?!'],
    ['n', 'plain', 'plain'],
  ])('of the type %s goes out so: %s', async (type, message, text) => {
    await client.sent({ type, message });
    await waitUntil('it is sent', () => world.link.sent.length === 1);
    expect(world.link.sent[0]?.wholeText).toBe(text);
  });

  it('is shown at once where its client says so', async () => {
    await client.sent({ flash: 1 });
    await client.sent({ flash: '0' });
    await waitUntil('both are sent', () => world.link.sent.length === 2);
    expect(world.link.sent.map(({ flash }) => flash)).toEqual([true, false]);
  });

  it('of a template that is blocked is refused', async () => {
    const caller = await client.account.caller();
    await world.gateway.templates.block(caller, [{ externalId: '1107', active: 1 }]);
    const { status, json } = await client.post('/sms/send', { ...goodMessage, template_id: 1107 });
    expect({ status, message: json['message'] }).toEqual({
      status: 422,
      message: 'The selected template id is blocked.',
    });
    await client.sent({ template_id: '1108' });
  });

  it.each([
    ['2026-03-02 10:30:00', '2026-03-02T05:00:00Z'],
    ['2026-03-02 10:30', '2026-03-02T05:00:00Z'],
    ['2026-03-02 10:30AM', '2026-03-02T05:00:00Z'],
    ['2026-03-02 10:30 pm', '2026-03-02T17:00:00Z'],
    ['2026-03-02 12:00AM', '2026-03-01T18:30:00Z'],
    ['2026-03-31 05:30:00', '2026-03-31T00:00:00Z'],
  ])('waits until %s in India', async (time, at) => {
    await client.sent({ time });
    const [message] = await stored();
    expect(message).toMatchObject({ status: 'scheduled', scheduledAt: Date.parse(at) });
  });

  it('of a time that has passed, or an empty one, goes out at once', async () => {
    await client.sent({ time: '2018-07-05 10:30AM' });
    await client.sent({ time: '' });
    await waitUntil('both are sent', () => world.link.sent.length === 2);
  });

  it('waits in the zone that its account is in', async () => {
    const here = await Client.of(world, { settings: { timeZone: 'Europe/Brussels' } });
    await here.sent({ time: '2026-03-29 12:00:00' });
    expect((await stored(here))[0]?.scheduledAt).toBe(Date.parse('2026-03-29T10:00:00Z'));
  });

  it('goes the way of its product, and is found by its own id', async () => {
    await client.sent({ custom: '100% [a]_b\\' });
    await client.sent({ custom: '100x [a]_b\\' });
    const answer = await client.get(`/sms/status?cid=${encodeURIComponent('100% [a]_b\\')}`);
    expect(answer.json['data']).toMatchObject([{ custom: '100% [a]_b\\', service: 'T' }]);
    const byNumber = await client.get(`/sms/status?mobile=${number}`);
    expect(byNumber.json['data']).toHaveLength(2);
    expect((await client.get('/sms/status?mobile=nothing')).json['data']).toEqual([]);
  });

  it('is found by its own id alone, whatever that ends with', async () => {
    const all = ['x/7', '7', 'a/b', 'b', 'B', 'a%7', 'a\u001a7', 'a\u001b7', 'a/7'];
    for (const custom of all) await client.sent({ custom });
    const plain = { alphabet: 'any', characters: 100, parts: 1 } as const;
    await world.gateway.submit({
      caller: await client.account.caller(),
      messages: [
        { to: number, text: 'x', sender: 'TXTSMS', clientRef: 'shop/7', limits: plain },
        { to: number, text: 'y', sender: 'TXTSMS', clientRef: 'shop/b', limits: plain },
      ],
    });
    for (const custom of all) {
      const { json } = await client.get(`/sms/status?cid=${encodeURIComponent(custom)}`);
      expect((json['data'] as { custom: string }[]).map((one) => one.custom)).toEqual([custom]);
    }
  });

  it('is found by its number, as it was written where that is none', async () => {
    const [row] = await client.sent({ to: '12345' });
    for (const mobile of ['12345', '%2B12345', row?.mobile ?? '']) {
      const { json } = await client.get(`/sms/status?mobile=${mobile}`);
      expect(json['data']).toMatchObject([{ id: row?.id, mobile: '12345', status: 'INV-NUMBER' }]);
    }
  });

  it.each([
    ['VOC', 'voice'],
    ['WAP', 'whatsapp'],
    ['RCS', 'rcs'],
    ['VBR', 'viber'],
  ] as const)('of the product %s goes by %s where there is a route', async (service, medium) => {
    const routes: RouteRule[] = [{ media: [medium], links: ['test' as never] }];
    const routed = await createWorld({ routes });
    const caller = await Client.of(routed);
    await caller.sent({ service });
    await waitUntil('it is sent', () => routed.link.sent.length === 1);
    expect((await stored(caller)) as unknown).toBeDefined();
    const [message] = await routed.gateway.searchMessages(await caller.account.caller(), {
      limit: 1,
      offset: 0,
    });
    expect(message).toMatchObject({ medium, product: service });
    await routed.close();
  });

  it('of a product that the settings name is taken', async () => {
    const products = { MKT: { name: 'Promotional SMS' }, BOT: { name: 'Bots', medium: 'rcs' } };
    const white = await Client.of(world, { settings: { products } });
    expect((await white.sent({ service: 'MKT' }))[0]).toMatchObject({ charges: 1 });
    const [row] = await white.sent({ service: 'BOT' });
    expect((await white.message(row?.id ?? '')).status).toBe('INV-PROVISION');
    expect((await client.post('/sms/send', { ...goodMessage, service: 'MKT' })).status).toBe(422);
  });
});

describe('what is refused as a whole', () => {
  it.each([
    [{ to: '' }, 'to', 'The to field is required.'],
    [{ to: 'hello,world' }, 'to', 'The to format is invalid.'],
    [{ to: { a: 1 } }, 'to.0', 'The to.0 must be a string.'],
    [{ message: '' }, 'message', 'The message field is required.'],
    [{ message: ['x'] }, 'message', 'The message must be a string.'],
    [
      { message: 'x'.repeat(4001) },
      'message',
      'The message must not be greater than 4000 characters.',
    ],
    [{ message: 'a\0b' }, 'message', 'The message format is invalid.'],
    [{ sender: ' ' }, 'sender', 'The sender field is required.'],
    [{ service: undefined }, 'service', 'The service field is required.'],
    [{ type: 'X' }, 'type', 'The selected type is invalid.'],
    [{ flash: 2 }, 'flash', 'The flash must be true or false.'],
    [{ port: 1234 }, 'port', 'Messages to a port cannot be carried.'],
    [{ max_units: 256 }, 'max_units', 'The max units must not be greater than 255.'],
    [{ max_units: 'a' }, 'max_units', 'The max units must be a number.'],
    [{ time: 'tomorrow' }, 'time', 'The time does not match the format Y-m-d H:i:s.'],
    [{ time: '2026-02-30 10:00:00' }, 'time', 'The time does not match the format Y-m-d H:i:s.'],
    [{ time: '2026-03-31 05:30:01' }, 'time', 'The time must be at most 30 days ahead.'],
    [{ webhook_id: 'nothing' }, 'webhook_id', 'The selected webhook id is invalid.'],
    [{ meta: { tags: 'a,b,c,d' } }, 'meta.tags', 'The meta.tags must not have more than 3 items.'],
    [{ meta: 'x' }, 'meta', 'The meta must be an array.'],
  ])('%j', async (more, field, message) => {
    const { status, json } = await client.post('/sms/send', { ...goodMessage, ...more });
    expect({ status, json }).toEqual({
      status: 422,
      json: { status: 'ERROR', code: 422, message, errors: { [field]: [message] }, data: [] },
    });
    expect(await client.account.messages()).toBe(0);
  });

  it('says all that is wrong at once', async () => {
    const { json } = await client.post('/sms/send', {});
    expect(Object.keys(json['errors'] as object)).toEqual(['to', 'message', 'sender', 'service']);
    expect(json['errors']).toMatchObject({ to: ['The to field is required.'] });
  });

  it('names a node by its place', async () => {
    const root = { sender: 'TXTSMS', service: 'T', message: 'x' };
    const ask = async (body: object) => (await client.post('/sms/send/json', body)).json['errors'];
    expect(await ask({ root, nodes: [{ to: number }, {}] })).toEqual({
      'nodes.1.to': ['The nodes.1.to field is required.'],
    });
    expect(await ask({ root, nodes: [] })).toEqual({
      nodes: ['The nodes must have at least 1 items.'],
    });
    expect(await ask({ root })).toEqual({ nodes: ['The nodes field is required.'] });
    expect(await ask({ root, nodes: [{ to: number, message: 'x'.repeat(5000) }] })).toMatchObject({
      'nodes.0.message': [/./],
    });
  });

  it.each([
    ['no XML', 'hello'],
    ['nothing', ''],
    ['broken XML', '<data><root></data>'],
    ['a DTD', '<!DOCTYPE data [<!ENTITY a "b">]><data><root/></data>'],
    ['an entity of HTML', '<data><root><message>&nbsp;</message></root></data>'],
    ['what is nested', `${'<a>'.repeat(20)}${'</a>'.repeat(20)}`],
  ])('%s as XML', async (_, body) => {
    expect((await client.post('/sms/send/xml', body)).status).toBe(400);
  });

  it('more numbers than are taken at once', async () => {
    const nodes = (count: number) =>
      Array.from({ length: count }, (_, nth) => ({ to: String(919_800_000_000 + nth) }));
    const root = { sender: 'TXTSMS', service: 'T', message: 'x' };
    const most = await client.post('/sms/send/json', { root, nodes: nodes(1000) });
    expect(most.json['data']).toHaveLength(1000);
    const more = await client.post('/sms/send/json', { root, nodes: nodes(1001) });
    expect(more.json['message']).toBe('The nodes must not have more than 1000 items.');
  });
});

it.each([
  [1000, 200],
  [1001, 422],
  [1300, 422],
])('a form with %d numbers, and none is dropped', async (count, status) => {
  const to = Array.from({ length: count }, (_, nth) => `to[]=${919_800_000_000 + nth}`);
  const form = `sender=TXTSMS&service=T&message=x&${to.join('&')}`;
  const answer = await client.post('/sms/send', form);
  expect(answer.status).toBe(status);
  if (status === 200) expect(answer.json['data']).toHaveLength(count);
  else expect(await client.account.messages()).toBe(0);
});

describe('many at once', () => {
  const root = { sender: 'TXTSMS', service: 'T', message: 'x' };
  const keys = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, nth) => [`k${nth}`, nth]));
  const nodes = Array.from({ length: 1000 }, (_, nth) => ({ to: String(919_800_000_000 + nth) }));
  const refusal = async (body: object) => {
    const { status, json } = await client.post('/sms/send/json', body);
    return { status, message: json['message'] };
  };

  it.each([
    [{ root: { ...root, ...keys(100) }, nodes }, 'The root must not have more than 100 items.'],
    [{ root, nodes: [keys(101)] }, 'The nodes.0 must not have more than 100 items.'],
    [
      { root: { ...root, tags: 'a,b,c,d' }, nodes },
      'The root.tags must not have more than 3 items.',
    ],
    [
      { root: { ...root, to: nodes.map(({ to }) => to).join() }, nodes: nodes.map(() => ({})) },
      'At most 1000 numbers are taken at once.',
    ],
  ])('is refused before it is read for each node', async (body, message) => {
    expect(await refusal(body)).toEqual({ status: 422, message });
  });

  it('reads what they have in common once, however long', async () => {
    // Of seven megabytes: read for each node it would take minutes.
    const long = { ...root, to: `${number}${','.repeat(4e6)}`, custom: `${' '.repeat(3e6)}c` };
    const asked = { root: long, nodes: nodes.map(() => ({})) };
    const started = performance.now();
    const { status, json } = await client.post('/sms/send/json', asked);
    expect({ status, message: json['message'] }).toMatchObject({ status: 200 });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('passes over what it does not know, and what is empty', async () => {
    const asked = {
      root: { ...root, dlr_url: 'x', name: 'Sale', time: '' },
      nodes: [{ to: number, message: '', x: 1 }],
    };
    expect((await client.post('/sms/send/json', asked)).status).toBe(200);
  });
});

describe('the unified API', () => {
  const ask = (more: object, path = '/sms/message/send') =>
    client.post(path, {
      channels: [{ name: 'sms', from: 'TXTSMS', meta: { service: 'T' } }],
      recipient: { to: [number] },
      message: { type: 'text', payload: { text: 'Hello' } },
      ...more,
    });

  it('sends by several channels, each to its own recipients or to all', async () => {
    const channels = [
      { name: 'sms', from: 'TXTSMS', recipient: { to: [other, number] } },
      { name: 'viber', from: 'TXTSMS' },
    ];
    const { json } = await ask({ channels });
    const rows = json['data'] as { id: string; channel: string }[];
    expect(rows.map(({ channel }) => channel)).toEqual(['sms', 'sms', 'viber']);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(3);
    const { json: found } = await client.get(
      `/sms/status?id=${rows.map(({ id }) => id).join(',')}`,
    );
    expect(found['data']).toMatchObject(rows.map(({ id }) => ({ id })));
  });

  it.each([
    ['no channel', { channels: [] }, 'channels'],
    ['an unknown one', { channels: [{ name: 'fax', from: 'x' }] }, 'channels.0.name'],
    ['no recipient', { recipient: {} }, 'recipient.to'],
    ['a segment', { recipient: { group_id: 'x' } }, 'recipient.group_id'],
    ['a picture', { message: { type: 'image', payload: {} } }, 'message.type'],
    ['no text', { message: { type: 'text', payload: {} } }, 'message.payload.text'],
    [
      'a wrong field of a channel',
      { channels: [{ name: 'sms', from: 'TXTSMS', meta: { type: 'X' } }] },
      'channels.0.meta.type',
    ],
  ])('refuses %s', async (_, more, field) => {
    const { status, json } = await ask(more);
    expect(status).toBe(422);
    expect(Object.keys(json['errors'] as object)).toEqual([field]);
  });

  it('takes no other channel at the path of one', async () => {
    expect(
      (await ask({ channels: [{ name: 'viber', from: 'TXTSMS' }] }, '/rcs/message/send')).status,
    ).toBe(422);
  });

  it('refuses a product that is of another channel', async () => {
    const channels = [{ name: 'rcs', from: 'TXTSMS', meta: { service: 'T' } }];
    expect((await ask({ channels })).json['message']).toBe('Invalid Service Id.');
  });
});

describe('sms/status', () => {
  it('asks for something to look for', async () => {
    expect((await client.get('/sms/status')).json).toMatchObject({
      code: 422,
      errors: { id: [expect.stringMatching(/none of mobile/)] },
    });
    expect((await client.get('/sms/status?date=today')).status).toBe(422);
    expect((await client.get('/sms/status?date=2026-03-01&page=0')).status).toBe(422);
  });

  it.each(['nothing', '%', '0:1', '469ea920-ccd1-4a39-b728-c0b6f15f6aa6:1'])(
    'knows nothing of %j',
    async (id) => {
      await client.sent();
      const encoded = encodeURIComponent(id);
      expect((await client.get(`/sms/status?id=${encoded}`)).json['data']).toEqual([]);
      expect((await client.get(`/sms/status?group_id=${encoded}`)).json['data']).toEqual([]);
    },
  );

  it('has a hundred on a page', async () => {
    const to = Array.from({ length: 250 }, (_, nth) => 919_800_000_000 + nth).join(',');
    const rows = await client.sent({ to });
    const group = rows[0]?.id.split(':')[0];
    const page = async (nth: number) =>
      (await client.get(`/sms/status?group_id=${group}&page=${nth}`)).json;
    const seen: unknown[] = [];
    for (const nth of [1, 2, 3]) {
      const { data, meta, links } = await page(nth);
      seen.push(...(data as { id: string }[]).map(({ id }) => id));
      expect(meta).toMatchObject({ current_page: nth, last_page: 3, total: 250, per_page: 100 });
      const { prev, next } = links as { prev: unknown; next: unknown };
      expect([prev === null, next === null]).toEqual([nth === 1, nth === 3]);
    }
    expect(seen).toEqual(rows.map(({ id }) => id));
    expect(await page(4)).toMatchObject({ data: [], meta: { from: null, to: null } });
  });

  it('shows what came in another way by the id that it has', async () => {
    const caller = await client.account.caller();
    const outcome = await world.gateway.submit({
      caller: { ...caller, channel: 'cli' },
      messages: [
        {
          to: `+${number}`,
          text: 'Hello',
          sender: 'TXTSMS',
          limits: { alphabet: 'any', characters: 100, parts: 1 },
        },
      ],
    });
    if (outcome.kind !== 'done') throw new Error('replayed');
    const id = outcome.result.verdicts[0]?.message?.id ?? '';
    expect((await client.message(`${id}:1`)).id).toBe(`${id}:1`);
  });
});

describe('a token of version 3', () => {
  const generate = (authorization: string) =>
    still.inject({
      url: '/mobtexting/api/v3/auth/token/generate',
      headers: { accept: 'application/json', authorization },
    });
  /** Nothing is swept in it as time goes on. */
  let still: World;
  beforeEach(async () => {
    still = await createWorld({ dispatch: false });
    client = await Client.of(still);
  });
  afterEach(() => still.close());

  it('stands for that of the account for an hour', async () => {
    const answer = await generate(`Bearer ${client.account.password}`);
    expect(answer.json()).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as string,
      token_type: 'bearer',
      expires_in: 3600,
    });
    const { access_token: token } = answer.json<{ access_token: string }>();
    const me = () =>
      still.inject({
        url: '/mobtexting/api/v2/auth/me',
        headers: { accept: 'application/json', authorization: `Bearer ${token}` },
      });
    expect((await me()).statusCode).toBe(200);
    expect((await generate(`Bearer ${token}`)).statusCode).toBe(403);
    await still.clock.advance(3_600_000);
    expect((await me()).statusCode).toBe(401);
  });
});

it('reports refuse spans that cannot be', async () => {
  for (const range of ['x', '2026-03-02|2026-03-01', '2025-01-01|2026-03-01', 'a|b|c']) {
    expect((await client.get(`/sms/report?daterange=${encodeURIComponent(range)}`)).status).toBe(
      422,
    );
  }
  expect((await client.get('/sms/report?daterange=2026-03-01')).status).toBe(200);
});
