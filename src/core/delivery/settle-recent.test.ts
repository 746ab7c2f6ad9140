import { describe, expect, it } from 'vitest';
import { storedMessage, submitText } from '../../../test/support/submit.ts';
import type { World, WorldWish } from '../../../test/support/world.ts';
import { useWorlds } from '../../../test/support/worlds.ts';
import type { Message } from '../messages/message.ts';
import type { UpstreamKey } from '../ports/storage.ts';
import type { ReceiptNews, SendOutcome } from '../ports/transport.ts';

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
const remembered = (world: World, at = 0) => world.gateway.delivery.recent.find(idOf(world, at));
const events = async ({ storage }: World, { accountId, id }: Message) =>
  (await storage.read.notifications.list(accountId, { limit: 50, offset: 0, messageId: id })).map(
    ({ event }) => event,
  );

/** What this node did not send, or sent too long ago, is looked up: everything else must be the same. */
const nodes = [
  ['that remembers', () => {}],
  ['that does not', (world: World) => world.gateway.delivery.recent.forget(idOf(world))],
] as const;

describe.each(nodes)('a receipt at a node %s', (_, before) => {
  it.each([
    ['delivered', null, null],
    ['failed', 'undeliverable', 'err 12'],
    ['expired', 'validity_expired', 'err 12'],
    ['rejected', 'rejected_by_network', 'err 12'],
  ] as const)('ends its message and its part: %s', async (status, error, errorDetail) => {
    const { world, account } = await stage();
    const message = await submitText(world, account);
    await world.clock.settle();
    before(world);
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
    before(world);
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
    before(world);
    await world.storage.write((tx) =>
      tx.messages.erase(message.accountId, { ids: [message.id] }, world.clock.now()),
    );
    await receiptFor(world);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'delivered' });
    expect(JSON.stringify(await events(world, message))).not.toContain('secret');
  });

  it('does not bring back what was ended without it', async () => {
    const { world, account } = await stage({ delivery: { receiptTimeoutMs: 60_000 } });
    const message = await submitText(world, account);
    await world.clock.settle();
    const known = remembered(world) as Message;
    before(world);
    await receiptFor(world, { status: 'failed' });
    // As if another node had written that down.
    world.gateway.delivery.recent.remember(idOf(world), known);
    await receiptFor(world, { status: 'delivered' });
    expect(await storedMessage(world, message)).toMatchObject({ status: 'failed' });
    expect(await events(world, message)).toHaveLength(1);
  });

  it('that comes after its message was given up still tells the truth', async () => {
    const { world, account } = await stage({ delivery: { receiptTimeoutMs: 60_000 } });
    const message = await submitText(world, account);
    await world.clock.settle();
    await world.clock.advance(120_000);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'unknown' });
    before(world);
    await receiptFor(world);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'delivered' });
  });
});

describe('what a node remembers of the answers of its links', () => {
  it('is forgotten with the receipt', async () => {
    const { world, account } = await stage();
    const message = await submitText(world, account);
    await world.clock.settle();
    expect(remembered(world)).toMatchObject({ id: message.id, status: 'sent' });
    await receiptFor(world);
    expect(remembered(world)).toBeUndefined();
  });

  it('is nothing of a message of several parts', async () => {
    const { world, account } = await stage();
    const message = await submitText(world, account, 'A text of more than one part. '.repeat(12));
    await world.clock.settle();
    const ids = world.link.sent.map((_, at) => idOf(world, at));
    expect(ids.length).toBeGreaterThan(1);
    expect(remembered(world)).toBeUndefined();
    for (const id of ids) {
      expect(await storedMessage(world, message)).toMatchObject({ status: 'sent' });
      await receiptFor(world, id);
    }
    expect(await storedMessage(world, message)).toMatchObject({ status: 'delivered' });
  });

  it('is nothing of what the network refused', async () => {
    const { world, account } = await stage();
    world.link.answers.push({ kind: 'refused', code: 'refused_by_link', detail: 'no' });
    await submitText(world, account);
    await world.clock.settle();
    expect(world.gateway.delivery.recent.find({ ...idOf(world), upstreamId: '' })).toBeUndefined();
  });

  it('keeps a receipt waiting that overtakes the writing of its answer', async () => {
    const { world, account } = await stage();
    const message = await submitText(world, account);
    await world.clock.settle();
    const { promise, resolve } = Promise.withResolvers<void>();
    const { recent } = world.gateway.delivery;
    recent.expect([idOf(world)], promise);
    const receipt = receiptFor(world);
    await world.clock.settle();
    expect(await storedMessage(world, message)).toMatchObject({ status: 'sent' });
    resolve();
    expect(await receipt).toBe(idOf(world).upstreamId);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'delivered' });
    expect(recent.expected(idOf(world))).toBeUndefined();
  });

  it('keeps none waiting for storage that fails', async () => {
    const { world, account } = await stage();
    await submitText(world, account);
    await world.clock.settle();
    const { recent } = world.gateway.delivery;
    const written = Promise.withResolvers<void>();
    recent.expect([idOf(world)], written.promise);
    const receipt = receiptFor(world);
    written.reject(new Error('the disk is full'));
    expect(await receipt).toBe(idOf(world).upstreamId);
    expect(recent.expected(idOf(world))).toBeUndefined();
  });

  it('expects an answer as soon as it was heard', async () => {
    const { world, account } = await stage();
    const answer = Promise.withResolvers<SendOutcome>();
    world.link.answers.push(answer.promise);
    await submitText(world, account);
    await world.clock.settle();
    const id = { linkId: world.link.id, upstreamId: 'A' };
    const { recent } = world.gateway.delivery;
    expect(recent.expected(id)).toBeUndefined();
    answer.resolve({ kind: 'accepted', upstreamId: 'A' });
    // Within this turn of the loop: nothing can be written down in it.
    for (let hop = 0; hop < 100 && !recent.expected(id); hop++) await Promise.resolve();
    expect(recent.expected(id)).toBeDefined();
    await world.clock.settle();
    expect(recent.expected(id)).toBeUndefined();
    expect(recent.find(id)).toBeDefined();
  });
});
