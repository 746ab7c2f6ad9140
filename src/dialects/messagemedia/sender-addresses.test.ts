import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { createTestDatabase } from '../../../test/support/storage.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { Dialect } from '../dialect.ts';
import type { SenderId, SenderRequestId } from '../../core/ids.ts';
import type { E164 } from '../../text/phone-number.ts';
import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import type { Stage, SuiteEndpoint, WireAnswer } from '../testkit/suite.ts';
import { bodyLimit } from './routes.ts';
import type { JsonAnswer } from '../testkit/json-client.ts';
import { Client } from './testkit/client.ts';
import { parseFault, suiteOf } from './testkit/suite.ts';

const requests = '/v1/messaging/numbers/sender_address/requests';
const addresses = '/v1/messaging/numbers/sender_address/addresses';

const name = {
  sender_address: 'EXAMPLE',
  sender_address_type: 'ALPHANUMERIC',
  usage_type: 'ALPHANUMERIC',
  destination_countries: ['AU'],
  reason: '{"useCase":"COMPANY_NAME"}',
  label: 'label',
};
const own = {
  sender_address: '+61401234567',
  sender_address_type: 'INTERNATIONAL',
  usage_type: 'OWN_NUMBER',
  destination_countries: ['AU', 'nz'],
  reason: 'my personal number',
  label: 'label',
};

let made = 0;
/** A number that no other test asks for: a number gets few codes. */
const another = () => ({ ...own, sender_address: `+614010${String(++made).padStart(5, '0')}` });

async function asked(stage: Stage, as = stage.account, body: object = name): Promise<string> {
  const { status, body: text } = await stage.send({ method: 'POST', path: requests, body }, as);
  expect(status, text).toBe(201);
  return (JSON.parse(text) as { id: string }).id;
}

/** An address that its account has, by its id. */
async function granted({ world }: Stage, { account }: WorldAccount): Promise<SenderId> {
  const sender = await world.gateway.senders.add(account.id, `N${++made}`);
  return sender.id;
}

const notFound = ({ status, body }: WireAnswer): void =>
  expect({ status, body }).toEqual({ status: 404, body: '{"message":"Resource not found."}' });

const endpoints: readonly SuiteEndpoint[] = [
  {
    name: 'POST …/sender_address/requests',
    request: { method: 'POST', path: requests, body: name },
    status: 201,
    wrongMethods: ['GET', 'PUT', 'PATCH', 'DELETE'],
    bodyLimit,
  },
  {
    name: 'GET …/sender_address/requests/{id}',
    request: async (stage) => ({ method: 'GET', path: `${requests}/${await asked(stage)}` }),
    wrongMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
    foreign: {
      request: async (stage, stranger) => ({
        method: 'GET',
        path: `${requests}/${await asked(stage, stranger)}`,
      }),
      expect: notFound,
    },
  },
  {
    name: 'POST …/sender_address/requests/{id}/verify',
    request: async (stage) => {
      const id = await asked(stage, stage.account, another());
      return {
        method: 'POST',
        path: `${requests}/${id}/verify`,
        body: { verification_code: await codeOf(stage.world, id) },
      };
    },
    status: 201,
    wrongMethods: ['GET', 'PUT', 'PATCH', 'DELETE'],
    bodyLimit,
    foreign: {
      request: async (stage, stranger) => {
        const id = await asked(stage, stranger, another());
        return {
          method: 'POST',
          path: `${requests}/${id}/verify`,
          body: { verification_code: await codeOf(stage.world, id) },
        };
      },
      expect: notFound,
    },
  },
  {
    name: 'GET …/sender_address/addresses',
    request: { method: 'GET', path: addresses },
    wrongMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
    foreign: {
      request: async (stage, stranger) => {
        await granted(stage, stranger);
        return { method: 'GET', path: `${addresses}?sender_address=N` };
      },
      expect: ({ body }) => expect(body).not.toContain('"sender_address":"N'),
    },
  },
  ...(['GET', 'PATCH', 'DELETE'] as const).map((method): SuiteEndpoint => {
    const request = (id: SenderId) => ({
      method,
      path: `${addresses}/${id}?reason=done`,
      ...(method === 'PATCH' && { body: { label: 'new' } }),
    });
    return {
      name: `${method} …/sender_address/addresses/{id}`,
      request: async (stage) => request(await granted(stage, stage.account)),
      status: method === 'DELETE' ? 202 : 200,
      wrongMethods: method === 'GET' ? ['POST', 'PUT'] : [],
      ...(method === 'PATCH' && { bodyLimit }),
      foreign: {
        request: async (stage, stranger) => request(await granted(stage, stranger)),
        expect: notFound,
      },
    };
  }),
  {
    name: 'POST …/sender_address/addresses/{id}/reverify',
    request: async (stage) => {
      const id = await asked(stage, stage.account, another());
      const path = `${requests}/${id}/verify`;
      const body = { verification_code: await codeOf(stage.world, id) };
      await stage.send({ method: 'POST', path, body });
      const list = await stage.send({ method: 'GET', path: `${addresses}?usage_type=OWN_NUMBER` });
      const { data } = JSON.parse(list.body) as { data: { id: string }[] };
      return { method: 'POST', path: `${addresses}/${data[0]?.id ?? ''}/reverify` };
    },
    wrongMethods: ['GET', 'PUT', 'PATCH', 'DELETE'],
    foreign: {
      request: async (stage, stranger) => ({
        method: 'POST',
        path: `${addresses}/${await granted(stage, stranger)}/reverify`,
      }),
      expect: notFound,
    },
  },
];

