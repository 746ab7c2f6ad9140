import { describe, expect, it } from 'vitest';
import { FakeRelay } from '../../../test/peers/phone/relay.ts';
import { usualHabits } from '../../../test/peers/phone/habits.ts';
import type { FakePhone } from '../../../test/peers/phone/phone.ts';
import type { EventStream } from '../../../test/peers/phone/stream.ts';
import { TestLink } from '../../../test/support/test-link.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { Message } from '../../core/messages/message.ts';
import { useStages } from './testkit/stage.ts';

/*
 * What a server of the app must do, item by item, driven by a phone over real sockets.
 */

const open = useStages();
const minute = 60_000;
const hour = 60 * minute;
const basic = (name: string, password: string) =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
const pinged = (phone: FakePhone) =>
  phone.tell('system:ping', { health: { status: 'pass', checks: {} } });

describe('1. registration', () => {
  it('takes an enrolment token, as often as it is shown, until it is revoked', async () => {
    const { world, account, stranger } = await open();
    const { secret, credential } = await world.gateway.devices.enrolment.token(account.account.id);
    const [one, two, late] = [stranger(), stranger(), stranger()];
    const answer = await one.register(`Bearer ${secret}`, {
      simCards: [
        { slotIndex: 0, simNumber: 1, phoneNumber: '********4567', carrierName: '****bile' },
      ],
    });
    expect(answer.status).toBe(201);
    const body = JSON.parse(answer.body) as Record<string, unknown>;
    expect(Object.keys(body)).toEqual(['id', 'token', 'login']);
    expect(String(body['id']).length).toBeLessThanOrEqual(21);
    expect(body['login']).toBe(account.account.name);
    await world.clock.advance(1);
    expect((await two.register(`Bearer ${secret}`)).status).toBe(201);
    await world.gateway.owner.revokeCredential(credential.id);
    expect((await late.register(`Bearer ${secret}`)).status).toBe(401);
    const caller = await account.caller();
    expect(await world.gateway.devices.list(caller)).toMatchObject([
      { id: one.id, sims: [{ slot: 0, sim: 1, number: null, carrier: null }], version: '1.68.0' },
      { id: two.id, sims: [] },
    ]);
    expect([...caller.view.senders.keys()]).toContain('phone');
  });

  it('takes no token whose time is over', async () => {
    const { world, account, stranger } = await open();
    const { secret } = await world.gateway.devices.enrolment.token(account.account.id, {
      expiresAt: world.clock.now() + minute,
    });
    expect((await stranger().register(`Bearer ${secret}`)).status).toBe(201);
    await world.clock.advance(minute);
    expect((await stranger().register(`Bearer ${secret}`)).status).toBe(401);
  });

  it('takes user name and password, and changes the password', async () => {
    const { world, account, stranger } = await open();
    await world.gateway.owner.issueCredential(account.account.id, {
      dialect: 'smsgate',
      kind: 'basic',
      username: 'VQ4GII',
      secret: 'cp2pydvxd2zwpx',
    });
    const phone = stranger();
    const answer = await phone.register(basic('VQ4GII', 'cp2pydvxd2zwpx'));
    expect(JSON.parse(answer.body)).toMatchObject({ login: 'VQ4GII' });
    const change = (currentPassword: string, newPassword: string) =>
      phone.ask('PATCH', '/user/password', { body: { currentPassword, newPassword } });
    expect((await change('cp2pydvxd2zwpx', 'short')).status).toBe(400);
    expect((await change('wrong', 'another-password-1')).status).toBe(401);
    expect((await change('cp2pydvxd2zwpx', 'another-password-1')).status).toBe(204);
    expect((await stranger().register(basic('VQ4GII', 'cp2pydvxd2zwpx'))).status).toBe(401);
    expect((await stranger().register(basic('VQ4GII', 'another-password-1'))).status).toBe(201);
  });

  it('a phone that came by a token has no password to change', async () => {
    const { phone } = await open();
    const one = await phone();
    const body = { currentPassword: 'whatever', newPassword: 'another-password-1' };
    expect((await one.ask('PATCH', '/user/password', { body })).status).toBe(401);
  });

  it('takes a one-time code once, in either case, for a minute', async () => {
    const { world, account, stranger } = await open();
    await world.gateway.owner.issueCredential(account.account.id, {
      dialect: 'smsgate',
      kind: 'basic',
      username: 'user',
      secret: 'cp2pydvxd2zwpx',
    });
    const codeOf = async () => {
      const answer = await stranger().ask('GET', '/user/code', {
        headers: { authorization: basic('user', 'cp2pydvxd2zwpx') },
      });
      return JSON.parse(answer.body) as { code: string; validUntil: string };
    };
    const { code, validUntil } = await codeOf();
    expect(code).toMatch(/^[2-9a-hjkmnp-z]{6}$/);
    expect(validUntil).toBe(new Date(world.clock.now() + minute).toISOString());
    const phone = stranger();
    expect((await phone.register(`Code ${code.toUpperCase()}`)).status).toBe(201);
    expect((await stranger().register(`Code ${code}`)).status).toBe(401);
    const late = await codeOf();
    await world.clock.advance(minute);
    expect((await stranger().register(`Code ${late.code}`)).status).toBe(401);
    // Who came by a code came by the log-in that asked for it.
    const body = { currentPassword: 'cp2pydvxd2zwpx', newPassword: 'another-password-1' };
    expect((await phone.ask('PATCH', '/user/password', { body })).status).toBe(204);
  });

  it('has no codes where the owner wants none', async () => {
    const { world, account, stranger } = await open({ phones: { codeSeconds: 0 } });
    await world.gateway.owner.issueCredential(account.account.id, {
      dialect: 'smsgate',
      kind: 'basic',
      username: 'user',
      secret: 'cp2pydvxd2zwpx',
    });
    const headers = { authorization: basic('user', 'cp2pydvxd2zwpx') };
    expect((await stranger().ask('GET', '/user/code', { headers })).status).toBe(501);
  });

  it.each([
    ['nothing', ''],
    ['a wrong token', 'Bearer nobody-knows-it'],
    ['a wrong code', 'Code abcdef'],
    ['a wrong password', basic('user', 'wrong')],
    ['another scheme', 'Digest x'],
  ])('refuses %s with 401', async (_, authorization) => {
    const { stranger } = await open();
    const answer = await stranger().register(authorization);
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toEqual({ message: expect.any(String) });
  });

  it('bounds those who guess', async () => {
    const { stranger } = await open();
    const statuses: number[] = [];
    for (let at = 0; at < 25; at++) {
      statuses.push((await stranger().register(`Bearer guess-${at}`)).status);
    }
    expect(statuses.slice(0, 20)).toEqual(new Array(20).fill(401));
    expect(statuses.slice(20)).toEqual(new Array(5).fill(429));
    const codes: number[] = [];
    for (let at = 0; at < 12; at++) {
      codes.push((await stranger().register(`Code 22222${at}`)).status);
    }
    expect(codes.slice(0, 10)).toEqual(new Array(10).fill(401));
    expect(codes.slice(10)).toEqual([429, 429]);
  });

  it('whose answer was lost leaves a phone that is given nothing as long as there is another', async () => {
    const { world, stranger, enrolmentToken, phone, caller, send } = await open();
    const lost = stranger();
    await lost.register(`Bearer ${await enrolmentToken()}`);
    const one = await phone();
    await world.clock.advance(1_500);
    await send(3);
    expect(await one.pull()).toHaveLength(3);
    const { devices } = world.gateway;
    const online = async () => (await devices.find(await caller(), lost.id))?.online;
    expect(await online()).toBe(false);
    // It was not lost after all.
    await lost.start();
    expect(await online()).toBe(true);
  });

  it('a suspended account takes no phones', async () => {
    const { world, account, stranger, enrolmentToken } = await open();
    const token = await enrolmentToken();
    await world.gateway.owner.updateAccount({ ...account.account, status: 'suspended' });
    expect((await stranger().register(`Bearer ${token}`)).status).toBe(401);
  });
});

