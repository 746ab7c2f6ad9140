import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { E164 } from '../../text/phone-number.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { smsgate } from './index.ts';
import { Client } from './testkit/client.ts';

const number = '+61491570006';
let world: World;
let client: Client;
const newClient = async (more: object = {}): Promise<Client> => {
  const senders = [{ address: number, kind: 'shared' as const }, 'CompanyABC'];
  return new Client(world, await world.account({ dialect: 'smsgate', senders, ...more }));
};
beforeEach(async () => {
  world = await createWorld({ dialects: [smsgate] });
  client = await newClient();
});
afterEach(() => world.close());

const in1h = '2026-03-01T01:00:00Z';
const in2h = '2026-03-01T02:00:00.000Z';
const [one, two] = ['+61491570156', '+61491570157'];

describe('a message', () => {
  it('is accepted as documented, and says where its state is', async () => {
    const id = 'PyDmBQZZXYmyxMwED8Fzy';
    const { status, body, headers } = await client.post({ id });
    expect(status).toBe(202);
    expectSample(body, readFixture(import.meta.url, 'message-state.json'));
    expect(headers['location']).toBe(`/smsgate/3rdparty/v1/messages/${id}`);
    const shown = await world.inject({
      url: String(headers['location']),
      headers: { authorization: client.account.authorization },
    });
    expect(shown.json()).toMatchObject({ id });
  });

  it('goes out from the number of the account, with the text as it is', async () => {
    await client.sent({ textMessage: { text: 'Grüße, 你好 👍' } });
    await waitUntil('it is sent', () => world.link.sent.length === 1);
    expect(world.link.sent[0]).toMatchObject({
      destination: one,
      sender: number,
      wholeText: 'Grüße, 你好 👍',
    });
  });

  it('may have its text where older clients put it', async () => {
    await client.sent({ textMessage: undefined, message: 'Hello' });
    await waitUntil('it is sent', () => world.link.sent.length === 1);
    expect(world.link.sent[0]?.wholeText).toBe('Hello');
  });

  it('takes null for what is left out, and passes over what it does not know', async () => {
    const nothing = { id: null, message: null, dataMessage: null, ttl: null, simNumber: null };
    await client.sent({ ...nothing, deviceId: null, priority: null, isEncrypted: false, more: 1 });
  });

  it('goes to each recipient under one id', async () => {
    const sent = await client.sent({ phoneNumbers: [one, '0491 570 157'] });
    expect(sent.recipients).toEqual([
      { phoneNumber: one, state: 'Pending' },
      { phoneNumber: two, state: 'Pending' },
    ]);
    expect(sent.id).toMatch(/^[0-9a-f-]{36}$/);
    await waitUntil('both are sent', () => world.link.sent.length === 2);
    expect(world.link.sent.map(({ destination }) => destination).toSorted()).toEqual([one, two]);
    await waitUntil('that is known', async () => (await client.message(sent.id)).state === 'Sent');
    expect(await client.account.credits()).toBe(998);
    expect(await client.list()).toHaveLength(1);
  });

  it('goes to a hundred at once', async () => {
    const phoneNumbers = Array.from({ length: 100 }, (_, nth) => `+614915${70_000 + nth}`);
    const sent = await client.sent({ phoneNumbers });
    expect(sent.recipients.map(({ phoneNumber }) => phoneNumber)).toEqual(phoneNumbers);
    expect((await client.message(sent.id)).recipients).toHaveLength(100);
  });

  it.each(['order-1234', '%', 'a%b_', 'Grüße/1?x#y', ' ', 'x'.repeat(36)])(
    'has the id %j that its client gave it, once',
    async (id) => {
      expect((await client.sent({ id })).id).toBe(id);
      expect((await client.message(id)).id).toBe(id);
      const again = await client.post({ id, phoneNumbers: [two] });
      expect(again.status).toBe(409);
      expect(again.json).toEqual({ message: 'duplicate id' });
      expect(await client.account.messages()).toBe(1);
      // Everybody has ids of his own.
      const stranger = await newClient();
      expect((await stranger.get(`/messages/${encodeURIComponent(id)}`)).status).toBe(404);
      await stranger.sent({ id });
    },
  );

  it('is accepted once of several that come at once with one id', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => client.post({ id: 'order' })));
    const times = (wanted: number) => all.filter(({ status }) => status === wanted).length;
    expect([times(202), times(409)]).toEqual([1, 5]);
    expect(await client.account.messages()).toBe(1);
  });

  it('waits for its time, and grows old from then on', async () => {
    const { id } = await client.sent({ scheduleAt: in1h, ttl: 600, priority: 127 });
    const [message] = await world.gateway.searchMessages(await client.account.caller(), {
      limit: 1,
      offset: 0,
    });
    expect(message).toMatchObject({
      status: 'scheduled',
      scheduledAt: Date.parse(in1h),
      expiresAt: Date.parse(in1h) + 600_000,
      priority: 127,
      clientRef: id,
    });
  });

  it.each([
    [{ ttl: 5 }, 5_000],
    [{ validUntil: in2h }, 7_200_000],
    [{ validUntil: '2026-03-01T12:00:00+10:00' }, 7_200_000],
    [{ validUntil: '2026-03-01T02:00:00.123456789Z' }, 7_200_123],
  ])('with %j is valid so long', async (more, lifeMs) => {
    const now = world.clock.now();
    await client.sent(more);
    const caller = await client.account.caller();
    const [message] = await world.gateway.searchMessages(caller, { limit: 1, offset: 0 });
    expect(message?.expiresAt).toBe(now + lifeMs);
  });

  it('shows what the owner says where it names nothing', async () => {
    const other = await newClient({ settings: { defaultSender: 'CompanyABC' } });
    await other.sent();
    await waitUntil('it is sent', () => world.link.sent.length === 1);
    expect(world.link.sent[0]?.sender).toBe('CompanyABC');
  });
});

