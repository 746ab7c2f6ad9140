import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { fromCredits } from '../../core/money.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Client, number } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld();
  client = await Client.of(world);
});
afterEach(() => world.close());

const sample = (name: string): unknown => readFixture(import.meta.url, name);
const now = '2026-03-01 05:30:00';
const later = '2026-03-01 05:32:00';
const channel = { name: 'sms', from: 'TXTSMS', recipient: { to: number }, order: 0, wait: 60 };
const wish = { channels: [channel], payload: { ip_address: '192.168.0.1' } };

/** Sends one; what the handset got, and the code in it. */
async function send(
  body: unknown = wish,
  path = '/verify/send',
): Promise<{ id: string; body: string; text: string; code: string }> {
  const before = world.link.sent.length;
  const answer = await client.post(path, body);
  if (answer.status !== 200) throw new Error(answer.body);
  await waitUntil('the code is sent', () => world.link.sent.length > before);
  const text = world.link.sent.at(-1)?.wholeText ?? '';
  const code = /\d{4,}/.exec(text)?.[0] ?? '';
  return { id: String(answer.json['id']), body: answer.body, text, code };
}
const ask = async (what: string): Promise<unknown> => {
  const { status, json } = await client.get(`/verify/${what}`);
  expect(status).toBe(200);
  return json;
};
const wrong = (code: string): string => (code.startsWith('0') ? '1' : '0') + code.slice(1);
const nobody = '41379328-d3a7-4fcd-be90-d5237f911d76';

it('sends, checks and finds as the pages show it', async () => {
  const { id, body, text, code } = await send();
  expectSample(body, sample('verify-sent.json'), {
    'fb5e1214-7c9f-4f54-b18f-78dc7a901dec': id,
    '2023-12-05 08:24:48': now,
    '2023-12-05 08:26:48': later,
  });
  expect(text).toMatch(/^Your verification code is \d{6}$/);
  expect(await client.account.credits()).toBe(999);
  const found = await client.get(`/verify/search/${id}`);
  const [carried] = found.json['channels'] as { id: string; event_id: string }[];
  expectSample(found.body, sample('verify-search.json'), {
    'fb5e1214-7c9f-4f54-b18f-78dc7a901dec': id,
    '919019955xxx': number,
    '2019-01-31 14:41:48': now,
    '2019-01-31 14:43:48': later,
    '38d70cec-1745-469d-80b3-19592a074ce2': carried?.id ?? '',
    VERIFY: 'TXTSMS',
    '00a18bf7-dc06-4279-9ce6-068e3482eb51:1': `${carried?.id}:1`,
    '2019-01-31 14:41:49': now,
    failed: 'AWAITING-DLR',
  });
  expect(await ask(`check/${id}/${wrong(code)}`)).toEqual({ id, status: 'invalid' });
  expect(await ask(`check/${id}/${code}`)).toEqual({ id, status: 'success' });
  expect(await ask(`check/${id}/${code}`)).toEqual({ id, status: 'OTP already verified' });
  expect(await ask(`search/${id}`)).toMatchObject({ status: 'success' });
});

it('says failed of an id that there is not, and expired when the time is over', async () => {
  for (const id of [nobody, 'x', '%00']) {
    expect(await ask(`check/${id}/1`)).toMatchObject({ status: 'failed' });
    expect(await ask(`cancel/${id}`)).toMatchObject({ status: 'failed' });
    expect((await client.get(`/verify/search/${id}`)).status).toBe(404);
  }
  const { id, code } = await send();
  await world.clock.advance(120_000);
  expect(await ask(`check/${id}/${code}`)).toEqual({ id, status: 'expired' });
  expect(await ask(`search/${id}`)).toMatchObject({ status: 'expired' });
});

it('is cancelled as the page shows it', async () => {
  const { id, code } = await send();
  expect(await ask(`cancel/${id}`)).toEqual({ id, status: 'success' });
  expect(await ask(`cancel/${id}`)).toEqual({ id, status: 'failed' });
  expect(await ask(`check/${id}/${code}`)).toEqual({ id, status: 'failed' });
  expect(await ask(`search/${id}`)).toMatchObject({ status: 'cancelled' });
});

