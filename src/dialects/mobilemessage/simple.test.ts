import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { Row } from './testkit/client.ts';

let world: World;
let account: WorldAccount;
beforeEach(async () => {
  world = await createWorld({ dispatch: false });
  account = await world.account({ settings: { edition: '2026' } });
});
afterEach(() => world.close());

const fields = (): Record<string, string> => ({
  api_username: account.username,
  api_password: account.password,
  to: '0412345678',
  message: 'Hello & good=bye + é',
  sender: 'CompanyABC',
  custom_ref: 'r',
});
const form = (values: Record<string, string>): string => new URLSearchParams(values).toString();

interface Wish {
  query?: string;
  body?: string;
  type?: string;
  headers?: Record<string, string>;
}
async function ask(
  method: 'GET' | 'POST' | 'HEAD',
  path: string,
  { query = '', body, type, headers }: Wish,
) {
  const answer = await world.inject({
    method,
    url: `/mobilemessage${path}${query && `?${query}`}`,
    headers: { ...(type !== undefined && { 'content-type': type }), ...headers },
    ...(body !== undefined && { payload: body }),
  });
  return { status: answer.statusCode, body: answer.body, headers: answer.headers };
}
const formType = 'application/x-www-form-urlencoded';

describe('/simple/send-sms', () => {
  it('sends nothing for HEAD', async () => {
    for (const path of ['/simple/send-sms', '/simple/send-sms.php']) {
      const answer = await ask('HEAD', path, { query: form(fields()) });
      expect(answer.status).toBe(405);
      expect(answer.headers['allow']).toBe('GET, POST');
    }
    expect(await account.messages()).toBe(0);
    expect((await ask('HEAD', '/simple/get-balance', { query: form(fields()) })).status).toBe(200);
  });

  it.each([
    ['GET', 'in the query', () => ({ query: form(fields()) })],
    ['POST', 'in the query', () => ({ query: form(fields()) })],
    ['POST', 'in a form', () => ({ body: form(fields()), type: formType })],
    [
      'POST',
      'in a form that is called JSON',
      () => ({ body: form(fields()), type: 'application/json' }),
    ],
    ['POST', 'in JSON', () => ({ body: JSON.stringify(fields()), type: 'application/json' })],
    [
      'POST',
      'in JSON that is called a form',
      () => ({ body: JSON.stringify(fields()), type: formType }),
    ],
    [
      'POST',
      'divided between query and form',
      () => {
        const { api_username, api_password, ...rest } = fields();
        const login = { api_username: api_username ?? '', api_password: api_password ?? '' };
        return { query: form(login), body: form(rest), type: formType };
      },
    ],
  ] as const)('%s takes a message %s', async (method, _, wish) => {
    for (const path of ['/simple/send-sms', '/simple/send-sms.php', '/simple/send-sms/']) {
      const answer = await ask(method, path, wish());
      const { results, send_id } = JSON.parse(answer.body) as { results: Row[]; send_id: string };
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(answer.body).toBe(
        JSON.stringify({
          status: 'complete',
          total_cost: 1,
          results: [
            {
              to: '0412345678',
              message: 'Hello & good=bye + é',
              sender: 'CompanyABC',
              custom_ref: 'r',
              status: 'success',
              cost: 1,
              message_id: results[0]?.message_id,
              encoding: 'gsm7',
            },
          ],
          send_id,
        }),
      );
    }
  });

  it('takes a log-in in the header, too', async () => {
    const { api_username: _, api_password: __, ...rest } = fields();
    const headers = { authorization: account.authorization };
    expect(await ask('GET', '/simple/send-sms', { query: form(rest), headers })).toMatchObject({
      status: 200,
    });
  });

  it('takes a number whose plus sign was not written as %2B', async () => {
    const query = form(fields()).replace('to=0412345678', 'to=+61412345678');
    const answer = await ask('GET', '/simple/send-sms', { query });
    expect(JSON.parse(answer.body)).toMatchObject({ results: [{ status: 'success' }] });
  });

  it.each([
    [
      'to',
      '{"error":"to is missing; it must be a string.","message":"to is missing; it must be a string."}',
    ],
    [
      'message',
      '{"error":"message is missing; it must be a string.","message":"message is missing; it must be a string."}',
    ],
  ])('refuses a message without `%s`', async (name, body) => {
    const { [name]: _, ...rest } = fields();
    expect(await ask('GET', '/simple/send-sms', { query: form(rest) })).toMatchObject({
      status: 400,
      body,
    });
  });

  it.each([
    ['a wrong password', { api_password: 'no' }],
    ['an unknown name', { api_username: 'no' }],
  ])('refuses %s', async (_, wrong) => {
    for (const wish of [
      { query: form({ ...fields(), ...wrong }) },
      { body: form({ ...fields(), ...wrong }), type: formType },
    ]) {
      expect(await ask('POST', '/simple/send-sms', wish)).toMatchObject({
        status: 401,
        body: '{"error":"Unauthorized"}',
      });
    }
    expect(await account.messages()).toBe(0);
  });

  it('reads no more than a little of a stranger', async () => {
    const body = form({ ...fields(), message: 'x'.repeat(100_000) });
    expect((await ask('POST', '/simple/send-sms', { body, type: formType })).status).toBe(413);
  });

  it.each(['{"to":', '{"to"}', '{'])('refuses the broken body %s', async (body) => {
    expect((await ask('POST', '/simple/send-sms', { body, query: form(fields()) })).status).toBe(
      400,
    );
  });

  it('keeps what is in the query out of the log, whatever comes of it', async () => {
    await ask('GET', '/simple/send-sms', { query: form(fields()) });
    await ask('GET', '/simple/send-sms', { query: form({ ...fields(), to: '' }) });
    await ask('GET', '/simple/send-sms', { query: form({ ...fields(), api_username: 'no' }) });
    await ask('GET', '/simple/unknown', { query: form(fields()) });
    await ask('POST', '/simple/send-sms', { query: form(fields()), body: '{' });
    const submit = world.gateway.submit.bind(world.gateway);
    world.gateway.submit = () => Promise.reject(new Error('a defect'));
    expect(await ask('GET', '/simple/send-sms', { query: form(fields()) })).toMatchObject({
      status: 500,
      body: '{"error":"Something went wrong on our side."}',
    });
    world.gateway.submit = submit;
    const log = world.log.lines.join('');
    expect(log).toContain('a defect');
    for (const secret of [
      account.password,
      encodeURIComponent(account.password),
      'Hello',
      'api_',
    ]) {
      expect(log).not.toContain(secret);
    }
  });

  it('is not there in edition 2024', async () => {
    account = await world.account();
    expect(await ask('GET', '/simple/send-sms', { query: form(fields()) })).toMatchObject({
      status: 404,
      body: '{"error":"Not found"}',
    });
  });
});

describe('/simple/get-balance', () => {
  it.each(['/simple/get-balance', '/simple/get-balance.php'])(
    '%s answers as the account does',
    async (path) => {
      expect(await ask('GET', path, { query: form(fields()) })).toMatchObject({
        status: 200,
        body: '{"status":"complete","credit_balance":1000}',
      });
    },
  );
});
