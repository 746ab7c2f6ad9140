import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Account } from '../../core/accounts/account.ts';
import {
  anything,
  awkward,
  headerText,
  methods,
  rarely,
} from '../../dialects/testkit/arbitraries.ts';
import { roles } from '../../core/users/roles.ts';
import type { Person, Stage } from './testkit/stage.ts';
import { createStage, goodPassword } from './testkit/stage.ts';

const runs = 1500;

let stage: Stage;
let shop: Account;
let asked = 0;
const people: Person[] = [];
beforeAll(async () => {
  stage = await createStage();
  shop = (await stage.world.account({ name: 'shop' })).account;
  for (const role of roles) people.push(await stage.person(role, shop));
  people.push(await stage.person('owner', null));
  await stage.twoFactor(await stage.person('admin', shop));
});
afterAll(() => stage.close());

const words = [
  goodPassword,
  'person-1@example.org',
  'nobody@example.org',
  'shop',
  'mobilemessage',
  'smpp',
  '10.0.0.0/8',
  'basic',
  '000000',
  'AAAA-BBBB-CCCC-DDDD',
  'active',
  'suspended',
  ...roles,
  ...awkward,
];
const names = [
  'email',
  'password',
  'present',
  'next',
  'token',
  'code',
  'everywhere',
  'name',
  'role',
  'status',
  'api',
  'kind',
  'username',
  'label',
  'allow',
  'account',
  'limit',
  'offset',
  'before',
  '__proto__',
  'constructor',
];

const { encoded, query, nearly, body: bodyOf } = anything(words, names);
const one = <T>(...values: T[]) => fc.constantFrom(...values);
const address = fc.oneof(
  one('person-1@example.org', 'person-2@example.org', 'nobody@example.org'),
  fc.emailAddress(),
);
const json = (given: unknown): Buffer => Buffer.from(JSON.stringify(given) ?? '');
const choice = { token: one('x', 'the token'), password: one('another long password') };
const endpoints = [
  { path: '/login', good: { email: address, password: one(goodPassword, 'x') } },
  { path: '/login/code', good: { code: one('000000', 'AAAA-BBBB-CCCC-DDDD') } },
  { path: '/logout', good: { everywhere: one(true, false) } },
  { path: '/me', good: {} },
  { path: '/password', good: { present: one(goodPassword, 'x'), next: one(goodPassword) } },
  { path: '/password-reset', good: choice },
  { path: '/password-reset/request', good: { email: address } },
  { path: '/activation', good: choice },
  { path: '/activation/request', good: { email: address } },
  { path: '/two-factor/set-up', good: { password: one(goodPassword) } },
  { path: '/two-factor/confirm', good: { code: one('000000') } },
  { path: '/two-factor/disable', good: { password: one(goodPassword), code: one('000000') } },
  { path: '/users', good: { email: address, name: one('A Name', 'Zoë'), role: one(...roles) } },
  { path: '/users/:id', good: { name: one('A Name'), status: one('active', 'suspended') } },
  { path: '/users/:id/invitation', good: {} },
  { path: '/tokens', good: { api: one('mobilemessage', 'smpp', 'smsgate'), label: one('till') } },
  { path: '/tokens', good: { api: one('smpp'), allow: one(['10.0.0.0/8'], []) } },
  { path: '/tokens/:id', good: {} },
  { path: '/audit', good: {} },
  {
    path: '/campaigns',
    good: { name: one('Sale'), sender: one('CompanyABC', 'x'), text: one('{{1}}', 'Hello') },
  },
  { path: '/campaigns/:id', good: {} },
  // Its body is a file: what is no table is as good as one here.
  { path: '/campaigns/:id/file', good: { number: one('0412345678') } },
  { path: '/campaigns/:id/estimate', good: {} },
  { path: '/campaigns/:id/test', good: { to: one(['0412345678'], []), row: one(1, 7) } },
  { path: '/campaigns/:id/start', good: { at: one('2026-03-02T00:00:00Z', null) } },
  ...['pause', 'resume', 'abort', 'errors', 'errors.csv'].map((what) => ({
    path: `/campaigns/:id/${what}`,
    good: {},
  })),
  { path: '/nothing', good: {} },
].map(({ path, good }) => ({ path, body: bodyOf(nearly(good).map(json), 8, json) }));
const request = fc.record({
  method: fc.oneof(
    { weight: 8, arbitrary: one('GET', 'POST', 'POST', 'POST', 'PATCH', 'DELETE') },
    { weight: 1, arbitrary: one(...methods) },
  ),
  endpoint: fc.oneof(...endpoints.map(({ path, body }) => fc.record({ path: one(path), body }))),
  param: fc.oneof(encoded, fc.nat()),
  query: rarely(query(3), 8),
  account: rarely(one('shop', 'shop', 'nobody', '%00'), 5),
  who: fc.nat({ max: 5 }),
  headers: fc.record(
    {
      'content-type': headerText,
      cookie: rarely(fc.oneof(headerText, one('__Host-parlance=')), 20) as fc.Arbitrary<string>,
      origin: rarely(
        one('https://evil.example', 'https://sms.example', 'null'),
        8,
      ) as fc.Arbitrary<string>,
    },
    { requiredKeys: [] },
  ),
  bare: rarely(fc.constant(true), 20),
  address: fc.nat({ max: 3 }),
});

