import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { OutgoingMessage } from '../messages/prepare.ts';
import type { SubmitRequest, Verdict } from '../messages/submit.ts';
import { fromCredits } from '../money.ts';

let world: World;
let account: WorldAccount;
beforeEach(async () => {
  world = await createWorld();
  account = await world.account({ credits: 10, refundPolicy: 'undelivered' });
  await offer(account, 'T', 2, 20);
});
afterEach(async () => {
  expect(await world.storage.read.ledger.discrepancies()).toEqual([]);
  await world.close();
});

async function offer(to: WorldAccount, code: string, price: number, credits: number) {
  const { owner } = world.gateway;
  const { id } = to.account;
  await owner.setProduct(id, { code, name: `Product ${code}`, pricePerPart: fromCredits(price) });
  if (credits > 0) await owner.topUp(id, fromCredits(credits), null, code);
}

/** Credits by product, the account's own as `own`. */
async function purses(of = account): Promise<Record<string, number>> {
  const products = await world.gateway.products(await of.caller());
  return {
    own: await of.credits(),
    ...Object.fromEntries(products.map(({ product, balance }) => [product.code, balance / 1000])),
  };
}

const message = (product: string | null, more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  to: '0412345678',
  text: 'Hello',
  sender: 'CompanyABC',
  product,
  limits: { alphabet: 'any', characters: 765, parts: 10 },
  ...more,
});

async function submit(
  messages: OutgoingMessage[],
  more: Partial<SubmitRequest> = {},
): Promise<Verdict[]> {
  const outcome = await world.gateway.submit({ caller: await account.caller(), messages, ...more });
  if (outcome.kind === 'replayed') throw new Error('replayed');
  return outcome.result.verdicts;
}

describe('a message', () => {
  it('of a product is paid at its price from its purse, any other from the account’s own', async () => {
    const verdicts = await submit([
      message('T'),
      message('T', { text: 'x'.repeat(161) }),
      message('not offered'),
      message(null),
    ]);
    const prices = verdicts.map((one) => one.ok && one.message.price / 1000);
    expect(prices).toEqual([2, 4, 1, 1]);
    expect(await purses()).toEqual({ own: 8, T: 14 });
    const charges = await world.storage.read.ledger.list(account.account.id, {
      limit: 2,
      offset: 0,
    });
    expect(charges.map(({ amount, productId }) => [amount, productId !== null])).toEqual(
      expect.arrayContaining([
        [-6_000, true],
        [-2_000, false],
      ]),
    );
  });

  it('that ends badly gives back where it was taken, though the product is offered no more', async () => {
    await submit([message('T'), message(null)]);
    await world.clock.settle();
    await world.gateway.owner.removeProduct(account.account.id, 'T');
    for (const part of world.link.sent) {
      await world.link.receipt('failed', { part, at: world.clock.now() });
    }
    await world.clock.settle();
    expect(await purses()).toEqual({ own: 10 });
    await offer(account, 'T', 5, 0);
    expect(await purses()).toEqual({ own: 10, T: 20 });
  });

  it('that is cancelled gives back where it was taken', async () => {
    const scheduledAt = world.clock.now() + 3600_000;
    const [verdict] = await submit([message('T', { scheduledAt })]);
    expect(await purses()).toEqual({ own: 10, T: 18 });
    await world.gateway.cancel(await account.caller(), [verdict?.message?.id as never]);
    expect(await purses()).toEqual({ own: 10, T: 20 });
  });
});

