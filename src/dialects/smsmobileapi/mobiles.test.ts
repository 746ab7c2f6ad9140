import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Air } from '../../../test/peers/phone/air.ts';
import type { PhoneWish } from '../../../test/peers/phone/phone.ts';
import { FakePhone } from '../../../test/peers/phone/phone.ts';
import { createPhoneWorld } from '../../../test/support/phone-world.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { gatewaySid } from './guid.ts';
import { Client, goodMessage, receive } from './testkit/client.ts';

type Row = Record<string, unknown>;
const mobilesOf = async (client: Client, parameters: Record<string, string> = {}) =>
  (await client.get('/gateway/mobile/list/', parameters)).result['mobiles'] as Row[];

describe('an account without a phone', () => {
  let world: World;
  let client: Client;
  let sid: string;
  beforeAll(async () => {
    world = await createWorld();
    const account = await world.account({ dialect: 'smsmobileapi', kind: 'api_key' });
    client = new Client(world, account);
    sid = gatewaySid(account.account.id);
  });
  afterAll(() => world.close());

  it('is shown the gateway itself, which does not pass for a phone', async () => {
    const [mobile, ...others] = await mobilesOf(client);
    expect(others).toEqual([]);
    expect(mobile).toEqual({
      sid,
      sIdentifiant: sid,
      sIdentifiantPhone: sid,
      sIdentifiant_pour_check: sid,
      label: 'Parlance (no phone)',
      nom_reference: 'Parlance (no phone)',
      phone_number: null,
      battery: null,
      version: null,
      date: '2026-03-01 00:00:00',
      online: 1,
      status: 'online',
    });
    expect(sid).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is shown a phone that is played where all is played, as in the demo', async () => {
    const played = await createWorld({
      policies: new Map([['test', { onLostAnswer: 'unknown', simulator: true }]]),
    });
    const account = await played.account({ dialect: 'smsmobileapi', kind: 'api_key' });
    expect(await mobilesOf(new Client(played, account))).toMatchObject([
      { label: 'Sandbox phone (played by Parlance)', online: 1 },
    ]);
    await played.close();
  });

  it('cannot change or delete it', async () => {
    for (const path of ['/gateway/mobile/update/', '/gateway/mobile/delete/']) {
      const { status, result } = await client.get(path, { sid, label: 'mine' });
      expect({ status, ...result }).toEqual({
        status: 200,
        error: 'This is the gateway itself and no phone: it cannot be changed.',
      });
    }
  });

  it.each([
    ['/gateway/mobile/update/', { label: 'x' }, 'Missing required parameter: sid'],
    ['/gateway/mobile/update/', { sid: 'x' }, 'Missing required parameter: label'],
    ['/gateway/mobile/delete/', {}, 'Missing required parameter: sid'],
    [
      '/gateway/mobile/update/',
      { sid: 'x', label: '', phone_number: 'nobody' },
      'Invalid parameter: phone_number (expected a phone number)',
    ],
  ])('%s with %j is refused', async (path, parameters, error) => {
    const answer = await client.get(path, parameters);
    expect(answer.status).toBe(400);
    expect(answer.result['error']).toBe(error);
  });
});

