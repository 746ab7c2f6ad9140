import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../core/errors.ts';
import { refusalOf } from './errors.ts';
import { readBody } from './schema.ts';
import { newWebhook, webhookChange } from './webhook-schema.ts';

/** The documented example. */
const example = {
  url: 'http://webhook.com',
  method: 'POST',
  encoding: 'JSON',
  headers: {},
  events: ['ENROUTE_DR', 'DELIVERED_DR'],
  template: '{"id":"$mtId","status":"$statusCode"}',
  read_timeout: 5000,
  retries: 3,
  retry_delay: 30,
};

/** What a client is told. */
function detailsOf(schema: typeof newWebhook | typeof webhookChange, body: unknown): string[] {
  try {
    readBody<unknown>(schema, body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
    return [];
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const refusal = refusalOf(error, 'management');
    return (JSON.parse(refusal.body) as { details: string[] }).details;
  }
}

it('takes the documented example', () => {
  expect(detailsOf(newWebhook, example)).toEqual([]);
  expect(detailsOf(webhookChange, example)).toEqual([]);
});

describe('a webhook is refused', () => {
  it.each([
    ['no body', undefined, ['Failed to parse message body.']],
    ['a list', [], ['Failed to parse message body.']],
    [
      'nothing in it',
      {},
      [
        '/url: Url cannot be null',
        '/method: Method cannot be null',
        '/encoding: Encoding cannot be null',
        '/events: Events cannot be null',
      ],
    ],
  ])('%s', (_, body, details) => {
    expect(detailsOf(newWebhook, body)).toEqual(details);
  });

  it.each([
    // The vendor's own samples (reference §7.1, §7.4).
    ['another scheme', { url: 'ftp://a.example' }, '/url: Not a valid http url'],
    ...[
      'https://-invalid.com',
      'https://invalid_.com',
      'https:///path',
      'https://:/path',
      'http://.example.com',
      'http://example..com',
      'http://example.com/a b',
      'http://$mtId/',
      'nonsense',
      5,
    ].map((bad) => [`the url ${bad}`, { url: bad }, '/url: Not a valid http url'] as const),
    [
      'a long url',
      { url: `https://a.example/${'x'.repeat(1000)}` },
      '/url: Url must have at most 1000 characters',
    ],
    [
      'a bad template in the url',
      { url: 'https://a.example/#end' },
      '/url: line 1: #end without #if or #foreach before it',
    ],
    ['an unknown event', { events: ['RECEIVED_123'] }, '/events/0: [RECEIVED_123] is invalid'],
    [
      'two unknown events',
      { events: ['RECEIVED_SMS', 'x', 7] },
      '/events/1: [x] is invalid',
      '/events/2: [number] is invalid',
    ],
    ['no events', { events: [] }, '/events: Events must be between 1 and 100'],
    ['events that are no list', { events: 'RECEIVED_SMS' }, '/events: Events must be a list'],
    ['an unknown method', { method: 'HEAD' }, '/method: [HEAD] is invalid'],
    ['no method', { method: null }, '/method: Method cannot be null'],
    ['an unknown encoding', { encoding: 'json' }, '/encoding: [json] is invalid'],
    [
      'a bad template',
      { template: '{\n"id":"$mtId"#if($status)\n}' },
      '/template: line 2: expected #end for this #if',
    ],
    ['code', { template: '#parse("x")' }, '/template: line 1: #parse is not supported'],
    [
      'a long template',
      { template: 'x'.repeat(32_769) },
      '/template: Template must have at most 32768 characters',
    ],
    [
      'a template with U+0000',
      { template: 'a\0' },
      '/template: Template contains invalid characters',
    ],
    [
      'half a character',
      { template: 'a\ud800' },
      '/template: Template contains invalid characters',
    ],
    ['a template that is none', { template: {} }, '/template: Template must be a text'],
    ...[
      'Content-Type',
      'content-type',
      'Host',
      'Content-Length',
      'Transfer-Encoding',
      'Connection',
      'Date',
      'X-Messagemedia-Signature',
    ].map(
      (name) =>
        [
          `the header ${name}`,
          { headers: { [name]: 'x' } },
          `/headers: Headers must not contain ${name}`,
        ] as const,
    ),
    [
      'a header that is no name',
      { headers: { 'a b': 'x' } },
      '/headers: [a b] is invalid as the name of a header',
    ],
    [
      'a long header name',
      { headers: { ['a'.repeat(201)]: 'x' } },
      '/headers: Header names must have at most 200 characters',
    ],
    [
      'a long header value',
      { headers: { a: 'x'.repeat(1001) } },
      '/headers: The value of a must have at most 1000 characters',
    ],
    [
      'a header value of two lines',
      { headers: { a: 'x\r\nHost: y' } },
      '/headers: The value of a contains invalid characters',
    ],
    [
      'a header value that is no text',
      { headers: { a: 1 } },
      '/headers: The value of a must be a text',
    ],
    [
      'a header twice',
      { headers: { a: 'x', A: 'y' } },
      '/headers: Headers must not contain a name twice',
    ],
    ['headers that are no object', { headers: 'x' }, '/headers: Headers must be an object'],
    [
      'many headers',
      { headers: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`a${i}`, 'x'])) },
      '/headers: Headers must be at most 50',
    ],
    ...[0, 60_001, 1.5, '5', {}].map(
      (bad) =>
        [
          `read_timeout ${JSON.stringify(bad)}`,
          { read_timeout: bad },
          '/read_timeout: Read timeout must be between 1 and 60000',
        ] as const,
    ),
    ['retries -1', { retries: -1 }, '/retries: Retries must be between 0 and 5'],
    ['retries 6', { retries: 6 }, '/retries: Retries must be between 0 and 5'],
    ['retry_delay 4', { retry_delay: 4 }, '/retry_delay: Retry delay must be between 5 and 60'],
    ['retry_delay 61', { retry_delay: 61 }, '/retry_delay: Retry delay must be between 5 and 60'],
  ] as const)('%s', (_, change, ...details) => {
    expect(detailsOf(newWebhook, { ...example, ...change })).toEqual(details);
  });
});

describe('a change is refused', () => {
  it.each([
    ['no events', { events: [] }, '/events: Events must be between 1 and 100'],
    ['a bad url', { url: 'ftp://a.example' }, '/url: Not a valid http url'],
    [
      'Content-Type',
      { headers: { 'content-type': 'x' } },
      '/headers: Headers must not contain content-type',
    ],
    [
      'a bad template',
      { template: '#end' },
      '/template: line 1: #end without #if or #foreach before it',
    ],
    ['an unknown method', { method: 'x' }, '/method: [x] is invalid'],
  ])('%s', (_, change, detail) => {
    expect(detailsOf(webhookChange, change)).toEqual([detail]);
  });

  it('but nothing that is left out', () => {
    expect(detailsOf(webhookChange, {})).toEqual([]);
    expect(detailsOf(webhookChange, { url: null, method: null, headers: null })).toEqual([]);
  });
});
