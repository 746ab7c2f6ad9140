import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { Reply } from '../../core/delivery/reply.ts';
import type { Message } from '../../core/messages/message.ts';
import { Fixtures } from '../../storage/testkit/fixtures.ts';
import type { E164 } from '../../text/phone-number.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { gatewaySid, guidOf, replyGuidOf } from './guid.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
const rows = new Fixtures();
beforeAll(async () => {
  world = await createWorld({ dispatch: false, clock: new FakeClock('2026-03-13T10:00:00Z') });
});
afterAll(() => world.close());
beforeEach(async () => {
  const account = await world.account({
    dialect: 'smsmobileapi',
    kind: 'api_key',
    settings: { timeZone: 'Africa/Harare' },
  });
  client = new Client(world, account);
});

async function incoming(from: string, at: string, over: Partial<Reply> = {}): Promise<Reply> {
  const receivedAt = Date.parse(`2026-03-${at}Z`);
  const accountId = client.account.account.id;
  const reply = rows.reply({ accountId, from: from as E164, receivedAt, ...over });
  await world.storage.write((tx) => tx.replies.insert([reply]));
  return reply;
}

async function outgoing(to: string, at: string, over: Partial<Message> = {}): Promise<Message> {
  const createdAt = Date.parse(`2026-03-${at}Z`);
  const accountId = client.account.account.id;
  const destination = to as E164;
  const message = rows.message({ accountId, destination, createdAt, status: 'sent', ...over });
  await world.storage.write((tx) => tx.messages.insert([message]));
  return message;
}

interface Conversation {
  phone_number: string;
  contact_alias: string | null;
  messages: { message: string; direction: string }[];
}

async function list(parameters: Record<string, string>): Promise<Conversation[]> {
  const { result } = await client.get('/conversation/sms/list/', {
    origineConversation: 'received',
    ...parameters,
  });
  return result['conversations'] as Conversation[];
}
const numbers = async (parameters: Record<string, string> = {}) =>
  (await list(parameters)).map(({ phone_number }) => phone_number);
const texts = async (parameters: Record<string, string> = {}) =>
  (await list(parameters)).map(({ messages }) => messages.map(({ message }) => message));

it('answers the seed’s sample', async () => {
  const from = '+10470000001';
  const reply = await incoming(from, '13T08:45:12', {
    text: 'Hello, I would like more information.',
    alias: 'John Doe',
  });
  const message = await outgoing(from, '13T08:46:03', {
    text: 'Of course, what would you like to know?',
  });
  const sid = gatewaySid(client.account.account.id);
  const answer = await client.get('/conversation/sms/list/', { origineConversation: 'received' });
  expectSample(answer.body, readFixture(import.meta.url, 'conversation.response.json'), {
    msg_1001: replyGuidOf(reply.id),
    msg_1002: guidOf(message.id),
    device_sid_1: sid,
    device_sid_2: sid,
  });
});

it('begins with what was received, or with what was sent', async () => {
  await incoming('+61491570156', '13T08:00:00');
  await outgoing('+61491570157', '13T08:00:00');
  expect(await numbers()).toEqual(['+61491570156']);
  expect(await numbers({ origineConversation: 'sent' })).toEqual(['+61491570157']);
  expect(await numbers({ numero: '+61491570157' })).toEqual([]);
  expect(await numbers({ numero: ' 61491570156' })).toEqual(['+61491570156']);
  expect(await numbers({ numero: '0491570157', origineConversation: 'sent' })).toHaveLength(1);
});

it('has the latest first, or those that rest longest, up to a limit', async () => {
  for (let at = 1; at <= 25; at++) {
    await incoming(
      `+614915701${String(at).padStart(2, '0')}`,
      `13T08:${String(at).padStart(2, '0')}:00`,
    );
  }
  expect(await numbers()).toHaveLength(20);
  expect((await numbers())[0]).toBe('+61491570125');
  expect((await numbers({ sort: 'ASC' }))[0]).toBe('+61491570101');
  expect(await numbers({ limit: '2', sort: 'desc' })).toEqual(['+61491570125', '+61491570124']);
});

it('shows what went out in local time, and sorts by what it shows', async () => {
  await outgoing('+61491570156', '13T08:00:00', { text: 'out at 10:00 as shown' });
  await incoming('+61491570156', '13T09:00:00', { text: 'in at 9:00' });
  expect(await texts()).toEqual([['in at 9:00', 'out at 10:00 as shown']]);
});

it('takes a range of days, the last one with it', async () => {
  for (const day of ['10', '11', '12']) {
    await incoming('+61491570156', `${day}T12:00:00`, { text: day });
    await outgoing('+61491570156', `${day}T12:30:00`, { text: `${day} out` });
  }
  expect(await texts({ date_from: '2026-03-11', date_to: '2026-03-11' })).toEqual([
    ['11', '11 out'],
  ]);
  expect(await texts({ date_from: '2026-03-12 14:15:00' })).toEqual([]);
  expect(await texts({ date_from: '2026-03-11', numero: '+61491570156' })).toEqual([
    ['11', '11 out', '12', '12 out'],
  ]);
});

