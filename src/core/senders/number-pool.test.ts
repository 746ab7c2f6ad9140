import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { Country } from '../../text/phone-number.ts';
import type { NumberId } from '../ids.ts';
import type { NumberPool } from './number-pool.ts';
import type { PoolNumber } from './pool-number.ts';

const AU = 'AU' as Country;
const written = '+61412345601';
const search = { after: null, limit: 10 };

let world: World;
let pool: NumberPool;
let mine: WorldAccount;
let other: WorldAccount;
beforeEach(async () => {
  world = await createWorld();
  pool = world.gateway.numbers;
  mine = await world.account({ senders: [] });
  other = await world.account({ senders: [] });
});
afterEach(() => world.close());

async function offer(over: Partial<PoolNumber> = {}): Promise<PoolNumber> {
  const [number] = await pool.add([
    {
      number: written,
      country: AU,
      type: 'mobile',
      classification: 'bronze',
      capabilities: ['sms'],
      availableAfter: world.clock.now(),
      ...over,
    },
  ]);
  if (!number) throw new Error('nothing was added');
  return number;
}

describe('a number of the pool', () => {
  it('is a dedicated sender of who took it, and of nobody else', async () => {
    const number = await offer();
    expect(await pool.available(search)).toEqual([number]);
    const notes = { label: 'desk', metadata: { team: 'sales' } };
    const { sender } = await pool.assign(mine.account.id, number.id, notes);
    expect(sender).toMatchObject({ address: written, kind: 'dedicated', ...notes });
    expect(await pool.available(search)).toEqual([]);
    expect(await pool.assignments(mine.account)).toEqual([{ number, sender }]);
    expect((await mine.caller()).view.senders.get('61412345601')).toEqual(sender);

    expect(await pool.find(mine.account, number.id)).toEqual(number);
    expect(await pool.find(other.account, number.id)).toBeUndefined();
    expect(await pool.assignment(other.account, number.id)).toBeUndefined();
    expect(await pool.list({ limit: 9, offset: 0 })).toEqual([
      { ...number, accountId: mine.account.id },
    ]);

    await world.link.reply('+61412345678', '61412345601', 'hello', world.clock.now());
    expect(await world.gateway.replies(await mine.caller(), { limit: 9, offset: 0 })).toHaveLength(
      1,
    );
  });

  it('is free again when it is given up', async () => {
    const number = await offer();
    const { sender } = await pool.assign(mine.account.id, number.id);
    expect(await pool.remove(number.id)).toBe(false);
    expect(await world.gateway.senders.remove(mine.account.id, { id: sender.id })).toBe(true);
    expect((await mine.caller()).view.senders.size).toBe(0);
    expect(await pool.find(other.account, number.id)).toEqual(number);
    await pool.assign(other.account.id, number.id);
    expect(await pool.assignments(mine.account)).toEqual([]);
  });

  it('is taken by one of many who try at the same time', async () => {
    const number = await offer();
    const accounts = [mine, other, await world.account(), await world.account()];
    const came = await Promise.allSettled(
      accounts.map(({ account }) => pool.assign(account.id, number.id)),
    );
    expect(came.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of came) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'already_exists' });
    }
    const held = await Promise.all(accounts.map(({ account }) => pool.assignments(account)));
    expect(held.flat()).toHaveLength(1);
  });

  it('is either taken or removed, not both', async () => {
    const number = await offer();
    const [taken, removed] = await Promise.allSettled([
      pool.assign(mine.account.id, number.id),
      pool.remove(number.id),
    ]);
    expect(removed).toMatchObject({ value: taken.status === 'rejected' });
  });

  it.each([
    ['that is not free yet', { availableAfter: Date.UTC(2026, 2, 2) }, 'already_exists'],
    ['that the account has already', { number: '+61412345609' }, 'already_exists'],
  ])('%s is not given', async (_, over, code) => {
    await world.gateway.senders.add(mine.account.id, '61412345609', { kind: 'shared' });
    const { id } = await offer(over);
    await expect(pool.assign(mine.account.id, id)).rejects.toMatchObject({ code });
  });

  it('is offered once, and all of several or none', async () => {
    await offer();
    await expect(
      pool.add(
        ['+61412345602', written].map((number) => ({
          number,
          country: AU,
          type: 'mobile' as const,
          classification: 'bronze' as const,
          capabilities: ['sms' as const],
          availableAfter: 0,
        })),
      ),
    ).rejects.toMatchObject({ code: 'already_exists' });
    expect(await pool.list({ limit: 9, offset: 0 })).toHaveLength(1);
    await expect(pool.assign(mine.account.id, 'x' as NumberId)).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('a number that the owner gave past the pool', () => {
  it('is told as its digits tell it, under its sender’s id', async () => {
    const sender = await world.gateway.senders.add(mine.account.id, '61412345601');
    await world.gateway.senders.add(mine.account.id, 'CompanyABC', { kind: 'dedicated' });
    const assignments = await pool.assignments(mine.account);
    expect(assignments).toEqual([
      {
        sender,
        number: {
          id: sender.id,
          number: written,
          country: 'AU',
          type: 'mobile',
          classification: 'bronze',
          capabilities: ['sms'],
          availableAfter: sender.createdAt,
          createdAt: sender.createdAt,
        },
      },
    ]);
    const id = sender.id as string as NumberId;
    expect(await pool.find(mine.account, id)).toEqual(assignments[0]?.number);
    expect(await pool.find(other.account, id)).toBeUndefined();
  });

  it('is one of the pool as soon as it is offered there', async () => {
    const sender = await world.gateway.senders.add(mine.account.id, '61412345601');
    const number = await offer({ classification: 'gold' });
    expect(await pool.assignments(mine.account)).toEqual([{ number, sender }]);
    expect(await pool.available(search)).toEqual([]);
  });
});
