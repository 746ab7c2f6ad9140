import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { PoolNumber } from '../../core/senders/pool-number.ts';
import type { Country } from '../../text/phone-number.ts';
import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import type { Stage, SuiteEndpoint, WireAnswer } from '../testkit/suite.ts';
import { bodyLimit } from './routes.ts';
import { Client } from './testkit/client.ts';
import { parseFault, suiteOf } from './testkit/suite.ts';

const path = '/v1/messaging/numbers/dedicated';
let numbers = 0;

/** Offers a number that no other test has. */
async function offer(
  { gateway, clock }: World,
  over: Partial<PoolNumber> = {},
): Promise<PoolNumber> {
  const [number] = await gateway.numbers.add([
    {
      number: `+6149${String(++numbers).padStart(7, '0')}`,
      country: 'AU' as Country,
      type: 'mobile',
      classification: 'bronze',
      capabilities: ['sms'],
      availableAfter: clock.now(),
      ...over,
    },
  ]);
  if (!number) throw new Error('nothing was added');
  return number;
}
const body = { label: 'LabelTest0', metadata: { Key1: 'value1' } };

async function assigned(stage: Stage, as = stage.account): Promise<string> {
  const { id } = await offer(stage.world);
  const at = `${path}/${id}/assignment`;
  const { status } = await stage.send({ method: 'POST', path: at, body }, as);
  expect(status).toBe(201);
  return at;
}

const notFound = ({ status, body: text }: WireAnswer): void =>
  expect({ status, text }).toEqual({ status: 404, text: '{"message":"Not found"}' });

const endpoints: readonly SuiteEndpoint[] = [
  {
    name: 'GET /v1/messaging/numbers/dedicated',
    request: { method: 'GET', path },
    wrongMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
  },
  {
    name: 'GET /v1/messaging/numbers/dedicated/{id}',
    request: async ({ world }) => ({ method: 'GET', path: `${path}/${(await offer(world)).id}` }),
    wrongMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
    foreign: {
      request: async (stage, stranger) => ({
        method: 'GET',
        path: (await assigned(stage, stranger)).replace('/assignment', ''),
      }),
      expect: notFound,
    },
  },
  {
    name: 'GET /v1/messaging/numbers/dedicated/{numberId}/assignment',
    request: async (stage) => ({ method: 'GET', path: await assigned(stage) }),
    wrongMethods: ['PUT'],
    foreign: {
      request: async (stage, stranger) => ({
        method: 'GET',
        path: await assigned(stage, stranger),
      }),
      expect: notFound,
    },
  },
  {
    name: 'POST /v1/messaging/numbers/dedicated/{numberId}/assignment',
    request: async ({ world }) => ({
      method: 'POST',
      path: `${path}/${(await offer(world)).id}/assignment`,
      body,
    }),
    status: 201,
    wrongMethods: [],
    bodyLimit,
    foreign: {
      request: async (stage, stranger) => ({
        method: 'POST',
        path: await assigned(stage, stranger),
        body,
      }),
      expect: (answer) =>
        expect(answer).toMatchObject({
          status: 409,
          body: '{"message":"The number is not available for assignment."}',
        }),
    },
  },
  {
    name: 'PATCH /v1/messaging/numbers/dedicated/{numberId}/assignment',
    request: async (stage) => ({ method: 'PATCH', path: await assigned(stage), body }),
    status: 204,
    wrongMethods: [],
    bodyLimit,
    foreign: {
      request: async (stage, stranger) => ({
        method: 'PATCH',
        path: await assigned(stage, stranger),
        body,
      }),
      expect: notFound,
    },
  },
  {
    name: 'DELETE /v1/messaging/numbers/dedicated/{numberId}/assignment',
    request: async (stage) => ({ method: 'DELETE', path: await assigned(stage) }),
    status: 204,
    wrongMethods: [],
    foreign: {
      request: async (stage, stranger) => ({
        method: 'DELETE',
        path: await assigned(stage, stranger),
      }),
      expect: notFound,
    },
  },
  {
    name: 'GET /v1/messaging/numbers/dedicated/assignments',
    request: { method: 'GET', path: `${path}/assignments` },
    wrongMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
    foreign: {
      request: async (stage, stranger) => {
        await assigned(stage, stranger);
        return { method: 'GET', path: `${path}/assignments` };
      },
      expect: ({ body: text }) => expect(text).toBe('{"data":[],"pagination":{"page_size":50}}'),
    },
  },
];