it('shows the latest lines alone in resume mode', async () => {
  for (const minute of ['01', '02', '03', '04']) {
    await incoming('+61491570156', `13T08:${minute}:00`, { text: minute });
  }
  const resume = { resume: '1' };
  expect(await texts(resume)).toEqual([['04']]);
  expect(await texts({ ...resume, resume_line_how: '3' })).toEqual([['02', '03', '04']]);
  const { result } = await client.get('/conversation/sms/list/', {
    origineConversation: 'received',
    resume: '1',
    resume_line_how: '3',
  });
  expect(result).toMatchObject({ success: true, resume: 1, resume_line_how: 3 });
});

it('leaves out what was not sent, and what was deleted', async () => {
  await incoming('+61491570156', '13T08:00:00', { text: 'in' });
  await outgoing('+61491570156', '13T08:01:00', { text: 'failed', status: 'failed' });
  await outgoing('+61491570156', '13T08:02:00', { text: 'rejected', status: 'rejected' });
  const { id } = await outgoing('+61491570156', '13T08:03:00', { text: 'sent' });
  expect(await texts()).toEqual([['in', 'sent']]);
  await client.get('/deletesms/', { guid_message: guidOf(id) });
  expect(await texts()).toEqual([['in']]);
});

it('finds whom the account wrote to behind numbers that all were refused', async () => {
  await outgoing('+61491570156', '13T08:00:00', { text: 'sent' });
  for (let at = 0; at < 30; at++) {
    const refused = { text: 'refused', status: 'rejected' } as const;
    await outgoing(`+614915702${String(at).padStart(2, '0')}`, '13T09:00:00', refused);
    // What was refused to a number hides nothing that was sent to it.
    await outgoing('+61491570156', '13T09:00:00', refused);
  }
  const sent = { origineConversation: 'sent' };
  expect(await numbers({ ...sent, limit: '1' })).toEqual(['+61491570156']);
  expect(await texts({ ...sent, limit: '2' })).toEqual([['sent']]);
  expect(await texts({ ...sent, resume: '1', numero: '+61491570156' })).toEqual([['sent']]);
  expect(await numbers({ ...sent, numero: '+61491570200' })).toEqual([]);
});

it('has those of the same second in the order in which they came', async () => {
  const from = '+61491570156';
  for (const text of ['1', '2', '3']) await incoming(from, '13T08:00:00.100', { text });
  await outgoing(from, '13T06:00:00.200', { text: '4' });
  await incoming(from, '13T08:00:00.200', { text: '5' });
  await outgoing(from, '13T06:00:00.300', { text: '6' });
  expect(await texts()).toEqual([['1', '2', '3', '4', '5', '6']]);
  expect(await texts({ resume: '1' })).toEqual([['6']]);
});

it('has room for so much in all, the newest of each conversation first', async () => {
  const accountId = client.account.account.id;
  const replies = Array.from({ length: 100 * 60 }, (_, at) =>
    rows.reply({
      accountId,
      from: `+6149157${String(at % 100).padStart(4, '0')}` as E164,
      receivedAt: Date.parse('2026-03-13T08:00:00Z') + at * 1000,
      text: `${Math.floor(at / 100)}`,
    }),
  );
  await world.storage.write((tx) => tx.replies.insert(replies));
  const all = await texts({ limit: '100' });
  expect(all).toHaveLength(100);
  expect(all.flat()).toHaveLength(5000);
  for (const one of all) expect(one.at(-1)).toBe('59');
  // One alone has all of its own.
  expect(await texts({ numero: '+61491570000' })).toMatchObject([{ length: 60 }]);

  const long = { text: 'x'.repeat(30_000) };
  for (let at = 0; at < 200; at++) await incoming('+61491579999', '13T09:45:00', long);
  expect(await texts({ limit: '1' })).toMatchObject([{ length: 5000 / 30 - ((5000 / 30) % 1) }]);
});

it('lists only so many at once', async () => {
  const leaves = await Promise.all(
    [1, 2].map(() =>
      world.gateway.places.enter(`smsmobileapi conversations ${client.account.account.id}`, 2),
    ),
  );
  const refused = await client.get('/conversation/sms/list/', { origineConversation: 'sent' });
  expect(refused).toMatchObject({ status: 429, result: { success: false } });
  expect(refused.headers['retry-after']).toBe('1');
  leaves[0]?.();
  expect(await numbers()).toEqual([]);
  expect(await numbers()).toEqual([]);
});

it.each([
  [
    { origineConversation: 'both' },
    'Invalid parameter: origineConversation (expected received, sent)',
  ],
  [{ sort: 'up' }, 'Invalid parameter: sort (expected DESC, ASC)'],
  [{ limit: '0' }, 'Invalid parameter: limit (expected a whole number from 1)'],
  [{ date_from: 'x' }, 'Invalid parameter: date_from (expected YYYY-MM-DD or a full datetime)'],
])('refuses %j in the form of the seed', async (parameters, error) => {
  const answer = await client.get('/conversation/sms/list/', {
    origineConversation: 'sent',
    ...parameters,
  });
  expect(answer.status).toBe(400);
  expect(answer.body).toBe(JSON.stringify({ success: false, error }));
});
