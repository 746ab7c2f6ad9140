import { afterEach, beforeEach, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { EndpointId } from '../ids.ts';
import type { Endpoint } from './endpoint.ts';

let world: World;
let account: WorldAccount;
beforeEach(async () => {
  world = await createWorld();
  account = await world.account();
});
afterEach(() => world.close());

const hooks = { form: 'mobilemessage', topic: 'hook' };
const sameUrl =
  (url: string) =>
  (held: Endpoint): boolean =>
    held.url === url;
const add = async (url: string, limit = 3, who = account) =>
  world.gateway.endpoints.add(
    await who.caller(),
    { ...hooks, url, settings: { method: 'POST' } },
    { limit, clashes: sameUrl(url) },
  );

it('keeps what was added, in its order', async () => {
  const one = await add('https://one.example/');
  const two = await add('https://two.example/');
  const held = await world.gateway.endpoints.list(await account.caller(), hooks);
  expect(held).toEqual([one, two]);
  expect((await account.caller()).view.endpoints).toHaveLength(2);
});

it('has no two that clash and no more than its limit, whoever asks at once', async () => {
  const all = await Promise.allSettled(
    ['a', 'a', 'b', 'c', 'd'].map((name) => add(`https://${name}.example/`)),
  );
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  const codes = all.flatMap((one) =>
    one.status === 'rejected' ? [(one.reason as { code: string }).code] : [],
  );
  expect(codes).toContain('too_many_endpoints');
  expect(codes).toContain('already_exists');
});

it('changes one, and switches it on again', async () => {
  const { endpoints } = world.gateway;
  const one = await add('https://one.example/');
  await add('https://two.example/');
  await world.gateway.disableEndpoint(account.account.id, one.id);
  expect((await account.caller()).view.endpoints).toHaveLength(1);
  const caller = await account.caller();
  const which = { ...hooks, id: one.id };
  const changed = await endpoints.change(caller, which, () => ({ settings: { method: 'PUT' } }));
  expect(changed).toEqual({ ...one, settings: { method: 'PUT' } });
  expect((await account.caller()).view.endpoints).toHaveLength(2);
  const clash = endpoints.change(
    caller,
    which,
    () => ({ url: 'https://two.example/' }),
    (after, held) => after.url === held.url,
  );
  await expect(clash).rejects.toMatchObject({ code: 'already_exists' });
});

it('is changed from what it is then, whoever else changes it', async () => {
  const { id } = await add('https://one.example/');
  const caller = await account.caller();
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(
    names.map((name) =>
      world.gateway.endpoints.change(caller, { ...hooks, id }, ({ settings }) => ({
        settings: { ...settings, [name]: 1 },
      })),
    ),
  );
  const [held] = await world.gateway.endpoints.list(caller, hooks);
  expect(held?.settings).toEqual({ method: 'POST', a: 1, b: 1, c: 1, d: 1 });
});

it('is the account’s own', async () => {
  const { endpoints } = world.gateway;
  const one = await add('https://one.example/');
  const stranger = await (await world.account()).caller();
  const which = { ...hooks, id: one.id };
  expect(await endpoints.list(stranger, hooks)).toEqual([]);
  expect(await endpoints.change(stranger, which, () => ({}))).toBeUndefined();
  expect(await endpoints.remove(stranger, which)).toBe(false);
  const caller = await account.caller();
  expect(await endpoints.remove(caller, { ...hooks, id: 'x' as EndpointId })).toBe(false);
  expect(await endpoints.remove(caller, { ...which, topic: 'other' })).toBe(false);
  expect(await endpoints.remove(caller, which)).toBe(true);
  expect(await endpoints.list(caller, hooks)).toEqual([]);
});

it('has one secret for all of a form that are signed, also the one that its owner gave', async () => {
  const { endpoints, owner } = world.gateway;
  const signed = async (url: string, form = 'one') =>
    endpoints.add(
      await account.caller(),
      { form, topic: 'hook', url, settings: {}, signed: true },
      { limit: 9, clashes: () => false },
    );
  const [one, two] = [await signed('https://one.example/'), await signed('https://two.example/')];
  expect(one.secret).not.toContain(endpoints.secretOf(one) ?? '');
  expect(endpoints.secretOf(one)).toMatch(/^[\w-]{32}$/);
  expect(endpoints.secretOf(two)).toBe(endpoints.secretOf(one));
  const other = await signed('https://one.example/', 'other');
  expect(endpoints.secretOf(other)).not.toBe(endpoints.secretOf(one));
  const url = 'https://one.example/';
  const wanted = { form: 'third', topic: 'events', url, secret: 'correct horse' };
  await owner.setEndpoint(account.account.id, wanted);
  expect(endpoints.secretOf(await signed(url, 'third'))).toBe('correct horse');
  expect((await add(url)).secret).toBeNull();
});