describe('2. what a phone says of itself', () => {
  it('with an unknown token is refused with 401, so that it registers anew', async () => {
    const { stranger, phone, world, account } = await open();
    const lost = stranger();
    lost.token = 'nobody-knows-it';
    for (const [method, path] of [
      ['PATCH', '/device'],
      ['GET', '/message'],
      ['PATCH', '/message'],
      ['GET', '/webhooks'],
      ['GET', '/settings'],
      ['GET', '/events'],
      ['POST', '/inbox'],
      ['PATCH', '/user/password'],
    ] as const) {
      expect((await lost.ask(method, path, { raw: '{' })).status, `${method} ${path}`).toBe(401);
    }
    const removed = await phone();
    await world.gateway.devices.remove(await account.caller(), removed.id);
    expect((await removed.ask('PATCH', '/device', { body: {} })).status).toBe(401);
  });

  it('without a push token it has none', async () => {
    const { phone, world } = await open();
    const one = await phone({ pushToken: 'dKx:APA91b' });
    const { devices } = world.gateway;
    expect(await devices.pushTokenOf(one.id as never)).toMatchObject({ token: 'dKx:APA91b' });
    expect((await one.ask('PATCH', '/device', { body: { id: one.id } })).status).toBe(204);
    expect(await devices.pushTokenOf(one.id as never)).toBeNull();
  });

  it('answers 204 also where it names another id', async () => {
    const { phone } = await open();
    const one = await phone();
    const body = { id: 'another', pushToken: null };
    expect((await one.ask('PATCH', '/device', { body })).status).toBe(204);
  });

  it('is told its public address, known or not, and that it is known', async () => {
    const { phone, stranger } = await open();
    const one = await phone();
    expect(JSON.parse((await one.ask('GET', '/device')).body)).toMatchObject({
      externalIp: '127.0.0.1',
      device: { id: one.id, name: 'Google/sdk_gphone64_x86_64', createdAt: expect.any(String) },
    });
    const lost = stranger();
    lost.token = 'nobody-knows-it';
    const answer = await lost.ask('GET', '/device');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ externalIp: '127.0.0.1' });
  });

  it('is reached under both prefixes, and with doubled slashes', async () => {
    const { phone, url } = await open();
    const one = await phone();
    for (const base of ['/mobile/v1', '/api/mobile/v1', '//api//mobile/v1/', '/mobile/v1/']) {
      const other = Object.assign(await phone(), { base: `${url}${base}`, token: one.token });
      expect((await other.ask('GET', '/message')).status, base).toBe(200);
    }
  });
});

describe('3. messages', () => {
  it('come in every answer until the phone says something of them', async () => {
    const { phone, send } = await open();
    const one = await phone();
    const [message] = await send(1);
    for (let time = 0; time < 3; time++) {
      expect((await one.pull()).map(({ id }) => id)).toEqual([message?.id]);
    }
    await one.work();
    expect(await one.pull()).toEqual([]);
  });

  it('have the form of the reference server', async () => {
    const { phone, send, world } = await open();
    const one = await phone();
    const [message] = await send(1, { text: 'Grüße 👋', priority: 500 });
    const [given] = await one.pull();
    expect(given).toEqual({
      id: message?.id,
      message: 'Grüße 👋',
      textMessage: { text: 'Grüße 👋' },
      phoneNumbers: [message?.destination],
      withDeliveryReport: true,
      isEncrypted: false,
      validUntil: new Date(world.clock.now() + 72 * hour).toISOString(),
      scheduleAt: null,
      priority: 127,
      state: 'Pending',
      createdAt: new Date(world.clock.now()).toISOString(),
    });
  });

  it('come a hundred at once, the newest first unless the oldest are asked for, by priority', async () => {
    const { phone, send, world, account } = await open();
    const one = await phone();
    const caller = await account.caller();
    await world.gateway.devices.change(caller, one.id, { settings: { pace: null } });
    const messages = await send(120);
    const [urgent] = await send(1, { priority: 7 });
    const ids = messages.map(({ id }) => id);
    const newest = (await one.pull()).map(({ id }) => id);
    expect(newest).toEqual([urgent?.id, ...ids.slice(-99).toReversed()]);
    const oldest = (await one.pull('fifo')).map(({ id }) => id);
    // What was given before comes first to be answered: there is no room for others.
    expect(oldest).toEqual([urgent?.id, ...ids.slice(-99)]);
    await one.work();
    expect((await one.pull('fifo')).map(({ id }) => id)).toEqual(ids.slice(0, 21));
  });

  it('know two orders', async () => {
    const { phone } = await open();
    const one = await phone();
    expect((await one.ask('GET', '/message?order=x')).status).toBe(400);
    expect((await one.ask('GET', '/messages?order=lifo')).status).toBe(200);
    expect((await one.ask('GET', '/message?order=')).status).toBe(400);
  });

  it('that wait for their time are not in a queue before', async () => {
    const { phone, submit, world } = await open();
    const one = await phone();
    await submit([{ scheduledAt: world.clock.now() + 10 * minute }]);
    expect(await one.pull()).toEqual([]);
    await world.clock.skip(10 * minute);
    await waitUntil('it has come', async () => {
      await world.clock.advance(1_000);
      return (await one.pull()).length === 1;
    });
  });
});

