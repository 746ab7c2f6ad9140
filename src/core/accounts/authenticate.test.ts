import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { CredentialId } from '../ids.ts';
import type { Vault } from '../ports/vault.ts';
import { Authenticator } from './authenticate.ts';

let world: World;
let account: WorldAccount;
/** How often a password was really verified. */
let verified: number;
let verifying: number;
let mostVerifying: number;
/** Happens while a password is verified. */
let meanwhile: () => void | Promise<void>;
/** Happens while a credential is read, when it was found already. */
let reading: () => void | Promise<void>;
let authenticator: Authenticator;

beforeEach(async () => {
  world = await createWorld();
  account = await world.account({ username: 'user', password: 'right' });
  verified = 0;
  verifying = 0;
  mostVerifying = 0;
  meanwhile = () => {};
  reading = () => {};
  const vault: Vault = {
    ...world.vault,
    verifyPassword: async (hash, password) => {
      verified += 1;
      verifying += 1;
      mostVerifying = Math.max(mostVerifying, verifying);
      // Everybody else has asked for his credential by then, however far away the storage is.
      await world.clock.settle();
      await meanwhile();
      verifying -= 1;
      return world.vault.verifyPassword(hash, password);
    },
  };
  const { clock } = world;
  const { credentials } = world.storage.read;
  const find: typeof credentials.find = async (...key) => {
    const credential = await credentials.find(...key);
    await reading();
    return credential;
  };
  const read = { ...world.storage.read, credentials: { ...credentials, find } };
  const storage = { ...world.storage, read };
  const { directory, accessTokens: tokens } = world.gateway;
  authenticator = new Authenticator({ storage, directory, vault, clock, tokens });
});
afterEach(() => world.close());

const logIn = (password = 'right', address = '192.0.2.1', username = 'user') =>
  authenticator.password('mobilemessage', { username, password }, address);
/** As another process does. */
const revoke = (credentialId: CredentialId) =>
  world.storage.write((tx) => tx.credentials.revoke(credentialId, world.clock.now()));
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'fine',
    (error: { code: unknown }) => error.code,
  );

describe('an OAuth client', () => {
  const dialect = 'mobilemessage';
  const client = { username: 'client', password: 'its secret' };
  const logIn = (login: typeof client, kind: 'basic' | 'oauth_client') =>
    authenticator.login(dialect, login, 'x', kind);

  it('is known by its id and secret, which are no user name and password, and they are no client', async () => {
    const { credential } = await world.gateway.owner.issueCredential(account.account.id, {
      dialect,
      kind: 'oauth_client',
      username: client.username,
      secret: client.password,
    });
    expect(credential.secret).not.toContain(client.password);
    const { caller } = await logIn(client, 'oauth_client');
    expect(caller.credentialId).toBe(credential.id);
    expect(await codeOf(logIn({ ...client, password: 'wrong' }, 'oauth_client'))).toBe(
      'unauthenticated',
    );
    expect(await codeOf(logIn(client, 'basic'))).toBe('unauthenticated');
    const user = { username: 'user', password: 'right' };
    expect(await codeOf(logIn(user, 'basic'))).toBe('fine');
    expect(await codeOf(logIn(user, 'oauth_client'))).toBe('unauthenticated');
  });
});

