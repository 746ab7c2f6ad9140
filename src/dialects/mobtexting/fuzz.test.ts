import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { anything, headerText, methods, rarely, awkward } from '../testkit/arbitraries.ts';
import type { Endpoint, Method } from './call.ts';
import { endpoints } from './endpoints.ts';
import { mobtexting } from './index.ts';
import { Client, number } from './testkit/client.ts';
import { eventNames } from './webhook-settings.ts';

/** Of each kind of request. */
const runs = 3000;

let world: World;
let client: Client;
beforeAll(async () => {
  world = await createWorld({ dialects: [mobtexting], dispatch: false });
  const settings = { getsPerMinute: 1_000_000, registers: true };
  client = await Client.of(world, { credits: 1_000_000, settings });
});
afterAll(() => world.close());

/** Words that mean something somewhere in this API. */
const words = [
  number,
  `+${number}`,
  `${number},9198`,
  '61491570156',
  'TXTSMS',
  'T',
  'VOC',
  'G',
  'IN',
  'all',
  'sms',
  'rcs',
  'tag',
  'sender',
  '2026-03-09 09:00:00',
  '2026-03-09 10:30AM',
  '2026-03-01',
  '2026-02-01|2026-03-01',
  'https://a.example/hook?{{id}}',
  'http://127.0.0.1/',
  '{{status}}',
  '{#var#}',
  'asha@shop.example',
  '{"root":{},"nodes":[]}',
  ...eventNames,
  '1',
  ...awkward,
  'DELETE',
  'GET',
];

/** Whatever is a key of a body or a query somewhere in this API. */
const names = [
  'to',
  'message',
  'sender',
  'service',
  'webhook_id',
  'time',
  'type',
  'flash',
  'custom',
  'custom1',
  'port',
  'entity_id',
  'entity_name',
  'template_id',
  'max_units',
  'meta',
  'tags',
  'root',
  'nodes',
  'name',
  'channels',
  'recipient',
  'payload',
  'text',
  'from',
  'group_id',
  'alias',
  'data',
  'id',
  'mobile',
  'cid',
  'date',
  'daterange',
  'page',
  'filter',
  'filter[name]',
  'filter[iso]',
  'filter[status]',
  'tags[]',
  'meta[tags][]',
  'country',
  'mcc',
  'country_code',
  'status',
  'uri',
  'secret',
  'token',
  'method',
  'headers',
  'event',
  'identity',
  'username',
  'credits',
  'notes',
  'email',
  'password',
  'body',
  'receiver',
  'value',
  'number',
  'tag',
  'long_url',
  'title',
  'is_advanced',
  'timeout',
  'length',
  'foreign_id',
  'attributes',
  'identifiers',
  '_method',
  '__proto__',
  'constructor',
];

const { text, encoded, query, nearly, body: bodyOf } = anything(words, names);
const one = (...values: unknown[]): fc.Arbitrary<unknown> => fc.constantFrom(...values);
/** What is not an endpoint's own it passes over, so that this is good for each. */
const good = {
  to: one(number, [number, '919876543211'], `${number},+61491570156`),
  message: one('Hello', 'Grüße 👋', 'x'.repeat(400)),
  sender: one('TXTSMS'),
  service: one('T', 'P', 'VOC', 'RCS'),
  custom: rarely(text, 4),
  time: rarely(one('2026-03-09 09:00:00'), 4),
  type: rarely(one('U', 'N', 'A'), 2),
  flash: rarely(one(0, 1, '1'), 4),
  max_units: rarely(one(1, 2), 4),
  webhook_id: rarely(one('the id', 'x'), 4),
  meta: rarely(nearly({ tags: one(['a'], 'a,b') }), 4),
  name: one('SENDER', 'ABC', 'name of it'),
  country_code: one('AU', 'IN'),
  entity_id: one('1'),
  entity_name: one('x'),
  uri: one('https://a.example/hook', 'https://a.example/{{id}}'),
  event: one(...eventNames),
  username: one('nobody'),
  credits: one(1, '2.5'),
  email: one('asha@shop.example'),
  alias: rarely(one('template'), 4),
  body: one('Hello {{name}}'),
  template_id: one('1107'),
  receiver: one(number),
  value: one('TXTSMS'),
  number: one(number),
  long_url: one('https://a.example/'),
  title: one('x'),
};
const unified = {
  channels: fc.array(nearly({ name: one('sms', 'rcs'), from: one('TXTSMS') }), { maxLength: 2 }),
  recipient: nearly({ to: one([number]) }),
  message: nearly({ type: one('text'), payload: nearly({ text: one('Hello') }) }),
};
const many = {
  root: nearly(good),
  nodes: fc.array(nearly({ to: good.to, custom: good.custom }), { maxLength: 3 }),
};
const json = (given: unknown): Buffer =>
  Buffer.from((JSON.stringify(given) ?? '').replaceAll('"the id"', () => `"${known.at(-1)}"`));