const invalid = (query: string, detail: string) => ({
  name: `${query} is refused`,
  request: { method: 'GET', path: `${path}${query}` } as const,
  status: 400,
  body: JSON.stringify({ message: parseFault, details: [detail] }),
});

runDialectCases(suiteOf(endpoints, 'messages'), [
  invalid('?page_size=0', '/page_size: [0] is invalid'),
  invalid('?page_size=many', '/page_size: [many] is invalid'),
  invalid('?country=XX', '/country: [XX] is invalid'),
  invalid('?matching=12a', '/matching: [12a] is invalid'),
  invalid('?service_types=FAX', '/service_types: [FAX] is invalid'),
  invalid('?types=MOBILE,PAGER', '/types: [PAGER] is invalid'),
  invalid('?token=abc', '/token: [abc] is invalid'),
  invalid('/assignments?sort_by=COLOUR', '/sort_by: [COLOUR] is invalid'),
  invalid('/assignments?sort_direction=UP', '/sort_direction: [UP] is invalid'),
  invalid('/assignments?classification=TIN', '/classification: [TIN] is invalid'),
  invalid('/assignments?number_id=1', '/number_id: [1] is invalid'),
  {
    name: 'a number that there is not',
    request: { method: 'GET', path: `${path}/be3cb602-7c00-4c87-ae4b-b8defc04f179` },
    status: 404,
    body: '{"message":"Not found"}',
  },
  {
    name: 'nor can it be taken',
    request: { method: 'POST', path: `${path}/x/assignment`, body },
    status: 404,
    body: '{"message":"Not found"}',
  },
  {
    name: 'a label that is too long',
    request: { method: 'POST', path: `${path}/x/assignment`, body: { label: 'x'.repeat(101) } },
    status: 400,
    body: JSON.stringify({
      message: parseFault,
      details: ['/label: Label must have at most 100 characters'],
    }),
  },
]);

describe('free numbers', () => {
  let world: World;
  let client: Client;
  beforeAll(async () => {
    world = await createWorld();
    client = new Client(world, await world.account({ dialect: 'messagemedia', senders: [] }));
    await offer(world, { number: '+61400000001' });
    await offer(world, { number: '+64211234567', country: 'NZ' as Country, capabilities: ['mms'] });
    await offer(world, {
      number: '+61291234567',
      type: 'landline',
      capabilities: ['sms', 'mms', 'voice'],
    });
    await offer(world, { number: '19770', type: 'short-code' });
    await offer(world, { availableAfter: world.clock.now() + 1 });
  });
  afterAll(() => world.close());

  it.each([
    ['', ['61400000001', '64211234567', '61291234567', '19770']],
    ['?country=nz', ['64211234567']],
    ['?matching=1234567', ['64211234567', '61291234567']],
    ['?matching=+6129', ['61291234567']],
    ['?types=LANDLINE,SHORT_CODE', ['61291234567', '19770']],
    ['?types=LANDLINE&types=short_code', ['61291234567', '19770']],
    ['?service_types=MMS', ['64211234567', '61291234567']],
    ['?service_types=MMS,TTS', ['61291234567']],
    ['?service_types=&country=&matching=', ['61400000001', '64211234567', '61291234567', '19770']],
  ])('are searched: %s', async (query, expected) => {
    const { json } = await client.get(`${path}${query}`);
    const data = json['data'] as { phone_number: string }[];
    expect(data.map((one) => one.phone_number)).toEqual(expected);
  });
});

