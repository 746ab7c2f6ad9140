import { createPublicKey, verify, createSign } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';

let world: World;
let account: WorldAccount;
beforeEach(async () => {
  world = await createWorld({ dispatch: false });
  account = await world.account();
});
afterEach(() => world.close());

const page = { limit: 10, offset: 0 };

it('keeps the private half sealed, and gives the public half to check with', async () => {
  const { signingKeys } = world.gateway;
  const key = await signingKeys.create(await account.caller(), { digest: 'SHA256' });
  expect(key.privateKey).not.toContain('PRIVATE KEY');
  const signature = createSign('SHA256').update('text').sign(world.vault.unseal(key.privateKey));
  const publicKey = createPublicKey({
    key: Buffer.from(key.publicKey, 'base64'),
    format: 'der',
    type: 'spki',
  });
  expect(verify('SHA256', Buffer.from('text'), publicKey, signature)).toBe(true);
  expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
});

it('has one enabled at most, whoever enables', async () => {
  const { signingKeys } = world.gateway;
  const caller = await account.caller();
  const keys = [];
  for (const digest of ['SHA224', 'SHA256', 'SHA512'] as const) {
    keys.push(await signingKeys.create(caller, { digest }));
  }
  expect(await signingKeys.enabled(caller)).toBeUndefined();
  expect((await account.caller()).view.signingKey).toBeNull();
  await Promise.all(keys.map(({ id }) => signingKeys.enable(caller, id)));
  const listed = await signingKeys.list(caller, page);
  expect(listed.map(({ digest }) => digest)).toEqual(['SHA512', 'SHA256', 'SHA224']);
  const enabled = listed.filter((key) => key.enabled === 1);
  expect(enabled).toHaveLength(1);
  expect((await account.caller()).view.signingKey?.id).toBe(enabled[0]?.id);
  await signingKeys.disable(caller);
  expect(await signingKeys.enabled(caller)).toBeUndefined();
  expect((await account.caller()).view.signingKey).toBeNull();
});

it('is the account’s own', async () => {
  const { signingKeys } = world.gateway;
  const caller = await account.caller();
  const stranger = await (await world.account()).caller();
  const key = await signingKeys.create(caller, { digest: 'SHA256' });
  await signingKeys.enable(caller, key.id);
  const other = await signingKeys.create(stranger, { digest: 'SHA256' });
  await signingKeys.enable(stranger, other.id);
  expect(await signingKeys.find(stranger, key.id)).toBeUndefined();
  expect(await signingKeys.enable(stranger, key.id)).toBeUndefined();
  expect(await signingKeys.remove(stranger, key.id)).toBe(false);
  expect(await signingKeys.list(stranger, page)).toHaveLength(1);
  expect((await signingKeys.enabled(caller))?.id).toBe(key.id);
  expect((await signingKeys.enabled(stranger))?.id).toBe(other.id);
  expect(await signingKeys.remove(caller, key.id)).toBe(true);
  expect(await signingKeys.enabled(caller)).toBeUndefined();
});

it('is not made without end', async () => {
  const { signingKeys } = world.gateway;
  const caller = await account.caller();
  const newKeyPair = { publicKey: 'p', privateKey: 'p' };
  world.vault.newKeyPair = () => Promise.resolve(newKeyPair);
  for (let i = 0; i < 20; i++) await signingKeys.create(caller, { digest: 'SHA256' });
  await expect(signingKeys.create(caller, { digest: 'SHA256' })).rejects.toMatchObject({
    code: 'too_many_attempts',
  });
  for (let hours = 0; hours < 4; hours++) {
    await world.clock.advance(3600_000);
    for (let i = 0; i < 20; i++) await signingKeys.create(caller, { digest: 'SHA256' });
  }
  await world.clock.advance(3600_000);
  await expect(signingKeys.create(caller, { digest: 'SHA256' })).rejects.toMatchObject({
    code: 'invalid_request',
  });
});
