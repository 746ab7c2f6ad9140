import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { E164 } from '../../text/phone-number.ts';
import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import type { SuiteEndpoint, WireRequest } from '../testkit/suite.ts';
import { bodyLimit } from './routes.ts';
import { Client } from './testkit/client.ts';
import { parseFault, suiteOf } from './testkit/suite.ts';

const uri = '/v1/number_authorisation/mt/blacklist';
const block = (...numbers: unknown[]): WireRequest => ({
  method: 'POST',
  path: uri,
  body: { numbers },
});
const one = '+61491570156';

const endpoints: readonly SuiteEndpoint[] = [
  {
    name: 'GET /v1/number_authorisation/mt/blacklist',
    request: { method: 'GET', path: uri },
    wrongMethods: ['PUT', 'PATCH', 'DELETE'],
    foreign: {
      request: async (stage, stranger) => {
        await stage.send(block(one), stranger);
        return { method: 'GET', path: uri };
      },
      expect: ({ body }) => expect(body).toBe(`{"uri":"${uri}","numbers":[],"pagination":{}}`),
    },
  },
  {
    name: 'POST /v1/number_authorisation/mt/blacklist',
    request: block(one),
    status: 201,
    wrongMethods: [],
    bodyLimit,
  },
  {
    name: 'DELETE /v1/number_authorisation/mt/blacklist/{number}',
    request: async (stage) => {
      await stage.send(block(one));
      return { method: 'DELETE', path: `${uri}/${one}` };
    },
    wrongMethods: ['GET', 'POST', 'PUT', 'PATCH'],
    foreign: {
      request: async (stage, stranger) => {
        await stage.send(block(one), stranger);
        return { method: 'DELETE', path: `${uri}/${one}` };
      },
      expect: ({ status }) => expect(status).toBe(404),
    },
  },
  {
    name: 'GET /v1/number_authorisation/is_authorised/{numbers}',
    request: { method: 'GET', path: `/v1/number_authorisation/is_authorised/${one}` },
    wrongMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
    foreign: {
      request: async (stage, stranger) => {
        await stage.send(block(one), stranger);
        return { method: 'GET', path: `/v1/number_authorisation/is_authorised/${one}` };
      },
      expect: ({ body }) => expect(body).toContain('"authorised":true'),
    },
  },
];

const refused = (...details: string[]) => ({
  status: 400,
  body: JSON.stringify({ message: parseFault, details }),
});

