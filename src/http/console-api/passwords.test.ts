import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Account } from '../../core/accounts/account.ts';
import type { NodeId } from '../../core/ids.ts';
import { everythingStored } from '../../../test/support/everything-stored.ts';
import type { TestDatabase } from '../../../test/support/storage.ts';
import { createTestDatabase } from '../../../test/support/storage.ts';
import type { Person, Stage } from './testkit/stage.ts';
import { createStage, goodPassword } from './testkit/stage.ts';

let database: TestDatabase;
let stage: Stage;
let shop: Account;
let boss: Person;
beforeEach(async () => {
  database = await createTestDatabase();
  stage = await createStage({ database });
  shop = (await stage.world.account({ name: 'shop' })).account;
  boss = await stage.person('owner', shop, 'boss@shop.example');
});
afterEach(async () => {
  await stage.close();
  await database.drop();
});

const another = 'another long password';
const minute = 60_000;
const invite = (email: string) =>
  boss.post('/users', { email, name: 'New Person', role: 'operator' });

describe('an invitation', () => {
  it('is a mail with a link, at whose end a password is chosen, once', async () => {
    expect(await invite('New@Shop.example')).toMatchObject({
      status: 201,
      body: { email: 'new@shop.example', status: 'invited', role: 'operator' },
    });
    await stage.sendMail();
    const mail = stage.mails.at(-1);
    expect(mail).toMatchObject({
      to: 'new@shop.example',
      subject: 'Your access to the account shop',
    });
    const token = stage.tokenTo('new@shop.example');
    expect(mail?.text).toContain(
      `http://127.0.0.1:8080/api/console/password#activation=${token}\n`,
    );
    expect(mail?.text).toContain('good for 3 days');
    const browser = stage.browser();
    const chosen = await browser.post('/activation', { token, password: another });
    expect(chosen.status).toBe(204);
    expect(await browser.post('/activation', { token, password: another })).toMatchObject({
      status: 404,
    });
    const came = await browser.post('/login', { email: 'new@shop.example', password: another });
    expect(came.status).toBe(200);
    expect((await browser.get('/me')).body).toMatchObject({ user: { role: 'operator' } });
  });

  it('ends after its time', async () => {
    await invite('new@shop.example');
    await stage.sendMail();
    const token = stage.tokenTo('new@shop.example');
    await stage.world.clock.advance(72 * 60 * minute);
    const came = await stage.browser().post('/activation', { token, password: another });
    expect(came.status).toBe(404);
  });

  it('is written once more when it is asked for, by its account or himself', async () => {
    const { body } = await invite('new@shop.example');
    expect((await boss.post(`/users/${(body as { id: string }).id}/invitation`)).status).toBe(202);
    const asked = await stage.browser().post('/activation/request', { email: 'new@shop.example' });
    expect(asked.status).toBe(202);
    await stage.sendMail();
    const tokens = stage.mails
      .filter(({ to }) => to === 'new@shop.example')
      .map(({ text }) => /#activation=(\S+)/.exec(text)?.[1]);
    expect(new Set(tokens).size).toBe(3);
    // Nobody knows which of them arrives, so each is good, until one was used.
    const [first, second] = tokens;
    const use = (token?: string) =>
      stage.browser().post('/activation', { token, password: another });
    expect((await use(second)).status).toBe(204);
    expect((await use(first)).status).toBe(404);
  });

  it('of an address that another account has tells nobody but its owner', async () => {
    const rival = (await stage.world.account({ name: 'rival' })).account;
    const spy = await stage.person('owner', rival, 'spy@rival.example');
    const fresh = await spy.post('/users', { email: 'x@y.example', name: 'X', role: 'viewer' });
    const taken = await spy.post('/users', { email: boss.email, name: 'X', role: 'viewer' });
    const shape = ({ status, body }: typeof fresh) => ({
      status,
      keys: Object.keys(body as object),
    });
    expect(shape(taken)).toEqual(shape(fresh));
    await stage.sendMail();
    const token = stage.tokenTo(boss.email);
    expect(await stage.browser().post('/activation', { token, password: another })).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringMatching(/another account/) as string } },
    });
    expect((await stage.browser().post('/login', boss.email as never)).status).toBe(400);
    const login = { email: boss.email, password: goodPassword };
    expect((await stage.browser().post('/login', login)).status).toBe(200);
  });
});

