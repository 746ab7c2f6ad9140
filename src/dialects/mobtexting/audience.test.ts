import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import { audienceEndpoints } from './testkit/audience-endpoints.ts';
import { base } from './testkit/client.ts';
import { suiteOf } from './testkit/suite.ts';

runDialectCases(
  suiteOf(audienceEndpoints),
  (
    [
      ['/sms/templates', 'GET, HEAD, POST'],
      ['/sms/suppressions/unsubscribers', 'GET, HEAD, POST, DELETE'],
      ['/sms/suppressions/optout/link', 'POST'],
      ['/verify/check/1/2', 'GET, HEAD'],
      ['/contacts/tags/1', 'GET, HEAD, PUT, DELETE'],
      ['/contacts/1', 'GET, HEAD, PUT, DELETE'],
    ] as const
  ).map(([path, allow]) => ({
    name: `OPTIONS says what there is at ${path}`,
    request: { method: 'OPTIONS', path: base + path } as const,
    status: 204,
    body: '',
    headers: { allow },
  })),
);
