import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw } from '../../../test/support/raw-http.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { Client } from './testkit/client.ts';
import { parseFault } from './testkit/suite.ts';

/**
 * The samples of the seed, as the SDK for PHP 2.1.0 that they are written for puts them on the wire: slashes escaped
 * by `json_encode`, `scheduled` always there, `POST` in the signed line of whatever has a body.
 */
const key = 'API_KEY';
const secret = 'API_SECRET';
const unknownId = '877c19ef-fa2e-4cec-827a-e1df9b5509f7';
const picture =
  'https:\\/\\/images.pexels.com\\/photos\\/1018350\\/pexels-photo-1018350.jpeg?cs=srgb&dl=architecture-buildings-city-1018350.jpg';

const sms =
  '{"messages":[{"content":"My first message","destination_number":"+61491570156","scheduled":null}]}';
const mms = `{"messages":[{"content":"My second message","destination_number":"+61491570156","format":"MMS","scheduled":null,"media":["${picture}"],"subject":"This is an MMS message"}]}`;
const confirmation =
  '{"delivery_report_ids":["011dcead-6988-4ad6-a1c7-6b6c68ea628d","3487b3fa-6586-4979-a233-2d1b095c7718","ba28e94b-c83d-4759-98e7-ff9c7edb87a1"]}';

let world: World;
let url: string;
let client: Client;
beforeAll(async () => {
  world = await createWorld({
    dispatch: false,
    routes: [{ media: ['sms', 'mms'], links: ['test' as never] }],
    http: { mounts: { messagemedia: { hosts: ['127.0.0.1'], port: null } } },
  });
  const senders = [{ address: '+61491570157', kind: 'dedicated' } as const];
  const login = { username: key, password: secret };
  const account = await world.account({ dialect: 'messagemedia', senders, ...login });
  client = new Client(world, account);
  await world.gateway.owner.issueCredential(account.account.id, {
    dialect: 'messagemedia',
    kind: 'hmac',
    username: key,
    secret,
  });
  url = await world.listen();
});
afterAll(() => world.close());

type Way = 'Basic' | 'HMAC';

function authorization(way: Way, path: string, body: string | undefined): string[] {
  if (way === 'Basic') {
    return [`Authorization: Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`];
  }
  const date = new Date(world.clock.now()).toUTCString();
  const digest = createHash('md5')
    .update(body ?? '')
    .digest('hex');
  const covered = body === undefined ? '' : `x-content-md5: ${digest}\n`;
  const method = body === undefined ? 'GET' : 'POST';
  const text = `date: ${date}\n${covered}${method} ${path} HTTP/1.1`;
  const signature = createHmac('sha1', secret).update(text).digest('base64');
  const names = `date ${body === undefined ? '' : 'x-content-md5 '}request-line`;
  return [
    ...(body === undefined ? [] : [`x-content-md5: ${digest}`]),
    `date: ${date}`,
    `Authorization: hmac username="${key}", algorithm="hmac-sha1", headers="${names}", signature="${signature}"`,
  ];
}

function ask(way: Way, method: string, path: string, body?: string) {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    'user-agent: messagemedia-messages',
    'Accept: application/json',
    ...(body === undefined ? [] : ['content-type: application/json; charset=utf-8']),
    ...authorization(way, path, body),
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return sendRaw(url, [...lines, '', body ?? ''].join('\r\n'));
}

const idIn = (body: string): string => /"message_id":"([^"]+)"/.exec(body)?.[1] ?? '';

describe.each(['Basic', 'HMAC'] as const)('the samples of the seed, with %s', (way) => {
  it('send an SMS', async () => {
    const { status, body } = await ask(way, 'POST', '/v1/messages', sms);
    expect(status).toBe(202);
    expect(body).toBe(
      `{"messages":[{"callback_url":null,"content":"My first message","destination_number":"+61491570156","delivery_report":false,"format":"SMS","message_expiry_timestamp":null,"metadata":{},"scheduled":null,"source_number":null,"source_number_type":null,"message_id":"${idIn(body)}","status":"queued","media":null,"subject":null}]}`,
    );
  });

  it('send an MMS', async () => {
    const { status, body } = await ask(way, 'POST', '/v1/messages', mms);
    expect(status).toBe(202);
    expect(JSON.parse(body)).toMatchObject({
      messages: [
        {
          content: 'My second message',
          format: 'MMS',
          media: [picture.replaceAll('\\', '')],
          subject: 'This is an MMS message',
          status: 'queued',
        },
      ],
    });
    expect(await client.message(idIn(body))).toMatchObject({ format: 'MMS', status: 'enroute' });
  });

  it('ask for the status of a message', async () => {
    const id = idIn((await ask(way, 'POST', '/v1/messages', sms)).body);
    const { status, body } = await ask(way, 'GET', `/v1/messages/${id}`);
    expect(status).toBe(200);
    expect(body).toBe(
      `{"format":"SMS","content":"My first message","metadata":{},"message_id":"${id}","callback_url":null,"delivery_report":false,"destination_number":"+61491570156","scheduled":null,"source_number":"+61491570157","source_number_type":null,"message_expiry_timestamp":null,"status":"enroute"}`,
    );
    const unknown = await ask(way, 'GET', `/v1/messages/${unknownId}`);
    expect(unknown).toMatchObject({ status: 404, body: '{"message":"Resource not found."}' });
  });

  it('check replies', async () => {
    const answer = await ask(way, 'GET', '/v1/replies');
    expect(answer).toMatchObject({ status: 200, body: '{"replies":[]}' });
  });

  it('check delivery reports', async () => {
    const answer = await ask(way, 'GET', '/v1/delivery_reports');
    expect(answer).toMatchObject({ status: 200, body: '{"delivery_reports":[]}' });
  });

  it('confirm delivery reports', async () => {
    const answer = await ask(way, 'POST', '/v1/delivery_reports/confirmed', confirmation);
    expect(answer).toMatchObject({
      status: 202,
      body: '',
      headers: { 'content-type': 'text/plain', 'content-length': '0' },
    });
  });

  it('check credits', async () => {
    const { status, body } = await ask(way, 'GET', '/v1/messaging/credits');
    expect(status).toBe(200);
    expect(body).toMatch(/^\{"remaining_credits":\d+\}$/);
  });
});

describe('the statuses of the seed', () => {
  it('400: the request was invalid', async () => {
    const wrong = sms.replace('+61491570156', '0491 570 156');
    const { status, body } = await ask('Basic', 'POST', '/v1/messages', wrong);
    expect({ status, body }).toEqual({
      status: 400,
      body: `{"message":"${parseFault}","details":["/messages/0/destination_number: International address contains invalid characters."]}`,
    });
  });

  it('401: the credentials are invalid', async () => {
    const lines = [
      'GET /v1/replies HTTP/1.1',
      'Host: 127.0.0.1',
      `Authorization: Basic ${Buffer.from(`${key}:wrong`).toString('base64')}`,
    ];
    expect(await sendRaw(url, [...lines, '', ''].join('\r\n'))).toMatchObject({
      status: 401,
      body: '{"message":"Invalid authentication credentials"}',
      headers: { 'content-type': 'application/json' },
    });
  });

  it('404: the resource does not exist', async () => {
    expect(await ask('Basic', 'GET', '/v1/nothing')).toMatchObject({
      status: 404,
      body: '{"message":"Resource not found."}',
    });
  });
});
