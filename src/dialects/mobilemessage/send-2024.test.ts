import { describe, expect, it } from 'vitest';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { runTable } from '../testkit/run-dialect-cases.ts';
import type { DialectCase, Stage, WireAnswer } from '../testkit/suite.ts';
import { goodMessage } from './testkit/client.ts';
import type { Row } from './testkit/client.ts';
import { suiteOf } from './testkit/suite.ts';

const sample = (name: string): unknown => readFixture(import.meta.url, name);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

interface Sent {
  status: string;
  total_cost: number;
  results: Row[];
}
const read = ({ body }: WireAnswer): Sent => JSON.parse(body) as Sent;
const post = (body: unknown, headers: Record<string, string> = {}) =>
  ({ method: 'POST', path: '/v1/messages', body, headers }) as const;
const many = (count: number): { messages: object[] } => ({
  messages: Array.from({ length: count }, () => goodMessage),
});

/** A message that is accepted, and what it costs. */
const accepted: readonly [string, Partial<typeof goodMessage> & object, number][] = [
  ['a number in local form', { to: '0412345678' }, 1],
  ['a number in international form', { to: '+61412345678' }, 1],
  ['a number in international form without its plus sign', { to: '61412345678' }, 1],
  ['a number as people write it', { to: ' (04) 1234-5678 ' }, 1],
  ['one character', { message: '1' }, 1],
  ['160 characters', { message: 'x'.repeat(160) }, 1],
  ['161 characters', { message: 'x'.repeat(161) }, 2],
  ['765 characters', { message: 'x'.repeat(765) }, 5],
  ['81 characters of the extension table', { message: '€'.repeat(81) }, 2],
  ['765 characters of the extension table', { message: '€'.repeat(765) }, 11],
  ['all that GSM has', { message: '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà^{}\\[~]|€' }, 1],
  ['a shared sender', { sender: 'Mobile MSG' }, 1],
  ['a sender in other case', { sender: 'companyabc' }, 1],
  ['a reference of null', { custom_ref: null } as object, 1],
  ['an empty reference', { custom_ref: '' } as object, 1],
  ['a reference with everything in it', { custom_ref: 'a"b\\\u0001\n€😀' } as object, 1],
  ['keys of the newer edition', { unicode: true, scheduled_for: 'tomorrow' } as object, 1],
  ['keys that nobody knows', { __proto__x: 1, constructor: 2 } as object, 1],
];

/** A message that is refused for itself, and the word that must stand in its error. */
const refused: readonly [string, Partial<typeof goodMessage>, string][] = [
  ['a landline', { to: '0291234567' }, "'0291234567' is not a mobile number."],
  ['a number that callers share the cost of', { to: '1300975707' }, 'not a mobile number'],
  ['a toll-free number', { to: '1800801920' }, 'not a mobile number'],
  ['an emergency number', { to: '000' }, 'not a phone number'],
  ['a foreign number', { to: '+64211234567' }, 'may not send to NZ'],
  ['a number that is none', { to: '12345' }, "'12345' is not a phone number."],
  ['an empty number', { to: '' }, 'not a phone number'],
  ['a number of 10 000 digits', { to: '4'.repeat(10_000) }, 'not a phone number'],
  ['a word for a number', { to: 'Bob' }, 'not a phone number'],
  ['an empty text', { message: '' }, 'no text'],
  ['766 characters', { message: 'x'.repeat(766) }, '766 characters; at most 765'],
  ['an emoji', { message: 'Hello 😀' }, '😀'],
  ['a typographic quote', { message: 'It’s' }, '’'],
  ['half a surrogate pair', { message: 'a\ud83d' }, 'GSM alphabet'],
  ['a sender that is not registered', { sender: 'Nobody' }, 'Invalid sender.'],
  ['an empty sender', { sender: '' }, 'Invalid sender.'],
  ['a number as sender that is not registered', { sender: '0412345678' }, 'Invalid sender.'],
];

