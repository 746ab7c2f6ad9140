import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import { sendRaw } from '../support/raw-http.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';
import { startReceiver } from '../support/webhook-receiver.ts';

/**
 * What a newcomer does in his first minutes: the document's own requests against `npm start`, with
 * nothing changed but the host.
 */
describe('the demo', () => {
  let database: TestDatabase;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    database = await createTestDatabase();
    gateway = await gatewayAt(database.place).start(['--demo']);
  }, 60_000);
  afterAll(async () => {
    await gateway.kill();
    await database.drop();
  });

  const authorization = `Basic ${Buffer.from('user123:mypassword').toString('base64')}`;
  const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
  const withoutIds = (body: string): string => body.replace(uuid, '<id>');
  const host = (): string => new URL(gateway.url).host;
  const request = (method: string, target: string, headers: string[], body = ''): string =>
    [
      `${method} /mobilemessage${target} HTTP/1.1`,
      `Host: ${host()}`,
      ...headers,
      ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
      '',
      body,
    ].join('\r\n');

  const documented =
    '{"status":"complete","total_cost":1,"results":[{"to":"0412345678","message":"Hello, this is a test message","sender":"CompanyABC","custom_ref":"tracking001","status":"success","cost":1,"message_id":"<id>"}]}';

  // The bodies as each client's JSON writer makes them of the document's sample.
  const curlBody = `{
"messages": [
{
"to": "0412345678",
"message": "Hello, this is a test message",
"sender": "CompanyABC",
"custom_ref": "tracking001"
}
]
}`;
  const pythonBody =
    '{"messages": [{"to": "0412345678", "message": "Hello, this is a test message", "sender": "CompanyABC", "custom_ref": "tracking001"}]}';
  const phpBody =
    '{"messages":[{"to":"0412345678","message":"Hello, this is a test message","sender":"CompanyABC","custom_ref":"tracking001"}]}';
  const basic = `Authorization: ${authorization}`;

  it.each([
    {
      client: 'curl',
      body: curlBody,
      headers: [basic, 'User-Agent: curl/8.5.0', 'Accept: */*', 'Content-Type: application/json'],
    },
    {
      client: 'Python requests',
      body: pythonBody,
      headers: [
        'User-Agent: python-requests/2.32.3',
        'Accept-Encoding: gzip, deflate',
        'Accept: */*',
        'Connection: keep-alive',
        'Content-Type: application/json',
        basic,
      ],
    },
    {
      client: 'PHP curl',
      body: phpBody,
      headers: [basic, 'Accept: */*', 'Content-Type: application/json'],
    },
    {
      client: 'Java HttpURLConnection',
      body: pythonBody,
      headers: [
        basic,
        'Content-Type: application/json',
        'User-Agent: Java/17.0.15',
        'Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2',
        'Connection: keep-alive',
      ],
    },
    {
      client: 'C# HttpClient',
      body: phpBody,
      headers: [basic, 'Accept: application/json', 'Content-Type: application/json; charset=utf-8'],
    },
  ])('answers the request of $client as documented', async ({ headers, body }) => {
    const answer = await sendRaw(gateway.url, request('POST', '/v1/messages', headers, body));
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(withoutIds(answer.body)).toBe(documented);
  });

  it('answers the JavaScript sample, run for real', async () => {
    const to = '0412345678';
    const sender = 'CompanyABC';
    const message = 'Hello, this is a test message';
    const custom_ref = 'tracking001';
    const messageData = { messages: [{ to, message, sender, custom_ref }] };
    const response = await fetch(`${gateway.url}/mobilemessage/v1/messages`, {
      method: 'POST',
      headers: {
        Authorization: 'Basic ' + btoa('user123:mypassword'),
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(messageData),
    });
    expect(withoutIds(await response.text())).toBe(documented);
  });

  it('answers the balance and the look-up as documented', async () => {
    const account = await sendRaw(gateway.url, request('GET', '/v1/account', [basic]));
    expect(account.body).toMatch(/^\{"status":"complete","credit_balance":\d+\}$/);

    const sent = await sendRaw(
      gateway.url,
      request('POST', '/v1/messages', [basic, 'Content-Type: application/json'], phpBody),
    );
    const id = uuid.exec(sent.body)?.[0] ?? '';
    uuid.lastIndex = 0;
    const found = await sendRaw(
      gateway.url,
      request('GET', `/v1/messages?message_id=${id}`, [basic]),
    );
    expect(found.body.replace(/"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"/, '"<time>"')).toBe(
      `{"status":"complete","results":[{"to":"+61412345678","message":"Hello, this is a test message","sender":"CompanyABC","custom_ref":"tracking001","status":"success","cost":1,"message_id":"${id}","requested_at":"<time>"}]}`,
    );
  });

  it('takes the message through the sandbox carrier and tells the status webhook', async () => {
    const receiver = await startReceiver();
    const set = await gatewayAt(database.place).run([
      'webhook',
      'set',
      'demo-mobilemessage',
      '--dialect',
      'mobilemessage',
      '--topic',
      'status',
      '--url',
      receiver.url,
    ]);
    expect(set.code).toBe(0);
    // Another process changed the account: it is seen here within a second.
    await waitUntil('the webhook', async () => {
      if (receiver.received.length > 0) return true;
      await sendRaw(
        gateway.url,
        request('POST', '/v1/messages', [basic, 'Content-Type: application/json'], phpBody),
      );
      return receiver.received.length > 0;
    });
    const told = receiver.received[0];
    expect(told?.method).toBe('POST');
    expect(told?.headers['content-type']).toMatch(/^application\/json/);
    expect(withoutIds(told?.body ?? '').replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, '<time>')).toBe(
      '{"to":"61412345678","message":"Hello, this is a test message","sender":"CompanyABC","custom_ref":"tracking001","status":"delivered","message_id":"<id>","received_at":"<time>"}',
    );
    await receiver.close();
  });

  it('shows the way of a message', async () => {
    const list = await gatewayAt(database.place).run([
      '--json',
      'message',
      'list',
      'demo-mobilemessage',
    ]);
    expect(list.stderr).toBe('');
    expect(list.stdout).toContain('delivered');
  });

  it('says what to paste, and stops when it is told to', async () => {
    expect(gateway.output()).toContain('curl -u user123:mypassword');
    expect(gateway.output()).toContain('curl -u demo-key:demo-secret');
    expect(await gateway.stop()).toBe(0);
    expect(gateway.output()).not.toMatch(/"level":(50|60)/);
  });
});
