import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import { endpoints, suiteOf } from './testkit/suite.ts';

const base = '/3rdparty/v1';

runDialectCases(suiteOf(endpoints), [
  {
    name: 'the inbox is on the phone',
    request: { method: 'GET', path: `${base}/inbox` },
    status: 501,
    body: {
      message:
        'The inbox can be read on the phone alone; what is received is told by the webhook sms:received.',
    },
  },
  {
    name: 'so are the logs',
    request: { method: 'GET', path: `${base}/logs?from=2026-01-01T00:00:00Z` },
    status: 501,
    body: {
      message: "For privacy reasons, device's logs are not accessible through Cloud server",
    },
  },
  {
    name: 'HEAD is a GET without its body',
    request: { method: 'HEAD', path: `${base}/devices` },
    body: '',
    headers: { 'content-type': 'application/json', 'content-length': '2' },
  },
  {
    name: 'HEAD is no method where GET is none',
    request: { method: 'HEAD', path: `${base}/auth/token` },
    status: 405,
    headers: { allow: 'POST' },
  },
  ...(
    [
      ['/messages', 'GET, HEAD, POST'],
      ['/message/1', 'GET, HEAD, DELETE'],
      ['/settings', 'GET, HEAD, PUT, PATCH'],
      ['/auth/token/refresh', 'POST'],
    ] as const
  ).map(([path, allow]) => ({
    name: `OPTIONS says what there is at ${path}`,
    request: { method: 'OPTIONS', path: base + path } as const,
    status: 204,
    body: '',
    headers: { allow },
  })),
  ...['/health', '/health/live', '/health/ready', '/health/startup'].map((path) => ({
    name: `anybody may ask for ${path}`,
    request: { method: 'GET', path: base + path, headers: { authorization: '' } } as const,
    body: {
      status: 'pass',
      version: '1',
      releaseId: 1,
      checks: {
        'db:ping': {
          description: 'Storage',
          observedUnit: 'milliseconds',
          observedValue: 0,
          status: 'pass',
        },
      },
    },
  })),
]);
