import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Account } from '../../core/accounts/account.ts';
import type { Role } from '../../core/users/roles.ts';
import { roles } from '../../core/users/roles.ts';
import type { Stage } from './testkit/stage.ts';
import { createStage } from './testkit/stage.ts';

let stage: Stage;
let shop: Account;
let rival: Account;
beforeEach(async () => {
  stage = await createStage();
  shop = (await stage.world.account({ name: 'shop' })).account;
  rival = (await stage.world.account({ name: 'rival' })).account;
});
afterEach(() => stage.close());

/** What each role is answered, in the order of `roles`. */
it.each([
  ['GET', '/me', undefined, [200, 200, 200, 200]],
  ['GET', '/users', undefined, [200, 200, 200, 403]],
  ['POST', '/users', { email: 'n@x.org', name: 'N', role: 'viewer' }, [201, 201, 403, 403]],
  ['GET', '/tokens', undefined, [200, 200, 200, 403]],
  ['POST', '/tokens', { api: 'mobilemessage' }, [201, 201, 403, 403]],
  ['GET', '/audit', undefined, [200, 200, 403, 403]],
] as const)('%s %s is for who may', async (method, path, body, statuses) => {
  for (const [at, role] of roles.entries()) {
    const person = await stage.person(role, shop);
    const given = body && 'email' in body ? { ...body, email: `n${at}@x.org` } : body;
    expect((await person.ask(method, path, given)).status, role).toBe(statuses[at]);
  }
  expect((await stage.browser().ask(method, path, body)).status).toBe(401);
});