describe('a purse that is too small', () => {
  it('refuses the whole submission, and takes nothing from any', async () => {
    const many = Array.from({ length: 11 }, () => message('T'));
    await expect(submit([message(null), ...many])).rejects.toMatchObject({
      code: 'insufficient_credit',
    });
    expect(await purses()).toEqual({ own: 10, T: 20 });
  });

  it('refuses only what it should have paid, where what is refused is kept', async () => {
    const many = Array.from({ length: 11 }, () => message('T'));
    const verdicts = await submit([message(null), ...many], { refused: 'keep' });
    expect(verdicts.map(({ ok }) => ok)).toEqual([true, ...many.map(() => false)]);
    expect(await purses()).toEqual({ own: 9, T: 20 });
  });

  it('is spent once by submissions that come together', async () => {
    const all = await Promise.allSettled(
      Array.from({ length: 15 }, () => submit([message('T'), message(null)])),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect(await purses()).toEqual({ own: 0, T: 0 });
  });

  it('is spent once with others that lock their balances early', async () => {
    const soon = world.clock.now() + 3600_000;
    const all = await Promise.allSettled(
      Array.from({ length: 30 }, (_, at) =>
        submit([message('T', at % 2 === 0 ? { scheduledAt: soon } : {}), message('not offered')]),
      ),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect(await purses()).toEqual({ own: 0, T: 0 });
  });
});

describe('a product', () => {
  it('is offered, changed, taken away and given back with its purse', async () => {
    const { owner } = world.gateway;
    const { id } = account.account;
    await offer(account, 'A', 1, 0);
    expect(await purses()).toEqual({ own: 10, A: 0, T: 20 });
    await owner.removeProduct(id, 'T');
    expect(await purses()).toEqual({ own: 10, A: 0 });
    await expect(owner.removeProduct(id, 'T')).rejects.toMatchObject({ code: 'not_found' });
    await expect(owner.topUp(id, fromCredits(1), null, 'T')).rejects.toMatchObject({
      code: 'not_found',
    });
    await submit([message('T')]);
    expect(await purses()).toEqual({ own: 9, A: 0 });
    await offer(account, 'T', 3, 0);
    expect(await purses()).toEqual({ own: 9, A: 0, T: 20 });
  });

  it.each([
    { code: '', name: 'x' },
    { code: 'a b', name: 'x' },
    { code: 'x'.repeat(33), name: 'x' },
    { code: 'A', name: '' },
    { code: 'A', name: 'a\nb' },
  ])('is not called $code, $name', async (wanted) => {
    const asked = world.gateway.owner.setProduct(account.account.id, {
      ...wanted,
      pricePerPart: fromCredits(1),
    });
    await expect(asked).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('is one of fifty at most', async () => {
    const codes = Array.from({ length: 49 }, (_, at) => `p${at}`);
    for (const code of codes) await offer(account, code, 1, 0);
    await expect(offer(account, 'one-more', 1, 0)).rejects.toMatchObject({
      code: 'invalid_request',
    });
    await offer(account, 'T', 1, 0);
  });

  it('gives nothing back below zero', async () => {
    const taken = world.gateway.owner.topUp(account.account.id, fromCredits(-21), null, 'T');
    await expect(taken).rejects.toMatchObject({ code: 'insufficient_credit' });
    await world.gateway.owner.topUp(account.account.id, fromCredits(-20), 'paid out', 'T');
    expect(await purses()).toEqual({ own: 10, T: 0 });
  });
});

describe('credit that a caller gives a sub-account', () => {
  let child: WorldAccount;
  const give = async (more: object = {}) =>
    world.gateway.giveCredits(await account.caller(), {
      subAccount: child.account.name,
      product: null,
      amount: fromCredits(4),
      note: 'order 7',
      ...more,
    });
  beforeEach(async () => {
    child = await world.account({ credits: 0, parentId: account.account.id });
  });

  it('leaves one purse and lands in the other of the same code', async () => {
    await offer(child, 'T', 1, 0);
    await give();
    await give({ product: 'T', amount: fromCredits(20) });
    expect(await purses()).toEqual({ own: 6, T: 0 });
    expect(await purses(child)).toEqual({ own: 4, T: 20 });
    await expect(give({ product: 'T', amount: fromCredits(1) })).rejects.toMatchObject({
      code: 'insufficient_credit',
    });
  });

  it('is given of an order once, whichever purse it is for', async () => {
    await offer(child, 'T', 1, 0);
    const orderRef = '7';
    await expect(give({ orderRef, amount: fromCredits(11) })).rejects.toMatchObject({
      code: 'insufficient_credit',
    });
    const outcomes = await Promise.allSettled([
      give({ orderRef }),
      give({ orderRef }),
      give({ orderRef, product: 'T' }),
    ]);
    const refused = outcomes.filter((one) => one.status === 'rejected');
    expect(refused).toMatchObject([
      { reason: { code: 'already_exists' } },
      { reason: { code: 'already_exists' } },
    ]);
    const held = await purses(child);
    expect((held['own'] ?? 0) + (held['T'] ?? 0)).toBe(4);
  });

  it.each([
    ['nobody’s account', { subAccount: 'nobody' }, 'not_found'],
    ['a product the sub-account has not', { product: 'T' }, 'not_found'],
    ['a product he has not', { product: 'X' }, 'not_found'],
    ['nothing', { amount: 0 }, 'invalid_request'],
    ['less than nothing', { amount: fromCredits(-4) }, 'invalid_request'],
    ['more than he has', { amount: fromCredits(11) }, 'insufficient_credit'],
  ])('is refused for %s', async (_name, more, code) => {
    await expect(give(more)).rejects.toMatchObject({ code });
    expect(await purses()).toEqual({ own: 10, T: 20 });
  });

  it('does not reach an account that is not his', async () => {
    const other = await world.account({ credits: 0 });
    await expect(give({ subAccount: other.account.name })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(give({ subAccount: account.account.name })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('is given once by many who give at once, to and fro', async () => {
    const grown = await Promise.allSettled(Array.from({ length: 8 }, () => give()));
    expect(grown.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect([await account.credits(), await child.credits()]).toEqual([2, 8]);
  });
});
