import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPhoneWorld } from '../../../test/support/phone-world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { anything, headerText, methods, rarely, awkward } from '../testkit/arbitraries.ts';
import type { Method } from './call.ts';
import { bases, endpoints } from './endpoints.ts';
import { smsgate } from './index.ts';
import { scopes } from './scopes.ts';
import { states } from './states.ts';
import { otherEvents, webhookEvents } from './webhook-settings.ts';

/** Of each kind of request. */
const runs = 1500;

let world: World;
let account: WorldAccount;
let phone: string;
beforeAll(async () => {
  world = await createPhoneWorld({ dialects: [smsgate], dispatch: false });
  account = await world.account({ dialect: 'smsgate', credits: 1_000_000 });
  const { device } = await world.gateway.devices.enrol(
    { accountId: account.account.id, credentialId: null },
    { name: 'a phone', sims: [], pushToken: null, version: null },
  );
  phone = device.id;
});
afterAll(() => world.close());

/** Words that mean something somewhere in this API. */
const words = [
  '+61491570156',
  '0491570157',
  '+61298765432',
  'https://a.example/hook',
  'http://127.0.0.1/',
  '2026-03-09T09:00:00Z',
  '2026-03-09T09:00:00.123456789+10:00',
  '2020-01-01T00:00:00Z',
  'PerHour',
  'Disabled',
  'RoundRobin',
  'created_at',
  '-created_at',
  'true',
  'false',
  'tokens:refresh',
  ...states,
  ...scopes,
  ...webhookEvents,
  ...otherEvents,
  ...awkward,
];

/** Whatever is a key of a body or a query somewhere in this API. */
const names = [
  'id',
  'deviceId',
  'message',
  'textMessage',
  'text',
  'dataMessage',
  'data',
  'port',
  'phoneNumbers',
  'simNumber',
  'withDeliveryReport',
  'isEncrypted',
  'ttl',
  'validUntil',
  'scheduleAt',
  'priority',
  'skipPhoneValidation',
  'deviceActiveWithin',
  'from',
  'to',
  'state',
  'limit',
  'offset',
  'includeContent',
  'sort',
  'url',
  'event',
  'messages',
  'ping',
  'webhooks',
  'encryption',
  'gateway',
  'passphrase',
  'signing_key',
  'limit_period',
  'limit_value',
  'send_interval_min',
  'send_interval_max',
  'sim_selection_mode',
  'interval_seconds',
  'since',
  'until',
  'scopes',
  '__proto__',
  'constructor',
];

const { text, encoded, query, nearly, body: bodyOf } = anything(words, names);
const one = <T>(...values: T[]) => fc.constantFrom(...values);
const message = {
  id: rarely(text, 8),
  deviceId: rarely(one('the phone', 'the phone', 'x'), 8),
  textMessage: nearly({ text: one('Hello', 'Grüße 👋', 'x'.repeat(400)) }),
  phoneNumbers: fc.oneof(
    { weight: 4, arbitrary: one(['+61491570156'], ['0491570157', '+61491570156']) },
    { weight: 1, arbitrary: fc.uniqueArray(one('+61298765432', '12', '0491570157')) },
  ),
  simNumber: rarely(one(1, 2, 3), 8),
  ttl: rarely(one(5, 600), 4),
  validUntil: rarely(one('2026-03-09T09:00:00Z'), 8),
  scheduleAt: rarely(one('2026-03-08T09:00:00Z'), 4),
  priority: rarely(one(-128, 0, 127), 4),
  withDeliveryReport: rarely(one(true, false), 4),
};
/** What is not an endpoint's own it passes over, so that this is good for each. */
const goodForAll = {
  url: one('https://a.example/hook'),
  event: one(...webhookEvents),
  since: one('2026-02-01T00:00:00Z'),
  until: one('2026-02-02T00:00:00Z'),
  scopes: fc.subarray([...scopes], { minLength: 1 }),
  messages: nearly({
    limit_period: one('PerHour', 'Disabled', null),
    limit_value: one(0, 30, null),
    send_interval_max: one(5, null),
    sim_selection_mode: one('Random', null),
  }),
  ping: nearly({ interval_seconds: one(60, null) }),
};
const json = (given: unknown): Buffer =>
  Buffer.from((JSON.stringify(given) ?? '').replaceAll('"the phone"', () => `"${phone}"`));
