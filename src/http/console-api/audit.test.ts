import { afterEach, beforeEach, expect, it } from 'vitest';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import { fromCredits } from '../../core/money.ts';
import type { Person, Stage } from './testkit/stage.ts';
import { createStage, goodPassword } from './testkit/stage.ts';

let stage: Stage;
let shop: WorldAccount;
let boss: Person;
beforeEach(async () => {
  stage = await createStage();
  shop = await stage.world.account({ name: 'shop' });
  boss = await stage.person('owner', shop.account, 'boss@shop.example');
});
afterEach(() => stage.close());

interface Entry {
  id: string;
  action: string;
  subject: string;
  accountId: string | null;
  actor: { kind: string; name: string; address: string | null };
  details: Record<string, unknown>;
}
const entries = async (person: Person, query = '') => {
  const { body } = await person.get(`/audit?limit=200${query}`);
  return (body as { entries: Entry[] }).entries;
};

it('has what was changed by whom', async () => {
  const { owner } = stage.world.gateway;
  const mate = await stage.person('viewer', shop.account);
  await boss.ask('PATCH', `/users/${mate.id}`, { role: 'operator' });
  const { body } = await boss.post('/tokens', { api: 'mobilemessage', label: 'till' });
  const { id } = body as { id: string };
  await boss.ask('DELETE', `/tokens/${id}`);
  await boss.ask('DELETE', `/users/${mate.id}`);
  await boss.post('/password', { present: goodPassword, next: 'another long password' });
  await owner.updateAccount({
    ...shop.account,
    pricePerPart: fromCredits(2),
    settings: { mobilemessage: { secret: 'hush' } },
  });
  await owner.setProduct(shop.account.id, { code: 'T', name: 'T', pricePerPart: fromCredits(1) });
  await owner.setEndpoint(shop.account.id, {
    form: 'mobilemessage',
    topic: 'status',
    url: 'https://shop.example/hook?token=hush',
    secret: 'hush',
  });
  const found = await entries(boss);
  const own = { kind: 'user', name: 'boss@shop.example', address: '192.0.2.1' };
  const cli = { kind: 'owner', name: 'owner', address: null };
  expect(found.slice(0, 10)).toMatchObject([
    { action: 'endpoint.set', actor: cli, details: { host: 'shop.example' } },
    { action: 'product.set', actor: cli, subject: 'T' },
    {
      action: 'account.change',
      actor: cli,
      details: { pricePerPart: 2000, 'pricePerPart before': 1000, settings: 'changed' },
    },
    { action: 'user.password', actor: own, subject: boss.id },
    { action: 'user.remove', actor: own, details: { email: mate.email } },
    { action: 'credential.revoke', actor: own, subject: id },
    { action: 'credential.create', actor: own, subject: id, details: { label: 'till' } },
    { action: 'user.change', actor: own, details: { role: 'operator', 'role before': 'viewer' } },
    { action: 'user.login', actor: { kind: 'user', name: mate.email } },
    { action: 'user.activate', subject: mate.id },
  ]);
  expect(found.map(({ action }) => action)).toEqual(
    expect.arrayContaining([
      'user.invite',
      'account.credit',
      'account.create',
      'credential.create',
    ]),
  );
  expect(JSON.stringify(found)).not.toContain('hush');
  expect(new Set(found.map(({ accountId }) => accountId))).toEqual(new Set([shop.account.id]));
});

it('has nothing of a change that was not made', async () => {
  const before = await entries(boss);
  await boss.ask('PATCH', `/users/${boss.id}`, { role: 'viewer' });
  await boss.post('/tokens', { api: 'mobilemessage', username: shop.username });
  await boss.ask('PATCH', `/users/${boss.id}`, { role: 'owner' });
  await stage.world.gateway.owner
    .topUp(shop.account.id, fromCredits(-1_000_000), null)
    .catch(() => {});
  expect(await entries(boss)).toEqual(before);
});

it('is the account’s own, and all of it the owner’s', async () => {
  const rival = await stage.person('owner', (await stage.world.account()).account);
  const operator = await stage.person('owner', null);
  for (const { accountId } of await entries(rival)) expect(accountId).not.toBe(shop.account.id);
  const all = await entries(operator);
  expect(all.some(({ accountId }) => accountId === shop.account.id)).toBe(true);
  expect(all.some(({ accountId }) => accountId === null)).toBe(true);
  expect(await entries(operator, '&account=shop')).toEqual(await entries(boss));
});

it('is read a page at a time', async () => {
  const all = await entries(boss);
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { body } = await boss.get(`/audit?limit=2${next && `&before=${next}`}`);
    const page = body as { entries: Entry[]; next: string | null };
    seen.push(...page.entries.map(({ id }) => id));
    ({ next } = page);
  }
  expect(seen).toEqual(all.map(({ id }) => id));
});
