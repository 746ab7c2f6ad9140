import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import type { Row } from './testkit/client.ts';
import { Client, goodMessage } from './testkit/client.ts';

const sample = (name: string): unknown => readFixture(import.meta.url, name);

let world: World;
let client: Client;
beforeAll(async () => {
  world = await createWorld({ dispatch: false });
});
beforeEach(async () => {
  const senders = [
    { address: 'CompanyABC', kind: 'alphanumeric' },
    { address: 'Mobile MSG', kind: 'shared' },
    { address: '61412345699', kind: 'shared' },
    { address: '61412345600', kind: 'own' },
  ] as const;
  client = new Client(world, await world.account({ settings: { edition: '2026' }, senders }));
});
afterAll(() => world.close());

/** What is stored of the newest message. */
async function newest(): Promise<Row> {
  return (await client.get('/v1/messages?limit=1')).rows[0] as Row;
}

describe('POST /v1/messages, edition 2026', () => {
  it('answers the sample of the reference', async () => {
    const body = sample('send-2026.request.json');
    const answer = await client.ask('POST', '/v1/messages', { body });
    const [row] = answer.rows;
    const { send_id } = JSON.parse(answer.body) as { send_id: string };
    const put = { 'abcd1234-efgh-5678-ijkl-9876543210mn': row?.message_id ?? '', send: send_id };
    expectSample(answer.body, sample('send-2026.response.json'), put);
    expect(send_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await newest()).toMatchObject({
      status: 'scheduled',
      scheduled_for: '2026-03-09 09:00:00',
    });
  });

  it.each([
    ['10 parts', 'x'.repeat(1530), {}, { status: 'success', cost: 10, encoding: 'gsm7' }],
    ['11 parts, when 11 are allowed', 'x'.repeat(1531), { max_parts: 11 }, { cost: 11 }],
    ['99 parts', 'x'.repeat(15147), { max_parts: 99 }, { cost: 99 }],
    ['1 part, when 1 is allowed', 'x'.repeat(160), { max_parts: 1 }, { cost: 1 }],
    [
      '670 characters of UCS-2',
      '漢'.repeat(670),
      { enable_unicode: true },
      { cost: 10, encoding: 'ucs2' },
    ],
    [
      '70 characters of UCS-2',
      '漢'.repeat(70),
      { enable_unicode: true },
      { cost: 1, encoding: 'ucs2' },
    ],
    [
      '71 characters of UCS-2',
      '漢'.repeat(71),
      { enable_unicode: true },
      { cost: 2, encoding: 'ucs2' },
    ],
    [
      'GSM where more is allowed',
      'x'.repeat(160),
      { enable_unicode: true },
      { cost: 1, encoding: 'gsm7' },
    ],
    ['nulls for all that is optional', 'a', { enable_unicode: null, max_parts: null }, { cost: 1 }],
  ])('accepts %s', async (_, message, more, row) => {
    expect((await client.send([{ message }], more)).rows).toMatchObject([
      { status: 'success', ...row },
    ]);
  });

  it.each([
    ['11 parts', 'x'.repeat(1531), {}, '11 parts; at most 10'],
    ['2 parts, when 1 is allowed', 'x'.repeat(161), { max_parts: 1 }, '2 parts; at most 1'],
    ['671 characters of UCS-2', '漢'.repeat(671), { enable_unicode: true }, '11 parts; at most 10'],
    ['more than any text can have', 'x'.repeat(15148), { max_parts: 99 }, '15148 characters'],
    ['a text of which nothing is left', '😀 '.trim(), {}, 'no text'],
  ])('has an error for %s', async (_, message, more, word) => {
    const [row] = (await client.send([{ message }], more)).rows;
    expect(row).toMatchObject({ status: 'error', cost: 0, error: expect.stringContaining(word) });
    expect(await client.account.credits()).toBe(1000);
  });

  it('strips what is not GSM, and echoes the text as it was sent', async () => {
    const message = 'Hi 😀 it’s “me”—漢';
    const answer = await client.send([{ message }]);
    expect(answer.rows).toMatchObject([{ message, status: 'success', encoding: 'gsm7' }]);
    expect((await newest())['message']).toBe('Hi  its me');
  });

  it('strips by message: `unicode` goes before `enable_unicode`', async () => {
    const message = 'Hi 😀';
    const asked = [{ message, unicode: true }, { message, unicode: false }, { message }];
    const encodings = async (more: object): Promise<unknown[]> =>
      (await client.send(asked, more)).rows.map(({ encoding }) => encoding);
    expect(await encodings({})).toEqual(['ucs2', 'gsm7', 'gsm7']);
    expect(await encodings({ enable_unicode: true })).toEqual(['ucs2', 'gsm7', 'ucs2']);
  });

  it.each([
    ['2026-03-09 09:00:00', '2026-03-09 09:00:00'],
    ['2026-03-09T09:00:00Z', '2026-03-09 09:00:00'],
    ['2026-03-09T19:00:00+10:00', '2026-03-09 09:00:00'],
    [' 2026-03-09T09:00:00.000Z ', '2026-03-09 09:00:00'],
  ])('schedules for %s', async (scheduled_for, shown) => {
    await client.send([{ scheduled_for } as object]);
    expect(await newest()).toMatchObject({ status: 'scheduled', scheduled_for: shown, cost: 1 });
  });

  it.each(['2020-01-01 00:00:00', '2026-02-28T23:59:59Z', null])(
    'sends at once what is scheduled for %s',
    async (scheduled_for) => {
      await client.send([{ scheduled_for } as object]);
      expect(await newest()).toMatchObject({ status: 'pending' });
      expect(await newest()).not.toHaveProperty('scheduled_for');
    },
  );

  it('has an error for what is scheduled more than a year ahead', async () => {
    const { rows } = await client.send([{ scheduled_for: '2028-01-01 00:00:00' } as object, {}]);
    expect(rows).toMatchObject([{ status: 'error', cost: 0 }, { status: 'success' }]);
  });

  it.each([
    [{ max_parts: 0 }, 'max_parts must be at least 1.'],
    [{ max_parts: 100 }, 'max_parts must be at most 99.'],
    [{ max_parts: '5' }, 'max_parts must be a number.'],
    [{ max_parts: 1.5 }, 'max_parts must be a whole number.'],
    [{ enable_unicode: 'true' }, 'enable_unicode must be true or false.'],
    [{ messages: [{ ...goodMessage, unicode: 1 }] }, 'messages[0].unicode must be true or false.'],
    [
      { messages: [goodMessage, { ...goodMessage, scheduled_for: 5 }] },
      'messages[1].scheduled_for must be a string.',
    ],
    [
      { messages: [goodMessage, { ...goodMessage, scheduled_for: 'tomorrow' }] },
      'messages[1].scheduled_for must be an instant such as 2026-03-09 09:00:00 (UTC) or 2026-03-09T19:00:00+10:00.',
    ],
    [
      { messages: Array.from({ length: 10_001 }, () => goodMessage) },
      'messages has 10001 entries; at most 10000 are allowed in one request.',
    ],
  ])('refuses %j', async (body, error) => {
    const answer = await client.ask('POST', '/v1/messages', {
      body: { messages: [goodMessage], ...body },
    });
    expect(answer).toMatchObject({ status: 400, body: JSON.stringify({ error, message: error }) });
    expect(await client.account.messages()).toBe(0);
  });

  it('takes 10 000 messages', async () => {
    await world.gateway.owner.topUp(client.account.account.id, 20_000_000 as never, null);
    const asked = Array.from({ length: 10_000 }, (_, index) => ({ custom_ref: `${index}` }));
    const answer = await client.send(asked);
    expect(answer.rows.map(({ custom_ref }) => custom_ref)).toEqual(
      asked.map(({ custom_ref }) => custom_ref),
    );
    expect(JSON.parse(answer.body)).toMatchObject({ status: 'complete', total_cost: 10_000 });
    expect(await client.account.credits()).toBe(11_000);
  });
});