/** The code of a request, which only its handset sees: from the gateway's own message. */
async function codeOf({ storage }: World, id: string): Promise<string> {
  const request = await storage.write((tx) => tx.senderRequests.lock(id as SenderRequestId));
  const house = await storage.read.accounts.findByName('~gateway');
  if (!request || !house) throw new Error(`nothing was sent for ${id}`);
  const [sent] = await storage.read.messages.search({
    accountId: house.id,
    destination: request.address as E164,
    limit: 1,
    offset: 0,
  });
  return sent?.text.slice(0, 6) ?? '';
}

const refused = (change: object, ...details: string[]) => ({
  name: `${JSON.stringify(change).slice(0, 80)} is refused`,
  request: { method: 'POST', path: requests, body: { ...name, ...change } } as const,
  status: 400,
  body: JSON.stringify({ message: parseFault, details }),
});
const invalidQuery = (query: string, detail: string) => ({
  name: `${query} is refused`,
  request: { method: 'GET', path: `${addresses}?${query}` } as const,
  status: 400,
  body: JSON.stringify({ message: parseFault, details: [detail] }),
});

runDialectCases(suiteOf(endpoints, 'messages'), [
  refused({ sender_address: undefined }, '/sender_address: Sender address cannot be null'),
  refused(
    { sender_address: 'AB' },
    '/sender_address: Sender address must be 3 to 11 letters and digits',
  ),
  refused(
    { sender_address: '123456' },
    '/sender_address: Sender address must be 3 to 11 letters and digits',
  ),
  refused(
    { sender_address: 'Grüße' },
    '/sender_address: Sender address must be 3 to 11 letters and digits',
  ),
  refused({ sender_address_type: 'SHORT_CODE' }, '/sender_address_type: [SHORT_CODE] is invalid'),
  refused({ usage_type: 'OWN_NUMBER' }, '/usage_type: [OWN_NUMBER] is invalid'),
  refused(
    { destination_countries: [] },
    '/destination_countries: Destination countries must be between 1 and 250',
  ),
  refused(
    { destination_countries: ['AU', 'XX', 7] },
    '/destination_countries/1: [XX] is invalid',
    '/destination_countries/2: [number] is invalid',
  ),
  refused({ reason: null }, '/reason: Reason cannot be null'),
  refused({ reason: 'x'.repeat(2001) }, '/reason: Reason must have at most 2000 characters'),
  refused({ label: 'x'.repeat(101) }, '/label: Label must have at most 100 characters'),
  refused({ ...own, reason: 'x'.repeat(201) }, '/reason: Reason must have at most 200 characters'),
  refused(
    { ...own, sender_address: '+61291234567' },
    '/sender_address: Sender address must be a mobile number in international format',
  ),
  refused(
    { ...own, sender_address: 'me' },
    '/sender_address: Sender address must be a mobile number in international format',
  ),
  refused(
    { ...own, sender_address: '+64211234567' },
    '/sender_address: This account may not send to NZ. It may send to AU.',
  ),
  invalidQuery('page_size=-1', '/page_size: [-1] is invalid'),
  invalidQuery('usage_type=PAGER', '/usage_type: [PAGER] is invalid'),
  invalidQuery('include_related_accounts=maybe', '/include_related_accounts: [maybe] is invalid'),
  invalidQuery('token=abc', '/token: [abc] is invalid'),
  invalidQuery(
    'expiry_status=EXPIRED',
    '/expiry_status: Expiry status needs sender_address_type and usage_type',
  ),
  invalidQuery(
    'expiry_status=APPROVED&usage_type=OWN_NUMBER&sender_address_type=INTERNATIONAL',
    '/expiry_status: [APPROVED] is invalid',
  ),
  {
    name: 'an address is removed with a reason only',
    request: async (stage) => ({
      method: 'DELETE',
      path: `${addresses}/${await granted(stage, stage.account)}`,
    }),
    status: 400,
    body: JSON.stringify({ message: parseFault, details: ['/reason: Reason cannot be null'] }),
  },
  {
    name: 'a request is no address',
    request: async (stage) => ({ method: 'GET', path: `${addresses}/${await asked(stage)}` }),
    status: 404,
    body: '{"message":"Resource not found."}',
  },
]);

