import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import { base } from './testkit/client.ts';
import { endpoints, suiteOf } from './testkit/suite.ts';

const allowed = [
  ['/sms/send', 'GET, HEAD, POST'],
  ['/sms/senders/1', 'GET, HEAD, PUT, DELETE'],
  ['/developer/webhooks/1', 'GET, HEAD, PUT, DELETE'],
] as const;

runDialectCases(
  suiteOf(endpoints),
  allowed.map(([path, allow]) => ({
    name: `OPTIONS says what there is at ${path}`,
    request: { method: 'OPTIONS', path: base + path },
    status: 204,
    body: '',
    headers: { allow },
  })),
);