describe('4. states', () => {
  it('whatever is said, however often and in whatever order, is answered with 204', async () => {
    const { phone, send, stored } = await open();
    const one = await phone();
    const [message] = await send(1);
    await one.pull();
    const id = message?.id;
    const number = message?.destination.slice(1);
    const say = async (state: string, name: string | undefined = id, more: object = {}) => {
      const recipients = [{ phoneNumber: number, state }];
      const body = [{ id: name, state, recipients, states: {}, ...more }];
      const answer = await one.ask('PATCH', '/messages', { body });
      expect(answer.status).toBe(204);
      expect(answer.body).toBe('');
    };
    await say('Sent', '019a2b3c-0000-7000-8000-000000000000');
    await say('Sent', 'no id of ours');
    await say('Pending');
    await say('Delivered');
    for (const state of ['Sent', 'Processed', 'Pending', 'Failed', 'Cancelled', 'Delivered', '?']) {
      await say(state);
    }
    await say('Sent', id, { states: null, recipients: 'nonsense' });
    expect((await one.ask('PATCH', '/message', { raw: '[1, null, {}, {"id":5}]' })).status).toBe(
      204,
    );
    expect((await one.ask('PATCH', '/message', { raw: '[' })).status).toBe(400);
    expect((await one.ask('PATCH', '/message', { raw: '{}' })).status).toBe(400);
    expect(await stored(message as never)).toMatchObject({ status: 'delivered' });
  });

  it('follow each other in the core and at the phone', async () => {
    const { phone, send, stored, world, account } = await open();
    const one = await phone();
    const [message] = await send(1);
    const caller = await account.caller();
    const errand = async () =>
      (await world.gateway.devices.errandsOf(caller, [message?.id as never])).get(
        message?.id as never,
      );
    const say = (state: string, at?: string) =>
      one.ask('PATCH', '/message', {
        body: [{ id: message?.id, state, recipients: [], states: at ? { [state]: at } : {} }],
      });
    expect(await errand()).toMatchObject({ state: 'pending', pulledAt: null, deviceId: one.id });
    await world.clock.advance(1_000);
    await one.pull();
    expect(await errand()).toMatchObject({ state: 'pending', pulledAt: world.clock.now() });
    await say('Pending');
    expect(await errand()).toMatchObject({ state: 'processed', processedAt: null });
    await say('Processed', '2026-03-01T11:00:00.500+10:00');
    // Before it was queued: the phone's clock is wrong.
    expect(await errand()).toMatchObject({ processedAt: world.clock.now() });
    await world.clock.advance(1_000);
    const at = new Date(world.clock.now() - 300);
    await say('Sent', at.toISOString());
    expect(await errand()).toMatchObject({ state: 'sent', sentAt: at.getTime() });
    expect(await stored(message as never)).toMatchObject({ status: 'sent' });
    await say('Delivered');
    expect(await errand()).toMatchObject({ state: 'delivered' });
    expect(await stored(message as never)).toMatchObject({ status: 'delivered', error: null });
  });

  it.each([
    ['Send result: RESULT_ERROR_GENERIC_FAILURE (1)', 'failed', 'undeliverable'],
    ['', 'failed', 'undeliverable'],
    ['TTL expired', 'expired', 'validity_expired'],
  ])('a failure for %j is the end', async (error, status, code) => {
    const { phone, send, stored } = await open();
    const one = await phone({ fate: () => ({ state: 'Failed', error }) });
    const [message] = await send(1);
    await one.pull();
    await one.work();
    expect(await stored(message as never)).toMatchObject({
      status,
      error: code,
      errorDetail: error || 'The phone could not send it.',
    });
  });

  it('of another account’s phone change nothing', async () => {
    const { phone, send, statusOf, another } = await open();
    const one = await phone();
    const thief = await phone({ of: await another() });
    const [message] = await send(1);
    await one.pull();
    expect(await thief.pull()).toEqual([]);
    await thief.ask('PATCH', '/message', {
      body: [{ id: message?.id, state: 'Delivered', recipients: [], states: {} }],
    });
    expect(await statusOf(message as never)).toBe('sent');
  });

  it('nor one whose phone was quicker than what was written down of it', async () => {
    const stage = await open();
    const one = await stage.phone({ fate: () => ({ state: 'Sent' }) });
    const message = await stage.sendOne();
    await one.pull();
    await one.work();
    const { storage, clock } = stage.world;
    // As if the answer to its hand-over had been written down only now.
    await storage.write(async (tx) => {
      const [row] = await tx.messages.lock([message.id]);
      await tx.messages.save([{ ...(row as Message), dueAt: clock.now() + hour }], {
        from: 'sent',
      });
    });
    await stage.later(2 * hour);
    await stage.world.clock.advance(2_000);
    expect(await stage.statusOf(message)).toBe('sent');
    expect((await stage.stored(message)).dueAt).toBeGreaterThan(clock.now() + 1e12);
  });

  it('a message that the network takes and never reports on does not fail for that', async () => {
    const stage = await open();
    const one = await stage.phone({ fate: () => ({ state: 'Sent' }) });
    const message = await stage.sendOne();
    await one.pull();
    await one.work();
    await stage.later(80 * hour);
    await stage.world.clock.advance(2_000);
    expect(await stage.statusOf(message)).toBe('sent');
  });
});

