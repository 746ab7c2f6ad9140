import { afterEach, describe, expect, it } from 'vitest';
import type { World, WorldWish } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { submitText } from '../../../test/support/submit.ts';
import type { RefundPolicy } from '../accounts/account.ts';
import { refundPolicies } from '../accounts/account.ts';

let world: World;
afterEach(() => world.close());

/** How a message comes to its end, and by which policies its price comes back. */
const ends: {
  end: string;
  wish?: WorldWish;
  scheduled?: boolean;
  bring: () => Promise<void>;
  refunded: readonly RefundPolicy[];
}[] = [
  {
    end: 'is delivered',
    bring: () => world.link.receipt('delivered', { at: world.clock.now() }),
    refunded: [],
  },
  {
    end: 'fails in the network',
    bring: () => world.link.receipt('failed', { at: world.clock.now() }),
    refunded: ['undelivered'],
  },
  {
    end: 'fails in the network, as it says twice',
    bring: async () => {
      await world.link.receipt('failed', { at: world.clock.now() });
      await world.link.receipt('failed', { at: world.clock.now() });
      await world.link.receipt('expired', { at: world.clock.now() });
    },
    refunded: ['undelivered'],
  },
  {
    end: 'is given up for lost, and then fails after all',
    wish: { delivery: { receiptTimeoutMs: 10_000 } },
    bring: async () => {
      await world.clock.advance(15_000);
      await world.link.receipt('failed', { at: world.clock.now() });
    },
    refunded: ['undelivered'],
  },
  {
    end: 'is given up for lost, and then delivered after all',
    wish: { delivery: { receiptTimeoutMs: 10_000 } },
    bring: async () => {
      await world.clock.advance(15_000);
      await world.link.receipt('delivered', { at: world.clock.now() });
    },
    refunded: [],
  },
];

describe.each(refundPolicies)('with the policy %s', (policy) => {
  it.each(ends)('a message that $end', async ({ wish, bring, refunded }) => {
    world = await createWorld(wish);
    const account = await world.account({ refundPolicy: policy, credits: 10 });
    await submitText(world, account);
    await world.clock.settle();
    await bring();
    await world.clock.settle();
    expect(await account.credits()).toBe(refunded.includes(policy) ? 10 : 9);
    expect(await world.storage.read.ledger.discrepancies()).toEqual([]);
  });

  it('a message that the link refuses', async () => {
    world = await createWorld();
    world.link.answers.push({ kind: 'refused', code: 'refused_by_link', detail: 'no' });
    const account = await world.account({ refundPolicy: policy, credits: 10 });
    await submitText(world, account);
    await world.clock.settle();
    expect(await account.credits()).toBe(policy === 'never' ? 9 : 10);
  });

  it('a message that is cancelled comes back always, and once', async () => {
    world = await createWorld();
    const account = await world.account({ refundPolicy: policy, credits: 10 });
    const { id } = await submitText(world, account, 'Hello', world.clock.now() + 60_000);
    expect(await account.credits()).toBe(9);
    const caller = await account.caller();
    const both = await Promise.all([
      world.gateway.cancel(caller, [id]),
      world.gateway.cancel(caller, [id, id]),
    ]);
    expect(both.flat().filter((one) => one.kind === 'cancelled')).toHaveLength(1);
    expect(await account.credits()).toBe(10);
    await world.clock.advance(120_000);
    expect(world.link.sent).toEqual([]);
  });
});
