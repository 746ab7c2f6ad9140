import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { AccountWish, WorldAccount } from '../../../test/support/world-account.ts';
import type { SubmitRequest } from './submit.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const message = (more: Partial<SubmitRequest['messages'][number]> = {}) => ({
  to: '0412345678',
  text: 'Hello',
  sender: 'CompanyABC',
  limits: { alphabet: 'gsm7' as const, characters: 765, parts: 10 },
  ...more,
});

async function submit(
  account: WorldAccount,
  messages: SubmitRequest['messages'],
  idempotency?: SubmitRequest['idempotency'],
): Promise<string[]> {
  const outcome = await world.gateway.submit({
    caller: await account.caller(),
    messages,
    ...(idempotency && { idempotency }),
  });
  if (outcome.kind === 'replayed') return ['replayed'];
  return outcome.result.verdicts.map((verdict) => (verdict.ok ? 'ok' : verdict.error.code));
}

describe('what is accepted', () => {
  it('is charged in one entry of the ledger, whatever the number of messages', async () => {
    const account = await world.account({ credits: 10 });
    expect(await submit(account, [message(), message({ to: '0412345679' })])).toEqual(['ok', 'ok']);
    expect(await account.credits()).toBe(8);
    const entries = await world.storage.read.ledger.list(account.account.id, {
      limit: 10,
      offset: 0,
    });
    expect(entries.map((entry) => entry.amount)).toEqual([-2000, 10_000]);
    expect(await world.storage.read.ledger.discrepancies()).toEqual([]);
  });

  it('never exceeds the balance, however many ask at once', async () => {
    const account = await world.account({ credits: 10 });
    const all = await Promise.allSettled(
      Array.from({ length: 30 }, () => submit(account, [message()])),
    );
    expect(all.filter((one) => one.status === 'fulfilled')).toHaveLength(10);
    expect(await account.credits()).toBe(0);
    expect(await account.messages()).toBe(10);
  });

  it('is all of a submission or, without credit for it, nothing', async () => {
    const account = await world.account({ credits: 1 });
    await expect(submit(account, [message(), message({ to: '0412345679' })])).rejects.toMatchObject(
      { code: 'insufficient_credit' },
    );
    expect(await account.credits()).toBe(1);
    expect(await account.messages()).toBe(0);
  });
});

describe('what is refused', () => {
  const long = 'a'.repeat(766);
  it.each([
    ['a number that is none', { to: 'hello' }, 'number_invalid'],
    ['a landline', { to: '0298765432' }, 'number_not_mobile'],
    ['a foreign number', { to: '+6421123456' }, 'country_not_allowed'],
    ['an unregistered sender', { sender: 'Nobody' }, 'sender_not_allowed'],
    ['no text', { text: '' }, 'text_empty'],
    ['a long text', { text: long }, 'text_too_long'],
    ['an emoji', { text: 'Hi 😀' }, 'text_not_gsm'],
    [
      'too many parts',
      { text: 'a'.repeat(400), limits: { alphabet: 'gsm7', characters: 765, parts: 2 } },
      'too_many_parts',
    ],
    ['a time next year', { scheduledAt: Date.parse('2028-01-01') }, 'schedule_invalid'],
  ] as const)('%s: stored nowhere, charged nothing, the others go on', async (_, bad, code) => {
    const account = await world.account({ credits: 5 });
    expect(await submit(account, [message(bad), message()])).toEqual([code, 'ok']);
    expect(await account.credits()).toBe(4);
    expect(await account.messages()).toBe(1);
  });

  it('without a route', async () => {
    await world.close();
    world = await createWorld({ routes: [] });
    expect(await submit(await world.account(), [message()])).toEqual(['no_route']);
  });
});

describe('an opt-out', () => {
  it('blocks its account and no other; the blocked message is kept, free', async () => {
    const mine = await world.account({ credits: 5 });
    const other = await world.account();
    await world.gateway.optOut(await mine.caller(), '+61412345678' as never);
    expect(await submit(mine, [message(), message({ to: '0412345679' })])).toEqual([
      'recipient_opted_out',
      'ok',
    ]);
    expect(await submit(other, [message()])).toEqual(['ok']);
    expect(await mine.credits()).toBe(4);
    expect(await mine.messages()).toBe(2);
    await world.clock.advance(2_000);
    expect(world.link.sent.map((part) => part.destination)).toEqual([
      '+61412345679',
      '+61412345678',
    ]);
  });
});

describe('the duplicate guard', () => {
  const guarded: AccountWish = { duplicateWindowMs: 60_000, credits: 100 };

  it('refuses the same text from the same sender to the same number, within its time', async () => {
    const account = await world.account(guarded);
    expect(await submit(account, [message()])).toEqual(['ok']);
    expect(await submit(account, [message()])).toEqual(['duplicate_message']);
    expect(await submit(account, [message({ text: 'Another' })])).toEqual(['ok']);
    expect(await submit(account, [message({ to: '0412345679' })])).toEqual(['ok']);
    expect(await submit(account, [message({ sender: 'Mobile MSG' })])).toEqual(['ok']);
    await world.clock.advance(61_000);
    expect(await submit(account, [message()])).toEqual(['ok']);
    expect(await account.credits()).toBe(95);
  });

  it('also within one submission, and among those that ask at once', async () => {
    const account = await world.account(guarded);
    expect(await submit(account, [message(), message()])).toEqual(['ok', 'duplicate_message']);
    const all = await Promise.all(
      Array.from({ length: 10 }, () => submit(account, [message({ text: 'Once' })])),
    );
    expect(all.flat().filter((verdict) => verdict === 'ok')).toHaveLength(1);
    expect(await account.messages()).toBe(2);
    expect(await account.credits()).toBe(98);
  });
});

describe('an idempotency key', () => {
  const key = (fingerprint: string) => ({
    key: 'order-1',
    fingerprint,
    answer: () => `answer of ${fingerprint}`,
  });

  it('carries a request out once, also when its retries overlap', async () => {
    const account = await world.account({ credits: 10 });
    const all = await Promise.all(
      Array.from({ length: 5 }, () => submit(account, [message()], key('a'))),
    );
    expect(all.flat().toSorted()).toEqual(['ok', 'replayed', 'replayed', 'replayed', 'replayed']);
    expect(await account.credits()).toBe(9);
  });

  it('refuses another request under it, and nothing of that is kept', async () => {
    const account = await world.account({ credits: 10 });
    await submit(account, [message()], key('a'));
    await expect(submit(account, [message()], key('b'))).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
    expect(await account.credits()).toBe(9);
  });

  it('is free again when the request was refused for want of credit', async () => {
    const account = await world.account({ credits: 0 });
    await expect(submit(account, [message()], key('a'))).rejects.toMatchObject({
      code: 'insufficient_credit',
    });
    await world.gateway.owner.topUp(account.account.id, 5000 as never, null);
    expect(await submit(account, [message()], key('a'))).toEqual(['ok']);
  });
});
