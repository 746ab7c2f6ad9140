import { expect, it } from 'vitest';
import { storedMessage, submitText } from '../../../test/support/submit.ts';
import type { World } from '../../../test/support/world.ts';
import { useWorlds } from '../../../test/support/worlds.ts';
import type { Message } from '../messages/message.ts';
import type { SendOutcome } from '../ports/transport.ts';

const { setUp } = useWorlds(1_000);

const receiptOf = (world: World, upstreamId: string): Promise<string | null> =>
  world.gateway.receipt({
    linkId: world.link.id,
    upstreamId,
    status: 'delivered',
    detail: null,
    at: world.clock.now(),
  });
const statusOf = async (world: World, message: Message) =>
  (await storedMessage(world, message)).status;

it('a receipt that comes a moment before its answer finds it, and is not parked', async () => {
  const { world, account } = await setUp();
  let say = (_outcome: SendOutcome): void => {};
  world.link.answers.push(new Promise((resolve) => (say = resolve)));
  const message = await submitText(world, account);
  await world.clock.settle();
  const told = receiptOf(world, '7');
  say({ kind: 'accepted', upstreamId: '7' });
  expect(await told).toBe('7');
  expect(await statusOf(world, message)).toBe('delivered');
});

it('a receipt that comes with an answer that uses its id again is for the message before', async () => {
  const { world, account } = await setUp();
  world.link.answers.push({ kind: 'accepted', upstreamId: '7' });
  const before = await submitText(world, account, 'Before');
  await world.clock.settle();
  let say = (_outcome: SendOutcome): void => {};
  world.link.answers.push(new Promise((resolve) => (say = resolve)));
  const after = await submitText(world, account, 'After');
  await world.clock.advance(5_000);
  const told = receiptOf(world, '7');
  say({ kind: 'accepted', upstreamId: '7' });
  await told;
  await world.clock.settle();
  expect(await statusOf(world, before)).toBe('delivered');
  expect(await statusOf(world, after)).toBe('sent');
});
