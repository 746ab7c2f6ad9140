import { expect } from 'vitest';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import type { DialectCase, DialectSuite, Stage } from '../testkit/suite.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { suiteOf } from './testkit/suite.ts';

const sample = (name: string): unknown => readFixture(import.meta.url, `${name}.json`);

/** The instant and the place of the seed's samples. */
const clock = (): FakeClock => new FakeClock('2026-03-20T21:07:44Z');
const brussels = { kind: 'api_key', settings: { timeZone: 'Europe/Brussels' } } as const;

const at = (suite: DialectSuite): DialectSuite => ({ ...suite, world: { clock: clock() } });
const key = ({ account }: Stage): string => encodeURIComponent(account.password);
const guid = /^[0-9a-f]{40}$/;

/** The seed's sample of `/sendsms/`, with the id that was given, and what differs. */
function sentAs(changes: Record<string, unknown> = {}): NonNullable<DialectCase['also']> {
  return ({ body }) => {
    const { result } = JSON.parse(body) as { result: { id: string } };
    expect(result.id).toMatch(guid);
    const { result: expected } = sample('sendsms.response') as { result: object };
    expectSample(body, { result: { ...expected, id: result.id, ...changes } });
  };
}

const form = (stage: Stage, more = ''): string =>
  `recipients=+61491570156&message=Hello World&apikey=${key(stage)}${more}`;