describe('a password', () => {
  it('is verified once a minute, and recognised in between', async () => {
    for (let i = 0; i < 50; i++) expect((await logIn()).view.account.id).toBe(account.account.id);
    expect(verified).toBe(1);
    await world.clock.advance(61_000);
    await logIn();
    expect(verified).toBe(2);
  });

  it('is verified once for all who show it at one time, however many, each minute anew', async () => {
    const logInAtOnce = () => Promise.all(Array.from({ length: 100 }, () => codeOf(logIn())));
    expect(new Set(await logInAtOnce())).toEqual(new Set(['fine']));
    expect(verified).toBe(1);
    await world.clock.advance(61_000);
    expect(new Set(await logInAtOnce())).toEqual(new Set(['fine']));
    expect(verified).toBe(2);
  });

  it('that is wrong is verified once, too, and counts for each who showed it', async () => {
    const wrong = () => codeOf(logIn('wrong', '203.0.113.9', 'guessed'));
    const codes = await Promise.all(Array.from({ length: 20 }, wrong));
    expect(new Set(codes)).toEqual(new Set(['unauthenticated']));
    expect(verified).toBe(1);
    expect(await wrong()).toBe('too_many_attempts');
  });

  it('is not remembered when its credential was forgotten while it was verified', async () => {
    meanwhile = () => authenticator.forget();
    expect(await codeOf(logIn())).toBe('fine');
    meanwhile = () => {};
    expect(await codeOf(logIn())).toBe('fine');
    expect(verified).toBe(2);
  });

  it('is known again by its mark, for a minute, and no longer than its credential is good', async () => {
    const login = { username: 'user', password: 'right' };
    const { mark, credential } = await authenticator.login('mobilemessage', login, 'x');
    expect((await authenticator.again(mark))?.caller.credentialId).toBe(credential.id);
    await world.clock.advance(61_000);
    expect(await authenticator.again(mark)).toBeUndefined();
    await authenticator.login('mobilemessage', login, 'x');
    await revoke(credential.id);
    expect((await authenticator.again(mark))?.mark).toBe(mark);
    await world.clock.advance(1_100);
    expect(await authenticator.again(mark)).toBeUndefined();
  });

  it('is refused when it is wrong, also right after the right one, also for an unknown name', async () => {
    await logIn();
    expect(await codeOf(logIn('wrong'))).toBe('unauthenticated');
    expect(await codeOf(logIn('right', '192.0.2.1', 'nobody'))).toBe('unauthenticated');
    // An unknown name costs a verification as well: it cannot be told by the time it takes.
    expect(verified).toBe(3);
  });

  it('belongs to one dialect', async () => {
    const other = authenticator.password('another', { username: 'user', password: 'right' }, 'x');
    expect(await codeOf(other)).toBe('unauthenticated');
  });

  it('no longer works within a second of its revocation by another process', async () => {
    const { credentialId } = await logIn();
    await revoke(credentialId);
    await world.clock.advance(1_100);
    expect(await codeOf(logIn())).toBe('unauthenticated');
  });

  it('is not let in by a verification that began long before, when it was revoked meanwhile', async () => {
    const [credential] = await world.storage.read.credentials.ofAccount(account.account.id);
    if (!credential) throw new Error('it has no credential');
    let late: Promise<unknown> | undefined;
    meanwhile = async () => {
      meanwhile = () => {};
      await revoke(credential.id);
      await world.clock.advance(1_100);
      late = codeOf(logIn());
    };
    expect(await codeOf(logIn())).toBe('fine');
    expect(await late).toBe('unauthenticated');
  });

  it('lets nobody in while it cannot be found out whether it is good still', async () => {
    const { credentialId } = await logIn();
    await revoke(credentialId);
    await world.clock.advance(1_100);
    reading = () => {
      throw new Error('the storage is away');
    };
    for (let i = 0; i < 3; i++) await expect(logIn()).rejects.toThrow('the storage is away');
    reading = () => {};
    expect(await codeOf(logIn())).toBe('unauthenticated');
  });

  it('is looked at once for all who come meanwhile, who wait for it', async () => {
    const { credentialId } = await logIn();
    await world.clock.advance(1_100);
    let looks = 0;
    reading = async () => {
      looks += 1;
      await world.clock.settle();
    };
    const logInAtOnce = () => Promise.all(Array.from({ length: 5 }, () => codeOf(logIn())));
    expect(new Set(await logInAtOnce())).toEqual(new Set(['fine']));
    expect(looks).toBe(1);
    await revoke(credentialId);
    await world.clock.advance(1_100);
    expect(new Set(await logInAtOnce())).toEqual(new Set(['unauthenticated']));
  });

  it('lets a suspended account in no more, within a second', async () => {
    await logIn();
    const suspended = { ...account.account, status: 'suspended' as const };
    await world.storage.write((tx) => tx.accounts.update(suspended));
    await world.clock.advance(1_100);
    expect(await codeOf(logIn())).toBe('account_suspended');
  });
});

