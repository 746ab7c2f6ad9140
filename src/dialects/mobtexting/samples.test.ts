import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { fromCredits } from '../../core/money.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Client, number } from './testkit/client.ts';

/*
 * The samples of the vendor's pages: each request as it is written there, with numbers that there are, and each answer
 * byte for byte, but for what differs each time.
 */

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld();
  client = await Client.of(world, { senders: ['TXTSMS', 'TXTMES', 'SANKAR'] });
});
afterEach(() => world.close());

const other = '919876543211';
/** FakeClock begins at midnight, UTC. */
const now = '2026-03-01 05:30:00';
const nowAsResource = '2026-03-01T00:00:00.000000Z';
const sample = (name: string): unknown => readFixture(import.meta.url, name);
/** The same with other values: what a sample has cut short, or what it says of another text. */
function changed(name: string, values: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(sample(name)), (key, value: unknown) =>
    key in values && !Array.isArray(value) ? values[key] : value,
  );
}
const group = (body: string): string => /"id":"([0-9a-f-]{36})/.exec(body)?.[1] ?? '';
const uuid = 'b34e35ad-fe34-4a8b-977c-b21cd76cd7d6';

describe('sms/send', () => {
  const message = 'Hello..';
  const query = new URLSearchParams({ to: number, message, sender: 'TXTSMS ', service: 'T' });
  it.each([
    ['JSON', 'POST', '/sms/send', { to: number, message, sender: 'TXTSMS', service: 'T' }],
    ['a form', 'POST', '/sms/send', query.toString()],
    ['the query', 'GET', `/sms/send?${query.toString()}`, undefined],
    ['the query of a POST, with an empty body', 'POST', `/sms/send/?${query.toString()}`, ''],
    ['CleverTap', 'POST', '/sms/clevertap/send', query.toString()],
    ['MoEngage', 'POST', '/sms/moengage/send', query.toString()],
  ] as const)('by %s', async (_, method, path, body) => {
    const answer = await client.ask(method, path, { body });
    expect(answer.status).toBe(200);
    expectSample(answer.body, sample('send.json'), {
      [`${uuid}:1`]: `${group(answer.body)}:1`,
      '918921269xxx': number,
      '2018-07-09 16:27:35': now,
    });
  });

  it('as the design shows it', async () => {
    const meta = { tags: ['tag'] };
    const asked = {
      sender: 'TXTSMS',
      to: number,
      service: 'T',
      message: 'Your OTP is 123456',
      meta,
    };
    expect((await client.post('/sms/send', asked)).status).toBe(200);
    const [message] = await world.gateway.searchMessages(await client.account.caller(), {
      limit: 1,
      offset: 0,
    });
    expect(message).toMatchObject({ tags: ['tag'], product: 'T', text: 'Your OTP is 123456' });
  });
});

const root = {
  type: 'A',
  flash: 0,
  sender: 'TXTSMS',
  message: 'Hello..',
  service: 'T',
  time: '',
  entity_id: '222343XXXXXX',
  template_id: '2290003XXXXXX',
};
const nodes = [
  { to: number, custom: '346576-446565-45657-XFTR', sender: 'txtmes', message: 'a&json 1' },
  { to: other, custom: '34' },
];

