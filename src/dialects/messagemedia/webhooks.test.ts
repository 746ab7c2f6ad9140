import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import type { Stage, SuiteEndpoint } from '../testkit/suite.ts';
import type { JsonAnswer } from '../testkit/json-client.ts';
import { Client } from './testkit/client.ts';
import { suiteOf } from './testkit/suite.ts';
import { bodyLimit } from './routes.ts';
import { webhookEvents } from './webhook-settings.ts';

const base = '/v1/webhooks/messages';
/** The documented example. */
const example = {
  url: 'http://webhook.com',
  method: 'POST',
  encoding: 'JSON',
  headers: {},
  events: ['ENROUTE_DR', 'DELIVERED_DR'],
  template: '{"id":"$mtId","status":"$statusCode"}',
  read_timeout: 5000,
  retries: 3,
  retry_delay: 30,
};
const { read_timeout: _1, retries: _2, retry_delay: _3, template: _4, ...short } = example;

async function made(stage: Stage, as = stage.account): Promise<string> {
  const answer = await stage.send({ method: 'POST', path: base, body: example }, as);
  return `${base}/${(JSON.parse(answer.body) as { id: string }).id}`;
}
const foreign = (method: 'GET' | 'PATCH' | 'DELETE'): NonNullable<SuiteEndpoint['foreign']> => ({
  request: async (stage, stranger) => ({
    method,
    path: await made(stage, stranger),
    ...(method === 'PATCH' && { body: example }),
  }),
  expect: ({ status, body }) =>
    expect({ status, body }).toEqual({ status: 404, body: '{"message":"Resource not found."}' }),
});

const endpoints: SuiteEndpoint[] = [
  {
    name: `POST ${base}`,
    request: async () => ({ method: 'POST', path: base, body: example }),
    status: 201,
    wrongMethods: ['PUT', 'PATCH', 'DELETE'],
    bodyLimit,
  },
  {
    name: `GET ${base}`,
    request: async () => ({ method: 'GET', path: `${base}?page=0&pageSize=10` }),
    wrongMethods: [],
    foreign: {
      request: async (stage, stranger) => {
        await made(stage, stranger);
        return { method: 'GET', path: base };
      },
      expect: ({ body }) => expect(body).toBe('{"page":0,"pageSize":100,"pageData":[]}'),
    },
  },
  {
    name: `GET ${base}/{webhookId}`,
    request: async (stage) => ({ method: 'GET', path: await made(stage) }),
    wrongMethods: ['POST', 'PUT'],
    foreign: foreign('GET'),
  },
  {
    name: `PATCH ${base}/{webhookId}`,
    request: async (stage) => ({ method: 'PATCH', path: await made(stage), body: example }),
    wrongMethods: [],
    bodyLimit,
    foreign: foreign('PATCH'),
  },
  {
    name: `DELETE ${base}/{webhookId}`,
    request: async (stage) => ({ method: 'DELETE', path: await made(stage) }),
    status: 204,
    wrongMethods: [],
    foreign: foreign('DELETE'),
  },
];

const refused = (...details: string[]): object => ({ message: 'Bad Request', details });
const { url, method, encoding, events, template } = example;

runDialectCases(suiteOf(endpoints, 'management'), [
  {
    name: 'a webhook is refused with all that is wrong with it',
    request: {
      method: 'POST',
      path: base,
      body: { ...example, url: 'ftp://a.example', events: ['RECEIVED_123'], encoding: null },
    },
    status: 400,
    body: refused(
      '/url: Not a valid http url',
      '/encoding: Encoding cannot be null',
      '/events/0: [RECEIVED_123] is invalid',
    ),
  },
  {
    name: 'JSON that is none is refused in the vendor’s words',
    request: { method: 'POST', path: base, body: '{"url":' },
    status: 400,
    body: refused('Failed to parse message body.'),
  },
  ...['page=-1', 'page=x', 'page_size=0', 'pageSize=x', 'page_size=1.5'].map((query) => ({
    name: `a list is refused for ${query}`,
    request: { method: 'GET', path: `${base}?${query}` } as const,
    status: 400,
    body: refused(`${query.split('=')[0]} property value is invalid`),
  })),
]);

let world: World;
let client: Client;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  client = new Client(world, await world.account({ dialect: 'messagemedia' }));
});

const create = (change: object = {}): Promise<JsonAnswer> =>
  client.ask('POST', base, { body: { ...example, ...change } });
const createdId = async (change: object = {}): Promise<string> => {
  const { status, json, body } = await create(change);
  if (status !== 201) throw new Error(body);
  return json['id'] as string;
};

