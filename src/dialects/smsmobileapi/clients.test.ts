import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import axios from 'axios';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { sendRaw } from '../../../test/support/raw-http.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Client } from './testkit/client.ts';

// The vendor's own samples, as they stand in the seed, with the host changed: PHONE_NUMBER, YOUR_MESSAGE and YOUR_API_KEY
// are filled in.

let world: World;
let base: string;
let client: Client;
let apikey: string;
beforeAll(async () => {
  world = await createWorld({ clock: new FakeClock('2026-03-20T21:07:44Z') });
  base = `${await world.listen()}/smsmobileapi`;
});
afterAll(() => world.close());
beforeEach(async () => {
  const account = await world.account({
    dialect: 'smsmobileapi',
    kind: 'api_key',
    password: `KEY${++keys}`,
    settings: { timeZone: 'Europe/Brussels' },
  });
  client = new Client(world, account);
  apikey = account.password;
});
let keys = 0;

const recipients = '+61491570156';
const message = 'YOUR_MESSAGE';

/** It is the documented answer, and the message was sent to whom it was meant for. */
async function expectSent(body: string, changes: object = {}, text = message): Promise<void> {
  const { result } = JSON.parse(body) as { result: { id: string } };
  expect(result.id).toMatch(/^[0-9a-f]{40}$/);
  const sample = readFixture(import.meta.url, 'sendsms.response.json') as { result: object };
  expectSample(body, { result: { ...sample.result, id: result.id, ...changes } });
  const { sms } = await client.get('/log/sent/sms', { guid_message: result.id });
  expect(sms).toMatchObject([{ recipients: recipients.slice(1), sms: text }]);
}

const both = { note: 'sent by mobile; WhatsApp is not available' };

describe('the seed’s samples', () => {
  it('fetch', async () => {
    const url = `${base}/sendsms/`;
    const data = { recipients, message, apikey };
    const body = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(data),
      redirect: 'error',
    }).then((r) => r.text());
    await expectSent(body);
  });

  it('axios: a JSON body', async () => {
    const answer = await axios.post<object>(
      `${base}/sendsms/`,
      { recipients, message, apikey },
      { maxRedirects: 0 },
    );
    await expectSent(JSON.stringify(answer.data));
  });

  it('Ruby: Net::HTTP with set_form_data', async () => {
    const form = 'recipients=%2B61491570156&message=YOUR_MESSAGE&apikey=' + apikey;
    await expectSent(
      await wire('POST /sendsms/', form, {
        'Accept-Encoding': 'gzip;q=1.0,deflate;q=0.6,identity;q=0.3',
        Accept: '*/*',
        'User-Agent': 'Ruby',
        'Content-Type': 'application/x-www-form-urlencoded',
      }),
    );
  });

  it('Python: requests.post with data', async () => {
    const form = 'recipients=%2B61491570156&message=YOUR_MESSAGE&apikey=' + apikey;
    await expectSent(
      await wire('POST /sendsms/', form, {
        'User-Agent': 'python-requests/2.32.3',
        'Accept-Encoding': 'gzip, deflate',
        Accept: '*/*',
        Connection: 'keep-alive',
        'Content-Type': 'application/x-www-form-urlencoded',
      }),
    );
  });

  it('the Python package smsmobileapi 2.0.1: GET without a slash', async () => {
    const query = `apikey=${apikey}&recipients=%2B61491570156&message=YOUR_MESSAGE&from=python&sendwa=0&sendsms=1`;
    await expectSent(await wire(`GET /sendsms?${query}`));
    const received = await wire(`GET /getsms?apikey=${apikey}`);
    expect(received).toBe('{"result":{"error":"","sms":[]}}');
  });

  it('the PHP SDK', async () => {
    const form = `from=composer&apikey=${apikey}&recipients=%2B61491570156&message=YOUR_MESSAGE&sendwa=0&sendsms=1`;
    await expectSent(
      await wire('POST /sendsms/', form, { 'Content-Type': 'application/x-www-form-urlencoded' }),
    );
  });

  it('the command-line client: the plus is not encoded', async () => {
    const form = `recipients=${recipients}&message=hi there&apikey=${apikey}&sendsms=1&sendwa=0&from=ssh`;
    await expectSent(
      await wire('POST /sendsms/', form, { 'Content-Type': 'application/x-www-form-urlencoded' }),
      {},
      'hi there',
    );
  });

  const noCurl = spawnSync('curl', ['--version']).error !== undefined;
  it.skipIf(noCurl)('cURL, with a number whose plus is not encoded', async () => {
    const body = await curl(
      ['-X', 'POST', `${base}/sendsms/`],
      [
        `recipients=${recipients}`,
        `message=${message}`,
        `apikey=${apikey}`,
        'sendwa=1',
        'sendsms=1',
      ],
    );
    await expectSent(body, both);
  });

  it.skipIf(noCurl)('cURL with an access token', async () => {
    await world.gateway.owner.issueCredential(client.account.account.id, {
      dialect: 'smsmobileapi',
      kind: 'oauth_client',
      username: `client-${keys}`,
      secret: 'secret',
    });
    const form = ['-H', 'Content-Type: application/x-www-form-urlencoded'];
    const granted = await curl(
      ['-X', 'POST', `${base}/oauth2/token`, ...form],
      ['grant_type=client_credentials', `client_id=client-${keys}`, 'client_secret=secret'],
    );
    const { access_token } = JSON.parse(granted) as { access_token: string };
    const body = await curl(
      ['-X', 'POST', `${base}/sendsms`, '-H', `Authorization: Bearer ${access_token}`, ...form],
      [`recipients=${recipients}`, 'message=Hello'],
    );
    await expectSent(body, {}, 'Hello');
  });

  it.skipIf(noCurl)('the line that the demo prints', async () => {
    const { smsmobileapi } = await import('./index.ts');
    const origin = base.slice(0, base.lastIndexOf('/'));
    const line = smsmobileapi.demo.curl(origin, { username: null, secret: apikey });
    expect(line).toMatch(/^curl -X POST http/);
    const { stdout } = await promisify(execFile)('sh', ['-c', `${line} -s`]);
    await expectSent(stdout, {}, 'Hello World');
  });
});

async function curl(options: string[], data: string[]): Promise<string> {
  const all = ['-s', '--max-redirs', '0', ...options, ...data.flatMap((one) => ['-d', one])];
  return (await promisify(execFile)('curl', all)).stdout;
}

/** A request as a client of another language writes it. */
async function wire(
  line: string,
  body = '',
  headers: Record<string, string> = {},
): Promise<string> {
  const [method = '', path = ''] = line.split(' ');
  const all = {
    Host: 'api.example',
    ...headers,
    'Content-Length': String(Buffer.byteLength(body)),
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `${method} /smsmobileapi${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`;
  const answer = await sendRaw(base, text);
  expect(answer).toMatchObject({ status: 200 });
  return answer.body;
}
