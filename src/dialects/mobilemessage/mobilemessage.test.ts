import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import { readFixture } from '../testkit/fixture.ts';
import { suiteOf } from './testkit/suite.ts';

const sample = (name: string): unknown => readFixture(import.meta.url, name);

runDialectCases(suiteOf('2024'), [
  {
    name: 'the account endpoint answers the balance',
    request: { method: 'GET', path: '/v1/account' },
    body: sample('account.response.json'),
    headers: { 'content-type': 'application/json; charset=utf-8' },
  },
  {
    name: 'the account endpoint has an error for an account without credit',
    account: { credits: 0 },
    request: { method: 'GET', path: '/v1/account' },
    status: 404,
    body: sample('account-none.response.json'),
  },
  ...(['POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) => ({
    name: `the account endpoint has an error for ${method}`,
    request: { method, path: '/v1/account' },
    status: 405,
    body: sample('account-method.response.json'),
    headers: { allow: 'GET, HEAD' },
  })),
  {
    name: 'other endpoints have the same sentence for a wrong method',
    request: { method: 'DELETE', path: '/v1/messages' },
    status: 405,
    body: '{"error":"Invalid request method. Only GET and POST are allowed."}',
    headers: { allow: 'GET, HEAD, POST' },
  },
  {
    name: 'HEAD is a GET without its body',
    request: { method: 'HEAD', path: '/v1/account' },
    body: '',
    headers: { 'content-type': 'application/json; charset=utf-8' },
  },
  {
    name: 'OPTIONS says what there is',
    request: { method: 'OPTIONS', path: '/v1/account' },
    status: 204,
    body: '',
    headers: { allow: 'GET, HEAD' },
  },
  ...(
    [
      ['GET', '/v1/inbound'],
      ['GET', '/v1/senders'],
      ['POST', '/v1/senders'],
      ['GET', '/v1/unsubscribes'],
      ['GET', '/v1/webhooks'],
      ['POST', '/v1/webhooks'],
      ['GET', '/simple/send-sms?to=0412345678&message=a&sender=CompanyABC'],
      ['POST', '/simple/send-sms.php'],
      ['GET', '/simple/get-balance.php'],
    ] as const
  ).map(([method, path]) => ({
    name: `${method} ${path} is of the newer edition: like an unknown path`,
    request: { method, path },
    status: 404,
    body: '{"error":"Not found"}',
  })),
]);

runDialectCases(suiteOf('2026'), [
  {
    name: 'a wrong method is told with all that are right',
    request: { method: 'PUT', path: '/v1/messages' },
    status: 405,
    body: '{"error":"Invalid request method. Only GET, POST and DELETE are allowed."}',
    headers: { allow: 'GET, HEAD, POST, DELETE' },
  },
  {
    name: 'the webhooks endpoint answers the sample of the reference',
    account: {
      endpoints: {
        inbound: 'https://example.com/inbound',
        status: 'https://example.com/status',
      },
      secret: 'abc123',
    },
    request: { method: 'GET', path: '/v1/webhooks' },
    body: sample('webhooks.response.json'),
  },
  {
    name: 'the webhooks endpoint says so when there are none',
    request: { method: 'GET', path: '/v1/webhooks' },
    body: { has_signing_secret: false, webhooks: { inbound: null, status: null } },
  },
]);