describe('5. taking back', () => {
  const setUp = async () => {
    const stage = await open();
    const one = await stage.phone();
    const [message] = await stage.send(1);
    const caller = await stage.account.caller();
    const id = message?.id as never;
    const cancel = () => stage.world.gateway.devices.cancel(caller, id);
    const { stored, air, world, account, another } = stage;
    return { stored, air, world, account, another, one, message: message as Message, cancel };
  };

  it('before the phone was given it: at once, with the money', async () => {
    const { one, message, cancel, stored, account } = await setUp();
    expect(await account.credits()).toBe(99_999);
    expect(await cancel()).toBe('cancelled');
    expect(await stored(message)).toMatchObject({ status: 'cancelled' });
    expect(await account.credits()).toBe(100_000);
    expect(await one.pull()).toEqual([]);
    expect(await cancel()).toBe('cancelled');
  });

  it('after it was given, the phone is asked, and has not sent it', async () => {
    const { one, message, cancel, stored, air } = await setUp();
    await one.pull();
    expect(await cancel()).toBe('cancelling');
    expect(await stored(message)).toMatchObject({ status: 'sent' });
    expect(await one.pull()).toMatchObject([{ id: message.id, state: 'Cancelling' }]);
    // It says so at the next pull, if not at once.
    await one.pull();
    expect(await stored(message)).toMatchObject({ status: 'cancelled' });
    await one.work();
    expect(air.sent.size).toBe(0);
  });

  it('after it was sent it is too late', async () => {
    const { one, message, cancel, stored, air } = await setUp();
    await one.pull();
    expect(await cancel()).toBe('cancelling');
    await one.work();
    expect(await stored(message)).toMatchObject({ status: 'delivered' });
    expect(air.sent.size).toBe(1);
    expect(await cancel()).toBe('too_late');
  });

  it('of what the phone does not know, it says that it is cancelled', async () => {
    const { one, message, cancel, stored } = await setUp();
    // The answer was lost on its way.
    await one.ask('GET', '/message');
    expect(await cancel()).toBe('cancelling');
    await one.pull();
    expect(await stored(message)).toMatchObject({ status: 'cancelled' });
  });

  it('an app that knows no such thing is not shown it', async () => {
    const { phone, send, world, account } = await open();
    const old = await phone({ version: '1.60.2' });
    const [message] = await send(1);
    await old.ask('GET', '/message');
    const caller = await account.caller();
    await world.gateway.devices.cancel(caller, message?.id as never);
    expect(await old.pull()).toEqual([]);
  });

  it('is for its own account alone', async () => {
    const { world, message, another } = await setUp();
    const other = await (await another()).caller();
    expect(await world.gateway.devices.cancel(other, message.id)).toBeUndefined();
    expect(await world.gateway.devices.errandsOf(other, [message.id])).toEqual(new Map());
  });
});

describe('6. the event stream', () => {
  it('has the very bytes that the app reads', async () => {
    const { phone, send, world, account } = await open();
    const one = await phone();
    const stream = one.listen();
    await stream.opened();
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
    expect(stream.headers['content-encoding']).toBeUndefined();
    const [message] = await send(1);
    const woken = 'event: MessageEnqueued\ndata: null\n\n';
    await waitUntil('it is woken', () => stream.bytes === woken);
    await one.pull();
    await world.gateway.devices.cancel(await account.caller(), message?.id as never);
    const cancelled = `event: MessageCancelled\ndata: {"messageId":"${message?.id}"}\n\n`;
    await waitUntil('it is told', () => stream.bytes === woken + cancelled);
    await world.clock.advance(15_000);
    await waitUntil('it is kept open', () => stream.bytes.endsWith(':keepalive\n\n'));
    stream.cut();
  });

  it('wakes a phone at once, and then no more often than every two seconds', async () => {
    const { phone, send, world } = await open();
    const one = await phone();
    const stream = one.listen();
    await stream.opened();
    for (let time = 0; time < 5; time++) await send(1);
    await waitUntil('it is woken', () => stream.events.length === 1);
    await world.clock.advance(1_999);
    expect(stream.events).toHaveLength(1);
    await world.clock.advance(1);
    await waitUntil('and again', () => stream.events.length === 2);
    await world.clock.advance(9_000);
    expect(stream.events).toHaveLength(2);
    stream.cut();
  });

  it('tells all streams of a phone, and ends the oldest of too many', async () => {
    const { phone, send } = await open();
    const one = await phone();
    const streams: EventStream[] = [];
    for (let at = 0; at < 5; at++) {
      const stream = one.listen();
      await stream.opened();
      streams.push(stream);
    }
    await waitUntil('the first has ended', () => streams[0]?.ended === true);
    await send(1);
    await waitUntil('the others are told', () =>
      streams.slice(1).every(({ events }) => events.length === 1),
    );
    for (const stream of streams) stream.cut();
  });

  it('has no head alone, which would hold a place', async () => {
    const { phone } = await open();
    const one = await phone();
    for (const path of ['/events', '/message']) {
      expect((await one.ask('HEAD', path)).status).toBe(404);
    }
  });

  it('ends when the phone is removed', async () => {
    const { phone, world, account } = await open();
    const one = await phone();
    const stream = one.listen();
    await stream.opened();
    await world.gateway.devices.remove(await account.caller(), one.id);
    await waitUntil('it has ended', () => stream.ended);
  });

  it('ends also when another process removed the phone, by itself', async () => {
    const { phone, world } = await open();
    const one = await phone();
    const stream = one.listen();
    await stream.opened();
    await world.storage.write((tx) => tx.devices.remove(one.id as never));
    await world.clock.advance(15_000);
    await waitUntil('it has ended', () => stream.ended);
  });

  it('ends when the gateway stops, and that waits for nothing', async () => {
    const { phone, world } = await open();
    const one = await phone();
    const stream = one.listen();
    await stream.opened();
    await (await world.server()).close();
    await waitUntil('it has ended', () => stream.ended);
  });

  it('is the channel of a phone that opens it, until it says that it has a push token', async () => {
    const { phone, world } = await open();
    const one = await phone({ pushToken: 'dKx:APA91b' });
    const stream = one.listen();
    await stream.opened();
    const { devices } = world.gateway;
    await waitUntil(
      'its push token is forgotten',
      async () => (await devices.pushTokenOf(one.id as never)) === null,
    );
    await one.ask('PATCH', '/device', { body: { id: one.id, pushToken: 'new' } });
    await waitUntil('the stream has ended', () => stream.ended);
  });

  it('tells what else there is', async () => {
    const { phone, world, account } = await open();
    const one = await phone();
    const stream = one.listen();
    await stream.opened();
    const caller = await account.caller();
    const { devices } = world.gateway;
    await devices.change(caller, one.id, { settings: { pingSeconds: 60 } });
    await devices.exportInbox(caller, one.id, Date.UTC(2026, 1, 1), Date.UTC(2026, 1, 2));
    await waitUntil('it is told both', () => stream.events.length === 2);
    expect(stream.events).toEqual([
      { event: 'SettingsUpdated', data: null },
      {
        event: 'MessagesExportRequested',
        data: {
          since: '2026-02-01T00:00:00.000Z',
          until: '2026-02-02T00:00:00.000Z',
          messageTypes: 'SMS',
          webhookDelivery: 'Individual',
          triggerWebhooks: 'true',
        },
      },
    ]);
    stream.cut();
  });
});

