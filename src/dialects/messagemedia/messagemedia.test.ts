import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import { messageEndpoints, suiteOf } from './testkit/suite.ts';

runDialectCases(suiteOf(messageEndpoints, 'messages'), [
  {
    name: 'credits are a number, in whole ones',
    account: { credits: 12.5 },
    request: { method: 'GET', path: '/v1/messaging/credits' },
    body: '{"remaining_credits":12}',
    headers: { 'content-type': 'application/json' },
  },
  {
    name: 'an account without credit has none, and no error',
    account: { credits: 0 },
    request: { method: 'GET', path: '/v1/messaging/credits' },
    body: '{"remaining_credits":0}',
  },
  {
    name: 'HEAD is a GET without its body',
    request: { method: 'HEAD', path: '/v1/messaging/credits' },
    body: '',
    headers: { 'content-type': 'application/json', 'content-length': '26' },
  },
  {
    name: 'HEAD is no method where GET is none',
    request: { method: 'HEAD', path: '/v1/messages' },
    status: 405,
    headers: { allow: 'POST' },
  },
  ...(
    [
      ['/v1/messages', 'POST'],
      ['/v1/messages/1', 'GET, HEAD, PUT'],
      ['/v1/replies', 'GET, HEAD'],
      ['/v1/replies/confirmed', 'POST'],
    ] as const
  ).map(([path, allow]) => ({
    name: `OPTIONS says what there is at ${path}`,
    request: { method: 'OPTIONS', path } as const,
    status: 204,
    body: '',
    headers: { allow },
  })),
  {
    name: 'a wrong method is told which are right',
    request: { method: 'DELETE', path: '/v1/messages/1' },
    status: 405,
    body: '{"message":"Method DELETE is not allowed."}',
    headers: { allow: 'GET, HEAD, PUT', 'content-type': 'application/json' },
  },
]);
