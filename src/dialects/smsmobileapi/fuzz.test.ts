import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import { endpoints } from './endpoints.ts';
import { replyGuidOf } from './guid.ts';
import { tokenPath } from './routes.ts';
import { Client, receive } from './testkit/client.ts';

let world: World;
const accounts: WorldAccount[] = [];
/** Guids that there are, so that more than refusals is tried. */
const guids: string[] = [];
beforeAll(async () => {
  world = await createWorld({ dispatch: false });
  for (const errors of ['documented', 'observed']) {
    const account = await world.account({
      dialect: 'smsmobileapi',
      kind: 'api_key',
      settings: { errors, timeZone: 'Asia/Kolkata' },
      credits: 100_000,
    });
    accounts.push(account);
    const client = new Client(world, account);
    for (let i = 0; i < 5; i++) {
      guids.push(await client.send(), replyGuidOf((await receive(world, account)).id));
    }
  }
});
afterAll(() => world.close());

const paths = [...endpoints.map(({ path }) => path), tokenPath, '/nothing'];
const names = [
  'apikey',
  'recipients',
  'message',
  'port',
  'shorturl',
  'sIdentifiant',
  'sendwa',
  'sendsms',
  'waonly',
  'encrypt_message',
  'schedule_timestamp',
  'sendername',
  'guid',
  'guid_message',
  'before',
  'error_api',
  'error_mobile',
  'keyword',
  'date',
  'date_from',
  'date_to',
  'date_start',
  'date_end',
  'period',
  'number',
  'search',
  'sort_by',
  'sort_order',
  'sort',
  'limit',
  'sIdentifiantPhone',
  'after_timestamp_unix',
  'onlyunread',
  'alias',
  'origineConversation',
  'numero',
  'resume',
  'resume_line_how',
  'sid',
  'label',
  'phone_number',
  'grant_type',
  'client_id',
  'client_secret',
  '__proto__',
  'constructor',
];
const value = fc.oneof(
  fc.constantFrom(
    '1',
    '0',
    'yes',
    'no',
    '',
    ' ',
    '2',
    'received',
    'sent',
    'ASC',
    'last_24h',
    'number',
  ),
  fc.constantFrom(
    '+61491570156',
    ' 61491570156',
    '0491570156',
    '2026-03-01',
    '9999-12-31',
    '0000-01-01',
  ),
  fc.constantFrom('99999999999999', '-1', '1e9', 'NaN', 'client_credentials', '1774041814'),
  fc.nat({ max: 9 }).map((at) => guids[at] ?? ''),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.toWellFormed()),
  fc.constant('x'.repeat(5000)),
);
const parameters = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 8 });
const anyJson = fc.oneof(
  fc.json({ maxDepth: 3 }),
  parameters.map((pairs) => JSON.stringify(Object.fromEntries(pairs))),
  fc.constantFrom('{', '[]', 'null', '{"recipients":[1]}', '{"__proto__":{"apikey":"x"}}'),
);
let requests = 0;
const encode = (pairs: [string, string][]): string => new URLSearchParams(pairs).toString();
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'),
  path: fc.constantFrom(...paths),
  slash: fc.constantFrom('', '/'),
  query: parameters,
  rawQuery: fc.constantFrom('', '&%', '&%zz=1', '&a[]=1', '&&==', '&recipients=+1'),
  loggedIn: fc.boolean(),
  body: fc.option(
    fc.oneof(
      parameters.map(encode),
      anyJson,
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constant('--x\r\nContent-Disposition: form-data; name="message"\r\n\r\nhi\r\n--x--\r\n'),
      fc.constant('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x'),
    ),
  ),
  type: fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/xml', ';'),
  authorization: fc.option(fc.constantFrom('Bearer x', 'Bearer', 'Basic eDp5', 'x')),
});

it.each([0, 1])(
  'whatever a client sends has an answer that is no fault of ours, in the shape of the API (%d)',
  {
    timeout: 120_000,
  },
  async (which) => {
    const account = accounts[which] as WorldAccount;
    await fc.assert(
      fc.asyncProperty(request, async (one) => {
        const { method, path, authorization, body } = one;
        const query = encode(
          one.loggedIn ? [...one.query, ['apikey', account.password]] : one.query,
        );
        const answer = await world.inject({
          method: method as 'GET',
          url: `/smsmobileapi${path}${one.slash}?${query}${one.rawQuery}`,
          headers: { 'content-type': one.type, ...(authorization && { authorization }) },
          // Wrong log-ins are counted by address.
          remoteAddress: `10.1.${++requests >> 8}.${requests & 255}`,
          ...(body !== null && !['GET', 'HEAD'].includes(method) && { payload: body }),
        });
        const { statusCode: status } = answer;
        expect(status).toBeLessThan(500);
        expect([301, 302, 303, 307, 308]).not.toContain(status);
        if (answer.body === '') return;
        expectShape(path, status, JSON.parse(answer.body) as Record<string, unknown>);
      }),
      { numRuns: 2000 },
    );
    for (const line of world.log.lines) expect(JSON.parse(line)).not.toMatchObject({ level: 50 });
    expect(await world.storage.read.ledger.discrepancies()).toEqual([]);
  },
);

function expectShape(path: string, status: number, body: Record<string, unknown>): void {
  if (path === tokenPath) {
    expect(body['access_token'] ?? body['error']).toBeTypeOf('string');
    return;
  }
  const family = endpoints.find((one) => one.path === path)?.family ?? 'result';
  if (family === 'success') {
    expect(body['success']).toBeTypeOf('boolean');
    if (body['success'] === false) expect(body['error']).toBeTypeOf('string');
    return;
  }
  if (family === 'plain') {
    expect(body['error']).toBeTypeOf('string');
    return;
  }
  const result = body['result'] as Record<string, unknown>;
  expect(Object.keys(result)).toContain('error');
  expect(['string', 'number', 'object']).toContain(typeof result['error']);
  if (status >= 400) expect(Object.keys(body)).toEqual(['result', 'error', 'message']);
  for (const list of ['sms', 'mobiles']) {
    if (Array.isArray(result[list]))
      for (const row of result[list]) expect(row).toBeTypeOf('object');
  }
}