describe('a webhook', () => {
  it('is shown with what was set', async () => {
    const { status, json, body } = await create();
    expect(status).toBe(201);
    expect(json).toEqual({ ...example, id: json['id'] });
    expect(Object.keys(json)).toEqual(['id', ...Object.keys(example).toSpliced(5, 0)]);
    expect(json['id']).toMatch(/^[0-9a-f-]{36}$/);
    const shown = await client.get(`${base}/${json['id'] as string}`);
    expect([shown.status, shown.body]).toEqual([200, body]);
    const list = await client.get(base);
    expect(list.body).toBe(`{"page":0,"pageSize":100,"pageData":[${body}]}`);
  });

  it.each([
    ['nothing more', {}, { retries: 0 }],
    [
      'nulls',
      { template: null, read_timeout: null, retries: null, retry_delay: null, headers: null },
      { retries: 0 },
    ],
    ['no retries', { retries: 0, retry_delay: 10 }, { retries: 0 }],
    ['retries alone', { retries: 2 }, { retries: 2, retry_delay: 30 }],
    ['an empty list of headers, as PHP has it', { headers: [] }, { retries: 0 }],
    ['an event twice', { events: [...events, ...events] }, { retries: 0 }],
    ['an unknown field', { id: 'mine', color: 'red' }, { retries: 0 }],
    ['an empty template', { template: '' }, { retries: 0 }],
  ])('is shown without what was not set: %s', async (_, more, shown) => {
    const { status, json } = await client.ask('POST', base, { body: { ...short, ...more } });
    expect(status).toBe(201);
    expect(json).toEqual({ id: json['id'], ...short, ...shown });
  });

  it('may have all events, headers, and a template in its url', async () => {
    const all = {
      url: 'https://a.example:8443/b?text=$moContent&from=$!sourceAddress',
      method: 'GET',
      events: [...webhookEvents],
      headers: { Account: 'DeveloperPortal7000', 'X-Custom': 'h\u00e9llo' },
    };
    expect((await create(all)).json).toMatchObject(all);
  });

  it('is there once for a url and method', async () => {
    const id = await createdId();
    const again = await create({ events: ['RECEIVED_SMS'], encoding: 'XML' });
    expect([again.status, again.body]).toEqual([
      409,
      '{"message":"A webhook with the given url and method already exists."}',
    ]);
    const other = await createdId({ method: 'PUT' });
    await createdId({ url: 'http://webhook.com/b' });
    const changed = await client.ask('PATCH', `${base}/${other}`, { body: { method } });
    expect([changed.status, changed.body]).toEqual([again.status, again.body]);
    const same = await client.ask('PATCH', `${base}/${id}`, { body: { url, method } });
    expect(same.status).toBe(200);
    const stranger = new Client(world, await world.account({ dialect: 'messagemedia' }));
    expect((await stranger.ask('POST', base, { body: example })).status).toBe(201);
  });

  it('is one of 150 at most', async () => {
    for (let i = 0; i < 150; i++) await createdId({ url: `http://webhook.com/${i}` });
    const one = await create();
    expect([one.status, one.body]).toEqual([
      400,
      '{"message":"Maximum number of webhooks (150) reached"}',
    ]);
    const { json } = await client.get(`${base}?page=1&page_size=100`);
    expect(json['pageData']).toHaveLength(50);
  });
});

describe('the list', () => {
  it.each([
    ['', 0, 100, [0, 1, 2]],
    ['/', 0, 100, [0, 1, 2]],
    ['?page=0&page_size=2', 0, 2, [0, 1]],
    ['?page=1&page_size=2', 1, 2, [2]],
    ['/?page=1&pageSize=2', 1, 2, [2]],
    ['?page=&page_size=', 0, 100, [0, 1, 2]],
    ['?page=9', 9, 100, []],
    ['?page=999999999&page_size=999999999', 999_999_999, 999_999_999, []],
  ])('%s', async (query, page, pageSize, which) => {
    for (let i = 0; i < 3; i++) await createdId({ url: `http://webhook.com/${i}` });
    const { status, json } = await client.get(base + query);
    expect(status).toBe(200);
    expect(Object.keys(json)).toEqual(['page', 'pageSize', 'pageData']);
    expect(json).toMatchObject({ page, pageSize });
    const urls = (json['pageData'] as { url: string }[]).map((one) => one.url);
    expect(urls).toEqual(which.map((i) => `http://webhook.com/${i}`));
  });
});