describe('{optout}', () => {
  it('is replaced by 20 characters, and echoed as it was sent', async () => {
    const message = 'Sale! {optout} Bye! {optout}';
    expect((await client.send([{ message, sender: 'Mobile MSG' }])).rows[0]?.['message']).toBe(
      message,
    );
    const text = (await newest())['message'] as string;
    expect(text).toBe('Sale! Opt out: Reply Stop. Bye! Opt out: Reply Stop.');
  });

  it.each([
    [140, 1],
    [141, 2],
  ])('counts as 20 characters: after %i others it makes %i parts', async (others, cost) => {
    const message = `${'x'.repeat(others)}{optout}`;
    expect((await client.send([{ message, sender: 'Mobile MSG' }])).rows).toMatchObject([{ cost }]);
  });

  it.each([
    ['Mobile MSG', 'Reply no'],
    ['61412345699', 'Reply no'],
    ['CompanyABC', 'See x.au/no'],
    ['61412345600', 'See x.au/no'],
  ])('is worded by the account, for the sender %s', async (sender, wording) => {
    const { owner } = world.gateway;
    await owner.updateAccount({
      ...client.account.account,
      settings: {
        mobilemessage: {
          edition: '2026',
          optoutText: 'Reply no',
          optoutTextForNames: 'See x.au/no',
        },
      },
    });
    await client.send([{ message: '$& {optout}', sender }]);
    expect((await newest())['message']).toBe(`$& ${wording}`);
  });

  it('is nothing special in edition 2024', async () => {
    const older = new Client(world, await world.account());
    await older.send([{ message: '{optout}' }]);
    expect((await older.get('/v1/messages')).rows[0]?.['message']).toBe('{optout}');
  });
});