describe('sms/send/json', () => {
  it.each(['/sms/send/json', '/sms/clevertap/json'])('%s', async (path) => {
    const answer = await client.post(path, {
      root,
      nodes: [{ ...nodes[0], message: 'a & b..' }, nodes[1]],
    });
    expect(answer.status).toBe(200);
    const id = group(answer.body);
    expectSample(answer.body, sample('send-json.json'), {
      [`${uuid}:1`]: `${id}:1`,
      [`${uuid}:2`]: `${id}:2`,
      '919019xxxx2': number,
      '9188xxxxxxxxxx': other,
      '2018-07-09 16:27:35': now,
    });
    await waitUntil('both are sent', () => world.link.sent.length === 2);
    const sent = world.link.sent.map(({ wholeText, sender }) => `${sender}: ${wholeText}`);
    expect(sent.toSorted()).toEqual(['TXTMES: a & b..', 'TXTSMS: Hello..']);
  });

  it('with a name for the group', async () => {
    const answer = await client.post('/sms/send/json', {
      root: { ...root, name: 'Name of the Campaing' },
      nodes: nodes.map((node) => ({ ...node, message: 'Hello..' })),
    });
    const id = group(answer.body);
    expectSample(answer.body, sample('send-json-named.json'), {
      [uuid]: id,
      [`${uuid}:1`]: `${id}:1`,
      [`${uuid}:2`]: `${id}:2`,
      '919019xxxx2': number,
      '9188xxxxxxxxxx': other,
      '2018-07-09 16:27:35': now,
    });
    const page = await client.get(`/sms/status?group_id=${id}`);
    expect(page.json).toMatchObject({ meta: { total: 2, per_page: 100 } });
  });
});

it('sms/send/xml', async () => {
  const answer = await client.post(
    '/sms/send/xml',
    `<?xml version="1.0" encoding="UTF-8"?>
<data>
   <root>
      <message><![CDATA[global message]]></message>
      <sender>SANKAR</sender>
      <service>T</service>
      <time>2018-07-05 10:30AM</time>
      <type>N</type>
      <flash>0</flash>
   </root>
   <nodes>
      <node>
         <custom>9190199556xx</custom>
         <message><![CDATA[this message will be used insted of root & <all>]]></message>
         <sender>SANKAR</sender>
         <to>${number}</to>
      </node>
      <node>
         <custom>34</custom>
         <to>${other}</to>
         <sender>SANKAR</sender>
      </node>
   </nodes>
</data>`,
  );
  expect(answer.json).toMatchObject({
    status: 200,
    message: '2 numbers accepted for delivery.',
    data: [
      { mobile: number, customid: '9190199556xx', length: 48 },
      { mobile: other, customid: '34', length: 14 },
    ],
  });
  await waitUntil('both are sent', () => world.link.sent.length === 2);
  expect(world.link.sent.map(({ wholeText }) => wholeText).toSorted()).toEqual([
    'global message',
    'this message will be used insted of root & <all>',
  ]);
});

describe('sms/message/send', () => {
  const recipient = { to: [number] };
  const message = { type: 'text', payload: { text: 'Hello..' } };

  it('by SMS', async () => {
    const meta = { service: 'T', foreign_id: 'your-message-id', type: 'A', tags: ['tag1', 'tag2'] };
    const channels = [{ name: 'sms', from: 'TXTSMS', meta }];
    const answer = await client.post('/sms/message/send', { channels, recipient, message });
    expectSample(answer.body, sample('unified.json'), {
      'a418d672-9781-4d97-b517-a56f7d95ad8a': group(answer.body),
      SENDER: 'TXTSMS',
      '9190199xxxxx': number,
      '2021-06-18 14:48:06': now,
    });
    expect(await client.message(group(answer.body))).toMatchObject({
      id: group(answer.body),
      custom: 'your-message-id',
    });
  });

  it('by RCS', async () => {
    const meta = { foreign_id: 'your-message-id', tags: ['tag1', 'tag2'] };
    const channels = [{ name: 'rcs', from: 'TXTSMS', meta }];
    const answer = await client.post('/rcs/message/send', { channels, recipient, message });
    // No link carries it: it costs nothing, and that it fails is told as its status.
    expectSample(answer.body, changed('rcs.json', { credits: 0 }), {
      'a418d672-9781-4d97-b517-a56f7d95ad8a': group(answer.body),
      '700969ca-0cb2-11ec-a2cxxxx': 'TXTSMS',
      '9190199xxxxx': number,
      '2021-06-18T14:48:06.886358Z': nowAsResource,
    });
    expect(await client.message(group(answer.body))).toMatchObject({ status: 'INV-PROVISION' });
  });
});