describe('an account with phones', () => {
  let world: World;
  let base: string;
  let client: Client;
  beforeAll(async () => {
    world = await createPhoneWorld({ notify: false });
    base = await world.listen();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    const account = await world.account({ dialect: 'smsmobileapi', kind: 'api_key', senders: [] });
    client = new Client(world, account);
  });

  async function phone(wish: Partial<PhoneWish> & { air?: Air } = {}): Promise<FakePhone> {
    const one = new FakePhone({
      base: `${base}/api/mobile/v1`,
      hooksAt: base,
      now: () => world.clock.now(),
      ...wish,
    });
    const { secret } = await world.gateway.devices.enrolment.token(client.account.account.id);
    await one.register(`Bearer ${secret}`);
    await one.start();
    return one;
  }

  const rowOf = async (guid_message: string) =>
    (await client.get('/log/sent/sms/', { guid_message })).sms[0] as Row;
  /** It is in the queue of a phone. */
  async function queued(parameters: Record<string, string> = {}): Promise<string> {
    const answer = await client.post('/sendsms/', { ...goodMessage, ...parameters });
    expect(answer.result).toMatchObject({ error: 0, sent: '1' });
    const guid = String(answer.result['id']);
    await waitUntil('it is in a queue', async () => {
      await world.clock.settle();
      return (await rowOf(guid))['sIdentifiantPhone'] !== '';
    });
    return guid;
  }

  it('lists them, with what they say of themselves', async () => {
    const one = await phone({ name: 'Pixel' });
    await world.clock.advance(1);
    const two = await phone({ name: 'Galaxy' });
    expect(await mobilesOf(client)).toMatchObject([
      { sid: one.id, sIdentifiant: one.id, label: 'Pixel', online: 1, status: 'online' },
      { sid: two.id, label: 'Galaxy' },
    ]);
    expect(await mobilesOf(client, { sid: two.id })).toHaveLength(1);
    expect(await mobilesOf(client, { search: 'PIX' })).toMatchObject([{ sid: one.id }]);
    expect(await mobilesOf(client, { search: 'nothing' })).toEqual([]);
  });

  it('names and numbers them, and lets them go', async () => {
    const { id: sid } = await phone();
    const update = await client.get('/gateway/mobile/update/', {
      sid,
      label: 'OfficePhone',
      phone_number: ' 61491570158',
    });
    expect(update.body).toBe(
      `{"result":{"error":"0","sid":"${sid}","label":"OfficePhone","phone_number":"+61491570158"}}`,
    );
    expect(await mobilesOf(client)).toMatchObject([
      { label: 'OfficePhone', nom_reference: 'OfficePhone', phone_number: '+61491570158' },
    ]);
    await client.get('/gateway/mobile/update/', { sid, label: '' });
    expect(await mobilesOf(client)).toMatchObject([{ phone_number: '+61491570158' }]);
    expect((await client.get('/gateway/mobile/delete/', { sid })).body).toBe(
      `{"result":{"error":"0","sid":"${sid}","count_delete":1}}`,
    );
    expect(await mobilesOf(client)).toMatchObject([{ label: 'Parlance (no phone)' }]);
    expect((await client.get('/gateway/mobile/delete/', { sid })).result).toEqual({
      error: 'There is no mobile with this sid.',
    });
  });

  it('keeps those of others', async () => {
    const { id: sid } = await phone();
    const stranger = new Client(
      world,
      await world.account({ dialect: 'smsmobileapi', kind: 'api_key' }),
    );
    for (const path of ['/gateway/mobile/update/', '/gateway/mobile/delete/']) {
      const { result } = await stranger.get(path, { sid, label: 'mine' });
      expect(result).toEqual({ error: 'There is no mobile with this sid.' });
    }
    expect(await mobilesOf(stranger, { sid })).toEqual([]);
    const { result } = await stranger.post('/sendsms/', { ...goodMessage, sIdentifiant: sid });
    expect(result).toMatchObject({ sent: 'no' });
    expect(await mobilesOf(client)).toHaveLength(1);
  });

  it('sends by any of them where none is named, and by the one and the SIM that are', async () => {
    const [one, two] = [await phone(), await phone()];
    const any = await queued();
    expect([one.id, two.id]).toContain((await rowOf(any))['sIdentifiantPhone']);
    for (const chosen of [one, two]) {
      const guid = await queued({ sIdentifiant: chosen.id, port: '2', message: `by ${chosen.id}` });
      expect(await rowOf(guid)).toMatchObject({ sIdentifiantPhone: chosen.id, port: 2 });
      expect(await chosen.pull()).toContainEqual(
        expect.objectContaining({
          simNumber: 2,
          textMessage: { text: `by ${chosen.id}` },
          phoneNumbers: ['+61491570156'],
        }),
      );
    }
  });

  it('tells when the phone has sent it, and not before', async () => {
    const one = await phone();
    const guid = await queued();
    expect(await rowOf(guid)).toMatchObject({ send_from_mobile: 0, send_from_mobile_erreur: '' });
    expect((await client.get('/log/sent/frommobile/')).sms).toEqual([]);
    await one.pull();
    const queuedAt = world.clock.now();
    await world.clock.advance(5_000);
    await one.work();
    expect(await rowOf(guid)).toMatchObject({
      send_from_mobile: 1,
      sIdentifiantPhone: one.id,
      timestamp_server: Math.floor(queuedAt / 1000),
      send_from_mobile_timestamp: Math.floor(queuedAt / 1000) + 5,
    });
    expect((await client.get('/log/sent/frommobile/', { sIdentifiant: one.id })).sms).toMatchObject(
      [{ sIdentifiant: one.id, number: '+61491570156', mobile_date_ms: queuedAt + 5_000 }],
    );
  });

  it('says in the phone’s own words why it could not send, and sends it again when asked', async () => {
    const fate = { state: 'Failed' as const, error: 'RESULT_ERROR_GENERIC_FAILURE' };
    const one = await phone({ fate: () => fate });
    const guid = await queued();
    await one.pull();
    await one.work();
    expect(await rowOf(guid)).toMatchObject({
      send_from_mobile: 0,
      send_from_mobile_erreur: 'RESULT_ERROR_GENERIC_FAILURE',
    });
    expect((await client.get('/resend/', { guid })).result).toEqual({
      error: '0',
      sms: 'resent with successfully',
      attempt: 1,
    });
    expect(await rowOf(guid)).toMatchObject({ send_from_mobile_erreur: '', guid_message: guid });
  });

  it('tells V2 webhooks that it was sent when the phone says so', async () => {
    await world.gateway.owner.setEndpoint(client.account.account.id, {
      form: 'smsmobileapi',
      topic: 'events',
      url: 'https://client.example/events',
    });
    const told = async () => {
      const page = { limit: 100, offset: 0 };
      const { id } = client.account.account;
      const rows = await world.storage.read.notifications.list(id, page);
      return rows.map(({ event }) => event.type).toSorted();
    };
    const one = await phone();
    await queued();
    expect(await told()).toEqual(['message.accepted']);
    await one.pull();
    await one.work();
    expect(await told()).toEqual(['message.accepted', 'message.sent']);
  });

  it('leaves the text of what a phone has not fetched yet where it is', async () => {
    const one = await phone();
    const guid_message = await queued();
    expect((await client.get('/deletesms/', { guid_message })).result['count_delete']).toBe(0);
    expect(await one.pull()).toMatchObject([{ textMessage: { text: 'Hello World' } }]);
    await one.work();
    expect((await client.get('/deletesms/', { guid_message })).result['count_delete']).toBe(1);
  });

  it('gives a phone the key of an encrypted message, and keeps it no longer than it must', async () => {
    const one = await phone();
    await queued({ encrypt_message: 'yes', message: 'quokka' });
    const [given] = await one.pull();
    expect(given?.textMessage.text).toMatch(/https:\/\/sms\.example\/e\/\w{8}#[\w-]{22}$/);
    await one.work();
    const { id } = client.account.account;
    const [message] = await world.gateway.searchMessages(await client.account.caller(), {
      limit: 1,
      offset: 0,
    });
    expect(message).toMatchObject({ accountId: id, secret: null });
  });

  it('shows by which phone an SMS came', async () => {
    const one = await phone();
    await one.receive('+61491570157', 'Hello from outside');
    await receive(world, client.account, { text: 'another way' });
    const { sms } = await client.get('/getsms/', { sIdentifiantPhone: one.id });
    expect(sms).toMatchObject([
      { sIdentifiantPhone: one.id, number: '+61491570157', message: 'Hello from outside' },
    ]);
    const conversations = await client.get('/conversation/sms/list/', {
      origineConversation: 'received',
      numero: '+61491570157',
    });
    expect(conversations.body).toContain(`"mobile_sid":"${one.id}"`);
  });
});
