import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeId } from '../../core/ids.ts';
import type { Mail } from '../../core/ports/mailer.ts';
import type { Stage } from '../testkit/stage.ts';
import { createStage, idIn } from '../testkit/stage.ts';

let stage: Stage;
const mails: Mail[] = [];
beforeEach(async () => {
  stage = await createStage();
  mails.length = 0;
  await stage.did('account create shop');
});
afterEach(() => stage.close());

const sendMail = () => {
  const send = async (mail: Mail) => {
    mails.push(mail);
  };
  return stage.world.gateway.users.post.deliver({ send }, 'a node' as NodeId);
};
const tokenIn = ({ text }: Mail) => /#\w+=(\S+)/.exec(text)?.[1] ?? '';
/** Ann of the shop, who has chosen her password. */
const ann = async () => {
  const came = await stage.did('user create ann@shop.example --account shop --role admin');
  await sendMail();
  const { passwords } = stage.world.gateway.users;
  await passwords.activate(tokenIn(mails.at(-1) as Mail), 'a long enough password', '192.0.2.1');
  return idIn(came);
};
const document = async (line: string) =>
  JSON.parse((await stage.did(`${line} --json`)).raw) as Record<string, unknown>;

describe('parlance user', () => {
  it('invites somebody, of an account or for all of them', async () => {
    const came = await stage.run('user create Ann@Shop.example --account shop --role admin');
    expect(came.code).toBe(0);
    expect(came.err).toContain('a file in <data>/mail');
    expect(await document('user show ann@shop.example')).toMatchObject({
      email: 'ann@shop.example',
      name: 'Ann',
      account: 'shop',
      role: 'admin',
      status: 'invited',
    });
    await stage.did('user create you@example.org --role owner --name "The Boss"');
    await sendMail();
    expect(mails.map(({ to, subject }) => ({ to, subject }))).toEqual([
      { to: 'ann@shop.example', subject: 'Your access to the account shop' },
      { to: 'you@example.org', subject: 'Your access to the gateway' },
    ]);
    const { items } = await document('user list');
    expect(items).toMatchObject([{ account: 'shop' }, { account: null, name: 'The Boss' }]);
    expect((await document('user list shop'))['items']).toHaveLength(1);
  });

  it.each([
    ['user create nonsense', 1, 'no e-mail address'],
    ['user create a@b --role king', 2, 'king'],
    ['user create a@b --account nobody', 1, "There is no account 'nobody'"],
    ['user create a@b --name "a/b"', 1, 'A name has'],
    ['user show nobody@example.org', 1, "There is no user 'nobody@example.org'"],
    ['user remove 019a2b3c-0000-7000-8000-000000000000', 1, 'There is no user'],
  ])('%s is refused', async (line, code, sentence) => {
    const came = await stage.run(line);
    expect(came.code).toBe(code);
    expect(came.err).toContain(sentence);
  });

  it('suspends and resumes', async () => {
    const id = await ann();
    const { signIn } = stage.world.gateway.users;
    const login = { email: 'ann@shop.example', password: 'a long enough password' };
    const { token } = await signIn.logIn(login, '192.0.2.1');
    expect((await stage.did(`user suspend ${id}`)).out).toBe('ann@shop.example is suspended.');
    expect(await signIn.identify(token)).toBeUndefined();
    await expect(signIn.logIn(login, '192.0.2.1')).rejects.toMatchObject({
      code: 'account_suspended',
    });
    await stage.did('user resume ann@shop.example');
    expect((await signIn.logIn(login, '192.0.2.1')).stage).toBe('full');
  });

  it('sends a link to choose a password, whichever is due', async () => {
    await stage.did('user create bob@shop.example --account shop');
    await stage.did('user reset-password bob@shop.example');
    await ann();
    await stage.did('user reset-password ann@shop.example');
    await sendMail();
    expect(mails.map(({ to, text }) => [to, /#(\w+)=/.exec(text)?.[1]])).toEqual([
      ['bob@shop.example', 'activation'],
      ['bob@shop.example', 'activation'],
      ['ann@shop.example', 'activation'],
      ['ann@shop.example', 'reset'],
    ]);
  });

  it('disables the second factor of who lost it', async () => {
    const id = await ann();
    const { storage } = stage.world;
    expect((await stage.run(`user disable-2fa ${id}`)).err).toContain('Two-factor log-in is off');
    const user = await storage.read.users.find(id as never);
    if (!user) throw new Error('she is gone');
    await storage.write((tx) => tx.users.save({ ...user, totp: 'sealed', twoFactorSince: 1 }));
    expect(await document('user show ann@shop.example')).toMatchObject({
      twoFactorSince: '1970-01-01T00:00:00.001Z',
    });
    await stage.did('user disable-2fa ann@shop.example');
    expect(await document('user show ann@shop.example')).toMatchObject({ twoFactorSince: null });
  });

  it('removes', async () => {
    await ann();
    await stage.did('user remove ann@shop.example');
    expect((await stage.run('user show ann@shop.example')).code).toBe(1);
  });
});

describe('parlance audit', () => {
  it('lists what was changed, by whom', async () => {
    await stage.did('account create rival', 'account topup shop 10');
    await ann();
    const { items } = await document('audit list shop');
    expect(items).toMatchObject([
      { action: 'user.activate', actor: { kind: 'user', name: 'ann@shop.example' } },
      { action: 'user.invite', actor: { kind: 'owner' }, account: 'shop' },
      { action: 'account.credit', details: { amount: 10_000, product: null } },
      { action: 'account.create', details: { name: 'shop' } },
    ]);
    const all = await stage.did('audit list --limit 2');
    expect(all.out).toMatch(/^TIME/);
    expect(all.err).toContain('There is more: add --before');
    const before = (items as { id: string }[])[2]?.id;
    const older = await document(`audit list shop --before ${before}`);
    expect(older['items']).toHaveLength(1);
  });
});