describe('a clock that is set back', () => {
  it('does not make a revoked credential last', async () => {
    const { credentialId } = await logIn();
    await revoke(credentialId);
    expect(await codeOf(logIn())).toBe('fine');
    const now = world.clock.now();
    world.clock.now = () => now - 3_600_000;
    expect(await codeOf(logIn())).toBe('unauthenticated');
  });
});

describe('a stranger', () => {
  it('is stopped after twenty wrong passwords for a name, and no other name with it', async () => {
    for (let i = 0; i < 20; i++) {
      expect(await codeOf(logIn(`wrong ${i}`, '203.0.113.9', 'guessed'))).toBe('unauthenticated');
    }
    const before = verified;
    expect(await codeOf(logIn('wrong', '203.0.113.9', 'guessed'))).toBe('too_many_attempts');
    expect(verified).toBe(before);
    expect(await codeOf(logIn('right', '203.0.113.9'))).toBe('fine');
    await world.clock.advance(61_000);
    expect(await codeOf(logIn('wrong', '203.0.113.9', 'guessed'))).toBe('unauthenticated');
  });

  it('is stopped after two hundred wrong ones for any names', async () => {
    for (let i = 0; i < 200; i++) await codeOf(logIn('wrong', '203.0.113.9', `name ${i}`));
    expect(await codeOf(logIn('right', '203.0.113.9'))).toBe('too_many_attempts');
    expect(await codeOf(logIn('right', '192.0.2.1'))).toBe('fine');
  });

  it('does not stop who has proven himself from the same address', async () => {
    await logIn();
    for (let i = 0; i < 25; i++) await codeOf(logIn(`wrong ${i}`));
    expect(await codeOf(logIn())).toBe('fine');
  });

  it('who has guessed too often is not told of the right one, however often others show it', async () => {
    const blocked = '203.0.113.9';
    await logIn();
    for (let i = 0; i < 20; i++) await codeOf(logIn(`wrong ${i}`, blocked));
    expect(await codeOf(logIn('right', blocked))).toBe('too_many_attempts');
    expect(await codeOf(logIn())).toBe('fine');
    // Nor when somebody of the same name is known there in another way.
    await world.gateway.owner.issueCredential(account.account.id, {
      dialect: 'another',
      kind: 'basic',
      username: 'user',
      secret: 'his own',
    });
    await world.clock.advance(61_000);
    await authenticator.password('another', { username: 'user', password: 'his own' }, blocked);
    await logIn();
    for (let i = 0; i < 20; i++) await codeOf(logIn(`wrong ${i}`, blocked));
    expect(await codeOf(logIn('right', blocked))).toBe('too_many_attempts');
  });

  it('has twenty tries, too, when he makes them at one time', async () => {
    const guesses = Array.from({ length: 60 }, (_, i) =>
      codeOf(logIn(`wrong ${i}`, '203.0.113.9')),
    );
    const codes = await Promise.all(guesses);
    expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(20);
    expect(codes.filter((code) => code === 'too_many_attempts')).toHaveLength(40);
    expect(verified).toBe(20);
  });

  it('is one stranger with all addresses of an IPv6 network', async () => {
    const from = (i: number) => `2001:db8:1:2:${i.toString(16)}::1`;
    for (let i = 0; i < 20; i++) await codeOf(logIn(`wrong ${i}`, from(i)));
    expect(await codeOf(logIn('wrong', from(21)))).toBe('too_many_attempts');
    expect(await codeOf(logIn('wrong', '2001:db8:1:3::1'))).toBe('unauthenticated');
  });

  it('gets two verifications at a time and a short line, then "try again"', async () => {
    const codes = await Promise.all(
      Array.from({ length: 100 }, (_, i) => codeOf(logIn(`wrong ${i}`, `198.51.100.${i}`))),
    );
    expect(mostVerifying).toBe(2);
    expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(66);
    expect(codes.filter((code) => code === 'overloaded')).toHaveLength(34);
    expect(await codeOf(logIn())).toBe('fine');
  });
});