describe('what is refused as a whole', () => {
  const landline = '+61298765432';
  it.each([
    ['no content', { textMessage: undefined }, /exactly one of/],
    ['two contents', { message: 'x' }, /exactly one of/],
    ['text and data', { dataMessage: { data: 'SGk=', port: 1 } }, /exactly one of/],
    [
      'data',
      { textMessage: undefined, dataMessage: { data: 'SGVsbG8=', port: 53739 } },
      /^Only text messages can be sent/,
    ],
    ['a picture', { textMessage: undefined, mmsMessage: { text: 'x' } }, /^Only text messages/],
    ['what is encrypted', { isEncrypted: true }, /^Encrypted messages cannot be sent/],
    ['no text', { textMessage: { text: '' } }, /textMessage\.text must have at least 1/],
    ['too long a text', { textMessage: { text: 'x'.repeat(65_536) } }, /at most 65535/],
    ['more parts than there are', { textMessage: { text: 'x'.repeat(60_000) } }, /at most 255/],
    ['no recipient', { phoneNumbers: [] }, /phoneNumbers must have at least 1/],
    ['no recipients', { phoneNumbers: undefined }, /phoneNumbers is missing/],
    ['too many', { phoneNumbers: new Array(101).fill(one) }, /phoneNumbers must have at most 100/],
    ['one of them twice', { phoneNumbers: [one, one] }, /different from each other/],
    ['one of them in two forms', { phoneNumbers: [one, '0491570156'] }, /different from each/],
    ['what is no number', { phoneNumbers: ['hello'] }, /^'hello' is not a phone number/],
    ['a landline', { phoneNumbers: [one, landline] }, /^phoneNumbers\[1\]: .* not a mobile/],
    ['a foreign number', { phoneNumbers: ['+6421123456'] }, /may not send to NZ/],
    ['too long an id', { id: 'x'.repeat(37) }, /id must have at most 36/],
    ['an id that cannot be kept', { id: 'a\0b' }, /id must be text without/],
    ['an id that is a number', { id: 7 }, /id must be a string/],
    ['a phone it does not have', { deviceId: 'PyDmBQZZXYmyxMwED8Fzy' }, /^device not found$/],
    ['a SIM where there are no phones', { simNumber: 1 }, /^No link goes by phones\.$/],
    ['a fourth SIM', { simNumber: 4 }, /simNumber must be at most 3/],
    ['too short a life', { ttl: 4 }, /ttl must be at least 5/],
    ['two ends', { ttl: 60, validUntil: in1h }, /ttl and validUntil/],
    ['an end that has been', { validUntil: '2026-02-28T00:00:00Z' }, /would expire before/],
    ['a time that has been', { scheduleAt: '2026-02-28T00:00:00Z' }, /scheduleAt must be in the/],
    ['an end before its time', { scheduleAt: in2h, validUntil: in1h }, /validUntil must be after/],
    ['a time next year', { scheduleAt: '2027-12-01T00:00:00Z' }, /more than a year/],
    ['no instant', { validUntil: 'tomorrow' }, /validUntil must be an instant/],
    ['too high a priority', { priority: 128 }, /priority must be at most 127/],
    ['too low a priority', { priority: -129 }, /priority must be at least -128/],
  ])('%s', async (_, more, words) => {
    const { status, json } = await client.post(more);
    expect({ status, message: json['message'] }).toEqual({
      status: 400,
      message: expect.stringMatching(words) as string,
    });
    expect(await client.account.messages()).toBe(0);
    expect(await client.account.credits()).toBe(1000);
  });

  it.each([
    ['?skipPhoneValidation=maybe', /skipPhoneValidation must be true or false/],
    ['?deviceActiveWithin=-1', /deviceActiveWithin must be a whole number/],
    ['?deviceActiveWithin=12', /^device not found$/],
  ])('the query %s', async (query, words) => {
    const { status, json } = await client.post({}, query);
    expect({ status, message: json['message'] }).toEqual({
      status: 400,
      message: expect.stringMatching(words) as string,
    });
  });

  it('an account without anything to show', async () => {
    const other = await newClient({ senders: [] });
    expect((await other.post()).json).toEqual({
      message: "'' is not a registered sender of this account.",
    });
  });
});