describe('users', () => {
  it('are those of the account, and nobody else’s are there', async () => {
    const boss = await stage.person('owner', shop);
    const mate = await stage.person('viewer', shop);
    const foreign = await stage.person('owner', rival);
    const ofOwner = await stage.person('owner', null);
    const { body } = await boss.get('/users');
    expect((body as { users: { id: string }[] }).users.map(({ id }) => id).toSorted()).toEqual(
      [boss.id, mate.id].toSorted(),
    );
    expect((await boss.get(`/users/${mate.id}`)).status).toBe(200);
    for (const { id } of [foreign, ofOwner]) {
      expect((await boss.get(`/users/${id}`)).status).toBe(404);
      expect((await boss.ask('PATCH', `/users/${id}`, { role: 'viewer' })).status).toBe(404);
      expect((await boss.ask('DELETE', `/users/${id}`)).status).toBe(404);
      expect((await boss.post(`/users/${id}/invitation`)).status).toBe(404);
    }
    for (const account of ['rival', 'nobody', '~gateway', '\u0000']) {
      const asked = await boss.get(`/users?account=${encodeURIComponent(account)}`);
      expect(asked).toMatchObject({ status: 404 });
    }
    expect((await boss.get('/users?account=shop')).status).toBe(200);
    expect((await foreign.get('/me')).body).toMatchObject({ user: { role: 'owner' } });
  });

  it('of the owner act in the account that they name', async () => {
    const operator = await stage.person('owner', null);
    const mate = await stage.person('viewer', shop);
    const { body } = await operator.get('/users?account=shop');
    expect((body as { users: unknown[] }).users).toHaveLength(1);
    expect((await operator.get(`/users/${mate.id}`)).status).toBe(404);
    const suspended = await operator.ask('PATCH', `/users/${mate.id}?account=shop`, {
      status: 'suspended',
    });
    expect(suspended).toMatchObject({ status: 200, body: { status: 'suspended' } });
    const own = (await operator.get('/users')).body as { users: unknown[] };
    expect(own.users).toHaveLength(1);
    expect((await operator.get('/tokens')).status).toBe(400);
    expect((await operator.get('/tokens?account=shop')).status).toBe(200);
  });

  it('are changed, suspended and removed, which ends their log-ins', async () => {
    const boss = await stage.person('owner', shop);
    const mate = await stage.person('operator', shop);
    expect(
      await boss.ask('PATCH', `/users/${mate.id}`, { role: 'viewer', name: 'Zoë O’Hara' }),
    ).toMatchObject({
      status: 200,
      body: { role: 'viewer', name: 'Zoë O’Hara', status: 'active' },
    });
    expect((await mate.get('/users')).status).toBe(403);
    await boss.ask('PATCH', `/users/${mate.id}`, { status: 'suspended' });
    expect((await mate.get('/me')).status).toBe(401);
    await boss.ask('PATCH', `/users/${mate.id}`, { status: 'active' });
    // What has ended does not come back.
    expect((await mate.get('/me')).status).toBe(401);
    expect((await boss.ask('DELETE', `/users/${mate.id}`)).status).toBe(204);
    expect((await boss.get(`/users/${mate.id}`)).status).toBe(404);
    const again = await boss.post('/users', { email: mate.email, name: 'M', role: 'viewer' });
    expect(again.status).toBe(201);
  });

  it.each([
    ['admin', 'owner', 403],
    ['admin', 'admin', 200],
    ['owner', 'owner', 200],
  ] as [Role, Role, number][])('an %s makes and changes an %s: %i', async (role, other, status) => {
    const by = await stage.person(role, shop);
    const mate = await stage.person(other, shop);
    const target = await stage.person('viewer', shop);
    const { ask } = by;
    expect((await ask('PATCH', `/users/${mate.id}`, { name: 'New' })).status).toBe(status);
    expect((await ask('PATCH', `/users/${target.id}`, { role: other })).status).toBe(status);
    const invited = await by.post('/users', { email: 'n@x.org', name: 'N', role: other });
    expect(invited.status).toBe(status === 200 ? 201 : 403);
    expect((await ask('DELETE', `/users/${mate.id}`)).status).toBe(status === 200 ? 204 : 403);
  });

  it('keep a last owner, also when two of them do it at once', async () => {
    const one = await stage.person('owner', shop);
    const two = await stage.person('owner', shop);
    const came = await Promise.all([
      one.ask('PATCH', `/users/${two.id}`, { role: 'viewer' }),
      two.ask('PATCH', `/users/${one.id}`, { role: 'viewer' }),
    ]);
    expect(came.map(({ status }) => `${status}`).toSorted()).toEqual(['200', '403']);
    const left = came[0].status === 200 ? one : two;
    for (const change of [{ role: 'viewer' }, { status: 'suspended' }]) {
      const answer = await left.ask('PATCH', `/users/${left.id}`, change);
      expect(answer).toMatchObject({
        status: 403,
        body: { error: { message: expect.stringMatching(/last owner/) as string } },
      });
    }
    expect((await left.ask('DELETE', `/users/${left.id}`)).status).toBe(403);
  });

  it.each([
    [{ email: 'x', name: 'N', role: 'viewer' }, 'email'],
    [{ email: 'a@b', name: '', role: 'viewer' }, 'name'],
    [{ email: 'a@b', name: 'Click http://evil.example', role: 'viewer' }, 'name'],
    [{ email: 'a@b', name: 'N', role: 'root' }, 'role'],
    [{ email: 'a@b\nBcc: c@d', name: 'N', role: 'viewer' }, 'email'],
  ])('are not made of %j', async (wanted, field) => {
    const boss = await stage.person('owner', shop);
    expect(await boss.post('/users', wanted)).toMatchObject({
      status: 400,
      body: { error: { field } },
    });
  });

  it('are not invited by the thousand', async () => {
    const boss = await stage.person('owner', shop);
    const statuses = [];
    for (let nth = 0; nth < 101; nth++) {
      const wanted = { email: `n${nth}@x.org`, name: 'N', role: 'viewer' };
      const { status, body } = await boss.post('/users', wanted);
      statuses.push(status);
      if (status === 201) await boss.ask('DELETE', `/users/${(body as { id: string }).id}`);
    }
    expect(statuses).toEqual([...Array<number>(100).fill(201), 429]);
  });

  it('are invited by each account for itself: none uses up, or sees, what others do at an address', async () => {
    const [boss, foreign] = [await stage.person('owner', shop), await stage.person('owner', rival)];
    const wanted = { email: 'ann@x.org', name: 'Ann', role: 'viewer' };
    const { body } = await boss.post('/users', wanted);
    const again = `/users/${(body as { id: string }).id}/invitation`;
    const statuses = async (times: number) => {
      const all: number[] = [];
      for (let at = 0; at < times; at++) all.push((await boss.post(again)).status);
      return all;
    };
    const [first, second, third] = await statuses(3);
    expect([first, second]).toEqual([202, 202]);
    expect(third).toBe(429);
    expect((await foreign.post('/users', wanted)).status).toBe(201);
  });

  it('have an address once in their account', async () => {
    const boss = await stage.person('owner', shop);
    const again = await boss.post('/users', { email: boss.email, name: 'N', role: 'viewer' });
    expect(again.status).toBe(409);
  });
});
