import type { PhoneWish } from '../../../test/peers/phone/phone.ts';
import { FakePhone } from '../../../test/peers/phone/phone.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { createPhoneWorld } from '../../../test/support/phone-world.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { WebhookReceiver } from '../../../test/support/webhook-receiver.ts';
import { startReceiver } from '../../../test/support/webhook-receiver.ts';
import type { World } from '../../../test/support/world.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { smsgate } from './index.ts';
import type { Shown } from './testkit/client.ts';
import { Client } from './testkit/client.ts';

const handset = '+61491570156';
const hour = 3_600_000;

/** Goes hours on at once, where nothing depends on what the gateway does every second of them. */
class LeapingClock extends FakeClock {
  #leapt = 0;
  override now(): number {
    return super.now() + this.#leapt;
  }
  leap(ms: number): void {
    this.#leapt += ms;
  }
}

let clock: LeapingClock;
let world: World;
let client: Client;
let url: string;
let receiver: WebhookReceiver;
beforeEach(async () => {
  clock = new LeapingClock();
  world = await createPhoneWorld({ clock, dialects: [smsgate], notify: true });
  url = await world.listen();
  receiver = await startReceiver();
  client = new Client(world, await world.account({ dialect: 'smsgate', senders: [] }));
});
afterEach(async () => {
  await world.close();
  await receiver.close();
});

/** A phone whose user has signed in with the name and password that this API has. */
async function phone(wish: Partial<PhoneWish> = {}, sims: object[] = []): Promise<FakePhone> {
  const base = `${url}/api/mobile/v1`;
  const one = new FakePhone({ base, hooksAt: url, now: () => world.clock.now(), ...wish });
  const { status, body } = await one.register(client.account.authorization, { simCards: sims });
  if (status !== 201) throw new Error(body);
  await one.start();
  return one;
}
const at = (): string => new Date(world.clock.now()).toISOString();
/** Sends one and waits until it is in a queue. */
async function sent(more: object = {}, query = ''): Promise<Shown> {
  const { id } = await client.sent(more, query);
  await waitUntil('it is in a queue', async () => {
    await world.clock.settle();
    return (await client.message(id)).deviceId !== '';
  });
  return client.message(id);
}
async function register(event: string, more: object = {}): Promise<void> {
  const body = { url: receiver.url, event, ...more };
  const { status, body: text } = await client.ask('POST', '/webhooks', { body });
  if (status !== 201) throw new Error(text);
}
async function heard(count: number): Promise<Record<string, unknown>[]> {
  await waitUntil(`told ${count} times`, () => receiver.received.length >= count);
  return receiver.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
}