describe('sms/status', () => {
  it('of a delivered message', async () => {
    const [sent] = await client.sent({ message: 'Hello..' });
    await waitUntil('it is sent', () => world.link.sent.length === 1);
    const { link, clock } = world;
    const waiting = await client.message(sent?.id ?? '');
    expect(waiting).toMatchObject({ status: 'AWAITING-DLR', delivered_at: '' });
    await clock.advance(30_000);
    await link.receipt('delivered', { at: clock.now() });
    const answer = await client.get(`/sms/status?id=${sent?.id}`);
    expectSample(answer.body, sample('status.json'), {
      '469ea920-ccd1-4a39-b728-c0b6f15f6aa6:1': sent?.id ?? '',
      '9189212693xx': number,
      '2018-07-06 09:57:42': now,
      '2018-07-06 21:57:42': '2026-03-01 05:30:30',
      SENDER: 'TXTSMS',
    });
  });

  it('in pages', async () => {
    const still = await createWorld({ dispatch: false });
    const waiting = await Client.of(still);
    const to = `${number},${other}`;
    const [{ id } = { id: '' }] = await waiting.sent({ to, message: 'Hello. OK!' });
    const [groupId = ''] = id.split(':');
    const answer = await waiting.get('/sms/status?date=2026-03-01');
    const endpoint = 'https://sms.example/mobtexting/api/v2/sms/status';
    expectSample(answer.body, sample('status-page.json'), {
      '6bb5da1a-b53e-4fbd-b0ae-6926cad4540b:1': `${groupId}:1`,
      '6bb5da1a-b53e-4fbd-b0ae-6926cad4540b:2': `${groupId}:2`,
      '9190199xxxxx': number,
      '9190198xxxxx': other,
      '2024-06-24 09:51:03': now,
      SENDER: 'TXTSMS',
      '{endpoint}/api/v2/sms/status?page=1': `${endpoint}?date=2026-03-01&page=1`,
      '{endpoint}/api/v2/sms/status': endpoint,
    });
    const ofGroup = await waiting.get(`/sms/status?group_id=${groupId}`);
    expect(ofGroup.body.replaceAll(`group_id=${groupId}`, 'date=2026-03-01')).toBe(answer.body);
    await still.close();
  });
});

