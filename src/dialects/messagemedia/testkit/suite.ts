import { expect } from 'vitest';
import { privateWord } from '../../testkit/stage.ts';
import type {
  DialectSuite,
  Stage,
  SuiteEndpoint,
  WireAnswer,
  WireRequest,
} from '../../testkit/suite.ts';
import type { Family } from '../call.ts';
import { messagemedia } from '../index.ts';
import { batchLimit, bodyLimit } from '../routes.ts';

/** What the runner needs to know of this dialect, for endpoints of one family. */
export function suiteOf(endpoints: readonly SuiteEndpoint[], family: Family): DialectSuite {
  return {
    dialect: { ...messagemedia, title: `MessageMedia, ${family}` },
    // Not the account's alone: the runner has others with the same.
    account: { senders: [{ address: '+61491570157', kind: 'shared' }, 'CompanyABC'] },
    endpoints,
    unknownPaths: [
      '/',
      '',
      '/v1',
      '/v2/messages',
      '/v1/message',
      '//v1/messages',
      '/v1/messages.json',
      '/v1/messages/1/2',
      '/v1/delivery_reports/unconfirmed',
      '/v1/webhooks',
    ],
    expectError: ({ status, body, headers }) => {
      expect(headers['content-type']).toBe('application/json');
      const error = JSON.parse(body) as { message: string; details?: string[] };
      expect(error.message).toMatch(/\S/);
      expect(Object.keys(error)).toEqual(
        status === 400 && error.details ? ['message', 'details'] : ['message'],
      );
      for (const detail of error.details ?? []) expect(detail).toMatch(/\S/);
      expect(body).toBe(JSON.stringify(error));
    },
    refusals: {
      unauthenticated: { status: 401, body: '{"message":"Invalid authentication credentials"}' },
      suspended: { status: 403, body: '{"message":"This account is suspended."}' },
      unknownPath: { status: 404, body: '{"message":"Resource not found."}' },
      wrongMethod: { status: 405 },
      brokenJson: { status: 400, body: unreadable[family] },
      bodyTooLarge: { status: 413 },
      headersTooLarge: { status: 431 },
    },
  };
}

export const parseFault =
  'Request failed to parse correctly. Please ensure input is valid and try again.';

const unreadable: Record<Family, string> = {
  messages: `{"message":"${parseFault}","details":["Failed to parse message body."]}`,
  management: '{"message":"Bad Request","details":["Failed to parse message body."]}',
};

const message = { content: `Hello, ${privateWord}`, destination_number: '+61491570156' };
const send: WireRequest = { method: 'POST', path: '/v1/messages', body: { messages: [message] } };
const later = { scheduled: '2026-12-31T00:00:00Z' };

async function sent(stage: Stage, as = stage.account, more: object = {}): Promise<string> {
  const body = { messages: [{ ...message, ...more }] };
  const answer = await stage.send({ ...send, body }, as);
  const { messages } = JSON.parse(answer.body) as { messages: { message_id: string }[] };
  return messages[0]?.message_id ?? '';
}

const notFound = ({ status, body }: WireAnswer): void => {
  expect({ status, body }).toEqual({ status: 404, body: '{"message":"Resource not found."}' });
};

const uuid = '011dcead-6988-4ad6-a1c7-6b6c68ea628d';
const cancelled = { status: 'cancelled' };

/** Messages, replies and delivery reports. */
export const messageEndpoints: readonly SuiteEndpoint[] = [
  {
    name: 'POST /v1/messages',
    request: async () => send,
    status: 202,
    wrongMethods: ['GET', 'PUT', 'PATCH', 'DELETE'],
    bodyLimit: batchLimit,
  },
  {
    name: 'GET /v1/messages/{messageId}',
    request: async (stage) => ({ method: 'GET', path: `/v1/messages/${await sent(stage)}` }),
    wrongMethods: ['POST', 'PATCH', 'DELETE'],
    foreign: {
      request: async (stage, stranger) => ({
        method: 'GET',
        path: `/v1/messages/${await sent(stage, stranger)}`,
      }),
      expect: notFound,
    },
  },
  {
    name: 'PUT /v1/messages/{messageId}',
    request: async (stage) => ({
      method: 'PUT',
      path: `/v1/messages/${await sent(stage, stage.account, later)}`,
      body: cancelled,
    }),
    wrongMethods: [],
    bodyLimit,
    foreign: {
      request: async (stage, stranger) => ({
        method: 'PUT',
        path: `/v1/messages/${await sent(stage, stranger, later)}`,
        body: cancelled,
      }),
      expect: notFound,
    },
  },
  {
    name: 'GET /v1/messaging/credits',
    request: async () => ({ method: 'GET', path: '/v1/messaging/credits' }),
    wrongMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
  },
  {
    name: 'GET /v1/replies',
    request: async () => ({ method: 'GET', path: '/v1/replies' }),
    wrongMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
  },
  {
    name: 'POST /v1/replies/confirmed',
    request: async () => ({
      method: 'POST',
      path: '/v1/replies/confirmed',
      body: { reply_ids: [uuid] },
    }),
    status: 202,
    wrongMethods: ['GET', 'PUT', 'PATCH', 'DELETE'],
    bodyLimit,
  },
  {
    name: 'GET /v1/delivery_reports',
    request: async () => ({ method: 'GET', path: '/v1/delivery_reports' }),
    wrongMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
    foreign: {
      request: async (stage, stranger) => {
        await sent(stage, stranger, { delivery_report: true });
        return { method: 'GET', path: '/v1/delivery_reports' };
      },
      expect: ({ body }) => expect(body).toBe('{"delivery_reports":[]}'),
    },
  },
  {
    name: 'POST /v1/delivery_reports/confirmed',
    request: async () => ({
      method: 'POST',
      path: '/v1/delivery_reports/confirmed',
      body: { delivery_report_ids: [uuid] },
    }),
    status: 202,
    wrongMethods: ['GET', 'PUT', 'PATCH', 'DELETE'],
    bodyLimit,
  },
];