describe('a message', () => {
  it('goes by the only phone, and its state is what the phone has done', async () => {
    const one = await phone();
    const { id, deviceId, ...accepted } = await sent({ ttl: 600 });
    expect(deviceId).toBe(one.id);
    expect(accepted).toMatchObject({ state: 'Pending', states: { Pending: at() } });
    const [given] = await one.pull();
    expect(given).toMatchObject({
      textMessage: { text: 'Hello, world!' },
      phoneNumbers: [handset],
      validUntil: new Date(world.clock.now() + 600_000).toISOString(),
    });
    expect((await client.message(id)).state).toBe('Pending');
    await world.clock.advance(2_000);
    await one.work();
    expect(await client.message(id)).toMatchObject({
      deviceId: one.id,
      state: 'Delivered',
      recipients: [{ phoneNumber: handset, state: 'Delivered' }],
      states: { Pending: accepted.states['Pending'], Processed: at(), Sent: at(), Delivered: at() },
    });
  });

  it.each([
    ['Processed', 'Processed', undefined],
    ['Sent', 'Sent', undefined],
    ['Failed', 'Failed', 'Send result: RESULT_ERROR_GENERIC_FAILURE'],
  ] as const)('that its phone says is %s is %s', async (state, shown, error) => {
    const one = await phone({ fate: () => ({ state, ...(error && { error }) }) });
    const { id } = await sent();
    await one.pull();
    await one.work();
    expect(await client.message(id)).toMatchObject({
      state: shown,
      recipients: [{ state: shown, ...(error && { error }) }],
    });
    expect((await client.list(`?state=${shown}`)).map((one2) => one2.id)).toEqual([id]);
    expect(await client.list('?state=Pending')).toEqual([]);
  });

  it('goes by the phone and the SIM that it names, and shows its number', async () => {
    const number = '+61491570006';
    const sims = [
      { slotIndex: 0, simNumber: 1, phoneNumber: '****1111', carrierName: 'A' },
      { slotIndex: 1, simNumber: 2, phoneNumber: '****2222', carrierName: 'B' },
    ];
    const [one, two] = [await phone(), await phone({}, sims)];
    await one.receive(handset, 'Hi', { recipient: '+61491570157', simNumber: 1 });
    await two.receive(handset, 'Hi', { recipient: number, simNumber: 2 });
    const { id, deviceId } = await sent({ deviceId: two.id, simNumber: 2 });
    expect(deviceId).toBe(two.id);
    expect(await one.pull()).toEqual([]);
    expect(await two.pull()).toMatchObject([{ simNumber: 2 }]);
    const caller = { ...(await client.account.caller()), channel: 'smsgate' };
    const [[message] = []] = await world.gateway.history.ofRefs(caller, [id]);
    expect(message).toMatchObject({ sender: number, device: { id: two.id, sim: 2 } });
  });

  it('goes by any phone with the SIM that it names', async () => {
    const one = await phone();
    await sent({ simNumber: 2 });
    expect(await one.pull()).toMatchObject([{ simNumber: 2 }]);
  });

  it('goes by several phones to several recipients', async () => {
    const phones = [await phone(), await phone()];
    const phoneNumbers = Array.from({ length: 10 }, (_, nth) => `+6149157${1_000 + nth}0`);
    const numbers = phoneNumbers.map((one) => one.slice(0, 12));
    const { id } = await sent({ phoneNumbers: numbers });
    const given = await Promise.all(phones.map((one) => one.pull()));
    expect(given.map((some) => some.length)).toEqual([5, 5]);
    await phones[0]?.work();
    expect((await client.message(id)).state).toBe('Pending');
    await phones[1]?.work();
    expect((await client.message(id)).state).toBe('Delivered');
  });

  it('goes by phones that were heard of lately, where that is asked for', async () => {
    const silent = await phone();
    clock.leap(2 * hour);
    const fresh = await phone();
    for (let nth = 0; nth < 3; nth++) {
      expect((await sent({}, '?deviceActiveWithin=1')).deviceId).toBe(fresh.id);
    }
    const refused = { status: 400, json: { message: 'device not found' } };
    expect(await client.post({ deviceId: silent.id }, '?deviceActiveWithin=1')).toMatchObject(
      refused,
    );
    await sent({}, '?deviceActiveWithin=12');
    clock.leap(2 * hour);
    expect(await client.post({}, '?deviceActiveWithin=1')).toMatchObject(refused);
  });

  it('is found by its phone', async () => {
    const [one, two] = [await phone(), await phone()];
    const { id } = await sent({ deviceId: one.id });
    await sent({ deviceId: two.id });
    expect((await client.list(`?deviceId=${one.id}`)).map((shown) => shown.id)).toEqual([id]);
  });

  it('has the priority that it asks for', async () => {
    const one = await phone();
    await sent({ priority: -5 });
    await sent({ priority: 120 });
    expect((await one.pull()).map(({ priority }) => priority)).toEqual([120, -5]);
  });
});

describe('taking back', () => {
  const cancel = (id: string) => client.ask('DELETE', `/messages/${id}`);

  it('of what no phone has had is done at once', async () => {
    const one = await phone();
    const { id } = await sent();
    expect(await cancel(id)).toMatchObject({ status: 200, json: { state: 'Cancelled' } });
    expect(await one.pull()).toEqual([]);
  });

  it('of what a phone has is asked of the phone', async () => {
    const one = await phone();
    const { id } = await sent();
    await one.pull();
    expect(await cancel(id)).toMatchObject({ status: 200, json: { state: 'Cancelling' } });
    expect((await client.list('?state=Cancelling')).map((shown) => shown.id)).toEqual([id]);
    await one.pull();
    await one.pull();
    await waitUntil('it is taken back', async () => {
      return (await client.message(id)).state === 'Cancelled';
    });
  });

  it('of what a phone has sent is too late', async () => {
    const one = await phone();
    const { id } = await sent();
    await one.pull();
    await one.work();
    expect(await cancel(id)).toMatchObject({
      status: 409,
      json: { message: 'message is not pending' },
    });
  });
});