/** A request that is refused as a whole, and its error. */
const wrong: readonly [string, unknown, string][] = [
  ['no body', undefined, 'messages is missing; it must be an array.'],
  ['null', null, 'messages is missing; it must be an array.'],
  ['a text', '"text"', 'The request must be an object.'],
  ['an array', [goodMessage], 'The request must be an object.'],
  ['an object without messages', {}, 'messages is missing; it must be an array.'],
  ['a message that is not in a list', { messages: goodMessage }, 'messages must be an array.'],
  ['no message', { messages: [] }, 'messages must have at least 1 entry.'],
  ['101 messages', many(101), 'messages has 101 entries; at most 100 are allowed in one request.'],
  ['a message that is none', { messages: [1] }, 'messages[0] must be an object.'],
  [
    'a number that is a number',
    { messages: [goodMessage, { ...goodMessage, to: 61412345678 }] },
    'messages[1].to must be a string.',
  ],
  [
    'a missing text',
    { messages: [{ to: '0412345678', sender: 'CompanyABC' }] },
    'messages[0].message is missing; it must be a string.',
  ],
  [
    'a missing sender',
    { messages: [{ to: '0412345678', message: 'a' }] },
    'messages[0].sender is missing; it must be a string.',
  ],
  [
    'a reference that is a number',
    { messages: [{ ...goodMessage, custom_ref: 5 }] },
    'messages[0].custom_ref must be a string.',
  ],
  [
    'a reference of 256 characters',
    { messages: [{ ...goodMessage, custom_ref: 'x'.repeat(256) }] },
    'messages[0].custom_ref must have at most 255 characters.',
  ],
  [
    'a reference with half a character',
    { messages: [{ ...goodMessage, custom_ref: 'sur\ud800' }] },
    'messages[0].custom_ref must be text without U+0000 and without half characters.',
  ],
  [
    'a reference with U+0000',
    { messages: [{ ...goodMessage, custom_ref: 'a\u0000b' }] },
    'messages[0].custom_ref must be text without U+0000 and without half characters.',
  ],
];

async function expectUntouched({ account }: Stage): Promise<void> {
  expect(await account.messages()).toBe(0);
  expect(await account.credits()).toBe(1000);
}

