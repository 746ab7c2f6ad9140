import { expect } from 'vitest';
import { privateWord } from '../../testkit/stage.ts';
import type {
  DialectSuite,
  Stage,
  SuiteEndpoint,
  WireAnswer,
  WireRequest,
} from '../../testkit/suite.ts';
import { smsgate } from '../index.ts';
import { bodyLimit } from '../routes.ts';
import { base } from './client.ts';

/** What the runner needs to know of this dialect. */
export function suiteOf(endpoints: readonly SuiteEndpoint[]): DialectSuite {
  return {
    dialect: smsgate,
    endpoints,
    unknownPaths: [
      '/',
      '',
      '/3rdparty',
      base,
      '/messages',
      '/v1/messages',
      '/3rdparty/v2/messages',
      '/api/v1/messages',
      '//3rdparty/v1/messages',
      `${base}/messages/1/2`,
      `${base}/messages/inbox/other`,
      `${base}/auth`,
      `${base}/healthy`,
    ],
    expectError: ({ body, headers }) => {
      expect(headers['content-type']).toBe('application/json');
      const error = JSON.parse(body) as { message: string };
      expect(Object.keys(error)).toEqual(['message']);
      expect(error.message).toMatch(/\S/);
      expect(body).toBe(JSON.stringify(error));
    },
    refusals: {
      unauthenticated: { status: 401, body: '{"message":"Unauthorized"}' },
      suspended: { status: 403, body: '{"message":"This account is suspended."}' },
      unknownPath: { status: 404, body: '{"message":"Not Found"}' },
      wrongMethod: { status: 405, body: '{"message":"Method Not Allowed"}' },
      brokenJson: { status: 400 },
      bodyTooLarge: { status: 413 },
      headersTooLarge: { status: 431 },
    },
  };
}

const message = {
  textMessage: { text: `Hello, ${privateWord}` },
  phoneNumbers: ['+61491570156'],
};
const later = { scheduleAt: '2026-12-31T00:00:00Z' };
const send = (path: string): WireRequest => ({ method: 'POST', path, body: message });

async function sent(stage: Stage, as = stage.account, more: object = {}): Promise<string> {
  const request = { ...send(`${base}/messages`), body: { ...message, ...more } };
  return (JSON.parse((await stage.send(request, as)).body) as { id: string }).id;
}

async function phoneOf(stage: Stage, as = stage.account): Promise<string> {
  const { device } = await stage.world.gateway.devices.enrol(
    { accountId: as.account.id, credentialId: null },
    { name: 'Google/phone', sims: [], pushToken: null, version: '1.68.0' },
  );
  return device.id;
}

const hook = { url: 'https://shop.example/sms', event: 'sms:received' };
async function webhookOf(stage: Stage, as = stage.account): Promise<string> {
  const request: WireRequest = { method: 'POST', path: `${base}/webhooks`, body: hook };
  return (JSON.parse((await stage.send(request, as)).body) as { id: string }).id;
}

const span = { since: '2026-01-01T00:00:00Z', until: '2026-12-31T23:59:59Z' };
const refused = (status: number, text: string) => (answer: WireAnswer) => {
  expect({ status: answer.status, body: answer.body }).toEqual({
    status,
    body: JSON.stringify({ message: text }),
  });
};
const empty = (answer: WireAnswer): void => expect(answer.body).toBe('[]');

/** Under each of the names that it has. */
const named = (paths: readonly string[], of: (path: string) => SuiteEndpoint): SuiteEndpoint[] =>
  paths.map((path) => of(path));