/** Somebody who is logged out or suspended by now, or gone, is replaced, so that what lies behind is reached. */
async function stillThere(person: Person, who: number): Promise<Person> {
  const { users } = stage.world.gateway;
  const token = person.cookie.split('=')[1] ?? '';
  const known = await users.signIn.identify(token).catch(() => undefined);
  if (known) return person;
  return stage.person(roles[who] ?? 'owner', who < roles.length ? shop : null);
}

it('whatever is asked has an answer that is no fault of ours, in the one shape', {
  timeout: 120_000,
}, async () => {
  const statuses = new Map<number, number>();
  const known = ['x'];
  await fc.assert(
    fc.asyncProperty(request, async (given) => {
      const { param, who, method, endpoint } = given;
      const id =
        typeof param === 'string' ? param : encodeURIComponent(known[param % known.length] ?? '');
      const pairs = (given.query ?? []).map(([name, asked]) => `${name}=${asked}`);
      if (given.account !== undefined) pairs.push(`account=${given.account}`);
      const search = pairs.join('&');
      const person = people[who];
      const { cookie = person?.cookie, origin, ...more } = given.headers;
      const headers = {
        ...(cookie && { cookie }),
        ...(origin && { origin }),
        ...(given.bare ? {} : { 'x-parlance-console': '1' }),
        ...more,
      };
      const answer = await stage.world.inject({
        method: method as 'GET',
        remoteAddress: `192.0.2.${given.address}`,
        url: `/api/console${endpoint.path.replace(':id', () => id)}${search && `?${search}`}`,
        headers,
        ...(endpoint.body && method !== 'GET' && method !== 'HEAD' && { payload: endpoint.body }),
      });
      const { statusCode: status, body } = answer;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expect(status).toBeLessThan(500);
      if (++asked % 20 === 0) await stage.world.clock.advance(30_000);
      if (person) people[who] = await stillThere(person, who);
      if (method === 'HEAD' || method === 'OPTIONS') return;
      if (status < 300) {
        for (const [, shown = ''] of body.matchAll(/"id":"([^"\\]+)"/g)) {
          if (known.length < 50) known.push(shown);
        }
        return;
      }
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      const { error } = JSON.parse(body) as { error: { code: unknown; message: unknown } };
      expect(error.code).toMatch(/^[a-z_]+$/);
      expect(error.message).toMatch(/\S/);
    }),
    { numRuns: runs },
  );
  // What lies behind the first checks was reached.
  for (const status of [200, 201, 202, 204, 400, 401, 403, 404]) {
    expect(statuses.get(status) ?? 0, `answers with ${status}`).toBeGreaterThan(5);
  }
  for (const line of stage.world.log.lines)
    expect(JSON.parse(line)).not.toMatchObject({ level: 50 });
});
