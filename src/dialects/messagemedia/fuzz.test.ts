import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { anything, headerText, methods, rarely, awkward } from '../testkit/arbitraries.ts';
import type { Method } from './call.ts';
import { endpoints } from './endpoints.ts';
import { messagemedia } from './index.ts';

/** Of each kind of request. */
const runs = 1500;

let world: World;
let account: WorldAccount;
beforeAll(async () => {
  world = await createWorld({ dialects: [messagemedia], dispatch: false });
  account = await world.account({ dialect: 'messagemedia', credits: 1_000_000 });
});
afterAll(() => world.close());

/** Words that mean something somewhere in this API. */
const words = [
  '+61491570156',
  '61491570157',
  'CompanyABC',
  'SMS',
  'MMS',
  'TTS',
  'RSA',
  'SHA256',
  'POST',
  'JSON',
  'XML',
  'DELIVERED_DR',
  'RECEIVED_SMS',
  'ALPHANUMERIC',
  'INTERNATIONAL',
  'OWN_NUMBER',
  'AU',
  'cancelled',
  'carrier,type',
  'https://a.example/$moContent',
  '{"id":"$mtId","status":"$statusCode"}',
  '#foreach($k in $metadata.keySet())$k#end',
  '2026-03-09T09:00:00Z',
  '019ca6b1-dc00-7000-8000-000000000008',
  ...awkward,
];

/** Whatever is a key of a body or a query somewhere in this API. */
const names = [
  'messages',
  'content',
  'destination_number',
  'callback_url',
  'delivery_report',
  'format',
  'message_expiry_timestamp',
  'scheduled',
  'metadata',
  'source_number',
  'source_number_type',
  'media',
  'subject',
  'properties',
  'sending_mode',
  'status',
  'reply_ids',
  'delivery_report_ids',
  'url',
  'method',
  'encoding',
  'events',
  'headers',
  'template',
  'read_timeout',
  'retries',
  'retry_delay',
  'digest',
  'cipher',
  'key_id',
  'numbers',
  'label',
  'reason',
  'sender_address',
  'sender_address_type',
  'usage_type',
  'destination_countries',
  'verification_code',
  'page',
  'page_size',
  'pageSize',
  'token',
  'country',
  'matching',
  'service_types',
  'types',
  'options',
  'hash',
  'key',
  'value',
  'recipient',
  '__proto__',
  'constructor',
];

const { value, encoded, query, nearly, body: bodyOf } = anything(words, names);
/** Each always the same. */
const constants = (good: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(good).map(([name, usual]) => [name, fc.constant(usual)]));

const uuid = '019ca6b1-dc00-7000-8000-000000000008';
const message = constants({
  content: 'My first message',
  destination_number: '+61491570156',
  callback_url: 'https://my.callback.url.com',
  delivery_report: true,
  format: 'SMS',
  message_expiry_timestamp: '2026-11-03T11:49:02.807Z',
  scheduled: '2026-03-03T11:49:02.807Z',
  metadata: { key1: 'value1' },
  source_number: 'CompanyABC',
  source_number_type: 'ALPHANUMERIC',
  media: [],
  subject: 'x',
});
/** What is not an endpoint's own it passes over, so that this is good for each. */
const goodForAll = constants({
  status: 'cancelled',
  reply_ids: [uuid],
  delivery_report_ids: [uuid],
  url: 'https://a.example/hook',
  method: 'POST',
  encoding: 'JSON',
  events: ['DELIVERED_DR', 'RECEIVED_SMS'],
  headers: { a: 'b' },
  template: '{"id":"$mtId"}',
  read_timeout: 1000,
  retries: 1,
  retry_delay: 5,
  digest: 'SHA256',
  cipher: 'RSA',
  key_id: uuid,
  numbers: ['+61491570156', '+61491570157'],
  metadata: { a: 'b' },
  sender_address: 'EXAMPLE',
  sender_address_type: 'ALPHANUMERIC',
  usage_type: 'ALPHANUMERIC',
  destination_countries: ['AU'],
  reason: 'It is ours',
  label: 'Example',
  verification_code: '123456',
});
const json = (one: unknown): Buffer => Buffer.from(JSON.stringify(one) ?? '');
const body = bodyOf(
  fc
    .record({
      messages: fc.array(nearly(message), { maxLength: 4 }),
      more: nearly(goodForAll),
      properties: rarely(value, 5),
    })
    .map(({ more, ...batch }) => json({ ...batch, ...more })),
  6,
  json,
);
const headers = fc.record(
  { 'content-type': headerText, date: headerText, accept: headerText },
  { requiredKeys: [] },
);
/** Nearly all of them end there: few requests have one. */
const accountHeader = rarely(headerText, 20);

/** A request of a path that there is, each with a method that it has more often than not. */
const request = fc
  .record({
    endpoint: fc.constantFrom(...endpoints),
    anyMethod: rarely(fc.constantFrom(...methods), 5),
    nth: fc.nat(),
    // A text, or one of the ids that answers have shown by then.
    params: fc.array(fc.oneof(encoded, fc.nat()), { minLength: 2, maxLength: 2 }),
    slash: fc.constantFrom('', '/'),
    query: query(5),
    headers,
    accountHeader,
    body,
  })
  .map(({ endpoint, anyMethod, nth, ...more }) => {
    const own = Object.keys(endpoint.methods) as Method[];
    return { method: anyMethod ?? (own[nth % own.length] as Method), ...endpoint, ...more };
  });

/** Ids that answers have shown, so that there is something behind a path. */
const known = new Set<string>();

function pathOf({ path, params }: { path: string; params: (string | number)[] }): string {
  let at = 0;
  return path.replaceAll(/:\w+/g, () => {
    const param = params[at++ % params.length] ?? '';
    return typeof param === 'string' ? param : ([...known][param % known.size] ?? uuid);
  });
}

function learn(answer: string): void {
  for (const [id] of answer.matchAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)) {
    if (known.size < 50) known.add(id);
  }
}

it('whatever a client sends has an answer that is no fault of ours, in the shape of the API', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(request, async (one) => {
      const search = one.query.map(([name, given]) => `${name}=${given}`).join('&');
      const answer = await world.inject({
        method: one.method as 'GET',
        url: `/messagemedia${pathOf(one)}${one.slash}${search && `?${search}`}`,
        headers: {
          authorization: account.authorization,
          ...(one.accountHeader !== undefined && { account: one.accountHeader }),
          ...one.headers,
        },
        ...(one.body && one.method !== 'GET' && one.method !== 'HEAD' && { payload: one.body }),
      });
      const { statusCode: status, body: answered } = answer;
      expect(status).toBeLessThan(500);
      if (one.method === 'HEAD' || one.method === 'OPTIONS') return;
      if (status < 300) {
        learn(answered);
        if (answered !== '') expect(() => JSON.parse(answered) as unknown).not.toThrow();
        return;
      }
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      const error = JSON.parse(answered) as { message: unknown; details?: unknown[] };
      expect(error.message).toBeTypeOf('string');
      const keys = error.details ? ['message', 'details'] : ['message'];
      expect(Object.keys(error)).toEqual(keys);
      for (const detail of error.details ?? []) expect(detail).toBeTypeOf('string');
      expect(error.details).not.toEqual([]);
    }),
    { numRuns: runs },
  );
  for (const line of world.log.lines) expect(JSON.parse(line)).not.toMatchObject({ level: 50 });
  expect(await world.storage.read.ledger.discrepancies()).toEqual([]);
});