runDialectCases(suiteOf(endpoints, 'messages'), [
  {
    name: 'numbers are answered as they were written',
    request: block('61491570156', '+61491570157'),
    status: 201,
    body: `{"uri":"${uri}","numbers":["61491570156","+61491570157"]}`,
    headers: { 'content-type': 'application/json' },
  },
  {
    name: 'one that is new among others makes it 201',
    given: async (stage) => void (await stage.send(block('61491570156'))),
    request: block('61491570156', '61491570157'),
    status: 201,
  },
  {
    name: 'when all are listed it is 200',
    given: async (stage) => void (await stage.send(block('61491570156'))),
    request: block('+61491570156', '0491 570 156'),
    body: `{"uri":"${uri}","numbers":["+61491570156","0491 570 156"]}`,
  },
  {
    name: 'the list has them in international form',
    given: async (stage) => void (await stage.send(block('61491570157', '61491570156'))),
    request: { method: 'GET', path: `${uri}?token=` },
    body: `{"uri":"${uri}","numbers":["+61491570156","+61491570157"],"pagination":{}}`,
  },
  {
    name: 'a number is removed once',
    given: async (stage) => void (await stage.send(block('61491570156'))),
    request: { method: 'DELETE', path: `${uri}/+61491570156` },
    body: '',
    headers: { 'content-type': 'text/plain' },
    also: async (_, stage) => {
      const again = await stage.send({ method: 'DELETE', path: `${uri}/+61491570156` });
      expect(again).toMatchObject({ status: 404, body: '{"message":"Resource not found."}' });
    },
  },
  {
    name: 'what is no number is not on the list',
    request: { method: 'DELETE', path: `${uri}/nobody` },
    status: 404,
    body: '{"message":"Resource not found."}',
  },
  {
    name: 'some may be sent to, some not',
    given: async (stage) => void (await stage.send(block('61491570157'))),
    request: {
      method: 'GET',
      path: '/v1/number_authorisation/is_authorised/+61491570156,61491570157',
    },
    body: {
      uri: '/v1/number_authorisation/is_authorised/+61491570156,61491570157',
      numbers: [
        { number: '+61491570156', authorised: true },
        { number: '61491570157', authorised: false },
      ],
    },
  },
  {
    name: 'a hundred are looked at, escaped as they may be',
    request: {
      method: 'GET',
      path: `/v1/number_authorisation/is_authorised/${Array.from({ length: 100 }, () => '%2B61491570156').join('%2C')}`,
    },
  },
  {
    name: 'not more',
    request: {
      method: 'GET',
      path: `/v1/number_authorisation/is_authorised/${Array.from({ length: 101 }, () => '61491570156').join(',')}`,
    },
    ...refused('/numbers: Numbers must be between 1 and 100'),
  },
  {
    name: 'nor none',
    request: { method: 'GET', path: '/v1/number_authorisation/is_authorised/,' },
    ...refused('/numbers: Numbers must be between 1 and 100'),
  },
  {
    name: 'nor what is no number',
    request: { method: 'GET', path: '/v1/number_authorisation/is_authorised/61491570156,12,me' },
    ...refused(
      '/numbers/1: International address contains invalid characters.',
      '/numbers/2: International address contains invalid characters.',
    ),
  },
  ...(
    [
      [{}, '/numbers: Numbers cannot be null'],
      [{ numbers: '61491570156' }, '/numbers: Numbers cannot be null'],
      [{ numbers: [] }, '/numbers: Numbers must be between 1 and 10'],
      [
        { numbers: Array.from({ length: 11 }, () => one) },
        '/numbers: Numbers must be between 1 and 10',
      ],
      [{ numbers: [null] }, '/numbers/0: Number cannot be null'],
      [{ numbers: [one, 'me'] }, '/numbers/1: International address contains invalid characters.'],
    ] as const
  ).map(([body, detail]) => ({
    name: `${JSON.stringify(body)} is refused`,
    request: { method: 'POST', path: uri, body } as const,
    ...refused(detail),
  })),
  {
    name: 'a token that is none is refused',
    request: { method: 'GET', path: `${uri}?token=bogus` },
    ...refused('/token: [bogus] is invalid'),
  },
]);

describe('the block list', () => {
  let world: World;
  let client: Client;
  beforeEach(async () => {
    world = await createWorld();
    client = new Client(world, await world.account({ dialect: 'messagemedia' }));
  });
  afterEach(() => world.close());

  it('is read a hundred at a time, whatever is removed meanwhile', async () => {
    const { id: accountId } = client.account.account;
    const numbers = Array.from(
      { length: 230 },
      (_, at) => `+6149100${String(at).padStart(4, '0')}` as E164,
    );
    await world.storage.write((tx) =>
      tx.optouts.add(
        numbers.toReversed().map((number) => ({
          accountId,
          number,
          source: 'api',
          replyId: null,
          createdAt: 1,
        })),
      ),
    );
    const seen: string[] = [];
    let next: string | undefined = uri;
    while (next !== undefined) {
      const { json } = await client.get(next);
      expect(json['uri']).toBe(next);
      const page = json['numbers'] as string[];
      expect(page.length).toBeLessThanOrEqual(100);
      seen.push(...page);
      await client.ask('DELETE', `${uri}/${page[0]}`);
      next = (json['pagination'] as { next_uri?: string }).next_uri;
    }
    expect(seen).toEqual(numbers);
  });

  it('is the account’s opt-outs: what is on it is not sent, and STOP adds to it', async () => {
    await client.ask('POST', uri, { body: { numbers: [one] } });
    const [blocked] = await client.sent({ destination_number: one });
    expect((await client.message(blocked?.message_id ?? '')).status).toBe('rejected');

    const [sent] = await client.sent({ destination_number: '+61491570157' });
    await world.clock.advance(1_000);
    expect((await client.message(sent?.message_id ?? '')).status).not.toBe('rejected');
    await world.link.reply('+61491570157', 'Mobile MSG', 'STOP', world.clock.now());
    expect((await client.get(uri)).json['numbers']).toEqual([one, '+61491570157']);
  });
});