describe('8. hooks', () => {
  const setUp = async () => {
    const stage = await open();
    const one = await stage.phone();
    const { stored, world, account, another, phone, send, submit, url, stranger } = stage;
    return { one, stored, world, account, another, phone, send, submit, url, stranger };
  };

  it('take a good signature and no other', async () => {
    const { one, world } = await setUp();
    const seconds = Math.floor(world.clock.now() / 1000);
    expect((await pinged(one)).status).toBe(200);
    for (const wrong of [{ key: 'another key' }, { unsigned: true }]) {
      expect((await one.tell('system:ping', {}, wrong)).status).toBe(401);
    }
    // A phone whose clock is wrong is heard all the same.
    for (const timestamp of [0, seconds - 90_000, seconds + 200_000]) {
      expect((await one.tell('system:ping', {}, { timestamp })).status).toBe(200);
    }
  });

  it('have paths that nobody guesses, and which say nothing of the phone', async () => {
    const { one, url, stranger } = await setUp();
    const hook = one.hooks[0]?.url ?? '';
    expect(hook).toMatch(/^https:\/\/sms\.example\/hooks\/device\/[0-9a-f]{48}$/);
    expect(hook).not.toContain(one.id);
    const other = stranger();
    Object.assign(other, { hooks: [{ id: 'x', url: `${url}/hooks/device/nobody`, event: 'x' }] });
    expect((await other.tell('system:ping', {})).status).toBe(404);
  });

  it('what it received is its account’s, once, however often it tells it', async () => {
    const { one, world, account } = await setUp();
    const receivedAt = '2026-03-01T09:59:00.000+10:00';
    for (const eventId of ['a', 'a', 'b']) {
      const answer = await one.receive('+61412345678', 'Yes', { receivedAt, eventId });
      expect(answer.status).toBe(200);
    }
    await one.receive('+61412345678', 'Yes', { receivedAt: '2026-03-01T09:59:01.000+10:00' });
    const replies = await world.gateway.replies(await account.caller(), { limit: 10, offset: 0 });
    expect(replies).toHaveLength(2);
    expect(replies[1]).toMatchObject({
      from: '+61412345678',
      to: 'phone',
      text: 'Yes',
      device: one.id,
      receivedAt: Date.parse(receivedAt),
    });
  });

  it('two phones may use one name for two messages', async () => {
    const { one, phone, world, account } = await setUp();
    const two = await phone();
    const receivedAt = '2026-03-01T09:59:00.000+10:00';
    await one.receive('+61412345678', 'Yes', { receivedAt });
    await two.receive('+61412345678', 'Yes', { receivedAt });
    const replies = await world.gateway.replies(await account.caller(), { limit: 10, offset: 0 });
    expect(replies).toHaveLength(2);
  });

  it('a reply answers the last message to that handset, and is told as any', async () => {
    const { one, phone, send, world, account, another } = await setUp();
    const other = await another();
    await phone({ of: other });
    const [message] = await send(1);
    await one.pull();
    await one.work();
    await one.receive(message?.destination as string, 'STOP');
    const [reply] = await world.gateway.replies(await account.caller(), { limit: 10, offset: 0 });
    expect(reply).toMatchObject({ messageId: message?.id, keyword: 'stop' });
    expect(await world.gateway.optedOut(await account.caller(), [reply?.from as never])).toEqual([
      true,
    ]);
    expect(await world.gateway.replies(await other.caller(), { limit: 10, offset: 0 })).toEqual([]);
  });

  it('a reply belongs to the phone’s account, though another wrote last to that handset', async () => {
    const { one, phone, send, submit, world, account, another } = await setUp();
    const other = await another();
    const two = await phone({ of: other });
    const [message] = await send(1);
    await submit([{ to: message?.destination as string }], other);
    await waitUntil('the other phone has it', async () => (await two.pull()).length === 1);
    await one.receive(message?.destination as string, 'Who is this?');
    const ofAccount = await world.gateway.replies(await account.caller(), { limit: 9, offset: 0 });
    expect(ofAccount).toMatchObject([{ messageId: message?.id }]);
  });

  it('what is from no number is left out, and answered', async () => {
    const { one, world, account } = await setUp();
    expect((await one.receive('MyBank', 'Your code is 1')).status).toBe(200);
    expect(await world.gateway.replies(await account.caller(), { limit: 9, offset: 0 })).toEqual(
      [],
    );
    const left = world.log.lines.filter((line) => line.includes('left out'));
    expect(left).toHaveLength(1);
    expect(left[0]).not.toContain('Your code');
  });

  it('a picture message is its text', async () => {
    const { one, world, account } = await setUp();
    const payload = { messageId: 'm', sender: '+61412345678', receivedAt: '', simNumber: 1 };
    await one.tell('mms:downloaded', { ...payload, body: 'Look', subject: 'x', attachments: [] });
    await one.tell('mms:downloaded', { ...payload, messageId: 'n', body: null, subject: 'Hi' });
    const replies = await world.gateway.replies(await account.caller(), { limit: 9, offset: 0 });
    expect(replies.map(({ text }) => text).toSorted()).toEqual(['Hi', 'Look']);
  });

  it('also tell what became of messages, beside the other way', async () => {
    const { one, send, world, account, stored } = await setUp();
    const [message] = await send(1, { text: 'x'.repeat(400) });
    await one.pull();
    const base = { messageId: message?.id, simNumber: 2 };
    const sentAt = new Date(world.clock.now()).toISOString();
    expect((await one.tell('sms:sent', { ...base, partsCount: 4, sentAt })).status).toBe(200);
    const caller = await account.caller();
    const errands = await world.gateway.devices.errandsOf(caller, [message?.id as never]);
    expect(errands.get(message?.id as never)).toMatchObject({ state: 'sent', parts: 4, sim: 2 });
    await one.tell('sms:delivered', { ...base, deliveredAt: 'nonsense' });
    expect(await stored(message as never)).toMatchObject({ status: 'delivered' });
  });

  it('a ping is health and battery', async () => {
    const { one, world, account } = await setUp();
    const checks = { 'battery:level': { observedValue: 17, status: 'warn' } };
    await one.tell('system:ping', { health: { status: 'warn', version: '1', checks } });
    const [device] = await world.gateway.devices.list(await account.caller());
    expect(device).toMatchObject({ battery: 17, health: 'warn', online: true });
    await world.clock.advance(5_000);
    const stored = await world.storage.read.devices.find(one.id as never);
    expect(stored).toMatchObject({ battery: 17, health: 'warn', version: '1.68.0' });
  });

  it('the start of the app tells its numbers, which become senders that go by its SIMs', async () => {
    const { one, world, account, submit } = await setUp();
    await one.tell('app:started', {
      simCards: [
        { slotIndex: 0, simNumber: 1, phoneNumber: '+61491570156', carrierName: 'Telstra' },
        { slotIndex: 1, simNumber: 2, phoneNumber: '+61491570157' },
      ],
    });
    const caller = await account.caller();
    expect(caller.view.senders.get('61491570157')).toMatchObject({ kind: 'dedicated' });
    const [verdict] = await submit([{ sender: '+61491570157' }]);
    expect(verdict).toMatchObject({ ok: true });
    await waitUntil('it goes by that SIM', async () => {
      const [given] = await one.pull();
      return given?.simNumber === 2;
    });
    // It is redacted in other requests; another card in the slot ends otherwise.
    const simCards = [
      { slotIndex: 0, simNumber: 1, phoneNumber: '********0156' },
      { slotIndex: 1, simNumber: 2, phoneNumber: '********9999' },
    ];
    await one.ask('PATCH', '/device', { body: { simCards } });
    const { sims } = (await world.gateway.devices.find(caller, one.id)) ?? {};
    expect(sims?.map(({ number }) => number)).toEqual(['+61491570156', null]);
    const after = await account.caller();
    expect([...after.view.senders.keys()]).not.toContain('61491570157');
    expect([...after.view.senders.keys()]).toContain('61491570156');
  });

  it('a number that somebody else shows is no sender of who claims to have it', async () => {
    const { one, world, account, another } = await setUp();
    await another({ senders: [{ address: '+61491570156', kind: 'shared' }] });
    await world.gateway.numbers.add([
      {
        number: '+61491570157',
        country: 'AU' as never,
        type: 'mobile',
        classification: 'bronze',
        capabilities: ['sms'],
        availableAfter: 0,
      },
    ]);
    await one.receive('+61412345678', 'a', { recipient: '+61491570156', simNumber: 1 });
    await one.receive('+61412345678', 'b', { recipient: '+61491570157', simNumber: 2 });
    const caller = await account.caller();
    const mine = [...caller.view.senders.keys()];
    expect(mine).not.toContain('61491570156');
    expect(mine).not.toContain('61491570157');
    await expect(
      world.gateway.devices.change(caller, one.id, { number: '+61491570156' }),
    ).rejects.toMatchObject({ code: 'already_exists' });
  });

  it('a number that only a phone said of itself goes to whom the owner gives it', async () => {
    const { one, world, account, another, phone } = await setUp();
    const victim = await another();
    const number = '+61491570156';
    const claim = () =>
      one.tell('app:started', {
        simCards: [{ slotIndex: 0, simNumber: 1, phoneNumber: number }],
      });
    const shows = async (of: typeof account) => (await of.caller()).view.senders.has('61491570156');
    await claim();
    expect(await shows(account)).toBe(true);
    await world.gateway.senders.add(victim.account.id, number);
    expect([await shows(account), await shows(victim)]).toEqual([false, true]);
    // Whatever the phone says then.
    await one.tell('app:started', { simCards: [] });
    await claim();
    expect([await shows(account), await shows(victim)]).toEqual([false, true]);
    // What the owner has said of a phone stays.
    const two = await phone();
    const caller = await account.caller();
    await world.gateway.devices.change(caller, two.id, { number: '+61491570157' });
    await expect(
      world.gateway.senders.add(victim.account.id, '+61491570157'),
    ).rejects.toMatchObject({ code: 'already_exists' });
  });

  it('uploads of the inbox are taken, once', async () => {
    const { one, world, account } = await setUp();
    const item = {
      id: 'i-1',
      type: 'SMS',
      sender: '+61412345678',
      content: 'Hello',
      isEncrypted: false,
      createdAt: '2026-03-01T09:00:00.000+10:00',
    };
    const sealed = { ...item, id: 'i-2', isEncrypted: true, content: '$aes-256-cbc/…' };
    for (let time = 0; time < 2; time++) {
      expect((await one.ask('POST', '/inbox', { body: [item, sealed] })).status).toBe(201);
    }
    const replies = await world.gateway.replies(await account.caller(), { limit: 9, offset: 0 });
    expect(replies).toMatchObject([{ text: 'Hello' }]);
  });
});

