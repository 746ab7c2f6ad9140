import { describe, expect, it } from 'vitest';
import { storedMessage, submitText } from '../../../test/support/submit.ts';
import type { World, WorldWish } from '../../../test/support/world.ts';
import { useWorlds } from '../../../test/support/worlds.ts';
import type { Message } from '../messages/message.ts';
import type { UpstreamKey } from '../ports/storage.ts';
import type { ReceiptNews } from '../ports/transport.ts';

const { setUp } = useWorlds(1_000);
/** A world with an account that is told of what becomes of its messages. */
async function stage(wish: WorldWish = {}) {
  const { world } = await setUp(wish);
  const endpoints = { status: 'https://client.test/status' };
  return { world, account: await world.account({ credits: 1_000, endpoints }) };
}

const idOf = (world: World, at = 0): UpstreamKey => ({
  linkId: world.link.id,
  upstreamId: world.link.sent[at]?.upstreamId as string,
});
const receiptFor = (world: World, wish: Partial<ReceiptNews> = {}): Promise<string | null> =>
  world.gateway.receipt({
    ...idOf(world),
    status: 'delivered',
    detail: null,
    at: world.clock.now(),
    ...wish,
  });
const events = async ({ storage }: World, { accountId, id }: Message) =>
  (await storage.read.notifications.list(accountId, { limit: 50, offset: 0, messageId: id })).map(
    ({ event }) => event,
  );

describe('a receipt', () => {
  it.each([
    ['delivered', null, null],
    ['failed', 'undeliverable', 'err 12'],
    ['expired', 'validity_expired', 'err 12'],
    ['rejected', 'rejected_by_network', 'err 12'],
  ] as const)('ends its message and its part: %s', async (status, error, errorDetail) => {
    const { world, account } = await stage();
    const message = await submitText(world, account);
    await world.clock.settle();
    const at = world.clock.now() + 5;
    const detail = status === 'delivered' ? null : 'err 12';
    expect(await receiptFor(world, { status, detail, at })).toBe(idOf(world).upstreamId);
    expect(await storedMessage(world, message)).toMatchObject({
      status,
      error,
      errorDetail,
      doneAt: at,
      lockedBy: null,
      linkId: world.link.id,
      attempts: 1,
    });
    expect(await world.storage.read.messages.parts(message.id)).toEqual([
      expect.objectContaining({ ...idOf(world), number: 1, status, error: detail, doneAt: at }),
    ]);
    expect(await events(world, message)).toEqual([
      expect.objectContaining({ message: expect.objectContaining({ status, text: 'Hello' }) }),
    ]);
  });

  it('counts once, however often and however differently it is told', async () => {
    const { world, account } = await stage();
    const message = await submitText(world, account);
    await world.clock.settle();
    const found = await Promise.all([
      receiptFor(world),
      receiptFor(world, { status: 'failed' }),
      receiptFor(world),
    ]);
    found.push(await receiptFor(world, { status: 'expired' }));
    expect(new Set(found)).toEqual(new Set([idOf(world).upstreamId]));
    expect(await storedMessage(world, message)).toMatchObject({ status: 'delivered' });
    expect(await events(world, message)).toHaveLength(1);
  });

  it('tells no text that was erased before it came', async () => {
    const { world, account } = await stage();
    const message = await submitText(world, account, 'a secret of mine');
    await world.clock.settle();
    await world.storage.write((tx) =>
      tx.messages.erase(message.accountId, { ids: [message.id] }, world.clock.now()),
    );
    await receiptFor(world);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'delivered' });
    expect(JSON.stringify(await events(world, message))).not.toContain('secret');
  });

  it('that comes after its message was given up still tells the truth', async () => {
    const { world, account } = await stage({ delivery: { receiptTimeoutMs: 60_000 } });
    const message = await submitText(world, account);
    await world.clock.settle();
    await world.clock.advance(120_000);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'unknown' });
    await receiptFor(world);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'delivered' });
  });
});