describe('phones', () => {
  it('are listed as documented, and go', async () => {
    const one = await phone({ name: 'Google/pixel' }, [
      { slotIndex: 0, simNumber: 1, phoneNumber: '****1111', carrierName: 'A' },
    ]);
    await one.receive(handset, 'Hi', { recipient: '+61491570157', simNumber: 1 });
    const { json } = await client.get('/devices');
    expect(json).toEqual([
      {
        id: one.id,
        name: 'Google/pixel',
        createdAt: at(),
        updatedAt: at(),
        lastSeen: at(),
        simCards: [{ slotIndex: 0, simNumber: 1, phoneNumber: '+61491570157', carrierName: 'A' }],
      },
    ]);
    expect(one.id.length).toBeLessThanOrEqual(21);
    expect((await client.ask('DELETE', `/devices/${one.id}`)).status).toBe(204);
    expect((await client.ask('DELETE', `/devices/${one.id}`)).json).toEqual({
      message: 'device not found',
    });
    expect((await one.ask('GET', '/message')).status).toBe(401);
  });

  it('tell again what they received, one or all of them', async () => {
    const asked: string[] = [];
    world.gateway.devices.wakes.on((id, news) => {
      if (news.kind === 'inbox') asked.push(`${id} ${news.since} ${news.until}`);
    });
    const [one, two] = [await phone(), await phone()];
    const [since, until] = ['2026-02-01T00:00:00Z', '2026-02-02T00:00:00.000Z'];
    const span = `${Date.parse(since)} ${Date.parse(until)}`;
    const refresh = (path: string, more: object = {}) =>
      client.ask('POST', path, { body: { since, until, ...more } });
    const { status, body } = await refresh('/inbox/refresh', { deviceId: two.id });
    expect({ status, body }).toEqual({ status: 202, body: '' });
    expect(asked.splice(0)).toEqual([`${two.id} ${span}`]);
    for (const path of ['/messages/inbox/export', '/inbox/export', '/message/inbox/export']) {
      const answer = await refresh(path);
      expect(answer).toMatchObject({ status: 202, headers: { deprecation: 'true' } });
      expect(asked.splice(0).toSorted()).toEqual(
        [`${one.id} ${span}`, `${two.id} ${span}`].toSorted(),
      );
    }
    const late = await refresh('/inbox/refresh', { since: until, until: since });
    expect(late).toMatchObject({ status: 400, json: { message: 'since must be before until.' } });
    const stranger = await refresh('/inbox/refresh', { deviceId: 'x' });
    expect(stranger).toMatchObject({ status: 400, json: { message: 'device not found' } });
  });
});

describe('webhooks', () => {
  it('tell which phone it was, and by which SIM', async () => {
    const one = await phone();
    await register('sms:delivered', { deviceId: one.id });
    const { id } = await sent({ simNumber: 2 });
    await one.pull();
    await one.work();
    const [told] = await heard(1);
    expect(told).toMatchObject({
      event: 'sms:delivered',
      deviceId: one.id,
      payload: { messageId: id, sender: null, recipient: handset, simNumber: 2 },
    });
  });

  it('tell that it was sent when the phone says so, and not before', async () => {
    const one = await phone({ fate: () => ({ state: 'Sent' }) });
    await register('sms:sent');
    const { id } = await sent();
    await one.pull();
    await world.clock.advance(1_000);
    expect(receiver.received).toEqual([]);
    await one.work();
    expect((await heard(1))[0]).toMatchObject({
      event: 'sms:sent',
      deviceId: one.id,
      payload: { messageId: id, partsCount: 1, sentAt: at() },
    });
  });

  it('of one phone tell nothing of others', async () => {
    const [one, two] = [await phone(), await phone()];
    await register('sms:delivered', { deviceId: one.id });
    await register('sms:received', { deviceId: one.id });
    for (const { id } of [two, one]) await sent({ deviceId: id });
    for (const each of [two, one]) {
      await each.pull();
      await each.work();
      await each.receive(handset, 'Hi', { recipient: '+61491570157' });
    }
    const told = await heard(2);
    expect(told.map(({ deviceId }) => deviceId)).toEqual([one.id, one.id]);
  });

  it('tell what a phone could not send, in its words', async () => {
    const error = 'Send result: RESULT_ERROR_GENERIC_FAILURE';
    const one = await phone({ fate: () => ({ state: 'Failed', error }) });
    await register('sms:failed');
    await sent();
    await one.pull();
    await one.work();
    expect((await heard(1))[0]).toMatchObject({
      deviceId: one.id,
      payload: { reason: error, failedAt: at() },
    });
  });

  it('tell what a phone received', async () => {
    const one = await phone();
    await register('sms:received');
    await one.receive(handset, 'Yes', { recipient: '+61491570157', simNumber: 1 });
    expect((await heard(1))[0]).toMatchObject({
      event: 'sms:received',
      deviceId: one.id,
      payload: { message: 'Yes', sender: handset, recipient: '+61491570157' },
    });
  });
});
