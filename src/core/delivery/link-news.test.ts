import { expect, it, vi } from 'vitest';
import { storedMessage, submitText } from '../../../test/support/submit.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { useWorlds } from '../../../test/support/worlds.ts';
import { GatewayError } from '../errors.ts';
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
/** The next answer comes when the test says it. */
function answerLater({ link }: World): (upstreamId: string) => void {
  let say = (_outcome: SendOutcome): void => {};
  link.answers.push(new Promise((resolve) => (say = resolve)));
  return (upstreamId) => say({ kind: 'accepted', upstreamId });
}
/** A message is answered with an id, and its receipt comes in one breath. */
async function inOneBreath(world: World, account: WorldAccount, upstreamId: string) {
  const answer = answerLater(world);
  const message = await submitText(world, account, 'After');
  await world.clock.advance(5_000);
  const told = receiptOf(world, upstreamId);
  answer(upstreamId);
  const found = await told;
  await world.clock.settle();
  return { message, found };
}
const statusOf = async (world: World, message: Message) =>
  (await storedMessage(world, message)).status;

it('a receipt that comes a moment before its answer finds it, and is not parked', async () => {
  const { world, account } = await setUp();
  const { message, found } = await inOneBreath(world, account, '7');
  expect(found).toBe('7');
  expect(await statusOf(world, message)).toBe('delivered');
});

it('a receipt that comes with an answer that uses its id again is for the message before', async () => {
  const { world, account } = await setUp();
  world.link.answers.push({ kind: 'accepted', upstreamId: '7' });
  const before = await submitText(world, account, 'Before');
  await world.clock.settle();
  const { message, found } = await inOneBreath(world, account, '7');
  expect(found).toBe('7');
  expect(await statusOf(world, before)).toBe('delivered');
  expect(await statusOf(world, message)).toBe('sent');
});

it('a receipt that comes with its answer is not for a message that was given up as silent', async () => {
  const { world, account } = await setUp({ delivery: { receiptTimeoutMs: 60_000 } });
  world.link.answers.push({ kind: 'accepted', upstreamId: '7' });
  const before = await submitText(world, account, 'Before');
  await world.clock.advance(600_000);
  expect(await statusOf(world, before)).toBe('unknown');
  const { message, found } = await inOneBreath(world, account, '7');
  expect(found).toBe('7');
  expect(await statusOf(world, before)).toBe('unknown');
  expect(await statusOf(world, message)).toBe('delivered');
});

it('a receipt that cannot be looked for further fails alone: what was written beside it is not told again', async () => {
  const { world, account } = await setUp();
  world.link.answers.push({ kind: 'accepted', upstreamId: '7' });
  const message = await submitText(world, account);
  await world.clock.settle();
  const write = world.storage.write.bind(world.storage);
  let writes = 0;
  vi.spyOn(world.storage, 'write').mockImplementation((work) => {
    writes += 1;
    if (writes === 2) return Promise.reject(new GatewayError('storage_unavailable', 'gone'));
    return write(work);
  });
  const [known, unknown] = await Promise.allSettled([
    receiptOf(world, '7'),
    receiptOf(world, 'nobody'),
  ]);
  expect(known).toEqual({ status: 'fulfilled', value: '7' });
  expect(unknown).toMatchObject({ status: 'rejected', reason: { code: 'storage_unavailable' } });
  expect(await statusOf(world, message)).toBe('delivered');
});