export const endpoints: readonly SuiteEndpoint[] = [
  ...named([`${base}/messages`, `${base}/message`, `/api${base}/messages`], (path) => ({
    name: `POST ${path}`,
    request: send(path),
    status: 202,
    wrongMethods: ['PUT', 'PATCH', 'DELETE'],
    bodyLimit,
  })),
  {
    name: 'GET messages',
    request: async (stage) => {
      await sent(stage);
      return { method: 'GET', path: `${base}/messages?includeContent=true&state=Pending` };
    },
    wrongMethods: [],
    foreign: {
      request: async (stage, stranger) => {
        await sent(stage, stranger);
        return { method: 'GET', path: `${base}/messages` };
      },
      expect: empty,
    },
  },
  ...named([`${base}/messages`, `${base}/message`], (path) => ({
    name: `GET ${path}/{id}`,
    request: async (stage) => ({ method: 'GET', path: `${path}/${await sent(stage)}` }),
    wrongMethods: ['POST', 'PUT', 'PATCH'],
    foreign: {
      request: async (stage, stranger) => ({
        method: 'GET',
        path: `${path}/${await sent(stage, stranger)}`,
      }),
      expect: refused(404, 'message not found'),
    },
  })),
  {
    name: 'DELETE messages/{id}',
    request: async (stage) => ({
      method: 'DELETE',
      path: `${base}/messages/${await sent(stage, stage.account, later)}`,
    }),
    wrongMethods: [],
    foreign: {
      request: async (stage, stranger) => ({
        method: 'DELETE',
        path: `${base}/messages/${await sent(stage, stranger, later)}`,
      }),
      expect: refused(404, 'message not found'),
    },
  },
  {
    name: 'GET devices',
    request: { method: 'GET', path: `${base}/devices` },
    wrongMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
    foreign: {
      request: async (stage, stranger) => {
        await phoneOf(stage, stranger);
        return { method: 'GET', path: `${base}/devices` };
      },
      expect: empty,
    },
  },
  {
    name: 'DELETE devices/{id}',
    request: async (stage) => ({
      method: 'DELETE',
      path: `${base}/devices/${await phoneOf(stage)}`,
    }),
    status: 204,
    wrongMethods: ['GET', 'POST', 'PUT', 'PATCH'],
    foreign: {
      request: async (stage, stranger) => ({
        method: 'DELETE',
        path: `${base}/devices/${await phoneOf(stage, stranger)}`,
      }),
      expect: refused(404, 'device not found'),
    },
  },
  {
    name: 'GET webhooks',
    request: { method: 'GET', path: `${base}/webhooks` },
    wrongMethods: ['PUT', 'PATCH', 'DELETE'],
    foreign: {
      request: async (stage, stranger) => {
        await webhookOf(stage, stranger);
        return { method: 'GET', path: `${base}/webhooks` };
      },
      expect: empty,
    },
  },
  {
    name: 'POST webhooks',
    request: { method: 'POST', path: `${base}/webhooks`, body: hook },
    status: 201,
    wrongMethods: [],
    bodyLimit,
  },
  {
    name: 'DELETE webhooks/{id}',
    request: async (stage) => ({
      method: 'DELETE',
      path: `${base}/webhooks/${await webhookOf(stage)}`,
    }),
    status: 204,
    wrongMethods: ['GET', 'POST', 'PUT', 'PATCH'],
  },
  {
    name: 'GET settings',
    request: { method: 'GET', path: `${base}/settings` },
    wrongMethods: ['POST', 'DELETE'],
  },
  ...(['PUT', 'PATCH'] as const).map(
    (method): SuiteEndpoint => ({
      name: `${method} settings`,
      request: async (stage) => {
        await phoneOf(stage);
        return { method, path: `${base}/settings`, body: { ping: { interval_seconds: 60 } } };
      },
      wrongMethods: [],
      bodyLimit,
    }),
  ),
  ...named(
    ['/inbox/refresh', '/inbox/export', '/messages/inbox/export', '/message/inbox/export'],
    (path) => ({
      name: `POST ${path}`,
      request: async (stage) => ({
        method: 'POST',
        path: base + path,
        body: { deviceId: await phoneOf(stage), ...span },
      }),
      status: 202,
      wrongMethods: ['GET', 'PUT', 'PATCH', 'DELETE'],
      bodyLimit,
      foreign: {
        request: async (stage, stranger) => ({
          method: 'POST',
          path: base + path,
          body: { deviceId: await phoneOf(stage, stranger), ...span },
        }),
        expect: refused(400, 'device not found'),
      },
    }),
  ),
  ...['/inbox', '/logs'].map(
    (path): SuiteEndpoint => ({
      name: `GET ${path}`,
      request: { method: 'GET', path: base + path },
      status: 501,
      wrongMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
    }),
  ),
  {
    name: 'POST auth/token',
    request: { method: 'POST', path: `${base}/auth/token`, body: { scopes: ['all:any'] } },
    status: 201,
    wrongMethods: ['GET', 'PUT', 'PATCH', 'DELETE'],
    bodyLimit,
  },
  {
    name: 'DELETE auth/token/{jti}',
    request: { method: 'DELETE', path: `${base}/auth/token/w8pxz0a4Fwa4xgzyCvSeC` },
    status: 204,
    wrongMethods: ['GET', 'POST', 'PUT', 'PATCH'],
  },
];