describe('9. what an app’s version does not know it is not sent', () => {
  const events = async (version: string) => {
    const { phone } = await open();
    const one = await phone({ version });
    return { one, names: one.hooks.map(({ event }) => event) };
  };

  it.each([
    ['1.30.0', []],
    ['1.46.2', []],
    ['1.47.0', ['mms:received']],
    ['1.56.0', ['mms:downloaded']],
    ['1.66.0', ['mms:downloaded', 'app:started']],
    ['1.67.0', ['mms:downloaded', 'app:started', 'sms:cancelled']],
  ])('hooks of %s', async (version, more) => {
    const { names } = await events(version);
    const always = ['sms:received', 'sms:sent', 'sms:delivered', 'sms:failed', 'system:ping'];
    expect(names).toEqual([...always, ...more]);
  });

  it('settings, the same each time, and only what is known', async () => {
    const { phone, world, account } = await open();
    const one = await phone();
    const { devices } = world.gateway;
    const caller = await account.caller();
    expect(one.settings).toEqual({
      messages: { processing_order: 'FIFO' },
      webhooks: { signing_key: expect.stringMatching(/^.{43}$/) },
    });
    const before = one.settings;
    await one.sync();
    expect(one.settings).toEqual(before);
    await devices.change(caller, one.id, {
      settings: { pause: { least: 1, most: 3 }, sims: 'rotation', pingSeconds: 60 },
    });
    await one.sync();
    expect(one.settings).toEqual({
      messages: {
        send_interval_min: 1,
        send_interval_max: 3,
        sim_selection_mode: 'RoundRobin',
        processing_order: 'FIFO',
      },
      ping: { interval_seconds: 60 },
      webhooks: before['webhooks'],
    });
    // What is left out stays as it is there: what it was told is taken back in words.
    await devices.change(caller, one.id, { settings: { pause: null, sims: 'phone' } });
    for (let time = 0; time < 2; time++) {
      await one.sync();
      expect(one.settings['messages']).toEqual({
        send_interval_min: null,
        send_interval_max: null,
        sim_selection_mode: null,
        processing_order: 'FIFO',
      });
    }
    expect((await devices.find(caller, one.id))?.settings).not.toHaveProperty('told');
    await devices.change(caller, one.id, { settings: { sims: { fixed: 1 } } });
    await one.sync();
    expect(one.settings['messages']).toMatchObject({ sim_selection_mode: null });
    const old = await phone({ version: '1.40.0' });
    expect(old.settings).toEqual({ webhooks: { signing_key: expect.any(String) } });
    const older = await phone({ version: '1.36.0' });
    expect(older.settings).toEqual({});
  });
});