const body = bodyOf(
  fc.tuple(nearly(message), nearly(goodForAll)).map(([own, more]) => json({ ...more, ...own })),
  8,
  json,
);
const headers = fc.record({ 'content-type': headerText, accept: headerText }, { requiredKeys: [] });

/** A request of a path that there is, each with a method that it has more often than not. */
const request = fc
  .record({
    base: fc.constantFrom(...bases),
    endpoint: fc.constantFrom(...endpoints),
    anyMethod: rarely(fc.constantFrom(...methods), 5),
    nth: fc.nat(),
    // A text, or one of the ids that answers have shown by then.
    param: fc.oneof(encoded, fc.nat()),
    slash: fc.constantFrom('', '/'),
    query: rarely(query(4), 4),
    headers,
    body,
    /** By one of the tokens that answers have shown. */
    token: rarely(fc.nat(), 10),
  })
  .map(({ endpoint, anyMethod, nth, ...more }) => {
    const own = Object.keys(endpoint.methods) as Method[];
    return { method: anyMethod ?? (own[nth % own.length] as Method), path: endpoint.path, ...more };
  });

/** Ids and tokens that answers have shown, so that there is something behind a path. */
const known: string[] = ['x'];
const tokens: string[] = [];

function learn(answer: string): void {
  for (const [, name = '', shown = ''] of answer.matchAll(/"(id|\w+_token)":"([^"\\]+)"/g)) {
    const list = name === 'id' ? known : tokens;
    if (list.length < 50) list.push(shown);
  }
}

it('whatever a client sends has an answer that is no fault of ours, in the shape of the API', {
  timeout: 120_000,
}, async () => {
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(request, async (given) => {
      const { param, token, query: pairs, method } = given;
      const id =
        typeof param === 'string' ? param : encodeURIComponent(known[param % known.length] ?? '');
      const search = (pairs ?? []).map(([name, asked]) => `${name}=${asked}`).join('&');
      const answer = await world.inject({
        method: method as 'GET',
        url: `/smsgate${given.base}${given.path.replace(/:\w+/, () => id)}${given.slash}${search && `?${search}`}`,
        headers: {
          authorization:
            token === undefined || tokens.length === 0
              ? account.authorization
              : `Bearer ${tokens[token % tokens.length] ?? ''}`,
          ...given.headers,
        },
        ...(given.body && method !== 'GET' && method !== 'HEAD' && { payload: given.body }),
      });
      const { statusCode: status, body: answered } = answer;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      // These two say so always (reference §11).
      expect(status === 501 ? /\/(?:inbox|logs)$/.test(given.path) : status < 500).toBe(true);
      if (method === 'HEAD' || method === 'OPTIONS') return;
      if (status < 300) {
        learn(answered);
        if (answered !== '') expect(() => JSON.parse(answered) as unknown).not.toThrow();
        return;
      }
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      const error = JSON.parse(answered) as { message: unknown };
      expect(Object.keys(error)).toEqual(['message']);
      expect(error.message).toMatch(/\S/);
    }),
    { numRuns: runs },
  );
  // What lies behind the first check was reached.
  for (const status of [200, 201, 202, 204, 400, 404, 405]) {
    expect(statuses.get(status) ?? 0, `answers with ${status}`).toBeGreaterThan(5);
  }
  for (const line of world.log.lines) expect(JSON.parse(line)).not.toMatchObject({ level: 50 });
  expect(await world.storage.read.ledger.discrepancies()).toEqual([]);
});
