import { expect, it, vi } from 'vitest';
import { storedMessage, submitText } from '../../test/support/submit.ts';
import { TestLink } from '../../test/support/test-link.ts';
import { useWorlds } from '../../test/support/worlds.ts';
import type { SendOutcome } from '../core/ports/transport.ts';

const { setUp } = useWorlds(1_000);

/** A link that makes two parts of what is charged as one is let go while the hand-over of a message is on its way to disk. */
async function leftDuringHandOver(answers: SendOutcome[]) {
  const link = new TestLink('test');
  link.split = (text) => [text.slice(0, 2), text.slice(2)];
  link.answers.push(...answers);
  const { world, account } = await setUp({ links: [link] });
  const write = world.storage.write.bind(world.storage);
  const slow = new Map<number, () => void>();
  let writes = 0;
  // The second is the hand-over of the first message, the third the insert of another one.
  vi.spyOn(world.storage, 'write').mockImplementation(async (work) => {
    const at = ++writes;
    const result = await write(work);
    if (at === 2 || at === 3) await new Promise<void>((resolve) => slow.set(at, resolve));
    return result;
  });
  const message = await submitText(world, account, 'Hello');
  await world.clock.settle();
  const other = submitText(world, account, 'World');
  await world.clock.settle();
  const dropped = world.dispatcher.drop(link.id, 0);
  slow.get(3)?.();
  await other;
  await world.clock.settle();
  slow.get(2)?.();
  await dropped;
  await world.clock.settle();
  expect(link.sent).toHaveLength(2);
  const parts = await world.storage.read.messages.parts(message.id);
  return { world, link, message, parts: parts.map((part) => [part.status, part.upstreamId]) };
}

it('both parts of what was being handed over are known', async () => {
  const { world, link, message, parts } = await leftDuringHandOver([
    { kind: 'accepted', upstreamId: 'a' },
    { kind: 'accepted', upstreamId: 'b' },
  ]);
  expect(parts).toEqual([
    ['sent', 'a'],
    ['sent', 'b'],
  ]);
  const tell = (upstreamId: string) =>
    world.gateway.receipt({
      linkId: link.id,
      upstreamId,
      status: 'delivered',
      detail: null,
      at: world.clock.now(),
    });
  expect(await tell('a')).toBe('a');
  expect((await storedMessage(world, message)).status).toBe('sent');
  expect(await tell('b')).toBe('b');
  expect((await storedMessage(world, message)).status).toBe('delivered');
});

it('what the network has of it is known where it did not take all', async () => {
  const { parts } = await leftDuringHandOver([
    { kind: 'accepted', upstreamId: 'a' },
    { kind: 'retryable', code: 'link_unavailable', again: 'here', detail: 'full' },
  ]);
  expect(parts).toEqual([
    ['sent', 'a'],
    ['sending', null],
  ]);
});