const form = (given: unknown): Buffer => {
  const pairs = Object.entries(given as object).map(([name, value]) => [
    name,
    (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed(),
  ]);
  return Buffer.from(new URLSearchParams(pairs as [string, string][]).toString());
};
const xml = fc
  .tuple(text, fc.constantFrom('to', 'message', 'x'))
  .map(([value, name]) =>
    Buffer.from(
      `<data><root><sender>TXTSMS</sender><service>T</service><message>x</message></root><nodes><node>` +
        `<to>${number}</to><${name}>${value}</${name}></node></nodes></data>`,
    ),
  );
const body = fc.oneof(
  { weight: 4, arbitrary: bodyOf(nearly(good).map(json), 8, json) },
  { weight: 1, arbitrary: nearly(good).map(form) },
  { weight: 1, arbitrary: nearly(unified).map(json) },
  { weight: 1, arbitrary: nearly(many).map(json) },
  { weight: 1, arbitrary: xml },
);
const headers = fc.record({ 'content-type': headerText }, { requiredKeys: [] });

/** A request of a path that there is, each with a method that it has more often than not. */
const request = fc
  .record({
    endpoint: fc.constantFrom<Endpoint>(...endpoints),
    anyMethod: rarely(fc.constantFrom(...methods), 5),
    nth: fc.nat(),
    // A text, or one of the ids that answers have shown by then.
    param: fc.oneof(encoded, fc.nat()),
    slash: fc.constantFrom('', '/'),
    query: rarely(query(4), 3),
    headers,
    body,
    stranger: rarely(fc.constant(true), 20),
  })
  .map(({ endpoint, anyMethod, nth, ...more }) => {
    const own = Object.keys(endpoint.methods) as Method[];
    const path = `/api/${endpoint.version ?? 'v2'}${endpoint.path}`;
    return { method: anyMethod ?? (own[nth % own.length] as Method), path, ...more };
  });

/** Ids that answers have shown, so that there is something behind a path. */
const known: string[] = ['x'];

function learn(answer: string): void {
  for (const [, shown = ''] of answer.matchAll(/"id":"?([^"\\,}]+)/g)) {
    if (known.length < 200) known.push(shown);
    else known[known.length - 1] = shown;
  }
}

it('whatever a client sends has an answer that is no fault of ours, in the shape of the API', {
  timeout: 120_000,
}, async () => {
  const statuses = new Map<number, number>();
  let requests = 0;
  await fc.assert(
    fc.asyncProperty(request, async (given) => {
      const { param, query: pairs, method } = given;
      const id =
        typeof param === 'string' ? param : encodeURIComponent(known[param % known.length] ?? '');
      const search = (pairs ?? []).map(([name, asked]) => `${name}=${asked}`).join('&');
      const answer = await world.inject({
        method: method as 'GET',
        url: `/mobtexting${given.path.replace(/:\w+/g, () => id)}${given.slash}${search && `?${search}`}`,
        headers: {
          accept: 'application/json',
          ...(!given.stranger && { authorization: `Bearer ${client.account.password}` }),
          ...given.headers,
        },
        // Wrong log-ins are counted by address.
        remoteAddress: `10.1.${++requests >> 8}.${requests & 255}`,
        ...(given.body && method !== 'GET' && method !== 'HEAD' && { payload: given.body }),
      });
      const { statusCode: status, body: answered } = answer;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expect(status).toBeLessThan(500);
      expect([301, 302, 303, 307, 308]).not.toContain(status);
      if (method === 'HEAD' || method === 'OPTIONS') return;
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      const said = JSON.parse(answered) as Record<string, unknown>;
      if (status < 300) {
        learn(answered);
        return;
      }
      expect(said).toMatchObject({ status: 'ERROR', code: status });
      expect(said['data']).toEqual(status === 422 ? [] : undefined);
      expect(said['message']).toMatch(/\S/);
    }),
    { numRuns: runs },
  );
  // What lies behind the first check was reached.
  for (const status of [200, 400, 401, 404, 405, 422]) {
    expect(statuses.get(status) ?? 0, `answers with ${status}`).toBeGreaterThan(5);
  }
  for (const line of world.log.lines) expect(JSON.parse(line)).not.toMatchObject({ level: 50 });
  expect(await world.storage.read.ledger.discrepancies()).toEqual([]);
});
