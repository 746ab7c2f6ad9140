import { afterAll, beforeAll, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { AccountWish } from '../../../test/support/world-account.ts';
import { withShortensAlways } from '../../core/links/always.ts';
import { replyGuidOf } from './guid.ts';
import { Client, goodMessage, receive } from './testkit/client.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

async function client(wish: AccountWish = {}): Promise<Client> {
  const account = await world.account({ dialect: 'smsmobileapi', kind: 'api_key', ...wish });
  return new Client(world, account);
}

async function lastSent(from: Client) {
  await world.clock.advance(10);
  const [message] = await world.gateway.searchMessages(await from.account.caller(), {
    limit: 1,
    offset: 0,
  });
  return message;
}

it.each([
  ['+61491570156', '+61491570156'],
  [' 61491570156', '+61491570156'],
  ['61491570156', '+61491570156'],
  ['0061491570156', '+61491570156'],
  ['0491 570 156', '+61491570156'],
])('reads the number %j', async (recipients, destination) => {
  const one = await client();
  await one.send({ recipients });
  expect(await lastSent(one)).toMatchObject({ destination, status: 'sent', text: 'Hello World' });
});

it('sends a text as it came, to its last space, however long', async () => {
  const one = await client({ credits: 10_000 });
  const message = ` ${'Grüße 👋 '.repeat(100)}`;
  await one.send({ message });
  expect((await lastSent(one))?.text).toBe(message);
  expect(world.link.sent.map(({ text }) => text).join('')).toContain(message);
});

it('waits for the time that was asked for; one that has passed means now', async () => {
  const one = await client();
  const later = Math.floor(world.clock.now() / 1000) + 3600;
  await one.send({ schedule_timestamp: String(later) });
  expect(await lastSent(one)).toMatchObject({ status: 'scheduled', scheduledAt: later * 1000 });
  await one.send({ schedule_timestamp: '1000', message: 'now' });
  expect(await lastSent(one)).toMatchObject({ status: 'sent', scheduledAt: null });
});

it('makes URLs short where that is asked for', async () => {
  const one = await client();
  await one.send({ message: 'See https://shop.example/a/very/long/path?x=1', shorturl: '1' });
  expect((await lastSent(one))?.text).toMatch(/^See https:\/\/sms\.example\/s\/\w{8}$/);
  await one.send({ message: 'See https://shop.example/a', shorturl: '0' });
  expect((await lastSent(one))?.text).toBe('See https://shop.example/a');

  const { account } = one.account;
  const settings = withShortensAlways(account.settings, true);
  await world.gateway.owner.updateAccount({ ...account, settings });
  for (const [shorturl, text] of [
    ['', /^See https:\/\/sms\.example\/s\/\w{8}$/],
    ['0', /^See https:\/\/shop\.example\/a$/],
  ] as const) {
    await one.send({ message: 'See https://shop.example/a', shorturl });
    expect((await lastSent(one))?.text).toMatch(text);
  }
});

it('shows the first number of the account, or what its owner said, or a name of its own', async () => {
  const senders = ['CompanyABC', { address: '+61491570313', kind: 'dedicated' as const }];
  const one = await client({ senders });
  await one.send();
  expect((await lastSent(one))?.sender).toBe('+61491570313');
  await one.send({ sendername: 'companyabc' });
  expect((await lastSent(one))?.sender).toBe('CompanyABC');
  await one.send({ sendername: 'Somebody else' });
  expect((await lastSent(one))?.sender).toBe('+61491570313');
  const other = await client({ settings: { defaultSender: 'Mobile MSG' } });
  await other.send();
  expect((await lastSent(other))?.sender).toBe('Mobile MSG');
});

it('passes over a SIM where there is no phone, and the gateway itself is no phone to choose', async () => {
  const one = await client();
  const { result } = await one.get('/gateway/mobile/list/');
  const [{ sid }] = result['mobiles'] as [{ sid: string }];
  for (const parameters of [
    { port: '1' },
    { sIdentifiant: sid },
    { sIdentifiant: sid, port: '2' },
  ]) {
    const answer = await one.post('/sendsms/', { ...goodMessage, ...parameters });
    expect(answer.result).toMatchObject({ error: 0, sent: '1' });
    expect((await lastSent(one))?.device).toBeNull();
  }
});

it.each([
  [{ recipients: 'nobody' }, "'nobody' is not a phone number.", false],
  [{ recipients: '+15551234567,+15551234568' }, /is not a phone number/, false],
  [{ recipients: '+32495898697' }, 'This account may not send to BE. It may send to AU.', true],
  [{ sIdentifiant: 'e5b70a8a28b2ec3d' }, 'No phone is there to send the message.', true],
])(
  'says what is wrong with %j, with status 200 and in the log',
  async (parameters, words, kept) => {
    const one = await client();
    const before = await one.account.credits();
    const answer = await one.post('/sendsms/', { ...goodMessage, ...parameters });
    expect(answer.status).toBe(200);
    expect(answer.result).toMatchObject({
      sent: 'no',
      iac_control: '0',
      encrypted: { status: '0' },
    });
    const told = expect.stringMatching(words instanceof RegExp ? words : /./) as string;
    expect(answer.result).toMatchObject({ note: told });
    expect([answer.result['note'], 2]).toContain(answer.result['error']);
    if (typeof words === 'string') expect(answer.result['note']).toBe(words);
    expect(await one.account.credits()).toBe(before);
    const { sms } = await one.get('/log/sent/sms/', { error_api: '1' });
    expect(sms.map(({ guid_message }) => guid_message)).toEqual(kept ? [answer.result['id']] : []);
  },
);

it('says that credit is missing, and that a handset has unsubscribed', async () => {
  const poor = await client({ credits: 0 });
  expect((await poor.post('/sendsms/', goodMessage)).result).toMatchObject({
    error: 'The account has not enough credit.',
    sent: 'no',
  });
  const one = await client();
  await world.gateway.optOut(await one.account.caller(), '+61491570156' as never);
  expect((await one.post('/sendsms/', goodMessage)).result).toMatchObject({
    error: 'The recipient has unsubscribed.',
    sent: 'no',
  });
});

it('has a number for want of any way out, which clients take for a phone that is away', async () => {
  const other = await createWorld({ routes: [] });
  try {
    const account = await other.account({ dialect: 'smsmobileapi', kind: 'api_key' });
    const { result } = await new Client(other, account).post('/sendsms/', goodMessage);
    expect(result).toMatchObject({
      error: 2,
      sent: 'no',
      note: 'No phone is there to send the message.',
    });
  } finally {
    await other.close();
  }
});

it('sends nothing for HEAD, and nothing else is changed by it', async () => {
  const one = await client();
  const reply = await receive(world, one.account);
  const guid = replyGuidOf(reply.id);
  const query = (parameters: Record<string, string>) =>
    new URLSearchParams({ apikey: one.account.password, ...parameters }).toString();
  for (const [path, parameters] of [
    ['/sendsms/', goodMessage],
    ['/resend/', { guid }],
    ['/getsms/set-read/', { guid_message: guid }],
    ['/getsms/update/', { guid, alias: 'x' }],
    ['/deletesms/', { guid_message: guid }],
    ['/gateway/mobile/update/', { sid: 'x', label: 'x' }],
    ['/gateway/mobile/delete/', { sid: 'x' }],
  ] as const) {
    const answer = await one.ask({ method: 'HEAD', url: `${path}?${query(parameters)}` });
    expect({ path, status: answer.status, allow: answer.headers['allow'] }).toEqual({
      path,
      status: 405,
      allow: 'GET, POST',
    });
  }
  expect(await one.account.messages()).toBe(0);
  expect((await one.get('/getsms/', { onlyunread: '1' })).sms).toMatchObject([{ alias: null }]);
  expect((await one.ask({ method: 'HEAD', url: `/getsms/?${query({})}` })).status).toBe(200);
});

it('sends to nobody for a stranger who guesses keys: he has to wait', async () => {
  const headers = { 'x-forwarded-for': '' };
  const guess = (apikey: string) =>
    world.inject({ method: 'GET', url: `/smsmobileapi/getsms?apikey=${apikey}`, headers });
  for (let i = 0; i < 20; i++) expect((await guess(`guess-${i}`)).statusCode).toBe(403);
  const answer = await guess('one-more');
  expect(answer.statusCode).toBe(429);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  await world.clock.advance(61_000);
});
