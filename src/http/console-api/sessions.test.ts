import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Account } from '../../core/accounts/account.ts';
import type { Stage } from './testkit/stage.ts';
import { createStage, goodPassword } from './testkit/stage.ts';

let stage: Stage;
let shop: Account;
beforeEach(async () => {
  stage = await createStage();
  shop = (await stage.world.account({ name: 'shop' })).account;
});
afterEach(() => stage.close());

const minute = 60_000;
const hour = 60 * minute;

describe('a log-in', () => {
  it('has a cookie that scripts and other sites do not have', async () => {
    const { email } = await stage.person('viewer', shop);
    const browser = stage.browser();
    const came = await browser.post('/login', {
      email: ` ${email.toUpperCase()}`,
      password: goodPassword,
    });
    expect(came).toMatchObject({ status: 200, body: { next: 'done' } });
    expect(came.headers['set-cookie']).toMatch(
      /^__Host-parlance=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=43200$/,
    );
    expect(came.headers['cache-control']).toBe('no-store');
    const me = await browser.get('/me');
    expect(me.body).toMatchObject({
      user: { email, role: 'viewer', status: 'active', twoFactor: false },
      account: { name: 'shop' },
      may: ['account:read', 'campaigns:read'],
    });
    expect(JSON.stringify(me.body)).not.toMatch(/password|totp|hash|digest/);
  });

  it('is without Secure where there is no https', async () => {
    await stage.close();
    stage = await createStage({ publicUrl: 'http://127.0.0.1:8080' });
    const { email } = await stage.person('viewer', null);
    const came = await stage.browser().post('/login', { email, password: goodPassword });
    expect(came.headers['set-cookie']).toMatch(
      /^parlance=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
  });

  it('is refused in the same words for a wrong password and an address nobody has', async () => {
    const { email } = await stage.person('viewer', shop);
    const refusals = [];
    for (const [name, password] of [
      [email, 'another long password'],
      ['nobody@example.org', goodPassword],
      ['no address', goodPassword],
      ['\u0000', ''],
    ]) {
      refusals.push(await stage.browser().post('/login', { email: name, password }));
    }
    for (const { status, body } of refusals) {
      expect({ status, body }).toEqual({ status: 401, body: refusals[0]?.body });
    }
  });

  it('is refused after too many wrong passwords, whether or not anybody has the address', async () => {
    const { email } = await stage.person('viewer', shop);
    for (const name of [email, 'nobody@example.org']) {
      const browser = stage.browser('203.0.113.9');
      const statuses = [];
      for (let nth = 0; nth < 21; nth++) {
        statuses.push((await browser.post('/login', { email: name, password: 'x' })).status);
      }
      expect(statuses).toEqual([...Array<number>(20).fill(401), 429]);
    }
  });

  it('is refused after as many when they come at one time', async () => {
    const { email } = await stage.person('viewer', shop);
    const browser = stage.browser();
    const tries = Array.from({ length: 30 }, (_, i) =>
      browser.post('/login', { email, password: `a wrong password ${i}` }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  });

  it('is not there for who was invited, is suspended, or whose account is', async () => {
    const { gateway } = stage.world;
    const by = await stage.person('owner', shop);
    const { body } = await by.post('/users', { email: 'new@x.org', name: 'New', role: 'viewer' });
    expect(body).toMatchObject({ status: 'invited' });
    const login = (email: string, password = goodPassword) =>
      stage.browser().post('/login', { email, password });
    expect((await login('new@x.org')).status).toBe(401);
    const other = await stage.person('viewer', shop);
    await by.ask('PATCH', `/users/${other.id}`, { status: 'suspended' });
    expect(await other.get('/me')).toMatchObject({ status: 401 });
    expect(await login(other.email)).toMatchObject({
      status: 403,
      body: { error: { code: 'account_suspended' } },
    });
    expect((await login(other.email, 'wrong')).status).toBe(401);
    await gateway.owner.updateAccount({ ...shop, status: 'suspended' });
    expect((await by.get('/me')).status).toBe(403);
    expect((await login(by.email)).status).toBe(403);
  });

  it('ends when it is not used, and in any case', async () => {
    const idle = await stage.person('viewer', shop);
    const busy = await stage.person('viewer', shop);
    const { clock } = stage.world;
    await clock.advance(29 * minute);
    expect((await busy.get('/me')).status).toBe(200);
    expect((await idle.get('/me')).status).toBe(200);
    await clock.advance(29 * minute);
    expect((await busy.get('/me')).status).toBe(200);
    await clock.advance(2 * minute);
    expect((await idle.get('/me')).status).toBe(401);
    for (let past = hour; past < 12 * hour - 20 * minute; past += 20 * minute) {
      expect((await busy.get('/me')).status).toBe(200);
      await clock.advance(20 * minute);
    }
    await clock.advance(20 * minute);
    expect((await busy.get('/me')).status).toBe(401);
  });

  it('is ended by its user, one or all', async () => {
    const person = await stage.person('viewer', shop);
    const second = stage.browser();
    await second.post('/login', { email: person.email, password: goodPassword });
    const third = stage.browser();
    await third.post('/login', { email: person.email, password: goodPassword });
    const { cookie } = third;
    const out = await third.post('/logout');
    expect(out.status).toBe(204);
    expect(out.headers['set-cookie']).toContain('Max-Age=0');
    third.cookie = cookie;
    expect((await third.get('/me')).status).toBe(401);
    expect((await second.get('/me')).status).toBe(200);
    await second.post('/logout', { everywhere: true });
    expect((await person.get('/me')).status).toBe(401);
  });

  it('is kept as a digest', async () => {
    const person = await stage.person('viewer', shop);
    const token = person.cookie.split('=')[1] ?? '';
    const digest = stage.world.vault.digest(token);
    const found = await stage.world.storage.read.users.session(digest);
    expect(found?.session.userId).toBe(person.id);
    expect(await stage.world.storage.read.users.session(token)).toBeUndefined();
  });
});

describe('another site', () => {
  it.each([
    ['without our header', { 'x-parlance-console': undefined }],
    ['as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['of the same domain', { 'sec-fetch-site': 'same-site' }],
    ['by its origin', { origin: 'https://evil.example' }],
    ['by an origin that is none', { origin: 'null' }],
  ])('changes nothing, %s', async (_how, headers) => {
    const person = await stage.person('viewer', shop);
    const given = Object.fromEntries(
      Object.entries(headers).filter(([, value]) => value !== undefined),
    );
    const answer = await stage.world.inject({
      method: 'POST',
      url: '/api/console/logout',
      headers: {
        cookie: person.cookie,
        ...('x-parlance-console' in headers ? {} : { 'x-parlance-console': '1' }),
        ...given,
      },
    });
    expect(answer.statusCode).toBe(403);
    expect((await person.get('/me')).status).toBe(200);
  });

  it.each([
    { origin: 'https://sms.example' },
    { origin: 'http://localhost:81', host: 'localhost:81', 'sec-fetch-site': 'same-origin' },
  ])('is not what we are: %o', async (headers) => {
    const person = await stage.person('viewer', shop);
    const answer = await person.ask('POST', '/logout', {}, headers);
    expect(answer.status).toBe(204);
  });
});

it('errors have one shape, whatever they are of', async () => {
  const { inject } = stage.world;
  const person = await stage.person('owner', shop);
  const headers = { cookie: person.cookie, 'x-parlance-console': '1' };
  for (const [method, url, payload, status, code] of [
    ['GET', '/nothing', undefined, 404, 'not_found'],
    ['PUT', '/me', undefined, 404, 'not_found'],
    ['POST', '/login', '{', 400, 'invalid_json'],
    ['POST', '/login', '[]', 400, 'invalid_request'],
    ['POST', '/login', '{"email":1,"password":"x"}', 400, 'invalid_request'],
    ['POST', '/login', '{"email":"a@b","password":"x","more":1}', 400, 'invalid_request'],
    ['POST', '/login', `{"email":"${'x'.repeat(70_000)}"}`, 413, 'body_too_large'],
    ['GET', '/users/x', undefined, 404, 'not_found'],
    ['GET', '/audit?limit=x', undefined, 400, 'invalid_request'],
  ] as const) {
    const answer = await inject({
      method: method as 'GET',
      url: `/api/console${url}`,
      headers,
      ...(payload !== undefined && { payload }),
    });
    expect(answer.statusCode, `${method} ${url}`).toBe(status);
    expect(JSON.parse(answer.body), `${method} ${url}`).toMatchObject({
      error: { code, message: expect.stringMatching(/\S/) as string },
    });
  }
});
