import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorldAccount } from '../../test/support/world-account.ts';
import type { World } from '../../test/support/world.ts';
import { createWorld } from '../../test/support/world.ts';
import { GatewayError } from '../core/errors.ts';
import type { OptoutWish } from '../core/optouts/optout-links.ts';
import type { E164 } from '../text/phone-number.ts';

const handset = '+61412345678' as E164;

let world: World;
let account: WorldAccount;
beforeEach(async () => {
  world = await createWorld();
  account = await world.account();
});
afterEach(() => world.close());

const linkTo = (over: Partial<OptoutWish> = {}, query = ''): string => {
  const wish = { accountId: account.account.id, number: handset, direction: 'out' as const };
  return `/o/${world.gateway.optoutLinks.token({ ...wish, scopes: [], ...over })}${query}`;
};
const isOut = async (): Promise<boolean> =>
  (await world.gateway.optedOut(await account.caller(), [handset]))[0] ?? false;

it('asks before anything is done, and does it when the button is pressed', async () => {
  const url = linkTo();
  for (const method of ['GET', 'HEAD', 'GET'] as const) {
    const page = await world.inject({ method, url });
    expect(page.statusCode).toBe(200);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
      'x-frame-options': 'DENY',
    });
    if (method === 'GET') expect(page.body).toContain('<form method="post">');
  }
  expect(await isOut()).toBe(false);
  const done = await world.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: '',
  });
  expect(done.statusCode).toBe(200);
  expect(done.body).toContain('You get no more messages on your number ending in 678.');
  expect(await isOut()).toBe(true);
  // Once more is no harm.
  expect((await world.inject({ method: 'POST', url })).statusCode).toBe(200);

  const back = linkTo({ direction: 'in' });
  expect((await world.inject({ url: back })).body).toContain('Get them again');
  expect(await isOut()).toBe(true);
  await world.inject({ method: 'POST', url: back });
  expect(await isOut()).toBe(false);
});

it('says what it is for, in words that cannot be code, and without the number', async () => {
  const scopes = [
    { kind: 'sender' as const, value: '<b>"&\'' },
    { kind: 'tag' as const, value: 'sale' },
    { kind: 'product' as const, value: 'T' },
  ];
  const query = `?${new URLSearchParams({ sender: '<b>"&\'', tag: 'sale', service: 'T' }).toString()}`;
  const url = linkTo({ scopes }, query);
  const { body } = await world.inject({ url });
  expect(body).toContain(
    'no more messages from “&#60;b&#62;&#34;&#38;&#39;”, messages about “sale”, “T” messages on your number ending in 678?',
  );
  expect(body).not.toContain('61412345678');
  await world.inject({ method: 'POST', url });
  expect(await isOut()).toBe(false);
  const { total } = await world.gateway.scopedOptouts.search(
    await account.caller(),
    {},
    { limit: 1, offset: 0 },
  );
  expect(total).toBe(3);
});

describe.each(['GET', 'POST'] as const)('%s', (method) => {
  it.each(['x', 'A'.repeat(48), 'A'.repeat(1_500)])('knows no link %s', async (token) => {
    const answer = await world.inject({ method, url: `/o/${token}` });
    expect(answer.statusCode).toBe(404);
    expect(answer.body).toContain('This link is not whole.');
  });

  it('knows no link whose query was changed', async () => {
    const answer = await world.inject({ method, url: `${linkTo()}?sender=Your%20bank` });
    expect(answer.statusCode).toBe(404);
    expect(answer.body).not.toContain('bank');
  });

  it('lets an address guess thirty times a minute', async () => {
    const guess = (url = `/o/${'A'.repeat(48)}`) => world.inject({ method, url });
    for (let at = 0; at < 30; at++) expect((await guess()).statusCode).toBe(404);
    const refused = await guess(linkTo());
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('60');
    expect(await isOut()).toBe(false);
    await world.clock.advance(60_000);
    expect((await guess(linkTo())).statusCode).toBe(200);
  });
});

it('knows no link of an account that is gone', async () => {
  const url = linkTo({ accountId: world.ids.next() });
  expect((await world.inject({ method: 'POST', url })).statusCode).toBe(404);
});

it('says so when it cannot be done now', async () => {
  world.gateway.optoutLinks.carryOut = async () => {
    throw new GatewayError('storage_unavailable', 'x', { retryAfterMs: 5_000 });
  };
  const answer = await world.inject({ method: 'POST', url: linkTo() });
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
});