describe('dedicated numbers', () => {
  let world: World;
  let client: Client;
  let other: Client;
  beforeEach(async () => {
    world = await createWorld();
    client = new Client(world, await world.account({ dialect: 'messagemedia', senders: [] }));
    other = new Client(world, await world.account({ dialect: 'messagemedia', senders: [] }));
  });
  afterEach(() => world.close());

  const take = (number: PoolNumber, as = client, more: object = {}) =>
    as.ask('POST', `${path}/${number.id}/assignment`, { body: { ...body, ...more } });
  const found = async (query: string): Promise<string[]> => {
    const { json } = await client.get(`${path}${query}`);
    return (json['data'] as { phone_number: string }[]).map((one) => one.phone_number);
  };

  it('are shown as documented', async () => {
    const number = await offer(world, {
      number: '+61436489205',
      classification: 'silver',
      capabilities: ['sms', 'mms', 'voice'],
    });
    const shown =
      `{"id":"${number.id}","phone_number":"61436489205","country":"AU","type":"MOBILE",` +
      '"classification":"SILVER","available_after":"2026-03-01T00:00:00.000Z","capabilities":["SMS","MMS","TTS"]}';
    expect(await client.get(`${path}/`)).toMatchObject({
      status: 200,
      body: `{"data":[${shown}],"pagination":{"page_size":50}}`,
      headers: { 'content-type': 'application/json;charset=UTF-8' },
    });
    expect(await client.get(`${path}/${number.id}`)).toMatchObject({
      status: 200,
      body: shown,
      headers: { 'content-type': 'application/json;charset=UTF-8' },
    });
  });

  it('are read page by page, whatever is taken meanwhile', async () => {
    const offered: PoolNumber[] = [];
    for (let n = 0; n < 7; n++) offered.push(await offer(world));
    const seen: string[] = [];
    let token: string | undefined = '';
    while (token !== undefined) {
      const { json } = await client.get(`${path}?page_size=3&token=${token}`);
      const page = json as {
        data: { id: string }[];
        pagination: { page_size: number; next_token?: string };
      };
      expect(page.pagination.page_size).toBe(3);
      seen.push(...page.data.map(({ id }) => id));
      token = page.pagination.next_token;
      const last = offered.find(({ id }) => id === token);
      if (last) await take(last, other);
    }
    expect(seen).toEqual(offered.map(({ id }) => id));
    expect((await client.get(`${path}?page_size=1000`)).json['pagination']).toEqual({
      page_size: 100,
    });
  });

  it('are the account’s as soon as they are taken, and a sender of it', async () => {
    const number = await offer(world);
    const taken = await take(number);
    const { id } = taken.json;
    const shown = `{"metadata":{"Key1":"value1"},"label":"LabelTest0","id":"${String(id)}","number_id":"${number.id}"}`;
    expect(taken).toMatchObject({
      status: 201,
      body: shown,
      headers: { 'content-type': 'application/json;charset=UTF-8' },
    });
    const at = `${path}/${number.id}/assignment`;
    expect((await client.get(at)).body).toBe(shown);
    expect(await found('')).toEqual([]);
    expect((await client.get(`${path}/${number.id}`)).status).toBe(200);
    const [sent] = await client.sent({ source_number: number.number });
    expect((await client.message(sent?.message_id ?? '')).status).not.toBe('rejected');

    expect(await client.ask('PATCH', at, { body: { label: 'new' } })).toMatchObject({
      status: 204,
      body: '',
    });
    expect((await client.get(at)).json).toMatchObject({
      label: 'new',
      metadata: { Key1: 'value1' },
    });
    await client.ask('PATCH', at, { body: { metadata: {} } });
    expect((await client.get(at)).json).toMatchObject({ label: 'new', metadata: {} });

    expect(await client.ask('DELETE', at)).toMatchObject({ status: 204, body: '' });
    expect((await client.ask('DELETE', at)).status).toBe(404);
    expect(await found('')).toEqual([number.number.slice(1)]);
    const [refused] = await client.sent({ source_number: number.number });
    expect((await client.message(refused?.message_id ?? '')).status).toBe('rejected');
  });

  it('are taken by one of two', async () => {
    const number = await offer(world);
    const statuses = (await Promise.all([take(number), take(number, other)])).map(
      ({ status }) => status,
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 409]);
    expect((await take(number)).status).toBe(409);
    const later = await offer(world, { availableAfter: world.clock.now() + 1 });
    expect((await client.get(`${path}/${later.id}`)).status).toBe(200);
    expect(await take(later)).toMatchObject({
      status: 409,
      body: '{"message":"The number is not available for assignment."}',
    });
  });

  it('may be taken without a word', async () => {
    const number = await offer(world);
    expect(
      (await client.ask('POST', `${path}/${number.id}/assignment`, { body: {} })).json,
    ).toEqual({
      metadata: {},
      id: expect.any(String) as string,
      number_id: number.id,
    });
  });
});