describe('sender addresses', () => {
  let world: World;
  let client: Client;
  beforeEach(async () => {
    world = await createWorld();
    client = new Client(
      world,
      await world.account({ dialect: 'messagemedia', name: `shop${++made}` }),
    );
  });
  afterEach(() => world.close());

  const ask = (body: object): Promise<JsonAnswer> => client.ask('POST', requests, { body });
  const verify = (id: unknown, verification_code: unknown): Promise<JsonAnswer> =>
    client.ask('POST', `${requests}/${String(id)}/verify`, { body: { verification_code } });
  const list = async (query = ''): Promise<Record<string, unknown>[]> =>
    (await client.get(`${addresses}${query}`)).json['data'] as Record<string, unknown>[];
  const shown = async (query = '') => (await list(query)).map((one) => one['sender_address']);

  it('a name is open until the owner decides, and then an address', async () => {
    const { json, body, status } = await ask(name);
    expect(status).toBe(201);
    const account = client.account.account.name;
    expect(body).toBe(
      `{"id":"${String(json['id'])}","sender_address":"EXAMPLE","sender_address_type":"ALPHANUMERIC","usage_type":"ALPHANUMERIC",` +
        `"destination_countries":["AU"],"reason":"{\\"useCase\\":\\"COMPANY_NAME\\"}","label":"label","status":"OPEN",` +
        `"account_id":"${account}","created_date":"2026-03-01T00:00:00.000Z","last_modified_date":"2026-03-01T00:00:00.000Z"}`,
    );
    const at = `${requests}/${String(json['id'])}`;
    expect((await client.get(at)).body).toBe(body);
    expect(await ask({ ...name, sender_address: 'example' })).toMatchObject({
      status: 409,
      body: '{"message":"\'example\' has been asked for already."}',
    });
    await world.clock.advance(1_000);
    await world.gateway.senderRequests.decide(json['id'] as SenderRequestId, 'approved');
    expect((await client.get(at)).json).toMatchObject({
      status: 'APPROVED',
      last_modified_date: '2026-03-01T00:00:01.000Z',
    });
    const [address] = await list('?sender_address=exam');
    expect(JSON.stringify(address)).toBe(
      `{"id":"${String(address?.['id'])}","sender_address":"EXAMPLE","sender_address_type":"ALPHANUMERIC","usage_type":"ALPHANUMERIC",` +
        `"destination_countries":["AU"],"reason":"{\\"useCase\\":\\"COMPANY_NAME\\"}","label":"label",` +
        `"account_id":"${account}","created_date":"2026-03-01T00:00:01.000Z","last_modified_date":"2026-03-01T00:00:01.000Z"}`,
    );
    expect(address?.['id']).not.toBe(json['id']);
    const [sent] = await client.sent({ source_number: 'EXAMPLE' });
    expect((await client.message(sent?.message_id ?? '')).status).not.toBe('rejected');
  });

  it('a name may be rejected', async () => {
    const { json } = await ask(name);
    await world.gateway.senderRequests.decide(json['id'] as SenderRequestId, 'rejected');
    expect((await client.get(`${requests}/${String(json['id'])}`)).json['status']).toBe('REJECTED');
    expect(await verify(json['id'], '123456')).toMatchObject({ status: 404 });
    expect((await ask(name)).status).toBe(201);
  });

  it('an own number is pending until its code is given, and an address for a year', async () => {
    const { json, status } = await ask(own);
    expect({ status, json }).toMatchObject({
      status: 201,
      json: {
        sender_address: '+61401234567',
        sender_address_type: 'INTERNATIONAL',
        usage_type: 'OWN_NUMBER',
        destination_countries: ['AU', 'NZ'],
        status: 'PENDING',
      },
    });
    const code = await codeOf(world, String(json['id']));
    await waitUntil('the code is sent', () => world.link.sent.length === 1);
    expect(world.link.sent).toMatchObject([{ destination: '+61401234567', sender: 'CompanyABC' }]);
    expect(world.link.sent[0]?.text).toContain(code);
    expect(code).toMatch(/^\d{6}$/);
    // Nothing that the client can look up has it, and it is free.
    for (const path of ['/v1/delivery_reports', `${requests}/${String(json['id'])}`]) {
      expect((await client.get(path)).body).not.toContain(code);
    }
    for (const line of world.log.lines) expect(line).not.toContain(code);
    expect(await client.account.credits()).toBe(1000);

    const wrong = code === '123456' ? '123457' : '123456';
    expect(await verify(json['id'], wrong)).toMatchObject({
      status: 400,
      body: JSON.stringify({
        message: parseFault,
        details: ['/verification_code: Verification code is invalid'],
      }),
    });
    expect(await verify(json['id'], code)).toMatchObject({
      status: 201,
      json: { status: 'APPROVED' },
    });
    expect(await verify(json['id'], ` ${code} `)).toMatchObject({ status: 201 });
    expect(await list('?usage_type=OWN_NUMBER')).toMatchObject([
      {
        sender_address: '+61401234567',
        expiry: '2027-03-01T00:00:00.000Z',
        display_status: 'APPROVED',
      },
    ]);
    expect(await ask(own)).toMatchObject({
      status: 409,
      body: '{"message":"+61401234567 is a sender of this account already."}',
    });
  });

  it('a code is tried a few times', async () => {
    const { json } = await ask(own);
    const code = await codeOf(world, String(json['id']));
    for (let n = 0; n < 5; n++) await verify(json['id'], 'no code');
    expect(await verify(json['id'], code)).toMatchObject({
      status: 400,
      body: JSON.stringify({
        message: parseFault,
        details: ['/verification_code: Verification code has expired. Request a new one.'],
      }),
    });
    // A new one makes the old request void.
    expect((await ask(own)).status).toBe(201);
    expect((await verify(json['id'], code)).status).toBe(404);
    expect((await ask(own)).status).toBe(201);
    expect(await ask(own)).toMatchObject({
      status: 429,
      body: '{"message":"Too many requests. Please retry later."}',
    });
  });

  it('leaves nothing behind when the code cannot be sent', async () => {
    await world.close();
    world = await createWorld({ routes: [] });
    client = new Client(world, await world.account({ dialect: 'messagemedia' }));
    expect(await ask(own)).toMatchObject({
      status: 400,
      body: JSON.stringify({
        message: parseFault,
        details: ['/sender_address: There is no route to this destination.'],
      }),
    });
    const { senderRequests } = world.gateway;
    expect(await senderRequests.list({ limit: 9, offset: 0 })).toEqual([]);
  });

  it('an account without a sender is told that it needs one', async () => {
    client = new Client(world, await world.account({ dialect: 'messagemedia', senders: [] }));
    expect(await ask(own)).toMatchObject({
      status: 400,
      body: JSON.stringify({
        message: parseFault,
        details: ['This account has no sender that a confirmation could be sent from.'],
      }),
    });
  });

  it('all that the account may show is listed, of whatever kind', async () => {
    const { id } = client.account.account;
    const { senders } = world.gateway;
    await senders.add(id, '61400000010');
    await senders.add(id, '19770');
    await senders.add(id, '61400000011', { kind: 'shared' });
    expect(
      (await list()).map((one) => [
        one['sender_address'],
        one['sender_address_type'],
        one['usage_type'],
        one['display_status'],
      ]),
    ).toEqual([
      ['CompanyABC', 'ALPHANUMERIC', 'ALPHANUMERIC', undefined],
      ['Mobile MSG', 'ALPHANUMERIC', 'ALPHANUMERIC', undefined],
      ['+61400000010', 'INTERNATIONAL', 'DEDICATED', undefined],
      ['19770', 'SHORT_CODE', 'DEDICATED', undefined],
      ['+61400000011', 'INTERNATIONAL', 'HOSTED_NUMBER', undefined],
    ]);
    expect(await shown('?sender_address_type=SHORT_CODE')).toEqual(['19770']);
    expect(await shown('?usage_type=HOSTED_NUMBER')).toEqual(['+61400000011']);
    expect(await shown('?sender_address=+614')).toEqual(['+61400000010', '+61400000011']);
    expect(await shown('?sender_address=msg')).toEqual(['Mobile MSG']);

    const seen: unknown[] = [];
    let token: string | undefined = '';
    while (token !== undefined) {
      const { json } = await client.get(`${addresses}?page_size=2&token=${token}`);
      seen.push(...(json['data'] as { sender_address: string }[]).map((one) => one.sender_address));
      const pagination = json['pagination'] as { page_size: number; next_token?: string };
      expect(pagination.page_size).toBe(2);
      token = pagination.next_token;
    }
    expect(seen).toEqual(await shown());
    expect((await client.get(addresses)).json['pagination']).toEqual({ page_size: 20 });
  });

  it('those of sub-accounts are listed where that is asked for, not those of others', async () => {
    const { account } = client.account;
    const { owner, senders } = world.gateway;
    const child = await owner.createAccount({
      ...account,
      name: `child${++made}`,
      parentId: account.id,
    });
    const { account: stranger } = await world.account({ senders: ['Stranger'] });
    await senders.add(child.id, 'Child');
    expect(stranger.id).not.toBe(account.id);
    expect(await shown()).toEqual(['CompanyABC', 'Mobile MSG']);
    const all = await list('?include_related_accounts=true');
    expect(all.map((one) => [one['sender_address'], one['account_id']])).toEqual([
      ['CompanyABC', account.name],
      ['Mobile MSG', account.name],
      ['Child', child.name],
    ]);
    // It is seen, not changed: for that there is the Account header.
    expect((await client.get(`${addresses}/${String(all[2]?.['id'])}`)).status).toBe(404);
    const header = { headers: { account: child.name } };
    expect((await client.ask('GET', `${addresses}/${String(all[2]?.['id'])}`, header)).status).toBe(
      200,
    );
  });

  it('an address is shown, labelled anew, and removed', async () => {
    const [first] = await list();
    const at = `${addresses}/${String(first?.['id'])}`;
    expect((await client.get(at)).json).toEqual(first);
    await world.clock.advance(1_000);
    expect((await client.ask('PATCH', at, { body: { label: 'new' } })).json).toEqual({
      ...first,
      label: 'new',
      last_modified_date: '2026-03-01T00:00:01.000Z',
    });
    expect((await client.get(at)).json['label']).toBe('new');
    expect((await client.ask('PATCH', at, { body: {} })).status).toBe(400);
    expect(await client.ask('POST', `${at}/reverify`)).toMatchObject({
      status: 400,
      body: JSON.stringify({
        message: parseFault,
        details: ['/id: Only own numbers can be verified again'],
      }),
    });
    expect(await client.ask('DELETE', `${at}?reason=no%20longer`)).toMatchObject({
      status: 202,
      body: '',
    });
    expect((await client.get(at)).status).toBe(404);
    expect(await shown()).toEqual(['Mobile MSG']);
  });

  it('a year later a number expires, and is verified again', async () => {
    const database = await createTestDatabase();
    const account = client.account;
    const at = async (start: string, dialects?: Dialect[]): Promise<void> => {
      await world.close();
      world = await createWorld({
        database,
        clock: new FakeClock(start),
        ...(dialects && { dialects }),
      });
    };
    try {
      await at('2026-03-01T00:00:00Z');
      client = new Client(
        world,
        await world.account({ dialect: 'messagemedia', name: account.account.name }),
      );
      const { json } = await ask(own);
      await verify(json['id'], await codeOf(world, String(json['id'])));
      const query = '?sender_address_type=INTERNATIONAL&usage_type=OWN_NUMBER&expiry_status=';
      expect(await shown(`${query}EXPIRING`)).toEqual([]);
      const again = (): void => {
        client = new Client(world, client.account);
      };

      await at('2027-02-01T00:00:00Z');
      again();
      expect(await shown(`${query}EXPIRING`)).toEqual(['+61401234567']);
      expect(await shown(`${query}EXPIRED`)).toEqual([]);

      await at('2027-03-02T00:00:00Z');
      again();
      expect(await shown(`${query}EXPIRING`)).toEqual([]);
      const [expired] = await list(`${query}EXPIRED`);
      expect(expired).toMatchObject({
        display_status: 'EXPIRED',
        expiry: '2027-03-01T00:00:00.000Z',
      });
      const [sent] = await client.sent({ source_number: '+61401234567' });
      expect((await client.message(sent?.message_id ?? '')).status).toBe('rejected');

      const path = `${addresses}/${String(expired?.['id'])}`;
      const reverify = await client.ask('POST', `${path}/reverify`);
      expect(reverify).toMatchObject({
        status: 200,
        json: { status: 'PENDING', sender_address: '+61401234567', label: 'label' },
      });
      const { id } = reverify.json;
      expect(id).not.toBe(expired?.['id']);
      expect(await verify(id, await codeOf(world, String(id)))).toMatchObject({ status: 201 });
      expect((await client.get(path)).json).toMatchObject({
        id: expired?.['id'],
        display_status: 'APPROVED',
        expiry: '2028-03-01T00:00:00.000Z',
      });
      const [next] = await client.sent({ source_number: '+61401234567' });
      expect((await client.message(next?.message_id ?? '')).status).not.toBe('rejected');
    } finally {
      await world.close();
      await database.drop();
      world = await createWorld();
    }
  });
});