describe('a forgotten password', () => {
  const ask = (email: string, address?: string) =>
    stage.browser(address).post('/password-reset/request', { email });

  it('is chosen anew by a link, and all log-ins end', async () => {
    expect((await ask(boss.email)).status).toBe(202);
    await stage.sendMail();
    const token = stage.tokenTo(boss.email);
    const browser = stage.browser();
    const came = await browser.post('/password-reset', { token, password: another });
    expect(came.status).toBe(204);
    expect((await boss.get('/me')).status).toBe(401);
    const login = (password: string) => browser.post('/login', { email: boss.email, password });
    expect((await login(goodPassword)).status).toBe(401);
    expect((await login(another)).status).toBe(200);
    await stage.sendMail();
    expect(stage.mails.at(-1)?.subject).toBe('Your password was changed');
    expect((await browser.post('/password-reset', { token, password: another })).status).toBe(404);
  });

  it('does not lift the second factor', async () => {
    await stage.twoFactor(boss);
    await ask(boss.email);
    await stage.sendMail();
    await stage.later();
    const token = stage.tokenTo(boss.email);
    const browser = stage.browser();
    await browser.post('/password-reset', { token, password: another });
    expect((await browser.post('/login', { email: boss.email, password: another })).body).toEqual({
      next: 'code',
    });
  });

  it('is answered alike, and done alike, for an address that nobody has', async () => {
    await invite('new@shop.example');
    const answers = [];
    for (const email of [boss.email, 'nobody@example.org', 'new@shop.example']) {
      const { status, body, headers } = await ask(email);
      answers.push({ status, body, headers: Object.keys(headers) });
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    const before = stage.mails.length;
    await stage.sendMail();
    // To the one that is there, and the invitation.
    expect(stage.mails.slice(before).map(({ to }) => to)).toEqual(['new@shop.example', boss.email]);
  });

  it.each([
    ['activation', '/password-reset'],
    ['reset', '/activation'],
  ])('a token for %s is none for %s', async (purpose, path) => {
    await invite('new@shop.example');
    await ask(boss.email);
    await stage.sendMail();
    const token = stage.tokenTo(purpose === 'reset' ? boss.email : 'new@shop.example');
    expect((await stage.browser().post(path, { token, password: another })).status).toBe(404);
  });

  it.each([
    ['too short', 'eleven char'],
    ['too long', 'x1y2z3'.repeat(40)],
    ['of few characters', 'aaaaaaaaaaaab'],
    ['his address', 'my boss@shop.example'],
  ])('is not taken when it is %s', async (_why, password) => {
    await ask(boss.email);
    await stage.sendMail();
    const token = stage.tokenTo(boss.email);
    const came = await stage.browser().post('/password-reset', { token, password });
    expect(came).toMatchObject({ status: 400, body: { error: { field: 'password' } } });
    // The link is good still.
    const again = await stage.browser().post('/password-reset', { token, password: another });
    expect(again.status).toBe(204);
  });
});

it('a password is changed by who knows it, and his other log-ins end', async () => {
  const second = stage.browser();
  await second.post('/login', { email: boss.email, password: goodPassword });
  const change = (present: string, next: string) => boss.post('/password', { present, next });
  expect((await change('wrong', another)).status).toBe(403);
  expect((await change(goodPassword, 'short')).status).toBe(400);
  expect((await change(goodPassword, another)).status).toBe(204);
  expect((await boss.get('/me')).status).toBe(200);
  expect((await second.get('/me')).status).toBe(401);
});

it('nothing that is stored shows a password, a token or a code', async () => {
  await boss.post('/password-reset/request', { email: boss.email });
  const { secret, recoveryCodes } = await stage.twoFactor(boss);
  const { body } = await boss.post('/tokens', { api: 'mobilemessage', label: 'till' });
  await stage.sendMail();
  const secrets = [
    goodPassword,
    stage.tokenTo(boss.email),
    boss.cookie.split('=')[1] ?? '',
    secret,
    ...recoveryCodes,
    (body as { secret: string }).secret,
  ];
  await stage.world.storage.ping();
  const stored = await everythingStored(database);
  for (const one of secrets) {
    expect(one.length).toBeGreaterThan(5);
    expect(stored.includes(one), one).toBe(false);
    expect(stage.world.log.lines.join('\n').includes(one)).toBe(false);
  }
});

/** What the seed allows: at the limit it works, one past it does not, and after its window it works again. */
describe('limits', () => {
  const statusesOf = async (times: number, ask: () => Promise<{ status: number }>) => {
    const statuses = [];
    for (let nth = 0; nth < times; nth++) statuses.push((await ask()).status);
    return statuses;
  };
  const window = async (
    ms: number,
    ask: () => Promise<{ status: number; body: unknown }>,
    fine: number,
  ) => {
    expect(await statusesOf(3, ask)).toEqual([fine, fine, fine]);
    const refused = await ask();
    expect(refused.status).toBe(429);
    await stage.world.clock.advance(ms - 1);
    expect((await ask()).status).toBe(429);
    await stage.world.clock.advance(1);
    expect((await ask()).status).toBe(fine);
    return refused;
  };

  it.each(['boss@shop.example', 'nobody@example.org'])(
    'a new password is asked for 3 times in 5 minutes: %s',
    async (email) => {
      let nth = 0;
      const refused = await window(
        5 * minute,
        // Wherever it is asked from.
        () => stage.browser(`203.0.113.${++nth}`).post('/password-reset/request', { email }),
        202,
      );
      expect(refused.body).toEqual({
        error: {
          code: 'too_many_attempts',
          message:
            'Too many attempts to reset the password: 3 are allowed in 5 minutes. Please wait.',
        },
      });
    },
  );

  it('a new password is chosen 3 times in 5 minutes', async () => {
    const browser = stage.browser('203.0.113.7');
    await window(
      5 * minute,
      () => browser.post('/password-reset', { token: 'x', password: another }),
      404,
    );
  });

  it('an invitation is asked for 3 times in 2 minutes', async () => {
    let nth = 0;
    const refused = await window(
      2 * minute,
      () => stage.browser(`203.0.113.${++nth}`).post('/activation/request', { email: 'n@x.org' }),
      202,
    );
    expect(refused.body).toMatchObject({
      error: {
        message: 'Too many attempts to activate a user: 3 are allowed in 2 minutes. Please wait.',
      },
    });
  });

  it('an invitation is accepted 3 times in 2 minutes', async () => {
    const browser = stage.browser('203.0.113.7');
    await window(
      2 * minute,
      () => browser.post('/activation', { token: 'x', password: another }),
      404,
    );
  });

  it('a code is tried 3 times in 5 minutes, on whichever node', async () => {
    const { secret } = await stage.twoFactor(boss);
    await stage.later();
    const login = async () => {
      const browser = stage.browser();
      await browser.post('/login', { email: boss.email, password: goodPassword });
      return browser;
    };
    const refused = await window(
      5 * minute,
      async () => (await login()).post('/login/code', { code: '000000' }),
      403,
    );
    expect(refused.body).toMatchObject({
      error: { message: 'Too many attempts with a code: 3 are allowed in 5 minutes. Please wait.' },
    });
    await stage.later();
    expect(
      await statusesOf(3, async () => (await login()).post('/login/code', { code: '1' })),
    ).toEqual([403, 403, 403]);
    // The right one does not help either, and no other user waits for him.
    const code = stage.codeOf(secret);
    expect((await (await login()).post('/login/code', { code })).status).toBe(429);
    const other = await stage.person('viewer', shop);
    await stage.twoFactor(other);
  });

  it('one machine may ask for many, and not for endlessly many', async () => {
    const browser = stage.browser('203.0.113.8');
    let nth = 0;
    const statuses = await statusesOf(31, () =>
      browser.post('/password-reset/request', { email: `n${++nth}@example.org` }),
    );
    expect(statuses).toEqual([...Array<number>(30).fill(202), 429]);
  });

  it('who goes on when he is refused makes us write nothing', async () => {
    const ask = () => stage.browser().post('/password-reset/request', { email: 'n@x.org' });
    await statusesOf(4, ask);
    const { storage } = stage.world;
    const { gateway } = stage.world;
    const taken = await gateway.users.post.deliver({ send: async () => {} }, 'n' as NodeId);
    expect(taken.tried).toBe(3);
    let writes = 0;
    const real = storage.write;
    storage.write = (work) => {
      writes++;
      return real(work);
    };
    expect(await statusesOf(3, ask)).toEqual([429, 429, 429]);
    storage.write = real;
    expect(writes).toBe(0);
  });
});

it('the page behind the links is whole by itself', async () => {
  const page = await stage.browser().get('/password');
  expect(page).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    },
  });
  expect(page.headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src 'sha256-/,
  );
  expect(page.body).not.toMatch(/https?:\/\/|onclick/);
});
