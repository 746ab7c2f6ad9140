import { expect } from 'vitest';
import { privateWord } from '../../testkit/stage.ts';
import type {
  DialectSuite,
  Stage,
  SuiteEndpoint,
  WireAnswer,
  WireRequest,
} from '../../testkit/suite.ts';
import type { Shape } from '../errors.ts';
import { replyGuidOf } from '../guid.ts';
import { smsmobileapi } from '../index.ts';
import { bodyLimit } from '../routes.ts';
import { receive } from './client.ts';

const text = `Hello, ${privateWord}`;
const message = { recipients: '+61491570156', message: text };
const wrongMethods = ['PUT', 'PATCH', 'DELETE'] as const;

/** A request with its parameters in the query. */
function get(path: string, parameters: Record<string, string> = {}): WireRequest {
  const query = new URLSearchParams(parameters).toString();
  return { method: 'GET', path: query === '' ? path : `${path}?${query}` };
}

async function sent(stage: Stage, as = stage.account): Promise<string> {
  const answer = await stage.send({ method: 'POST', path: '/sendsms', body: message }, as);
  return (JSON.parse(answer.body) as { result: { id: string } }).result.id;
}

async function received(stage: Stage, as = stage.account): Promise<string> {
  return replyGuidOf((await receive(stage.world, as, { text })).id);
}

/** The key stands in the query, which goes with every kind of body. */
const logIn: NonNullable<SuiteEndpoint['logIn']> = (request, { password }) => ({
  ...request,
  path: `${request.path}${request.path.includes('?') ? '&' : '?'}apikey=${encodeURIComponent(password)}`,
});

const unknown = ({ status, body }: WireAnswer): void => {
  const { result } = JSON.parse(body) as { result: { error: unknown } };
  expect({ status, error: result.error }).toEqual({
    status: 200,
    error: expect.stringMatching(/^There is no /) as string,
  });
};

const results: SuiteEndpoint[] = [
  {
    name: 'POST /sendsms',
    request: { method: 'POST', path: '/sendsms', body: message },
    wrongMethods,
    bodyLimit,
  },
  { name: 'GET /sendsms', request: get('/sendsms', message), wrongMethods: [] },
  {
    name: 'GET /resend',
    request: async (stage) => get('/resend', { guid: await sent(stage) }),
    wrongMethods,
    foreign: {
      request: async (stage, stranger) => get('/resend', { guid: await sent(stage, stranger) }),
      expect: unknown,
    },
  },
  {
    name: 'GET /log/sent/sms',
    request: async (stage) => get('/log/sent/sms', { guid_message: await sent(stage) }),
    wrongMethods,
    foreign: {
      request: async (stage, stranger) =>
        get('/log/sent/sms', { guid_message: await sent(stage, stranger) }),
      expect: unknown,
    },
  },
  {
    name: 'GET /log/sent/frommobile',
    request: get('/log/sent/frommobile', { period: 'last_7days' }),
    wrongMethods,
  },
  {
    name: 'GET /getsms',
    request: get('/getsms', { onlyunread: 'yes' }),
    wrongMethods,
    foreign: {
      request: async (stage, stranger) => {
        await received(stage, stranger);
        return get('/getsms');
      },
      expect: ({ body }) => expect(body).toBe('{"result":{"error":"","sms":[]}}'),
    },
  },
  {
    name: 'GET /getsms/set-read',
    request: async (stage) => get('/getsms/set-read', { guid_message: await received(stage) }),
    wrongMethods,
    foreign: {
      request: async (stage, stranger) =>
        get('/getsms/set-read', { guid_message: await received(stage, stranger) }),
      expect: unknown,
    },
  },
  {
    name: 'GET /getsms/update',
    request: async (stage) =>
      get('/getsms/update', { guid: await received(stage), alias: 'John Doe' }),
    wrongMethods,
    foreign: {
      request: async (stage, stranger) =>
        get('/getsms/update', { guid: await received(stage, stranger), alias: 'John Doe' }),
      expect: unknown,
    },
  },
  {
    name: 'GET /deletesms',
    request: async (stage) => get('/deletesms', { guid_message: await received(stage) }),
    wrongMethods,
    foreign: {
      request: async (stage, stranger) =>
        get('/deletesms', { guid_message: await received(stage, stranger) }),
      expect: ({ body }) => expect(body).toBe('{"result":{"error":null,"count_delete":0}}'),
    },
  },
  { name: 'GET /gateway/mobile/list', request: get('/gateway/mobile/list'), wrongMethods },
  {
    name: 'GET /gateway/mobile/update',
    request: get('/gateway/mobile/update', { sid: 'none', label: '' }),
    wrongMethods,
  },
  {
    name: 'GET /gateway/mobile/delete',
    request: get('/gateway/mobile/delete', { sid: 'none' }),
    wrongMethods,
  },
  { name: 'GET /getwa', request: get('/getwa'), wrongMethods },
];

const successes: SuiteEndpoint[] = [
  {
    name: 'GET /conversation/sms/list',
    request: get('/conversation/sms/list', { origineConversation: 'received' }),
    wrongMethods,
    foreign: {
      request: async (stage, stranger) => {
        await received(stage, stranger);
        return get('/conversation/sms/list', { origineConversation: 'received' });
      },
      expect: ({ body }) => expect(body).toContain('"conversations":[]'),
    },
  },
  { name: 'GET /call/missed/list', request: get('/call/missed/list'), wrongMethods },
  {
    name: 'POST /notification/send',
    request: { method: 'POST', path: '/notification/send', body: { sid: 'x', message: text } },
    wrongMethods: [],
  },
];

const endpointsOf: Record<Exclude<Shape, 'plain'>, SuiteEndpoint[]> = {
  result: results,
  success: successes,
};

/** What the runner needs to know of this dialect, for the endpoints of one shape. */
export function suiteOf(shape: Exclude<Shape, 'plain'>): DialectSuite {
  return {
    dialect: { ...smsmobileapi, title: `SMSmobileAPI, ${shape}` },
    account: { kind: 'api_key', senders: [{ address: '+61491570110', kind: 'shared' }] },
    endpoints: endpointsOf[shape].map((endpoint) => ({ ...endpoint, logIn })),
    unknownPaths: ['/', '', '/sendsms/x', '/sms', '/log/sent', '//sendsms', '/getsms.json'],
    wrongLogIns: [
      ['a wrong key', { password: 'not it' }],
      ['a key of another account, cut short', { password: 'pass' }],
    ],
    strangers: (authorization) =>
      // An access token that is none is told as OAuth has it, so that its client fetches another one.
      authorization?.startsWith('Bearer ') ? { status: 401 } : { status: 400 },
    expectError: ({ body, headers }) => {
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      const error = JSON.parse(body) as { error: unknown; message?: string; success?: boolean };
      expect(String(error.error)).toMatch(/\S/);
      // What never reached an endpoint is refused as most endpoints do.
      expect(error).toStrictEqual(
        error.success === false
          ? { success: false, error: error.error }
          : {
              result: { error: error.error, sent: 'no' },
              error: error.error,
              message: error.message,
            },
      );
    },
    refusals: {
      unauthenticated: { status: 403 },
      suspended: { status: 403 },
      unknownPath: { status: 404 },
      wrongMethod: { status: 405 },
      brokenJson: { status: 400 },
      bodyTooLarge: { status: 413 },
      headersTooLarge: { status: 431 },
    },
  };
}
