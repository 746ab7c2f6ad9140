import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { Client } from './testkit/client.ts';
import { parseFault } from './testkit/suite.ts';

let world: World;
let client: Client;
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(async () => {
  client = new Client(world, await world.account({ dialect: 'messagemedia' }));
});
afterAll(() => world.close());

const cancel = (id: string, body: unknown = { status: 'cancelled' }) =>
  client.ask('PUT', `/v1/messages/${id}`, { body });

async function scheduled(): Promise<string> {
  const at = new Date(world.clock.now() + 60_000).toISOString();
  const [sent] = await client.sent({ scheduled: at, delivery_report: true });
  return sent?.message_id ?? '';
}

describe('PUT /v1/messages/{messageId}', () => {
  it('takes a scheduled message back, and its price', async () => {
    const before = await client.account.credits();
    const id = await scheduled();
    const message = await client.message(id);
    expect(message.status).toBe('scheduled');
    expect(await client.account.credits()).toBe(before - 1);
    const { status, json, headers } = await cancel(id);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(json).toEqual({ ...message, status: 'cancelled' });
    expect(await client.message(id)).toEqual(json);
    expect(await client.account.credits()).toBe(before);
    // Delivery reports know no such status.
    expect(await client.reports()).toEqual([]);
  });

  it.each(['cancelled', 'CANCELLED', 'Cancelled'])('takes the word %s', async (status) => {
    expect((await cancel(await scheduled(), { status, more: 1 })).json['status']).toBe('cancelled');
  });

  it('does so once', async () => {
    const id = await scheduled();
    await cancel(id);
    const { status, body } = await cancel(id);
    expect({ status, body }).toEqual({
      status: 400,
      body: '{"message":"Message is not currently scheduled"}',
    });
  });

  it('does so until its time has come', async () => {
    const id = await scheduled();
    await world.clock.advance(65_000);
    const { status, json } = await cancel(id);
    expect({ status, json }).toEqual({
      status: 400,
      json: { message: 'Message is not currently scheduled' },
    });
  });

  it.each(['00000000-0000-0000-0000-000000000000', 'INVALID'])('has a 404 for %s', async (id) => {
    const { status, body } = await cancel(id);
    expect({ status, body }).toEqual({
      status: 404,
      body: '{"message":"Resource not found."}',
    });
  });

  it.each([
    [{}, '/status: Status cannot be null'],
    [{ status: null }, '/status: Status cannot be null'],
    [{ status: 'queued' }, '/status: [queued] is invalid'],
    [{ status: 7 }, '/status: [7] is invalid'],
    [['cancelled'], 'Failed to parse message body.'],
    ['', 'Failed to parse message body.'],
    ['status=cancelled', 'Failed to parse message body.'],
  ])('refuses %j', async (body, detail) => {
    const answer = await cancel(await scheduled(), body);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({ message: parseFault, details: [detail] });
  });
});
