import { expect } from 'vitest';
import { privateWord } from '../../testkit/stage.ts';
import type {
  DialectSuite,
  Stage,
  SuiteEndpoint,
  WireAnswer,
  WireRequest,
} from '../../testkit/suite.ts';
import { mobilemessage } from '../index.ts';
import { bodyLimits } from '../routes.ts';

const text = `Hello, ${privateWord}`;
/** The text that a good request sends. */
const message = { to: '0412345678', message: text, sender: 'CompanyABC', custom_ref: 'r1' };
const send: WireRequest = { method: 'POST', path: '/v1/messages', body: { messages: [message] } };

interface Sent {
  results: { message_id: string }[];
}

async function sent(stage: Stage, as = stage.account, more: object = {}): Promise<string> {
  const body = { messages: [{ ...message, ...more }] };
  const answer = await stage.send({ ...send, body }, as);
  return (JSON.parse(answer.body) as Sent).results[0]?.message_id ?? '';
}

const nothingFound = (answer: WireAnswer): void => {
  expect(answer.body).toBe('{"status":"complete","results":[]}');
};

function endpointsOf(edition: '2024' | '2026'): SuiteEndpoint[] {
  const bodyLimit = bodyLimits[edition];
  const others = ['PUT', 'PATCH'] as const;
  const seed: SuiteEndpoint[] = [
    {
      name: `${edition} POST /v1/messages`,
      request: async () => send,
      wrongMethods: edition === '2024' ? [...others, 'DELETE'] : others,
      bodyLimit,
    },
    {
      name: `${edition} GET /v1/messages`,
      request: async () => ({ method: 'GET', path: '/v1/messages?limit=10' }),
      wrongMethods: others,
      foreign: {
        request: async (stage, stranger) => ({
          method: 'GET',
          path: `/v1/messages?message_id=${await sent(stage, stranger)}`,
        }),
        expect: nothingFound,
      },
    },
    {
      name: `${edition} GET /v1/messages by custom_ref`,
      request: async () => ({ method: 'GET', path: '/v1/messages?custom_ref=r%25' }),
      wrongMethods: [],
      foreign: {
        request: async (stage, stranger) => {
          await sent(stage, stranger);
          return { method: 'GET', path: '/v1/messages?custom_ref=r%25' };
        },
        expect: nothingFound,
      },
    },
    {
      name: `${edition} GET /v1/account`,
      request: async () => ({ method: 'GET', path: '/v1/account' }),
      wrongMethods: ['POST', 'DELETE', ...others],
    },
  ];
  return edition === '2024' ? seed : [...seed, ...newer(bodyLimit)];
}

const later = { scheduled_for: '2026-12-31T00:00:00Z' };

const newer = (bodyLimit: number): SuiteEndpoint[] => [
  {
    name: '2026 DELETE /v1/messages',
    request: async (stage) => ({
      method: 'DELETE',
      path: '/v1/messages',
      body: { message_id: await sent(stage, stage.account, later) },
    }),
    wrongMethods: [],
    bodyLimit,
    foreign: {
      request: async (stage, stranger) => ({
        method: 'DELETE',
        path: `/v1/messages?message_id=${await sent(stage, stranger, later)}`,
      }),
      expect: (answer) => expect(answer.status).toBe(404),
    },
  },
  {
    name: '2026 GET /v1/inbound',
    request: async () => ({ method: 'GET', path: '/v1/inbound?limit=5&offset=0' }),
    wrongMethods: ['POST', 'DELETE'],
  },
  {
    name: '2026 GET /v1/messages?type=inbound',
    request: async () => ({ method: 'GET', path: '/v1/messages?type=inbound' }),
    wrongMethods: [],
  },
  {
    name: '2026 GET /v1/senders',
    request: async () => ({ method: 'GET', path: '/v1/senders' }),
    wrongMethods: ['DELETE', 'PUT'],
  },
  {
    name: '2026 POST /v1/senders',
    request: async () => ({
      method: 'POST',
      path: '/v1/senders',
      body: { number: `04${String(++numbers).padStart(8, '0')}`, label: 'Reception' },
    }),
    wrongMethods: [],
    bodyLimit,
  },
  {
    name: '2026 GET /v1/unsubscribes',
    request: async () => ({ method: 'GET', path: '/v1/unsubscribes?limit=10' }),
    wrongMethods: ['PUT'],
    foreign: {
      request: async (stage, stranger) => {
        const body = { number: '0412345678' };
        await stage.send({ method: 'POST', path: '/v1/unsubscribes', body }, stranger);
        return { method: 'GET', path: '/v1/unsubscribes' };
      },
      expect: nothingFound,
    },
  },
  {
    name: '2026 POST /v1/unsubscribes',
    request: async () => ({
      method: 'POST',
      path: '/v1/unsubscribes',
      body: { number: '0412345678' },
    }),
    wrongMethods: [],
    bodyLimit,
  },
  {
    name: '2026 DELETE /v1/unsubscribes',
    request: async (stage) => {
      const body = { number: '0412345678' };
      await stage.send({ method: 'POST', path: '/v1/unsubscribes', body });
      return { method: 'DELETE', path: '/v1/unsubscribes?number=0412345678' };
    },
    wrongMethods: [],
  },
  {
    name: '2026 GET /v1/webhooks',
    request: async () => ({ method: 'GET', path: '/v1/webhooks' }),
    wrongMethods: ['POST', 'DELETE'],
  },
  ...['/simple/send-sms', '/simple/send-sms.php', '/simple/get-balance.php'].map(
    (path): SuiteEndpoint => ({
      name: `2026 GET ${path}`,
      request: async () => ({
        method: 'GET',
        path: `${path}?to=0412345678&message=${encodeURIComponent(text)}&sender=CompanyABC`,
      }),
      wrongMethods: ['PUT', 'DELETE'],
      logIn: (request, { username, password }) => ({
        ...request,
        path: `${request.path}${request.path.includes('?') ? '&' : '?'}api_username=${encodeURIComponent(username)}&api_password=${encodeURIComponent(password)}`,
      }),
    }),
  ),
];

let numbers = 0;

/** What the runner needs to know of this dialect, for an account of one edition. */
export function suiteOf(edition: '2024' | '2026'): DialectSuite {
  return {
    dialect: { ...mobilemessage, title: `Mobile Message ${edition}` },
    account: { settings: { edition } },
    endpoints: endpointsOf(edition),
    unknownPaths: [
      '/',
      '',
      '/v1',
      '/v1/balance',
      '/v1/account/balance',
      '/v1/messages/1',
      '/v1/messages/received',
      '/v2/messages',
      '//v1/messages',
      '/v1/messages.json',
      '/v1/messages?/../x'.replace('?', '%3F'),
    ],
    expectError: ({ status, body, headers }) => {
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      const error = JSON.parse(body) as { error: string };
      expect(error.error).toMatch(/\S/);
      expect(error).toStrictEqual(
        status === 400 ? { error: error.error, message: error.error } : { error: error.error },
      );
    },
    refusals: {
      unauthenticated: { status: 401, body: '{"error":"Unauthorized"}' },
      suspended: { status: 403 },
      unknownPath: { status: 404, body: '{"error":"Not found"}' },
      wrongMethod: { status: 405 },
      brokenJson: { status: 400 },
      bodyTooLarge: { status: 413 },
      headersTooLarge: { status: 431 },
    },
  };
}