describe('dedicated numbers that are assigned', () => {
  let world: World;
  let client: Client;
  let other: Client;
  const take = (number: PoolNumber, as = client, more: object = {}) =>
    as.ask('POST', `${path}/${number.id}/assignment`, { body: { ...body, ...more } });
  const list = async (query = '', as = client) => {
    const { json, body: text, status } = await as.get(`${path}/assignments${query}`);
    expect(status, text).toBe(200);
    const page = json as {
      data: { assignment: { id: string }; number: { phone_number: string } }[];
      pagination: { next_token?: string };
    };
    return {
      numbers: page.data.map(({ number }) => number.phone_number),
      next: page.pagination.next_token,
      text,
    };
  };
  const [mobile, nz, land, code] = ['61400000003', '64211234567', '61291234567', '19770'];

  beforeAll(async () => {
    world = await createWorld();
    client = new Client(world, await world.account({ dialect: 'messagemedia', senders: [] }));
    other = new Client(world, await world.account({ dialect: 'messagemedia', senders: [] }));
    await take(await offer(world, { number: `+${mobile}`, classification: 'gold' }));
    await take(
      await offer(world, { number: `+${nz}`, country: 'NZ' as Country, capabilities: ['mms'] }),
      client,
      { label: 'Auckland' },
    );
    await take(await offer(world, { number: `+${land}`, type: 'landline' }));
    // The owner's gift, past the pool.
    await world.gateway.senders.add(client.account.account.id, code);
    await take(await offer(world), other);
  });

  afterAll(() => world.close());

  it('are shown with their numbers', async () => {
    const { text } = await list('?matching=6421');
    expect(text).toMatch(
      /^\{"data":\[\{"assignment":\{"metadata":\{"Key1":"value1"\},"label":"Auckland","id":"[0-9a-f-]{36}","number_id":"[0-9a-f-]{36}"\},"number":\{"id":"[0-9a-f-]{36}","phone_number":"64211234567","country":"NZ",/,
    );
  });

  it.each([
    ['', [mobile, nz, land, code]],
    ['?sort_direction=DESCENDING', [code, land, nz, mobile]],
    ['?sort_by=SOURCE_ADDRESS', [land, mobile, nz, code]],
    ['?sort_by=destination_address_country&sort_direction=descending', [nz, code, land, mobile]],
    ['?sort_by=ACTION', [mobile, nz, land, code]],
    ['?type=MOBILE', [mobile, nz]],
    ['?type=MOBILE&types=SHORT_CODE,LANDLINE', [land, code]],
    ['?classification=GOLD', [mobile]],
    ['?service_types=MMS', [nz]],
    ['?country=AU', [mobile, land, code]],
    ['?label=auck', [nz]],
    ['?matching=1977', [code]],
  ])('are filtered and sorted: %s', async (query, expected) =>
    expect((await list(query)).numbers).toEqual(expected),
  );

  it.each(['', '&sort_by=SOURCE_ADDRESS', '&sort_direction=DESCENDING'])(
    'are read page by page%s',
    async (order) => {
      const seen: string[] = [];
      let next: string | undefined = '';
      while (next !== undefined) {
        const page = await list(`?page_size=1${order}&token=${next}`);
        seen.push(...page.numbers);
        next = page.next;
      }
      expect(seen).toEqual((await list(`?${order}`)).numbers);
    },
  );

  it('are found by id, the owner’s gift too', async () => {
    const [, , , gift] = await world.gateway.numbers.assignments(client.account.account);
    const id = gift?.number.id ?? '';
    expect((await list(`?number_id=${id}`)).numbers).toEqual([code]);
    expect((await client.get(`${path}/${id}/assignment`)).json).toEqual({
      metadata: {},
      id,
      number_id: id,
    });
    expect((await other.get(`${path}/${id}`)).status).toBe(404);
  });

  it('go on where they were when the last of a page was given up', async () => {
    const { next } = await list('?page_size=2');
    const { numbers: before } = await list();
    const { sender, number } = (
      await world.gateway.numbers.assignments(client.account.account)
    ).find((one) => one.sender.id === next) as never as {
      sender: { id: string };
      number: PoolNumber;
    };
    expect(sender.id).toBe(next);
    await client.ask('DELETE', `${path}/${number.id}/assignment`);
    expect((await list(`?token=${next}`)).numbers).toEqual(before.slice(2));
    expect(
      (await client.get(`${path}/assignments?sort_by=SOURCE_ADDRESS&token=${next}`)).status,
    ).toBe(400);
  });
});