describe('a change', () => {
  it.each([
    ['url', { url: 'https://b.example/x' }],
    ['method', { method: 'GET' }],
    ['encoding', { encoding: 'XML' }],
    ['headers', { headers: { a: 'b' } }],
    ['template', { template: '$mtId' }],
    ['events', { events: ['RECEIVED_SMS'] }],
    ['two', { method: 'PUT', encoding: 'FORM_ENCODED' }],
    ['nulls besides', { method: 'PUT', encoding: null, events: null }],
  ])('of %s keeps the rest', async (_, change) => {
    const id = await createdId();
    const { status, json } = await client.ask('PATCH', `${base}/${id}`, { body: change });
    const set = Object.fromEntries(Object.entries(change).filter(([, one]) => one !== null));
    expect(status).toBe(200);
    expect(json).toEqual({ ...example, ...set, id });
    expect((await client.get(`${base}/${id}`)).json).toEqual(json);
  });

  it('loses nothing of another one at the same time', async () => {
    const changes = [
      { encoding: 'XML' },
      { headers: { a: 'b' } },
      { template: '$mtId' },
      { events: ['RECEIVED_SMS'] },
      { method: 'PUT' },
      { url: 'https://b.example/x' },
    ];
    for (let round = 0; round < 5; round++) {
      const id = await createdId({ url: `http://webhook.com/${round}` });
      await Promise.all(
        changes.map((body) => {
          const change = body.url ? { url: `${body.url}${round}` } : body;
          return client.ask('PATCH', `${base}/${id}`, { body: change });
        }),
      );
      const all = Object.assign({}, ...changes) as object;
      const url = `https://b.example/x${round}`;
      expect((await client.get(`${base}/${id}`)).json).toEqual({ ...example, ...all, url, id });
    }
  });

  it('to an empty template takes it away', async () => {
    const id = await createdId();
    const { template: _, ...rest } = example;
    const { status, json } = await client.ask('PATCH', `${base}/${id}`, { body: { template: '' } });
    expect([status, json]).toEqual([200, { ...rest, id }]);
    expect((await client.get(`${base}/${id}`)).json).toEqual(json);
    const again = await client.ask('PATCH', `${base}/${id}`, { body: { template: '' } });
    expect([again.status, again.json]).toEqual([200, json]);
    const back = await client.ask('PATCH', `${base}/${id}`, { body: { template } });
    expect(back.json).toEqual({ ...example, id });
  });

  it.each([
    ['nothing', {}, 'At least one field must be provided.'],
    ['nulls', { url: null, template: null }, 'At least one field must be provided.'],
    // Reference §7.4: these can be set at the creation alone.
    [
      'retries',
      { retries: 1, retry_delay: 5, read_timeout: 1 },
      'At least one field must be provided.',
    ],
    ['no events', { events: [] }, '/events: Events must be between 1 and 100'],
    ['an unknown event', { events: ['RECEIVED_123'] }, '/events/0: [RECEIVED_123] is invalid'],
    ['a bad url', { url: 'ftp://a.example' }, '/url: Not a valid http url'],
    [
      'Content-Type',
      { headers: { 'Content-Type': 'x' } },
      '/headers: Headers must not contain Content-Type',
    ],
    [
      'a bad template',
      { template: '#end' },
      '/template: line 1: #end without #if or #foreach before it',
    ],
  ])('of %s is refused', async (_, body, detail) => {
    const id = await createdId();
    const answer = await client.ask('PATCH', `${base}/${id}`, { body });
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(refused(detail));
    expect((await client.get(`${base}/${id}`)).json).toEqual({ ...example, id });
  });

  it('turns on again what was switched off since its receiver was gone', async () => {
    const id = await createdId();
    const { id: accountId } = client.account.account;
    await world.gateway.disableEndpoint(accountId, id as never);
    expect((await client.get(`${base}/${id}`)).status).toBe(200);
    const enabled = async (): Promise<boolean | undefined> =>
      (await world.gateway.directory.view(accountId))?.endpoints.some((one) => one.id === id);
    expect(await enabled()).toBe(false);
    await client.ask('PATCH', `${base}/${id}`, { body: { template } });
    expect(await enabled()).toBe(true);
  });
});

describe('what is not there', () => {
  const path = `${base}/76fa7010-8c1f-4a24-917a-4d62a54e744d`;
  it.each([
    ['GET', path],
    ['PATCH', path],
    ['DELETE', path],
    ['GET', `${base}/1`],
    ['PATCH', `${base}/%00`],
    ['DELETE', `${base}/1`],
  ] as const)('%s %s', async (verb, at) => {
    const body = verb === 'PATCH' ? { encoding } : undefined;
    const answer = await client.ask(verb, at, { body });
    expect([answer.status, answer.body]).toEqual([404, '{"message":"Resource not found."}']);
  });

  it('is not there twice', async () => {
    const id = await createdId();
    const first = await client.ask('DELETE', `${base}/${id}`);
    expect([first.status, first.body]).toEqual([204, '']);
    expect((await client.ask('DELETE', `${base}/${id}`)).status).toBe(404);
    expect((await client.get(base)).json['pageData']).toEqual([]);
  });

  it('nor are the standing endpoints', async () => {
    const view = await world.gateway.directory.view(client.account.account.id);
    const standing = view?.endpoints.find(({ topic }) => topic === 'callback');
    expect(standing).toBeDefined();
    expect((await client.ask('DELETE', `${base}/${standing?.id}`)).status).toBe(404);
  });
});