describe('POST /v1/messages, edition 2024', () => {
  runTable(suiteOf('2024'), [
    {
      name: 'the sample of the seed',
      request: post(sample('send.request.json')),
      also: async (answer, { account }) => {
        const { results } = read(answer);
        const id = results[0]?.message_id ?? '';
        expect(id).toMatch(uuid);
        const put = { 'abcd1234-efgh-5678-ijkl-9876543210mn': id };
        expectSample(answer.body, sample('send.response.json'), put);
        expect(await account.credits()).toBe(999);
      },
    },
    ...accepted.map(
      ([name, change, cost]): DialectCase => ({
        name: `accepts ${name}`,
        request: post({ messages: [{ ...goodMessage, ...change }] }),
        also: async (answer, { account }) => {
          const { custom_ref, ...echoed } = { ...goodMessage, ...change } as Record<
            string,
            unknown
          >;
          const { to, message, sender } = echoed;
          const { results } = read(answer);
          const row = {
            to,
            message,
            sender,
            ...(typeof custom_ref === 'string' && { custom_ref }),
            status: 'success',
            cost,
            message_id: results[0]?.message_id,
          };
          const whole = { status: 'complete', total_cost: cost, results: [row] };
          expect(answer.body).toBe(JSON.stringify(whole));
          expect(await account.credits()).toBe(1000 - cost);
          expect(await account.messages()).toBe(1);
        },
      }),
    ),
    ...refused.map(
      ([name, change, word]): DialectCase => ({
        name: `has an error for ${name}, and sends the others`,
        request: post({ messages: [goodMessage, { ...goodMessage, ...change }, goodMessage] }),
        also: async (answer, { account }) => {
          const { results, total_cost } = read(answer);
          expect(results.map(({ status }) => status)).toEqual(['success', 'error', 'success']);
          const { to, message, sender } = { ...goodMessage, ...change };
          const { error } = results[1] as Row;
          expect(error).toContain(word);
          expect(JSON.stringify(results[1])).toBe(
            JSON.stringify({ to, message, sender, status: 'error', error, cost: 0 }),
          );
          expect(total_cost).toBe(2);
          expect(await account.credits()).toBe(998);
          expect(await account.messages()).toBe(2);
        },
      }),
    ),
    ...wrong.map(
      ([name, body, error]): DialectCase => ({
        name: `refuses ${name}`,
        request: post(body),
        status: 400,
        body: { error, message: error },
        also: (_, stage) => expectUntouched(stage),
      }),
    ),
    {
      name: 'the sample of an invalid sender',
      request: post({
        messages: [{ to: '0412345678', message: '…', sender: 'Nope', custom_ref: 'r1' }],
      }),
      also: (answer) => {
        expectSample(
          JSON.stringify(read(answer).results[0]),
          sample('invalid-sender.response.json'),
        );
      },
    },
    {
      name: '100 messages, each with its result in order',
      request: post({
        messages: Array.from({ length: 100 }, (_, index) => ({
          ...goodMessage,
          to: index % 3 === 0 ? 'nobody' : goodMessage.to,
          custom_ref: String(index),
        })),
      }),
      also: async (answer, { account }) => {
        const { results, total_cost } = read(answer);
        expect(results.map(({ custom_ref }) => custom_ref)).toEqual(
          Array.from({ length: 100 }, (_, index) => String(index)),
        );
        expect(total_cost).toBe(66);
        expect(new Set(results.map(({ message_id }) => message_id)).size).toBe(67);
        expect(await account.credits()).toBe(934);
      },
    },
    {
      name: 'refuses the whole batch when the credit does not reach',
      account: { credits: 2 },
      request: post(many(3)),
      status: 403,
      body: { error: 'Insufficient credits to send the batch of messages.' },
      also: async (_, { account }) => {
        expect(await account.messages()).toBe(0);
        expect(await account.credits()).toBe(2);
      },
    },
    {
      name: 'spends the last credit',
      account: { credits: 3 },
      request: post(many(3)),
      also: async (_, { account }) => {
        expect(await account.credits()).toBe(0);
      },
    },
    {
      name: 'shows a broken price rounded up, and charges what it is',
      account: { pricePerPart: 250 as never },
      request: post({ messages: [{ ...goodMessage, message: 'x'.repeat(765) }, goodMessage] }),
      also: async (answer, { account }) => {
        const { results, total_cost } = read(answer);
        expect(results.map(({ cost }) => cost)).toEqual([2, 1]);
        expect(total_cost).toBe(3);
        expect(await account.credits()).toBe(998.5);
      },
    },
    ...[
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      'no/such;;',
    ].map(
      (type): DialectCase => ({
        name: `reads JSON that is called ${type}`,
        request: post(JSON.stringify(many(1)), { 'content-type': type }),
      }),
    ),
    {
      name: 'reads JSON behind a byte order mark',
      request: post(`\ufeff${JSON.stringify(many(1))}`),
    },
    {
      name: 'passes over an Idempotency-Key, which is of the newer edition',
      given: async (stage) => {
        await stage.send(post(many(1), { 'idempotency-key': 'k' }));
      },
      request: post(many(1), { 'idempotency-key': 'k' }),
      also: async (_, { account }) => {
        expect(await account.messages()).toBe(2);
      },
    },
    {
      name: 'passes over keys of the newer edition beside the messages',
      request: post({ ...many(1), enable_unicode: 'yes', max_parts: -1, constructor: null }),
    },
  ]);

  it('has a sample that the seed’s own code would send', () => {
    expect(sample('send.request.json')).toEqual({
      messages: [{ ...goodMessage, custom_ref: 'tracking001' }],
    });
  });
});