describe('accounts', () => {
  it('finance/balance of products', async () => {
    const { owner } = world.gateway;
    const { id } = client.account.account;
    await owner.setProduct(id, {
      code: 'MKT',
      name: 'Promotional SMS',
      pricePerPart: fromCredits(1),
    });
    await owner.setProduct(id, {
      code: 'T',
      // As the command line has it where the owner gives no name.
      name: 'T',
      pricePerPart: fromCredits(2),
    });
    await owner.topUp(id, fromCredits(69), null, 'MKT');
    for (const path of ['/finance/balance', '/account/balance']) {
      const { data, ...rest } = (await client.get(path)).json as { data: object[] };
      expectSample(JSON.stringify({ ...rest, data: data.slice(0, 1) }), sample('balance.json'));
      expect(data.slice(1)).toMatchObject([
        { service: 'T', name: 'Transactional SMS', credits: 0, charges: 2 },
        { service: 'P', name: 'Promotional SMS', credits: 1000, charges: 1 },
      ]);
    }
  });

  it('finance/balance of an account without products: under T, as WP-SMS looks for it', async () => {
    expect((await client.get('/finance/balance')).json).toEqual({
      status: 200,
      message: 'OK',
      data: [{ service: 'T', name: 'Transactional SMS', postpaid: 0, credits: 1000, charges: 1 }],
    });
  });

  it.each(['/finance/credits', '/finance/balance'])('POST %s', async (path) => {
    const { account } = client.account;
    const customer = await Client.of(world, { name: 'laxman', parentId: account.id, credits: 0 });
    const asked = 'service=T&username=laxman&credits=100&notes=test%20from%20api';
    const answer = await client.post(path, asked);
    expect(answer.body).toBe('{"status":"OK","message":"Funds updated successfully.."}');
    expect(await customer.account.credits()).toBe(100);
    expect(await client.account.credits()).toBe(900);
    for (const [more, status] of [
      ['&credits=100000', 403],
      ['&credits=0', 422],
      ['&credits=-1', 422],
      ['&service=nope', 422],
      ['&username=nobody', 422],
    ] as const) {
      expect((await client.post(path, asked + more)).status).toBe(status);
    }
    expect(await client.account.credits()).toBe(900);
  });

  it('finance/credits gives once for an order', async () => {
    const still = await createWorld({ dispatch: false });
    const giver = await Client.of(still);
    const { account } = giver.account;
    const customer = await Client.of(still, { name: 'laxman', parentId: account.id, credits: 0 });
    const asked = { service: 'T', username: 'laxman', credits: 100, order_id: '7' };
    const give = async (more: object = {}) =>
      (await giver.post('/finance/credits', { ...asked, ...more })).json;
    // What was refused may be asked again.
    expect(await give({ credits: 10_000 })).toMatchObject({ code: 403 });
    const twice = await Promise.all([give(), give()]);
    expect(twice.filter(({ status }) => status === 'OK')).toHaveLength(1);
    expect(await give()).toMatchObject({
      code: 422,
      errors: { order_id: ['The order id has already been taken.'] },
    });
    expect(await customer.account.credits()).toBe(100);
    expect(await give({ order_id: '8' })).toMatchObject({ status: 'OK' });
    await still.clock.advance(86_400_000);
    expect(await give()).toMatchObject({ code: 422 });
    expect(await customer.account.credits()).toBe(200);
    await still.close();
  });

  it('finance/credits moves what is written, to the thousandth, or nothing', async () => {
    const { account } = client.account;
    const customer = await Client.of(world, { name: 'laxman', parentId: account.id, credits: 0 });
    const give = (credits: unknown) =>
      client.post('/finance/credits', { service: 'T', username: 'laxman', credits });
    for (const credits of ['0.0015', 0.0015, '0.0001', '1.0005', 1e-9]) {
      const { status, json } = await give(credits);
      expect({ status, fields: Object.keys(json['errors'] ?? {}) }).toEqual({
        status: 422,
        fields: ['credits'],
      });
    }
    for (const credits of ['0.001', 1.005, '2.0000', '0.010']) {
      expect((await give(credits)).status).toBe(200);
    }
    expect(await customer.account.credits()).toBe(3.016);
  });

  it('finance/credits says which of the two is wrong', async () => {
    const { account } = client.account;
    await Client.of(world, { name: 'laxman', parentId: account.id, credits: 0 });
    const { owner } = world.gateway;
    const pricePerPart = fromCredits(1);
    await owner.setProduct(account.id, { code: 'P', name: 'Promotional SMS', pricePerPart });
    await owner.topUp(account.id, fromCredits(9), null, 'P');
    const faults = async (username: string) => {
      const asked = { service: 'P', username, credits: 1 };
      return Object.keys((await client.post('/finance/credits', asked)).json['errors'] ?? {});
    };
    expect(await faults('laxman')).toEqual(['service']);
    expect(await faults('nobody')).toEqual(['username']);
  });
});

