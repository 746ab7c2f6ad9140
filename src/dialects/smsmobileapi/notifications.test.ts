import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { WebhookReceiver } from '../../../test/support/webhook-receiver.ts';
import { startReceiver } from '../../../test/support/webhook-receiver.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { gatewaySid, replyGuidOf } from './guid.ts';
import { Client, receive } from './testkit/client.ts';

let world: World;
let receiver: WebhookReceiver;
let client: Client;
let statuses: number[];
beforeEach(async () => {
  world = await createWorld({ notify: true, clock: new FakeClock('2026-09-23T12:00:00Z') });
  statuses = [];
  receiver = await startReceiver((_, response) => {
    response.statusCode = statuses.shift() ?? 200;
    response.end();
  });
});
afterEach(async () => {
  await world.close();
  await receiver.close();
});

async function listen(topics: string[], secret?: string): Promise<void> {
  const endpoints = Object.fromEntries(topics.map((topic) => [topic, receiver.url]));
  const account = await world.account({
    dialect: 'smsmobileapi',
    kind: 'api_key',
    endpoints,
    ...(secret !== undefined && { secret }),
  });
  client = new Client(world, account);
}

async function heard(count: number) {
  await waitUntil('it is told', () => receiver.received.length >= count);
  await world.clock.settle();
  expect(receiver.received).toHaveLength(count);
  return receiver.received;
}
const eventsOf = async (count: number) =>
  (await heard(count)).map(({ body }) => JSON.parse(body) as Record<string, unknown>);

describe('V1', () => {
  it('tells the seed’s sample', async () => {
    await listen(['received']);
    await world.clock.advance(Date.parse('2026-09-23T12:00:10Z') - world.clock.now());
    const reply = await receive(world, client.account, {
      text: 'Hello, this is a test.',
      from: '+123456789',
      at: world.clock.now() - 10_000,
    });
    const [one] = await heard(1);
    expect(one).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
    expectSample(one?.body ?? '', readFixture(import.meta.url, 'webhook-v1.json'), {
      abcde12345: replyGuidOf(reply.id),
      '2025-01-20': '2026-09-23',
      '10:15:00': '12:00:10',
      '2025-01-20 10:14:50': '2026-09-23 12:00:00',
    });
    expect(Object.keys(one?.headers ?? {}).filter((name) => name.startsWith('x-'))).toEqual([]);
  });

  it('is heard by status 200 and no other, and tried again after a minute', async () => {
    await listen(['received']);
    statuses.push(204);
    await receive(world, client.account);
    await heard(1);
    await waitUntil('the try is written down', async () => {
      const { id } = client.account.account;
      const [one] = await world.storage.read.notifications.list(id, { limit: 1, offset: 0 });
      return one?.lockedBy === null;
    });
    await world.clock.advance(61_000);
    await heard(2);
  });

  it('tells nothing of what is sent', async () => {
    await listen(['received']);
    await client.send();
    await world.clock.advance(1_000);
    expect(receiver.received).toEqual([]);
  });
});

describe('V2', () => {
  it('tells the vendor’s fixture, in a signed envelope', async () => {
    await listen(['events'], 'the secret');
    const from = '+15551234567';
    const earlier = await receive(world, client.account, { text: 'Hello', from });
    const named = { guid: replyGuidOf(earlier.id), alias: 'Taylor' };
    await client.get('/getsms/update/', named);
    const reply = await receive(world, client.account, { text: 'Can you call me back?', from });
    const [, one] = await heard(2);
    const { headers = {}, body = '' } = one ?? {};
    const id = String(headers['x-smsmobileapi-event-id']);
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expectSample(body, readFixture(import.meta.url, 'webhook-v2.json'), {
      ID: id,
      GUID: replyGuidOf(reply.id),
      SID: gatewaySid(client.account.account.id),
    });
    const timestamp = String(headers['x-smsmobileapi-timestamp']);
    expect(timestamp).toBe(String(world.clock.now() / 1000));
    const digest = createHmac('sha256', 'the secret').update(`${timestamp}.${body}`).digest('hex');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-smsmobileapi-event': 'sms.received',
      'x-smsmobileapi-signature': `v1=${digest}`,
      'idempotency-key': id,
    });
  });

  it('is signed anew at each try, under the same id', async () => {
    await listen(['events'], 'the secret');
    statuses.push(500);
    await receive(world, client.account);
    await heard(1);
    await waitUntil('the try is written down', async () => {
      const { id } = client.account.account;
      const [one] = await world.storage.read.notifications.list(id, { limit: 1, offset: 0 });
      return one?.lockedBy === null;
    });
    await world.clock.advance(61_000);
    const [first, second] = await heard(2);
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    const timestamp = 'x-smsmobileapi-timestamp';
    expect(second?.headers[timestamp]).not.toBe(first?.headers[timestamp]);
  });

  it('tells what becomes of a message, V1 beside it', async () => {
    await listen(['events', 'received']);
    const guid = await client.send({ message: 'Hello' });
    await world.clock.advance(10);
    const events = await eventsOf(2);
    // Without a secret nothing is signed; the time is told all the same.
    for (const { headers } of receiver.received) {
      expect(headers['x-smsmobileapi-timestamp']).toMatch(/^\d{10}$/);
      expect(headers['x-smsmobileapi-signature']).toBeUndefined();
    }
    expect(events.map(({ type }) => String(type)).toSorted()).toEqual([
      'sms.api.submitted',
      'sms.sent',
    ]);
    for (const { data } of events) {
      expect(data).toMatchObject({ guid, to: '+61491570156', message: 'Hello', error: null });
    }
    world.link.answers.push({ kind: 'refused', code: 'refused_by_link', detail: 'No.' });
    await client.send({ message: 'Refused' });
    await world.clock.advance(10);
    expect((await eventsOf(4)).find(({ type }) => type === 'sms.failed')).toMatchObject({
      data: { message: 'Refused', sent_at: null, error: 'The phone refused the message.' },
    });
  });

  it('tells what is refused at once, too', async () => {
    await listen(['events']);
    await client.send({ recipients: '+32495898697' });
    const [event] = await eventsOf(1);
    expect(event).toMatchObject({
      type: 'sms.failed',
      data: { error: 'This account may not send to BE. It may send to AU.' },
    });
  });
});
