import type { FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { AccountId } from '../../core/ids.ts';
import { logInBasic } from './basic-login.ts';

let world: World;
/** Two customers. */
let one: AccountId;
let other: AccountId;
/** How often a log-in was looked at as a whole. */
let logins: number;
/** The connection that requests come on. */
let socket: object;

beforeEach(async () => {
  world = await createWorld();
  one = (await world.account({ username: 'one', password: 'first' })).account.id;
  other = (await world.account({ username: 'other', password: 'second' })).account.id;
  logins = 0;
  socket = {};
  const { authenticate } = world.gateway;
  const real = authenticate.login.bind(authenticate);
  authenticate.login = (...given) => {
    logins += 1;
    return real(...given);
  };
});
afterEach(() => world.close());

const headerOf = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/** Whose the request is, or why it is nobody's. */
async function ask(
  authorization?: string,
  dialect = 'mobilemessage',
  ip = '192.0.2.1',
): Promise<unknown> {
  const request = { headers: { authorization }, raw: { socket }, ip };
  try {
    const caller = await logInBasic(
      world.gateway.authenticate,
      dialect,
      request as unknown as FastifyRequest,
    );
    return caller?.view.account.id;
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

describe('on one connection', () => {
  it('what was right is known again', async () => {
    for (let i = 0; i < 5; i++) expect(await ask(headerOf('one', 'first'))).toBe(one);
    expect(logins).toBe(1);
  });

  it('everybody is himself, in whatever order they come', async () => {
    for (let i = 0; i < 3; i++) {
      expect(await ask(headerOf('one', 'first'))).toBe(one);
      expect(await ask(headerOf('other', 'second'))).toBe(other);
      expect(await ask(headerOf('one', 'second'))).toBe('unauthenticated');
      expect(await ask()).toBeUndefined();
      expect(await ask('Bearer token')).toBeUndefined();
    }
  });

  it('what is right in one dialect is nothing in another', async () => {
    expect(await ask(headerOf('one', 'first'))).toBe(one);
    expect(await ask(headerOf('one', 'first'), 'messagemedia')).toBe('unauthenticated');
    expect(await ask(headerOf('one', 'first'))).toBe(one);
  });

  it('of a proxy nobody is let in by what another has shown', async () => {
    const guess = (password: string) =>
      ask(headerOf('one', password), 'mobilemessage', '203.0.113.9');
    expect(await ask(headerOf('one', 'first'))).toBe(one);
    for (let i = 0; i < 20; i++) expect(await guess(`wrong ${i}`)).toBe('unauthenticated');
    expect(await ask(headerOf('one', 'first'))).toBe(one);
    expect(await guess('first')).toBe('too_many_attempts');
  });

  it('a long header is let in, and not remembered', async () => {
    const long = headerOf('one', 'first').replace(' ', ' '.repeat(2_000));
    expect(await ask(long)).toBe(one);
    expect(await ask(long)).toBe(one);
    expect(logins).toBe(2);
  });

  it('what is remembered has memory of its own, and keeps no more', async () => {
    await ask(headerOf('one', 'first'));
    const [key] = Object.getOwnPropertySymbols(socket);
    const { header } = Reflect.get(socket, key as symbol) as { header: Uint8Array };
    expect(header.buffer.byteLength).toBe(headerOf('one', 'first').length);
  });

  it('what is no longer right is refused', async () => {
    expect(await ask(headerOf('one', 'first'))).toBe(one);
    const [credential] = await world.storage.read.credentials.ofAccount(one);
    if (!credential) throw new Error('it has no credential');
    await world.gateway.owner.revokeCredential(credential.id);
    expect(await ask(headerOf('one', 'first'))).toBe('unauthenticated');
  });
});

it('a connection knows nothing of another', async () => {
  expect(await ask(headerOf('one', 'first'))).toBe(one);
  socket = {};
  expect(await ask(headerOf('one', 'first'))).toBe(one);
  expect(logins).toBe(2);
});
