import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Person, Stage } from './testkit/stage.ts';
import { createStage, goodPassword } from './testkit/stage.ts';

let stage: Stage;
let person: Person;
beforeEach(async () => {
  stage = await createStage();
  const { account } = await stage.world.account({ name: 'shop' });
  person = await stage.person('operator', account);
});
afterEach(() => stage.close());

/** After the password. */
const first = async () => {
  const browser = stage.browser();
  const came = await browser.post('/login', { email: person.email, password: goodPassword });
  expect(came).toMatchObject({ status: 200, body: { next: 'code' } });
  return browser;
};

describe('the second factor', () => {
  it('is set up by the password, and on with its first code', async () => {
    expect((await person.post('/two-factor/set-up', { password: 'wrong' })).status).toBe(403);
    const { body } = await person.post('/two-factor/set-up', { password: goodPassword });
    const { secret, uri } = body as { secret: string; uri: string };
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(uri).toContain(`secret=${secret}&issuer=Parlance`);
    expect((await person.post('/two-factor/confirm', { code: '000000' })).status).toBe(403);
    expect((await person.get('/me')).body).toMatchObject({ user: { twoFactor: false } });
    const on = await person.post('/two-factor/confirm', { code: stage.codeOf(secret) });
    expect(on.status).toBe(200);
    const { recoveryCodes } = on.body as { recoveryCodes: string[] };
    expect(recoveryCodes).toHaveLength(10);
    expect(new Set(recoveryCodes).size).toBe(10);
    expect(recoveryCodes[0]).toMatch(/^(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    expect((await person.get('/me')).body).toMatchObject({
      user: { twoFactor: true },
      recoveryCodesLeft: 10,
    });
    // On it stays as it is.
    const again = await person.post('/two-factor/set-up', { password: goodPassword });
    expect(again.status).toBe(409);
  });

  it('is asked for after the password, whose session can do nothing else', async () => {
    const { secret } = await stage.twoFactor(person);
    await stage.later();
    const browser = await first();
    for (const path of ['/me', '/users', '/audit']) {
      expect((await browser.get(path)).status).toBe(401);
    }
    const half = browser.cookie;
    const came = await browser.post('/login/code', { code: stage.codeOf(secret) });
    expect(came).toMatchObject({ status: 200, body: { next: 'done' } });
    expect(browser.cookie).not.toBe(half);
    expect((await browser.get('/me')).status).toBe(200);
    // The first step is used up.
    const thief = stage.browser();
    thief.cookie = half;
    const code = stage.codeOf(secret, 1);
    expect((await thief.post('/login/code', { code })).status).toBe(401);
    expect((await thief.get('/me')).status).toBe(401);
  });

  it('ends its first step after five minutes', async () => {
    const { secret } = await stage.twoFactor(person);
    await stage.later();
    const browser = await first();
    await stage.world.clock.advance(5 * 60_000);
    const came = await browser.post('/login/code', { code: stage.codeOf(secret) });
    expect(came.status).toBe(401);
  });

  it('takes no code twice, nor the one with which it was switched on', async () => {
    const { secret } = await stage.twoFactor(person);
    const code = stage.codeOf(secret);
    expect((await (await first()).post('/login/code', { code })).status).toBe(403);
    await stage.later();
    const next = stage.codeOf(secret);
    const [one, two] = [await first(), await first()];
    const came = await Promise.all(
      [one, two].map((browser) => browser.post('/login/code', { code: next })),
    );
    expect(came.map(({ status }) => `${status}`).toSorted()).toEqual(['200', '403']);
  });

  it('takes each recovery code once, however it is typed', async () => {
    const { recoveryCodes } = await stage.twoFactor(person);
    await stage.later();
    const [code = ''] = recoveryCodes;
    const typed = code.toLowerCase().replaceAll('-', ' ');
    const browser = await first();
    expect((await browser.post('/login/code', { code: typed })).status).toBe(200);
    expect((await browser.get('/me')).body).toMatchObject({ recoveryCodesLeft: 9 });
    expect((await (await first()).post('/login/code', { code })).status).toBe(403);
    const { entries } = await stage.world.gateway.auditLog({ limit: 10 }).then((all) => ({
      entries: all,
    }));
    expect(entries.map(({ action }) => action)).toContain('user.recovery-code');
  });

  it('is switched off with the password and a code, and its user is told', async () => {
    const { secret } = await stage.twoFactor(person);
    await stage.later();
    const off = (password: string, code: string) =>
      person.post('/two-factor/disable', { password, code });
    expect((await off('wrong', stage.codeOf(secret))).status).toBe(403);
    expect((await off(goodPassword, '000000')).status).toBe(403);
    expect((await off(goodPassword, stage.codeOf(secret))).status).toBe(204);
    await stage.sendMail();
    expect(stage.mails.at(-1)).toMatchObject({
      to: person.email,
      subject: 'Two-factor log-in was switched off',
    });
    const browser = stage.browser();
    const came = await browser.post('/login', { email: person.email, password: goodPassword });
    expect(came.body).toEqual({ next: 'done' });
    await stage.later();
    expect((await off(goodPassword, '000000')).status).toBe(404);
  });
});
