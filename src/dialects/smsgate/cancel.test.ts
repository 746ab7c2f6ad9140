import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { smsgate } from './index.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld({ dialects: [smsgate] });
  client = new Client(world, await world.account({ dialect: 'smsgate' }));
});
afterEach(() => world.close());

const later = { scheduleAt: '2026-12-01T00:00:00Z' };
const phoneNumbers = ['+61491570156', '+61491570157'];

it('takes back what waits for its time, and gives its price back', async () => {
  const { id } = await client.sent({ ...later, phoneNumbers });
  expect(await client.account.credits()).toBe(998);
  await world.clock.advance(1_000);
  const { status, json } = await client.ask('DELETE', `/messages/${id}`);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    id,
    state: 'Cancelled',
    recipients: [{ state: 'Cancelled' }, { state: 'Cancelled' }],
    states: { Pending: '2026-03-01T00:00:00.000Z', Cancelled: '2026-03-01T00:00:01.000Z' },
  });
  expect(await client.account.credits()).toBe(1000);
});

it('changes nothing the second time', async () => {
  const { id } = await client.sent(later);
  const first = await client.ask('DELETE', `/messages/${id}`);
  const second = await client.ask('DELETE', `/message/${id}`);
  expect({ status: second.status, body: second.body }).toEqual({ status: 200, body: first.body });
  expect(await client.account.credits()).toBe(1000);
});

it('is too late for what has left', async () => {
  const { id } = await client.sent();
  await waitUntil('it is sent', async () => (await client.message(id)).state === 'Sent');
  const { status, json } = await client.ask('DELETE', `/messages/${id}`);
  expect({ status, json }).toEqual({ status: 409, json: { message: 'message is not pending' } });
  expect((await client.message(id)).state).toBe('Sent');
});

it('finds no other message', async () => {
  const { status, json } = await client.ask('DELETE', '/messages/nothing');
  expect({ status, json }).toEqual({ status: 404, json: { message: 'message not found' } });
});
