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

it('keeps no name when its user is not asked, and can be repeated', async () => {
  let refused = '';
  for (let nth = 0; refused === ''; nth++) {
    const name = `asha ${nth}`;
    const { status } = await client.post('/register', { ...person, name });
    if (status !== 200) {
      expect(status).toBe(429);
      refused = name;
    }
  }
  expect(await world.gateway.owner.findAccount(refused.replace(' ', '-'))).toBeUndefined();
  expect(await world.gateway.subAccounts(await client.account.caller())).not.toContainEqual(
    expect.objectContaining({ name: expect.stringContaining('unused') as string }),
  );
  await world.clock.advance(86_400_000);
  expect((await client.post('/register', { ...person, name: refused })).status).toBe(200);
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
