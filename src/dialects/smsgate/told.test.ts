import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { Received, WebhookReceiver } from '../../../test/support/webhook-receiver.ts';
import { startReceiver } from '../../../test/support/webhook-receiver.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { smsgate } from './index.ts';
import { Client } from './testkit/client.ts';

const number = '+61491570006';
const handset = '+61491570156';

let world: World;
let receiver: WebhookReceiver;
let client: Client;
/** What the receiver answers; 200 when there is none left. */
let answers: number[];
beforeEach(async () => {
  answers = [];
  world = await createWorld({ dialects: [smsgate], notify: true });
  receiver = await startReceiver((_: Received, response: ServerResponse) => {
    response.statusCode = answers.shift() ?? 200;
    response.end();
  });
  const senders = [{ address: number, kind: 'dedicated' as const }];
  client = new Client(world, await world.account({ dialect: 'smsgate', senders }));
});
afterEach(async () => {
  await world.close();
  await receiver.close();
});

interface Told {
  id: string;
  webhookId: string;
  event: string;
  deviceId: string;
  payload: Record<string, unknown>;
}
const at = (): string => new Date(world.clock.now()).toISOString();
async function register(event: string, more: object = {}): Promise<string> {
  const body = { url: receiver.url, event, ...more };
  const { status, json, body: text } = await client.ask('POST', '/webhooks', { body });
  if (status !== 201) throw new Error(text);
  return json['signingKey'] as string;
}
/** Waits for so many requests; gives what they told. */
async function heard(count: number): Promise<Told[]> {
  await waitUntil(`told ${count} times`, () => receiver.received.length >= count);
  await settled();
  expect(receiver.received).toHaveLength(count);
  return receiver.received.map(({ body }) => JSON.parse(body) as Told);
}
/** All tries that were made are written down: from now their next delays count. */
const settled = (): Promise<void> =>
  waitUntil('the tries are written down', async () => {
    const { id } = client.account.account;
    const all = await world.storage.read.notifications.list(id, { limit: 100, offset: 0 });
    return all.every((one) => one.lockedBy === null && one.attempts > 0);
  });
async function sent(more: object = {}): Promise<string> {
  const { id } = await client.sent(more);
  await waitUntil('it is sent', async () => (await client.message(id)).state === 'Sent');
  return id;
}

describe('what is told of a message', () => {
  const basis = (messageId: string) => ({
    messageId,
    sender: number,
    recipient: handset,
    simNumber: null,
    phoneNumber: handset,
  });

  it('that it was sent', async () => {
    await register('sms:sent', { id: 'wh_1' });
    const messageId = await sent({ textMessage: { text: 'long '.repeat(100) } });
    const [told] = await heard(1);
    expect(told).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      webhookId: 'wh_1',
      event: 'sms:sent',
      deviceId: '',
      payload: { ...basis(messageId), partsCount: 4, sentAt: at() },
    });
  });

  it('that it was delivered', async () => {
    await register('sms:delivered');
    const messageId = await sent({ id: 'order-1' });
    expect(messageId).toBe('order-1');
    await world.clock.advance(2_000);
    await world.link.receipt('delivered', { at: world.clock.now() });
    const [told] = await heard(1);
    expect(told?.payload).toEqual({ ...basis(messageId), deliveredAt: at() });
  });

  it('that it failed, and why', async () => {
    await register('sms:failed');
    const messageId = await sent();
    await world.link.receipt('expired', { at: world.clock.now() });
    const [told] = await heard(1);
    expect(told?.payload).toEqual({
      ...basis(messageId),
      failedAt: at(),
      reason: 'TTL expired',
    });
  });

  it('that it was refused', async () => {
    await register('sms:failed');
    const { id } = await client.sent(
      { phoneNumbers: ['+61298765432'] },
      '?skipPhoneValidation=true',
    );
    const [told] = await heard(1);
    expect(told?.payload).toMatchObject({
      messageId: id,
      phoneNumber: '+61298765432',
      reason: "'+61298765432' is not a mobile number.",
    });
  });

  it('that it was cancelled', async () => {
    await register('sms:cancelled');
    const { id } = await client.sent({ scheduleAt: '2026-12-01T00:00:00Z' });
    await client.ask('DELETE', `/messages/${id}`);
    const [told] = await heard(1);
    expect(told).toMatchObject({
      event: 'sms:cancelled',
      payload: { ...basis(id), cancelledAt: at() },
    });
  });

  it('is told of each recipient', async () => {
    await register('sms:sent');
    const phoneNumbers = [handset, '+61491570157'];
    const id = await sent({ phoneNumbers });
    const told = await heard(2);
    const numbers = told.map(({ payload }) => String(payload['phoneNumber']));
    expect(numbers.toSorted()).toEqual(phoneNumbers);
    expect(new Set(told.map(({ payload }) => payload['messageId']))).toEqual(new Set([id]));
    expect(new Set(told.map((one) => one.id)).size).toBe(2);
  });

  it('goes only where it was asked for', async () => {
    for (const event of ['sms:received', 'sms:failed', 'sms:cancelled']) await register(event);
    await register('sms:delivered');
    await sent();
    await world.link.receipt('delivered', { at: world.clock.now() });
    expect((await heard(1))[0]?.event).toBe('sms:delivered');
  });

  it('is no delivery for who wanted no reports, nor anything that another API has sent', async () => {
    for (const event of ['sms:sent', 'sms:delivered', 'sms:failed']) await register(event);
    const caller = await client.account.caller();
    const limits = { alphabet: 'any', characters: 100, parts: 1 } as const;
    const message = { to: handset, text: 'x', sender: number, clientRef: 'mine', limits };
    await world.gateway.submit({ caller, messages: [message] });
    await sent({ withDeliveryReport: false });
    await world.link.receipt('delivered', { at: world.clock.now() });
    expect((await heard(1))[0]?.event).toBe('sms:sent');
  });
});

