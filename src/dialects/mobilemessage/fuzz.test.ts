import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { anything, headerText, methods } from '../testkit/arbitraries.ts';

let world: World;
const accounts = new Map<string, WorldAccount>();
beforeAll(async () => {
  world = await createWorld({ dispatch: false });
  for (const edition of ['2024', '2026']) {
    accounts.set(edition, await world.account({ settings: { edition }, credits: 100_000 }));
  }
});
afterAll(() => world.close());

const paths = [
  '/v1/messages',
  '/v1/account',
  '/v1/inbound',
  '/v1/senders',
  '/v1/senders/confirm',
  '/v1/unsubscribes',
  '/v1/webhooks',
  '/simple/send-sms',
  '/simple/get-balance.php',
  '/v1/unknown',
];
const keys = [
  'messages',
  'to',
  'message',
  'sender',
  'custom_ref',
  'unicode',
  'scheduled_for',
  'enable_unicode',
  'max_parts',
  'message_id',
  'number',
  'label',
  '__proto__',
  'constructor',
  'toString',
];
const names = [
  'message_id',
  'custom_ref',
  'type',
  'limit',
  'offset',
  'start_date',
  'end_date',
  'number',
  'to',
  'message',
  'sender',
  'api_username',
  'api_password',
  'code',
  '__proto__',
  'a[b]',
];
const words = [
  '0412345678',
  '+61412345678',
  'CompanyABC',
  'Hello {optout}',
  '',
  '%',
  'r%',
  'inbound',
  '2026-03-09 09:00:00',
  '019ca6b1-dc00-7000-8000-000000000008',
  '\u0000',
  '😀',
  '\ud83d',
  '%ff',
  '-1',
  '1e999',
  '{',
];

const { text, value, encoded } = anything(words, keys);
/** Near to a good one, so that what lies behind the first check is reached. */
const batch = fc.record(
  {
    messages: fc.array(
      fc.record(
        {
          to: fc.oneof(fc.constant('0412345678'), value),
          message: text,
          sender: fc.oneof(fc.constant('CompanyABC'), value),
          custom_ref: fc.oneof(text, value),
          unicode: fc.oneof(fc.boolean(), value),
          scheduled_for: fc.oneof(fc.constant('2026-03-09 09:00:00'), value),
        },
        { requiredKeys: ['to', 'message', 'sender'] },
      ),
      { maxLength: 5 },
    ),
    enable_unicode: fc.boolean(),
    max_parts: fc.integer({ min: -1, max: 100 }),
  },
  { requiredKeys: ['messages'] },
);
const body = fc.oneof(
  batch.map((one) => Buffer.from(JSON.stringify(one))),
  value.map((one) => Buffer.from(JSON.stringify(one) ?? '')),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(undefined),
);
const query = fc.array(fc.tuple(fc.constantFrom(...names), encoded), { maxLength: 5 });
const headers = fc.record(
  {
    'content-type': fc.oneof(
      fc.constantFrom('application/json', 'text/plain', 'x', ';'),
      headerText,
    ),
    'idempotency-key': fc.oneof(headerText, fc.constant('k'.repeat(300))),
    accept: headerText,
    'x-other': headerText,
  },
  { requiredKeys: [] },
);

const request = fc.record({
  method: fc.constantFrom(...methods),
  path: fc.constantFrom(...paths),
  slash: fc.constantFrom('', '/'),
  query,
  headers,
  body,
});

describe.each(['2024', '2026'])('whatever a client of edition %s sends', (edition) => {
  it('has an answer that is no fault of ours, in the shape of the API', {
    timeout: 120_000,
  }, async () => {
    const { authorization } = accounts.get(edition) as WorldAccount;
    await fc.assert(
      fc.asyncProperty(request, async (one) => {
        const search = one.query.map(([name, given]) => `${name}=${given}`).join('&');
        const answer = await world.inject({
          method: one.method as 'GET',
          url: `/mobilemessage${one.path}${one.slash}${search && `?${search}`}`,
          headers: { authorization, ...one.headers },
          ...(one.body && one.method !== 'GET' && one.method !== 'HEAD' && { payload: one.body }),
        });
        const { statusCode: status } = answer;
        expect(status).toBeLessThan(500);
        if (answer.body === '' || one.path === '/v1/senders/confirm') return;
        const parsed = JSON.parse(answer.body) as Record<string, unknown>;
        if (status === 200) {
          expect(
            Array.isArray(parsed) ||
              'status' in parsed ||
              'error' in parsed ||
              'webhooks' in parsed,
          ).toBe(true);
        } else {
          expect(parsed['error']).toBeTypeOf('string');
          expect(Object.keys(parsed)).toEqual(status === 400 ? ['error', 'message'] : ['error']);
        }
      }),
      { numRuns: 1500 },
    );
    for (const line of world.log.lines) {
      expect(JSON.parse(line)).not.toMatchObject({ level: 50 });
    }
    expect(await world.storage.read.ledger.discrepancies()).toEqual([]);
  });
});