describe('a recipient fails alone', () => {
  it('with a number that cannot be sent to, where the client wants no validation', async () => {
    const phoneNumbers = [one, '+61298765432', '+6421123456', '12'];
    const sent = await client.sent({ phoneNumbers }, '?skipPhoneValidation=true');
    expect(sent.state).toBe('Pending');
    expect(sent.recipients.map(({ state }) => state)).toEqual([
      'Pending',
      'Failed',
      'Failed',
      'Failed',
    ]);
    expect(sent.recipients[1]?.error).toMatch(/is not a mobile number/);
    expect(await client.account.credits()).toBe(999);
    const bad = await client.post({ phoneNumbers: ['hello'] }, '?skipPhoneValidation=1');
    expect(bad.status).toBe(400);
  });

  it('that has opted out', async () => {
    await world.gateway.optOut(await client.account.caller(), two as E164);
    const sent = await client.sent({ phoneNumbers: [one, two] });
    expect(sent.recipients).toEqual([
      { phoneNumber: one, state: 'Pending' },
      { phoneNumber: two, state: 'Failed', error: 'Recipient has unsubscribed' },
    ]);
    expect((await client.message(sent.id)).recipients).toHaveLength(2);
  });

  it('that would get the same again', async () => {
    const other = await newClient({ duplicateWindowMs: 60_000 });
    await other.sent();
    expect(await other.sent({ phoneNumbers: [one, two] })).toMatchObject({
      state: 'Pending',
      recipients: [{ state: 'Failed' }, { state: 'Pending' }],
    });
  });

  it('like all others, without credit for them', async () => {
    const poor = await newClient({ credits: 1 });
    const sent = await poor.sent({ phoneNumbers: [one, two] });
    const error = 'The account has not enough credit.';
    expect(sent).toMatchObject({
      state: 'Failed',
      recipients: [
        { state: 'Failed', error },
        { state: 'Failed', error },
      ],
    });
    expect(await poor.account.credits()).toBe(1);
  });
});