describe('what is told of a reply', () => {
  it('is what the handset wrote', async () => {
    await register('sms:received', { id: 'wh_1' });
    await world.link.reply(handset, number, 'Yes', world.clock.now());
    const [told] = await heard(1);
    expectSample(
      receiver.received[0]?.body ?? '',
      readFixture(import.meta.url, 'webhook-received.json'),
      {
        '<id>': told?.id ?? '',
        '<reply>': told?.payload['messageId'] as string,
        '<at>': at(),
      },
    );
  });

  it('goes nowhere that is for one phone, when it came another way', async () => {
    const { id: accountId } = client.account.account;
    const wish = { name: 'a', sims: [], pushToken: null, version: null };
    const { device } = await world.gateway.devices.enrol({ accountId, credentialId: null }, wish);
    await register('sms:received', { deviceId: device.id });
    await register('sms:received', { id: 'all' });
    await world.link.reply(handset, number, 'Yes', world.clock.now());
    expect((await heard(1))[0]?.webhookId).toBe('all');
  });
});

describe('a request', () => {
  it('is signed, each try anew', async () => {
    const key = await register('sms:received');
    answers.push(500);
    await world.link.reply(handset, number, 'Grüße', world.clock.now());
    await heard(1);
    await world.clock.advance(5_000);
    const [one, two] = await heard(2);
    expect(two).toEqual(one);
    const signatures = receiver.received.map(({ headers, body }) => {
      const timestamp = String(headers['x-timestamp']);
      const signature = createHmac('sha256', key)
        .update(body + timestamp)
        .digest('hex');
      expect(headers['x-signature']).toBe(signature);
      expect(headers['content-type']).toBe('application/json');
      return { timestamp: Number(timestamp), signature };
    });
    expect((signatures[1]?.timestamp ?? 0) - (signatures[0]?.timestamp ?? 0)).toBe(5);
  });

  it('is tried again whatever was answered', async () => {
    await register('sms:received');
    answers.push(500, 404, 302);
    await world.link.reply(handset, number, 'Yes', world.clock.now());
    await heard(1);
    for (const [nth, waitMs] of [5_000, 10_000, 20_000].entries()) {
      await world.clock.advance(waitMs - 1);
      await heard(nth + 1);
      await world.clock.advance(1);
      await heard(nth + 2);
    }
  });

  it('is tried again fifteen times, within two days', async () => {
    await register('sms:received');
    const { view } = await client.account.caller();
    const { retryDelaysMs, timeoutMs } = smsgate.form.policy(view.endpoints[0] as Endpoint, view);
    expect(retryDelaysMs).toEqual(Array.from({ length: 15 }, (_, nth) => 5_000 * 2 ** nth));
    expect(timeoutMs).toBe(30_000);
  });

  it('is tried again as often as the account says', async () => {
    const { account } = client.account;
    const settings = { smsgate: { webhookRetries: 1 } };
    await world.gateway.owner.updateAccount({ ...account, settings });
    await register('sms:received');
    answers.push(500, 500, 500);
    await world.link.reply(handset, number, 'Yes', world.clock.now());
    await heard(1);
    await world.clock.advance(5_000);
    await heard(2);
    await world.clock.advance(60_000);
    await heard(2);
  });

  it('is heard by any 2xx', async () => {
    await register('sms:received');
    answers.push(204);
    await world.link.reply(handset, number, 'Yes', world.clock.now());
    await heard(1);
    await world.clock.advance(60_000);
    await heard(1);
  });
});

it('tells everything at the URL that the owner has set, signed where he gave a secret', async () => {
  const { id } = client.account.account;
  const wanted = { form: 'smsgate', topic: 'events', url: receiver.url, secret: 'the secret' };
  const endpoint = await world.gateway.owner.setEndpoint(id, wanted);
  await sent();
  await world.link.receipt('delivered', { at: world.clock.now() });
  await world.link.reply(handset, number, 'Yes', world.clock.now());
  const told = await heard(3);
  expect(told.map(({ event }) => event).toSorted()).toEqual([
    'sms:delivered',
    'sms:received',
    'sms:sent',
  ]);
  expect(new Set(told.map(({ webhookId }) => webhookId))).toEqual(new Set([endpoint?.id]));
  expect(receiver.received[0]?.headers['x-signature']).toMatch(/^[0-9a-f]{64}$/);
  // Those that clients make are signed with the same.
  expect(await register('sms:sent')).toBe('the secret');
});