describe('reports', () => {
  it('sms/report', async () => {
    await client.sent();
    await client.sent({ sender: 'NOBODY' });
    const answer = await client.get('/sms/report?daterange=2026-02-27|2026-03-01');
    const data = {
      '2026-03-01': { date: '2026-03-01', status: { 'AWAITING-DLR': 1, 'INV-SENDER': 1 } },
    };
    expect(answer.body).toBe(JSON.stringify({ status: 200, message: 'OK', data }));
    const keys = (value: unknown): unknown =>
      Object.keys((value as { data: Record<string, object> }).data).map(() => 0);
    expect(keys(answer.json)).toEqual(keys(sample('report.json')));
  });

  it('sms/activity', async () => {
    await client.sent({ service: 'S' });
    const answer = await client.get('/sms/activity');
    const endpoint = 'https://sms.example/mobtexting/api/v2/sms/activity';
    expectSample(
      answer.body,
      changed('activity.json', {
        opening: '999.0000',
        available: '999.0000',
        sent_units: '1',
        sent_credits: '1.0000',
      }),
      {
        '2019-05-07': '2026-03-01',
        '{endpoint}sms/activity?page=1': `${endpoint}?page=1`,
        '{endpoint}sms/activity': endpoint,
      },
    );
  });

  it('sms/pricing', async () => {
    const answer = await client.get(
      '/sms/pricing?filter[iso]=in&filter[service]=G&filter[status]=1',
    );
    expect(answer.json).toMatchObject({
      message: 'Pricing List',
      meta: { per_page: 15, total: 1 },
    });
    const [row] = answer.json['data'] as object[];
    expectSample(JSON.stringify(row), changed('pricing.json', { currency: null }), {
      '***': '1',
      '2022-09-26T01:05:28.000000Z': nowAsResource,
    });
  });

  it('sms/locations/coveragelist', async () => {
    const answer = await client.get('/sms/locations/coveragelist?country=India,Albania');
    const { data, per_page } = answer.json['data'] as { data: object[]; per_page: number };
    expect([data.length, per_page]).toEqual([1, 25]);
    expectSample(JSON.stringify(data[0]), sample('coverage.json'), {
      Airtel: 'All',
      '404': '',
      '111': '',
      '0.0043': '1.0000',
      '2021-02-04 19:38:40': now,
    });
  });
});

describe('sms/senders', () => {
  const wanted = {
    name: 'SENDER',
    country_code: 'IN',
    service: 'G',
    entity_id: '123233434355345555',
    entity_name: 'SAMPLE COMPANY',
  };
  const asSaid = (body: string, values: object = {}) =>
    expectSample(body, changed('sender.json', { status: 0, ...values }), {
      'ff467e28-7170-4a72-952e-c999cxxxxxx': group(body),
      '2022-11-16T06:53:26.000000Z': nowAsResource,
      '2022-11-16T06:55:55.000000Z': nowAsResource,
    });
  /** The status of a row, and that of the envelope, have one name. */
  const numbered = (body: string): string =>
    body.replace('"id":4,', '"id":55,').replace('{"status":"OK"', '{"status":0');

  it('is saved, approved by the owner, changed and deleted', async () => {
    const saved = await client.post('/sms/senders', wanted);
    expect(saved.status).toBe(200);
    asSaid(numbered(saved.body));
    const id = group(saved.body);
    expect((await client.get(`/sms/senders/${id}`)).json).toMatchObject({
      message: 'Sender Data',
      data: { id, status: 0 },
    });
    await world.gateway.senderRequests.decide(id as never, 'approved');
    const list = await client.get('/sms/senders?filter[name]=SEND');
    expect(list.json).toMatchObject({
      message: 'Senders List',
      data: [{ name: 'SENDER', status: 1, entity_id: wanted.entity_id, service: { name: 'G' } }],
      meta: { total: 1 },
    });
    const path = `/sms/senders/${group(list.body)}`;
    const changes = 'country_code=IN&service=P&entity_id=1&entity_name=other';
    expect((await client.ask('PUT', path, { body: changes })).json).toMatchObject({
      message: 'Sender Updated Successfully',
      data: { entity_id: '1', entity_name: 'other', service: { name: 'P' }, status: 1 },
    });
    expect((await client.ask('POST', `${path}?_method=DELETE`)).body).toBe(
      '{"status":"OK","code":200,"message":"Deleted Successfully","data":[]}',
    );
    expect((await client.get(path)).status).toBe(404);
  });

  it.each([
    [0, { name: '' }],
    [1, { service: undefined }],
    [2, { country_code: null }],
    [3, { entity_id: '' }],
    [4, { entity_name: '' }],
    [5, { service: 'nope' }],
  ])('is refused as the page prints it (%d)', async (nth, more) => {
    const answer = await client.post('/sms/senders', { ...wanted, ...more });
    expect(answer.status).toBe(422);
    expectSample(answer.body, (sample('sender-errors.json') as unknown[])[nth]);
  });

  it.each([
    [{ name: 'x'.repeat(12) }, 'The name must not be greater than 11 characters.'],
    [{ name: 'TXTSMS' }, 'The name has already been taken.'],
    [{ country_code: 'XX' }, 'The selected country code is invalid.'],
  ])('is refused: %j', async (more, message) => {
    const { status, json } = await client.post('/sms/senders', { ...wanted, ...more });
    expect({ status, message: json['message'] }).toEqual({ status: 422, message });
  });
});

