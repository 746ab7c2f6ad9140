import { afterEach, beforeEach, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { mobtexting } from './index.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld({ dialects: [mobtexting], dispatch: false });
  client = await Client.of(world, { settings: { registers: true } });
});
afterEach(() => world.close());

const person = {
  name: 'Asha Traders',
  email: 'Asha@shop.example',
  password: 'secret-7',
  mobile: '919876543210',
};

it('makes an account under the caller’s, and asks its user by mail', async () => {
  const { status, json, body } = await client.post('/register', person);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    status: 'OK',
    message: 'User registered successfully',
    data: { username: 'asha-traders', email: 'asha@shop.example', mobile: person.mobile },
  });
  expect(body).not.toContain(person.password);
  const made = await world.gateway.owner.accountNamed('asha-traders');
  expect(made.parentId).toBe(client.account.account.id);
  const users = await world.gateway.users.book.list(made.id, { limit: 10, offset: 0 });
  expect(users).toMatchObject([{ email: 'asha@shop.example', role: 'owner', status: 'invited' }]);
  const asked = 'service=T&username=asha-traders&credits=10';
  expect((await client.post('/finance/credits', asked)).status).toBe(200);
  expect(await client.account.credits()).toBe(990);
});

it.each([
  [{ name: '' }, 'The name field is required.'],
  [{ name: '***' }, 'The name format is invalid.'],
  [{ email: 'nobody' }, 'The email must be a valid email address.'],
])('is refused: %j', async (more, message) => {
  const { status, json } = await client.post('/register', { ...person, ...more });
  expect({ status, message: json['message'] }).toEqual({ status: 422, message });
});

const accounts = async () =>
  (await world.storage.read.accounts.list({ limit: 100, offset: 0 })).length;

it('leaves nothing when its user is not asked, and can be repeated', async () => {
  for (const nth of [0, 1, 2]) {
    expect((await client.post('/register', { ...person, name: `asha ${nth}` })).status).toBe(200);
  }
  const before = await accounts();
  const refused = { ...person, name: 'asha 3' };
  for (const _ of [0, 1]) expect((await client.post('/register', refused)).status).toBe(429);
  expect(await accounts()).toBe(before);
  await world.clock.advance(120_000);
  expect((await client.post('/register', refused)).status).toBe(200);
});

it('says of all but one who ask for a name at one moment that it is taken', async () => {
  const emails = ['a@shop.example', 'b@shop.example', 'c@shop.example', 'd@shop.example'];
  const answers = await Promise.all(
    emails.map((email) => client.post('/register', { ...person, email })),
  );
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused).toHaveLength(3);
  for (const { status, json } of refused) {
    expect({ status, errors: json['errors'] }).toEqual({
      status: 422,
      errors: { name: ['The name has already been taken.'] },
    });
  }
  expect(await world.gateway.owner.findAccount('asha-traders')).toBeDefined();
});

it('makes a hundred accounts a day, whatever their addresses', async () => {
  const register = (nth: number) =>
    client.post('/register', { ...person, name: `asha ${nth}`, email: `a${nth}@shop.example` });
  const caller = await client.account.caller();
  const { id } = caller.view.account;
  const limit = { most: 100, windowMs: 86_400_000 };
  for (let nth = 0; nth < 99; nth++) await world.gateway.allow(`registrations ${id}`, limit);
  expect((await register(1)).status).toBe(200);
  const before = await accounts();
  expect((await register(2)).status).toBe(429);
  expect(await accounts()).toBe(before);
  await world.clock.advance(86_400_000);
  expect((await register(2)).status).toBe(200);
});

it('is refused twice, and to whom the owner does not let', async () => {
  await client.post('/register', person);
  expect((await client.post('/register', person)).json['message']).toBe(
    'The name has already been taken.',
  );
  const other = await Client.of(world);
  const { status, json } = await other.post('/register', { ...person, name: 'other' });
  expect({ status, message: json['message'] }).toEqual({
    status: 403,
    message: 'This account may not register others.',
  });
  expect(await world.gateway.owner.findAccount('other')).toBeUndefined();
});