runDialectCases(at(suiteOf('result')), [
  ...(['/sendsms/', '/sendsms'] as const).flatMap((path): DialectCase[] => [
    {
      name: `GET ${path} as the seed has it: the plus of the number is not encoded`,
      account: brussels,
      request: (stage) => ({
        method: 'GET',
        path: `${path}?apikey=${key(stage)}&recipients=+61491570156&message=Hello%20World`,
      }),
      headers: { 'content-type': 'application/json; charset=utf-8' },
      also: sentAs(),
    },
    {
      name: `POST ${path} with a form`,
      account: brussels,
      request: (stage) => ({
        method: 'POST',
        path,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form(stage),
      }),
      also: sentAs(),
    },
    {
      name: `POST ${path} with JSON`,
      account: brussels,
      request: ({ account }) => ({
        method: 'POST',
        path,
        body: { recipients: '+61491570156', message: 'Hello World', apikey: account.password },
      }),
      also: sentAs(),
    },
    {
      name: `POST ${path} with a JSON content type, no body and everything in the query`,
      account: brussels,
      request: (stage) => ({
        method: 'POST',
        path: `${path}?${form(stage).replaceAll(' ', '%20')}`,
        headers: { 'content-type': 'application/json' },
      }),
      also: sentAs(),
    },
  ]),
  {
    name: 'a form in parts, as PHP sends an array',
    account: brussels,
    request: ({ account }) => ({
      method: 'POST',
      path: '/sendsms/',
      headers: { 'content-type': 'multipart/form-data; boundary=XX' },
      body: Object.entries({
        recipients: '+61491570156',
        message: 'Hello World',
        apikey: account.password,
      })
        .map(
          ([name, value]) =>
            `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
        )
        .join('')
        .concat('--XX--\r\n'),
    }),
    also: sentAs(),
  },
  {
    name: 'numbers and booleans of JSON are read as the texts they stand for',
    account: brussels,
    request: ({ account }) => ({
      method: 'POST',
      path: '/sendsms',
      body: {
        recipients: 61491570156,
        message: 'Hello World',
        apikey: account.password,
        sendsms: true,
        sendwa: false,
        port: null,
      },
    }),
    also: sentAs(),
  },
  {
    name: 'a SIM port is told back',
    account: brussels,
    request: (stage) => ({ method: 'POST', path: '/sendsms', body: form(stage, '&port=2') }),
    also: sentAs({ port: 2 }),
  },
  {
    name: 'what is scheduled says so',
    account: brussels,
    request: (stage) => ({
      method: 'POST',
      path: '/sendsms',
      body: form(stage, '&schedule_timestamp=1774100000'),
    }),
    also: sentAs({ note: 'scheduled' }),
  },
  {
    name: 'with WhatsApp beside it the SMS is sent, and the note says that WhatsApp was not',
    account: brussels,
    request: (stage) => ({
      method: 'POST',
      path: '/sendsms/',
      body: form(stage, '&sendwa=1&sendsms=1'),
    }),
    also: sentAs({ note: 'sent by mobile; WhatsApp is not available' }),
  },
  ...(['sendwa=1&sendsms=0', 'waonly=yes'] as const).map(
    (switches): DialectCase => ({
      name: `with ${switches} nothing is sent`,
      account: brussels,
      request: (stage) => ({ method: 'POST', path: '/sendsms', body: form(stage, `&${switches}`) }),
      also: async ({ body }, { account }) => {
        expect(JSON.parse(body)).toMatchObject({
          result: {
            error: 'WhatsApp is not available: this gateway sends SMS only.',
            sent: 'no',
            id: null,
          },
        });
        expect(await account.messages()).toBe(0);
      },
    }),
  ),
  ...[
    ['recipients', 'message=Hello'],
    ['recipients', 'recipients=&message=Hello'],
    ['message', 'recipients=+61491570156'],
    ['message', 'recipients=+61491570156&message=+'],
  ].map(
    ([name, query]): DialectCase => ({
      name: `without ${name}: ${query}`,
      account: { kind: 'api_key' },
      request: (stage) => ({ method: 'GET', path: `/sendsms?apikey=${key(stage)}&${query}` }),
      status: 400,
      body: {
        result: { error: `Missing required parameter: ${name}`, sent: 'no' },
        error: `Missing required parameter: ${name}`,
        message: `Missing required parameter: ${name}`,
      },
    }),
  ),
  {
    name: 'the same as the service was seen to do it: with status 200',
    account: { kind: 'api_key', settings: { errors: 'observed' } },
    request: (stage) => ({ method: 'GET', path: `/sendsms?apikey=${key(stage)}&message=Hello` }),
    status: 200,
    body: {
      result: { error: 'Missing required parameter: recipients', sent: 'no' },
      error: 'Missing required parameter: recipients',
      message: 'Missing required parameter: recipients',
    },
  },
  {
    name: 'a key that nobody has',
    request: { method: 'GET', path: '/getsms/?apikey=nobody' },
    status: 403,
    body: { result: { error: 1, sent: 'no' }, error: 1, message: 'Wrong key.' },
  },
  {
    name: 'no key at all',
    request: { method: 'GET', path: '/getsms/' },
    status: 400,
    body: {
      result: { error: 'Missing required parameter: apikey', sent: 'no' },
      error: 'Missing required parameter: apikey',
      message: 'Missing required parameter: apikey',
    },
  },
  ...[
    ['port=3', 'Invalid parameter: port (expected 0, 1, 2)'],
    ['sendwa=maybe', 'Invalid parameter: sendwa (expected 0 or 1)'],
    [
      'schedule_timestamp=tomorrow',
      'Invalid parameter: schedule_timestamp (expected a whole number from 0)',
    ],
  ].map(
    ([parameter, words]): DialectCase => ({
      name: `${parameter} is refused by its name`,
      account: { kind: 'api_key' },
      request: (stage) => ({
        method: 'POST',
        path: '/sendsms',
        body: form(stage, `&${parameter}`),
      }),
      status: 400,
      body: { result: { error: words, sent: 'no' }, error: words, message: words },
    }),
  ),
  {
    name: 'HEAD is a GET without its body',
    account: { kind: 'api_key' },
    request: (stage) => ({ method: 'HEAD', path: `/getsms?apikey=${key(stage)}` }),
    body: '',
  },
  {
    name: 'OPTIONS says what there is',
    request: { method: 'OPTIONS', path: '/sendsms/' },
    status: 204,
    body: '',
    headers: { allow: 'GET, POST' },
  },
  ...(
    [
      ['/getwa/', 'WhatsApp is not available: this gateway sends and receives SMS only.'],
      ['/getwa/active/', 'WhatsApp is not available: this gateway sends and receives SMS only.'],
      [
        '/whatsapp/checknumber/',
        'WhatsApp is not available: this gateway sends and receives SMS only.',
      ],
      ['/sendemail/', 'Email is not available: this gateway sends and receives SMS only.'],
      ['/getemail/', 'Email is not available: this gateway sends and receives SMS only.'],
    ] as const
  ).map(
    ([path, words]): DialectCase => ({
      name: `${path} says that there is no such thing`,
      account: { kind: 'api_key' },
      request: (stage) => ({ method: 'GET', path: `${path}?apikey=${key(stage)}` }),
      body: {
        result: { error: 'not available', note: words },
        error: 'not available',
        message: words,
      },
    }),
  ),
  {
    name: '/getwa/synchronisation/ does so in its flat form',
    account: { kind: 'api_key' },
    request: (stage) => ({ method: 'GET', path: `/getwa/synchronisation/?apikey=${key(stage)}` }),
    body: {
      error: 'not available',
      messages: 'WhatsApp is not available: this gateway sends and receives SMS only.',
      expire_at: '',
      expire_at_unix: '',
    },
  },
]);

runDialectCases(at(suiteOf('success')), [
  {
    name: 'no key at all, in the seed’s words',
    request: { method: 'GET', path: '/conversation/sms/list/' },
    status: 400,
    body: sample('conversation-error.response'),
  },
  {
    name: 'no origin of the conversation',
    account: { kind: 'api_key' },
    request: (stage) => ({ method: 'GET', path: `/conversation/sms/list/?apikey=${key(stage)}` }),
    status: 400,
    body: { success: false, error: 'Missing required parameter: origineConversation' },
  },
  ...['/call/missed/list/', '/call/incoming/list/', '/call/outgoing/list/'].map(
    (path): DialectCase => ({
      name: `${path} says that there are none`,
      account: { kind: 'api_key' },
      request: (stage) => ({ method: 'GET', path: `${path}?apikey=${key(stage)}` }),
      body: {
        success: false,
        error: 'not available',
        message: 'Call lists are not available: the gateway has no access to the calls of a phone.',
      },
    }),
  ),
]);