describe('a wish', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['of the older clients', '', `/verify?to=${number}`, /^Your verification code is \d{6}$/],
    [
      'of the older clients, as a form',
      `to=${number}&from=TXTMES`,
      '/verify',
      /^Your verification code is \d{6}$/,
    ],
    ['with a length', { ...wish, payload: { length: '4' } }, '/verify/send', / \d{4}$/],
    [
      'with a token and a template',
      { ...wish, payload: { token: '987654', length: 6, template: '{token} it is' } },
      '/verify/send',
      /^987654 it is$/,
    ],
    ['with words alone', { ...wish, template: 'Code:' }, '/verify/send', /^Code: \d{6}$/],
    [
      'with channels out of order',
      {
        channels: [
          { ...channel, name: 'tts', order: 2 },
          { ...channel, order: 1 },
        ],
      },
      '/verify/send',
      /^Your verification code is \d{6}$/,
    ],
  ])('%s', async (_what, body, path, text) => {
    const sent = await send(body, path);
    expect(sent.text).toMatch(text);
    expect(await ask(`check/${sent.id}/${sent.code}`)).toEqual({ id: sent.id, status: 'success' });
  });

  it('is paid by the account itself, whatever products it is offered, but for the one it names', async () => {
    const { owner } = world.gateway;
    const { id } = client.account.account;
    await owner.setProduct(id, { code: 'P', name: 'P', pricePerPart: fromCredits(0.5) });
    await send();
    expect(await client.account.credits()).toBe(999);
    expect((await client.post('/verify/send', { ...wish, service: 'P' })).status).toBe(403);
    await owner.topUp(id, fromCredits(1), null, 'P');
    await send({ ...wish, service: 'P' });
    await send({ ...wish, payload: { service: 'P' } });
    expect(await client.account.credits()).toBe(999);
    expect((await client.post('/verify/send', { ...wish, service: 'P' })).status).toBe(403);
  });

  it('has a time-out and a reference of its own', async () => {
    const { id, body } = await send({ ...wish, foreign_id: 'order 7', payload: { timeout: 60 } });
    expect(JSON.parse(body)).toMatchObject({
      foreign_id: 'order 7',
      expire_at: '2026-03-01 05:31:00',
    });
    expect(await ask(`search/${id}`)).toMatchObject({ reference: 'order 7' });
  });

  it.each<[string, object, number]>([
    ['no number', { channels: [{ ...channel, recipient: {} }] }, 422],
    ['what is no number', { channels: [{ ...channel, recipient: { to: 'x' } }] }, 422],
    ['an unknown channel', { channels: [{ ...channel, name: 'fax' }] }, 422],
    ['an unknown sender', { channels: [{ ...channel, from: 'NOBODY' }] }, 422],
    ['too short a code', { ...wish, payload: { length: 3 } }, 422],
    ['too long a code', { ...wish, payload: { length: 11 } }, 422],
    ['another token than its length says', { ...wish, payload: { length: 5, token: '1234' } }, 422],
    ['an unknown product', { ...wish, service: 'X' }, 422],
    ['a product of another channel', { ...wish, service: 'WAP' }, 422],
    ['no time', { ...wish, payload: { timeout: 0 } }, 422],
    ['two places for the code', { ...wish, template: '{token} {token}' }, 422],
    ['no channel', { channels: [] }, 422],
    ['a channel without a route', { channels: [{ ...channel, name: 'whatsapp' }] }, 403],
  ])('is refused with %s', async (_what, body, status) => {
    expect((await client.post('/verify/send', body)).status).toBe(status);
    expect(world.link.sent).toEqual([]);
    expect(await client.account.credits()).toBe(1000);
  });

  it.each<[object, string]>([
    [{ to: 'x' }, 'to'],
    [{ channels: [{ ...channel, recipient: {} }] }, 'channels.0.recipient.to'],
    [{ channels: [{ ...channel, recipient: { to: 'x' } }] }, 'channels.0.recipient.to'],
    [
      {
        channels: [
          { ...channel, order: 2 },
          { ...channel, from: 'NOBODY' },
        ],
      },
      'channels.1.from',
    ],
    [{ channels: [{ ...channel, name: 'fax' }] }, 'channels.0.name'],
    [{ to: number, from: 'NOBODY' }, 'from'],
    [{ to: number, sender: 'NOBODY' }, 'sender'],
    [{ ...wish, payload: { length: 3 } }, 'payload.length'],
    [{ ...wish, payload: { token: '*' } }, 'payload.token'],
    [{ ...wish, timeout: 0 }, 'timeout'],
    [{ ...wish, template: '{token}{token}' }, 'template'],
    [{ ...wish, payload: { template: '{token}{token}' } }, 'payload.template'],
    [{ channels: [{ ...channel, template: '{token}{token}' }] }, 'channels.0.template'],
  ])('says which field is wrong: %j', async (body, field) => {
    const { json } = await client.post('/verify/send', body);
    expect(Object.keys(json['errors'] ?? {})).toEqual([field]);
  });

  it('is refused to who has opted out, or cannot pay', async () => {
    await client.post('/sms/optout', { number });
    expect((await client.post('/verify/send', wish)).status).toBe(403);
    client = await Client.of(world, { credits: 0 });
    expect((await client.post('/verify/send', wish)).status).toBe(403);
  });
});

describe('lookup/verify', () => {
  it('answers what the numbering plan tells, as the page shows it', async () => {
    for (const field of ['number', 'to']) {
      const { body } = await client.post('/lookup/verify', { [field]: '9492812345' });
      expectSample(body, sample('lookup.json'), { '919492xxxxx': '919492812345' });
    }
  });

  it('answers for each of several, and for what is none', async () => {
    const { json } = await client.post('/lookup/verify', { number: `${number},+61412345678,x` });
    expect(json['results']).toMatchObject([
      { phone: number, status: 'SUCCESS', original_network: { country_prefix: '91' } },
      { phone: '61412345678', original_network: { country_name: 'Australia' } },
      { phone: 'x', status: 'FAILED', original_network: { country_prefix: null } },
    ]);
    expect((await client.post('/lookup/verify', {})).status).toBe(422);
  });
});