describe('a key', () => {
  it('is let in, however many wrong ones came from its address', async () => {
    const [dialect, kind] = ['mobilemessage', 'api_key'] as const;
    const { secret } = await world.gateway.owner.issueCredential(account.account.id, {
      dialect,
      kind,
    });
    const show = (key: string) => codeOf(authenticator.token(dialect, kind, key, '203.0.113.9'));
    for (let i = 0; i < 20; i++) expect(await show(`wrong ${i}`)).toBe('unauthenticated');
    expect(await show('wrong')).toBe('too_many_attempts');
    expect(await show(secret)).toBe('fine');
    expect(await show('wrong')).toBe('too_many_attempts');
    expect(await codeOf(logIn('right', '203.0.113.9'))).toBe('fine');
  });
});

describe('a signature', () => {
  const signedWith = (secret: string) => (candidate: string) => candidate === secret;
  const sign = (secret: string, key = 'key', address = '192.0.2.1') =>
    authenticator.signature('mobilemessage', key, signedWith(secret), address);
  beforeEach(async () => {
    const wanted = { dialect: 'mobilemessage', kind: 'hmac' as const };
    await world.gateway.owner.issueCredential(account.account.id, {
      ...wanted,
      username: 'key',
      secret: 'secret',
    });
  });

  it('is recognised by the secret, which is stored sealed', async () => {
    const caller = await sign('secret');
    expect(caller.view.account.id).toBe(account.account.id);
    expect(caller.channel).toBe('mobilemessage');
    const [, stored] = await world.storage.read.credentials.ofAccount(account.account.id);
    expect(stored?.secret).not.toContain('secret');
    expect(world.vault.unseal(stored?.secret ?? '')).toBe('secret');
  });

  it('is refused when it is wrong, for an unknown key, and for that of another dialect', async () => {
    await sign('secret');
    expect(await codeOf(sign('wrong'))).toBe('unauthenticated');
    expect(await codeOf(sign('secret', 'nobody'))).toBe('unauthenticated');
    const other = authenticator.signature('another', 'key', signedWith('secret'), 'x');
    expect(await codeOf(other)).toBe('unauthenticated');
  });

  it('no longer counts within a second of the revocation by another process', async () => {
    const { credentialId } = await sign('secret');
    await revoke(credentialId);
    expect(await codeOf(sign('secret'))).toBe('fine');
    await world.clock.advance(1_100);
    expect(await codeOf(sign('secret'))).toBe('unauthenticated');
  });

  it('cannot be guessed without end, and who signs rightly is not stopped by who guesses', async () => {
    expect(await codeOf(sign('secret'))).toBe('fine');
    for (let i = 0; i < 20; i++) expect(await codeOf(sign(`${i}`))).toBe('unauthenticated');
    expect(await codeOf(sign('again'))).toBe('too_many_attempts');
    expect(await codeOf(sign('secret'))).toBe('fine');
    for (let i = 0; i < 20; i++) await codeOf(sign('secret', 'unknown'));
    expect(await codeOf(sign('secret', 'unknown'))).toBe('too_many_attempts');
  });

  it('that is right is not told to who has guessed too often, one by one or at one time', async () => {
    await sign('secret');
    const guess = (secret: string) => codeOf(sign(secret, 'key', '203.0.113.9'));
    for (let i = 0; i < 20; i++) await guess(`wrong ${i}`);
    expect(await guess('secret')).toBe('too_many_attempts');
    await world.clock.advance(61_000);
    const guesses = Array.from({ length: 30 }, (_, i) => guess(`wrong ${i}`));
    const codes = await Promise.all([...guesses, guess('secret')]);
    expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(20);
    expect(codes.at(-1)).toBe('too_many_attempts');
  });

  it('of a key that was revoked here while it was read is good no more', async () => {
    const { credentialId } = await sign('secret');
    await world.clock.advance(1_100);
    reading = async () => {
      reading = () => {};
      await revoke(credentialId);
      authenticator.forget();
    };
    await codeOf(sign('secret'));
    expect(await codeOf(sign('secret'))).toBe('unauthenticated');
  });
});