describe('10. a phone that is silent', () => {
  it('what it was not given goes to another; what it was given stays', async () => {
    const stage = await open({ phones: { silentMinutes: 1 } });
    const { world, air } = stage;
    const silent = await stage.phone();
    const given = await stage.sendOne();
    await silent.pull();
    const untouched = await stage.sendOne();
    const other = await stage.phone();
    await world.clock.advance(minute - 1_000);
    await pinged(other);
    expect(await other.pull()).toEqual([]);
    await world.clock.advance(15_000);
    expect((await other.pull()).map(({ id }) => id)).toEqual([untouched.id]);
    await other.work();
    expect(world.lines).toContainEqual({
      level: 'warn',
      what: 'a phone has fallen silent with messages in its queue',
      more: { link: 'phones', phone: silent.id, waiting: 1, given: 1 },
    });
    const timeline = await world.storage.read.messages.timeline(given.id);
    expect(timeline).toContainEqual(expect.objectContaining({ what: 'phone silent' }));
    // It was there all the time.
    await silent.work();
    expect(air.doubled).toEqual([]);
    expect(await stage.statusOf(given)).toBe('delivered');
    expect(await stage.statusOf(untouched)).toBe('delivered');
  });

  it('what must go by that phone waits for it, until its time is over', async () => {
    const stage = await open({ delivery: { validityMs: 2 * hour } });
    const silent = await stage.phone();
    const other = await stage.phone();
    const message = await stage.sendOne({ device: { id: silent.id, sim: null } });
    await stage.later(2 * hour - 30_000);
    await pinged(other);
    await stage.world.clock.advance(11_000);
    expect(await other.pull()).toEqual([]);
    expect(await stage.statusOf(message)).toBe('sent');
    await stage.world.clock.advance(30_000);
    expect(await stage.stored(message)).toMatchObject({
      status: 'expired',
      errorDetail: 'No phone took it in time.',
    });
    expect(await stage.world.gateway.balance(await stage.caller())).toBe(100_000_000);
    expect(await silent.pull()).toEqual([]);
  });

  it('what it was given and never spoke of is unknown in the end', async () => {
    const stage = await open({ delivery: { validityMs: 2 * hour } });
    const silent = await stage.phone();
    const message = await stage.sendOne();
    await silent.pull();
    await stage.later(3 * hour - 5_000);
    await stage.world.clock.advance(2_000);
    expect(await stage.statusOf(message)).toBe('sent');
    await stage.world.clock.advance(5_000);
    expect(await stage.statusOf(message)).toBe('unknown');
    // Better news is still news.
    await silent.ask('PATCH', '/message', {
      body: [{ id: message.id, state: 'Delivered', recipients: [], states: {} }],
    });
    expect(await stage.statusOf(message)).toBe('delivered');
  });

  it('what it began to send and said no more of counts as sent, and is never sent again', async () => {
    const stage = await open();
    const one = await stage.phone({ fate: () => ({ state: 'Processed' }) });
    const message = await stage.sendOne();
    await one.pull();
    await one.work();
    await stage.later(15 * minute);
    await stage.world.clock.advance(11_000);
    expect(await stage.errand(message)).toMatchObject({ state: 'sent', unconfirmed: true });
    expect(await one.pull()).toEqual([]);
    await one.ask('PATCH', '/message', {
      body: [{ id: message.id, state: 'Sent', recipients: [], states: {} }],
    });
    expect(await stage.errand(message)).toMatchObject({ state: 'sent', unconfirmed: false });
  });

  it('with all of them silent, messages wait for the one that was heard of last', async () => {
    const stage = await open();
    const one = await stage.phone();
    await stage.later(hour);
    await stage.sendOne();
    expect(await one.pull()).toHaveLength(1);
  });

  it('or take the next link, where the owner wants it; and come back in time', async () => {
    const carrier = new TestLink('carrier');
    const stage = await open({ phones: { whenSilent: 'elsewhere' }, others: [carrier] });
    await stage.submit([{ sender: 'CompanyABC' }]);
    await waitUntil('the carrier has it', async () => {
      await stage.world.clock.advance(100);
      return carrier.sent.length === 1;
    });
    const one = await stage.phone();
    await stage.world.clock.advance(1_000);
    await stage.submit([{ sender: 'CompanyABC' }]);
    await waitUntil('the phone has it', async () => (await one.pull()).length === 1);
    expect(carrier.sent).toHaveLength(1);
  });
});

