import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import { AccessTokens } from './access-tokens.ts';
import type { Caller } from './authenticate.ts';
import { Authenticator } from './authenticate.ts';
import { Directory } from './directory.ts';

const minute = 60_000;
const life = { accessMs: 10 * minute, renewalMs: 60 * minute };

let world: World;
let account: WorldAccount;
let caller: Caller;
beforeEach(async () => {
  world = await createWorld({ dispatch: false });
  account = await world.account();
  caller = await world.gateway.authenticate.password('mobilemessage', account, '192.0.2.1');
});
afterEach(() => world.close());

const issue = (scopes: readonly string[] = ['a:b']) =>
  world.gateway.accessTokens.issue(caller, scopes, life);
const show = (token: string, dialect = 'mobilemessage', address = '192.0.2.1') =>
  world.gateway.authenticate.accessToken(dialect, token, address);
/** Which has the same storage and the same key. */
const otherNode = (): Authenticator => {
  const { storage, clock, ids, vault } = world;
  const tokens = new AccessTokens({ storage, clock, ids, vault });
  return new Authenticator({
    storage,
    directory: new Directory(storage, clock),
    vault,
    clock,
    tokens,
  });
};
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'fine',
    (error: { code: unknown }) => error.code,
  );
const parts = (token: string): string[] => token.split('.');
const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(parts(token)[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token', () => {
  it('stands for its credential, with its scopes, until its time is over', async () => {
    const pair = issue(['a:b', 'c:d']);
    const { caller: shown, token } = await show(pair.access);
    expect(shown).toEqual(caller);
    expect(token).toMatchObject({ id: pair.id, scopes: ['a:b', 'c:d'], renews: null });
    expect(pair.expiresAt).toBe(token.expiresAt);
    await world.clock.advance(life.accessMs - 1_000);
    expect(await codeOf(show(pair.access))).toBe('fine');
    await world.clock.advance(1_000);
    expect(await codeOf(show(pair.access))).toBe('unauthenticated');
  });

  it('is a JSON Web Token that anybody can read', () => {
    const { id, access } = issue();
    const now = world.clock.now() / 1000;
    expect(JSON.parse(Buffer.from(parts(access)[0] ?? '', 'base64url').toString())).toEqual({
      alg: 'HS256',
      typ: 'JWT',
    });
    expect(claimsOf(access)).toEqual({
      jti: id,
      aud: 'mobilemessage',
      sub: caller.credentialId,
      iat: now,
      exp: now + 600,
      scopes: ['a:b'],
    });
  });

  it('is good on every node', async () => {
    const { access } = issue();
    const shown = await otherNode().accessToken('mobilemessage', access, '::1');
    expect(shown.caller.view.account.id).toBe(account.account.id);
  });

  it('ends with its credential, and with its account', async () => {
    const { access } = issue();
    await world.gateway.owner.updateAccount({ ...account.account, status: 'suspended' });
    expect(await codeOf(show(access))).toBe('account_suspended');
    await world.gateway.owner.revokeCredential(caller.credentialId);
    expect(await codeOf(show(access))).toBe('unauthenticated');
  });

  it.each([
    ['of another dialect', (token: string) => show(token, 'another')],
    ['that was changed', (token: string) => show(`${token.slice(0, -2)}AA`)],
    ['cut short', (token: string) => show(token.slice(0, -1))],
    ['with more behind it', (token: string) => show(`${token}.x`)],
    [
      'with other claims',
      (token: string) => {
        const [head, , signature] = parts(token);
        const more = encode({ ...claimsOf(token), scopes: ['all'] });
        return show(`${head}.${more}.${signature}`);
      },
    ],
    [
      'that is not signed',
      (token: string) => show(`${encode({ alg: 'none', typ: 'JWT' })}.${parts(token)[1]}.`),
    ],
    [
      'that somebody else has signed',
      (token: string) => {
        const signed = parts(token).slice(0, 2).join('.');
        const signature = createHmac('sha256', 'secret').update(signed).digest('base64url');
        return show(`${signed}.${signature}`);
      },
    ],
    ['that is none', () => show('abc')],
    ['that is empty', () => show('')],
    ['without end', () => show('x'.repeat(1_000_000))],
  ])('%s is refused', async (_, shown) => {
    expect(await codeOf(shown(issue().access))).toBe('unauthenticated');
  });

  it('is guessed no more than 20 times a minute from one address; one that has expired is no guess', async () => {
    const old = issue().access;
    await world.clock.advance(life.accessMs);
    for (let nth = 0; nth < 30; nth++) expect(await codeOf(show(old))).toBe('unauthenticated');
    expect(await codeOf(show(issue().access))).toBe('fine');
    for (let nth = 0; nth < 20; nth++) await codeOf(show('guess'));
    expect(await codeOf(show('guess'))).toBe('too_many_attempts');
    expect(await codeOf(show('guess', 'mobilemessage', '192.0.2.2'))).toBe('unauthenticated');
    // Ours is none, wherever it comes from.
    expect(await codeOf(show(issue().access))).toBe('fine');
  });
});