describe('developer', () => {
  const hook = { name: 'name of webhook', uri: 'https://example.com/', secret: 'abc', status: 1 };

  it('webhooks are made, shown, changed and deleted', async () => {
    const made = await client.post('/developer/webhooks', hook);
    // Its receiver was not asked: there is no code.
    expectSample(made.body, changed('webhook.json', { verification_code: null }), {
      '180ebbb5-9b6f-4c51-a98a-**********': group(made.body),
      '2022-10-19T07:40:13.000000Z': nowAsResource,
      '2022-10-19T12:11:06.000000Z': nowAsResource,
    });
    const path = `/developer/webhooks/${group(made.body)}`;
    expect((await client.get(path)).json).toMatchObject({
      message: 'OK',
      data: { uri: hook.uri, status: 1 },
    });
    expect((await client.get('/developer/webhooks?filter[name]=NAME')).json).toMatchObject({
      message: 'Created successfully',
      data: [{ name: hook.name, status: '1' }],
      meta: { total: 1, per_page: 15 },
    });
    expect((await client.get('/developer/webhooks?filter[name]=other')).json['data']).toEqual([]);
    const changes = { name: 'other', status: 0 };
    expect((await client.ask('PUT', path, { body: changes })).json).toMatchObject({
      message: 'Updated successfully',
      data: { name: 'other', uri: hook.uri, status: '0', secret: '*****' },
    });
    expect((await client.ask('DELETE', path)).body).toBe(
      '{"status":"OK","code":200,"message":"Deleted successfully","data":[]}',
    );
    expect((await client.get(path)).status).toBe(404);
  });

  it('subscriptions are saved, shown and deleted', async () => {
    const webhook_id = group((await client.post('/developer/webhooks', hook)).body);
    const wanted = { event: 'sms:message:status', identity: 'all', webhook_id };
    const saved = await client.post('/developer/subscriptions', wanted);
    expectSample(saved.body, sample('subscription.json'), {
      'dd4b91af-167d-48e6-901d-ae181ff6e80d': webhook_id,
      '2022-12-07T06:20:09.000000Z': nowAsResource,
    });
    await client.post('/developer/subscriptions', { ...wanted, event: 'sms:unsubscription' });
    expect((await client.get('/developer/subscriptions')).json).toMatchObject({
      message: 'Subscriptions List',
      data: [{ id: 2 }, { id: 1 }],
    });
    expect((await client.get('/developer/subscriptions/1')).json).toMatchObject({
      message: 'Subscription',
      data: { id: 1, webhook_id },
    });
    const gone = await client.ask('DELETE', '/developer/subscriptions/1');
    expect(gone.body).toBe(
      '{"status":"OK","code":200,"message":"Subscription Deleted successfully","data":[]}',
    );
    expect((await client.get('/developer/subscriptions/1')).status).toBe(404);
  });
});