describe('what a phone could not send', () => {
  it.each(['RESULT_ERROR_LIMIT_EXCEEDED', 'RESULT_ERROR_NO_SERVICE', 'RESULT_ERROR_RADIO_OFF'])(
    'for %s another phone sends',
    async (why) => {
      const { phone, send, world, air, stored } = await open();
      const poor = await phone({
        fate: () => ({ state: 'Failed', error: `Send result: ${why} (5)` }),
      });
      const [message] = await send(1);
      const other = await phone();
      // The second comes when the queues are looked at anew.
      await world.clock.advance(1_500);
      await poor.pull();
      await poor.work();
      const given = await other.pull();
      expect(given.map(({ id }) => id)).toEqual([`${String(message?.id).replaceAll('-', '')}-2`]);
      // What the first says of its own attempt does not count any more.
      await poor.ask('PATCH', '/message', {
        body: [{ id: message?.id, state: 'Failed', recipients: [{ error: 'x' }], states: {} }],
      });
      await other.work();
      expect(await stored(message as never)).toMatchObject({ status: 'delivered' });
      expect(air.sent.size).toBe(1);
    },
  );

  it('the same phone tries again after a rest, under another name, where there is no other', async () => {
    const stage = await open();
    let tries = 0;
    const one = await stage.phone({
      fate: () =>
        ++tries === 1
          ? { state: 'Failed', error: 'Send result: RESULT_ERROR_LIMIT_EXCEEDED (5)' }
          : { state: 'Delivered' },
    });
    const message = await stage.sendOne();
    await one.pull();
    await one.work();
    expect(await one.pull()).toEqual([]);
    await stage.later(10 * minute);
    expect(await one.pull()).toHaveLength(1);
    await one.work();
    expect(await stage.stored(message)).toMatchObject({ status: 'delivered' });
    expect(stage.air.sent.size).toBe(1);
  });

  it('after four tries it has failed, and its price comes back', async () => {
    const stage = await open();
    const one = await stage.phone({
      fate: () => ({ state: 'Failed', error: 'Send result: RESULT_ERROR_NO_SERVICE (4)' }),
    });
    const message = await stage.sendOne();
    for (let time = 0; time < 4; time++) {
      expect(await one.pull()).toHaveLength(1);
      await one.work();
      await stage.later(10 * minute);
    }
    expect(await one.pull()).toEqual([]);
    expect(await stage.stored(message)).toMatchObject({
      status: 'failed',
      errorDetail: 'Send result: RESULT_ERROR_NO_SERVICE (4)',
    });
    expect(await stage.world.gateway.balance(await stage.caller())).toBe(100_000_000);
  });
});

describe('misbehaviour, all at once', () => {
  it('loses nothing and doubles nothing', async () => {
    const stage = await open();
    const { phone, air } = stage;
    const wrongClock = (offMs: number) => () => stage.world.clock.now() + offMs;
    const phones = [
      await phone({ habits: usualHabits, seed: 1 }),
      await phone({ habits: usualHabits, seed: 2, now: wrongClock(-5 * hour) }),
      await phone({ habits: usualHabits, seed: 3, now: wrongClock(3 * hour) }),
    ];
    const offline = await phone({ habits: usualHabits, seed: 4 });
    const caller = await stage.caller();
    for (const { id } of [...phones, offline]) {
      await stage.world.gateway.devices.change(caller, id, { settings: { pace: null } });
    }
    const messages = await stage.send(60);
    // It asks once, and is out of reach for hours.
    const taken = await offline.pull();
    expect(taken.length).toBeGreaterThan(0);
    for (const one of phones) {
      await Promise.all([one.pull('fifo'), one.pull('fifo')]);
      await one.work();
    }
    await stage.later(4 * hour);
    await offline.pull();
    await offline.work();
    for (const one of phones) expect(await one.pull()).toEqual([]);
    for (const message of messages) expect(await stage.statusOf(message)).toBe('delivered');
    expect(air.doubled).toEqual([]);
    expect(air.sent.size).toBe(messages.length);
    expect([...phones, offline].flatMap(({ refused }) => refused)).toEqual([]);
  });
});

describe('7. the push relay', () => {
  it('is not used unless the owner says so', async () => {
    const { phone, send } = await open();
    await phone({ pushToken: 'dKx:APA91b' });
    await send(1);
    // The network of tests is closed: a request would have been a warning.
  });

  it('is asked five times a minute at most, whatever there is to tell', async () => {
    const relay = new FakeRelay(() => clockOf());
    await relay.start();
    let clockOf: () => number = () => 0;
    try {
      const { phone, world } = await open({
        phones: { push: { url: relay.url, allow: ['127.0.0.1'] } },
      });
      clockOf = () => world.clock.now();
      const one = await phone({ pushToken: 'token-0' });
      const { wakes } = world.gateway.devices;
      const settle = async () => {
        const before = relay.requests.length;
        await waitUntil('the relay was asked', () => relay.requests.length > before);
        await world.clock.settle();
      };
      wakes.tell(one.id as never, { kind: 'messages' });
      await settle();
      for (let burst = 0; burst < 1_000; burst++) {
        wakes.tell(one.id as never, { kind: 'messages' });
        if (burst % 100 === 0) await world.clock.advance(1_000);
      }
      await world.clock.advance(2 * minute);
      await world.clock.settle();
      expect(relay.requests.every(({ status }) => status === 202)).toBe(true);
      const times = relay.requests.map(({ at }) => at);
      for (const at of times) {
        expect(times.filter((one_) => one_ > at - minute && one_ <= at).length).toBeLessThanOrEqual(
          5,
        );
      }
      expect(relay.woken.length).toBeGreaterThanOrEqual(2);
      expect(relay.woken.every(({ token }) => token === 'token-0')).toBe(true);
    } finally {
      await relay.stop();
    }
  });
});