describe('a pair', () => {
  const renew = async (renewal: string) => {
    const { caller: shown, token } = await show(renewal);
    return world.gateway.accessTokens.renew(shown, token, life.renewalMs);
  };

  it('is renewed once, by its second token alone, with the same scopes and life', async () => {
    const pair = issue(['a:b', 'c:d']);
    expect(await renew(pair.access)).toBeUndefined();
    await world.clock.advance(life.accessMs + minute);
    const next = await renew(pair.renewal);
    expect((await show(next?.access ?? '')).token).toMatchObject({
      id: next?.id,
      scopes: ['a:b', 'c:d'],
    });
    expect(next?.expiresAt).toBe(world.clock.now() + life.accessMs);
    expect(await codeOf(show(pair.renewal))).toBe('unauthenticated');
    expect(await codeOf(renew(next?.renewal ?? ''))).toBe('fine');
  });

  it('has one successor, whoever asks at once', async () => {
    const { caller: shown, token } = await show(issue().renewal);
    const all = await Promise.all(
      [1, 2, 3].map(() => world.gateway.accessTokens.renew(shown, token, life.renewalMs)),
    );
    expect(all.filter((one) => one !== undefined)).toHaveLength(1);
  });

  it('is over when it is renewed, its first token too', async () => {
    const pair = issue();
    await show(pair.access);
    await renew(pair.renewal);
    expect(await codeOf(show(pair.access))).toBe('unauthenticated');
  });

  it('is over when it is revoked: here at once, elsewhere within a second', async () => {
    const other = otherNode();
    const elsewhere = (token: string) => codeOf(other.accessToken('mobilemessage', token, '::1'));
    const pair = issue();
    for (const token of [pair.access, pair.renewal]) expect(await elsewhere(token)).toBe('fine');
    await world.gateway.accessTokens.revoke(caller, pair.id, life.renewalMs);
    expect(await codeOf(show(pair.access))).toBe('unauthenticated');
    await world.clock.advance(1_000);
    expect(await elsewhere(pair.access)).toBe('unauthenticated');
    expect(await elsewhere(pair.renewal)).toBe('unauthenticated');
    // For as long as it could live.
    await world.clock.advance(life.renewalMs - 2_000);
    expect(await codeOf(renew(pair.renewal))).toBe('unauthenticated');
  });

  it('is not revoked by another account', async () => {
    const stranger = await world.account();
    const pair = issue();
    await world.gateway.accessTokens.revoke(await stranger.caller(), pair.id, life.renewalMs);
    expect(await codeOf(show(pair.access))).toBe('fine');
  });

  it('is revoked at most 200 times an hour by one account', async () => {
    const { accessTokens } = world.gateway;
    const some = Array.from({ length: 200 }, (_, nth) => `${nth}`);
    await Promise.all(some.map((id) => accessTokens.revoke(caller, id, minute)));
    expect(await codeOf(accessTokens.revoke(caller, 'x', minute))).toBe('too_many_attempts');
    await world.clock.advance(3_600_000);
    expect(await codeOf(accessTokens.revoke(caller, 'x', minute))).toBe('fine');
  });
});
