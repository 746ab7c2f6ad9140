import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { submitText } from '../support/submit.ts';
import { TestLink } from '../support/test-link.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { WebhookReceiver } from '../support/webhook-receiver.ts';
import { startReceiver } from '../support/webhook-receiver.ts';
import type { World, WorldWish } from '../support/world.ts';
import { createWorld } from '../support/world.ts';

/*
 * The roles of a gateway on several nodes. The clock stands still, so nobody looks by himself: whatever
 * happens, happens because a node told another of it.
 */

const clock = new FakeClock();
let database: TestDatabase;
let receiver: WebhookReceiver;
const worlds: World[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  receiver = await startReceiver();
});
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
  await receiver.close();
  await database.drop();
});

async function start(node: string, wish: WorldWish): Promise<{ world: World; link: TestLink }> {
  const link = new TestLink('test', { node });
  const world = await createWorld({ database, clock, node, links: [link], ...wish });
  worlds.push(world);
  return { world, link };
}

/** What is announced before both are connected is lost; it would be found by the next look. */
async function connected(from: World, to: World): Promise<void> {
  let heard = false;
  to.storage.onAnnounced((topic) => {
    heard ||= topic === 'warm-up';
  });
  await waitUntil('the nodes hear each other', () => {
    from.storage.announce('warm-up');
    return heard;
  });
}

describe('without any look', () => {
  it('a message goes out by the node that holds the link, whoever took it in', async () => {
    const api = await start('api', { dispatch: false });
    const dispatch = await start('dispatch', {});
    const account = await api.world.account();
    await connected(api.world, dispatch.world);
    const started = clock.now();
    const message = await submitText(api.world, account);
    await waitUntil('it is handed over', () => dispatch.link.sent.length > 0);
    expect(dispatch.link.sent).toMatchObject([{ messageId: message.id }]);
    expect(api.link.sent).toEqual([]);
    expect(clock.now()).toBe(started);
  });

  it('a webhook is told by the node that notifies, wherever its event came about', async () => {
    const dispatch = await start('dispatch', {});
    const notify = await start('notify', { dispatch: false, notify: true });
    const account = await dispatch.world.account({ endpoints: { status: receiver.url } });
    await connected(dispatch.world, notify.world);
    const started = clock.now();
    const message = await submitText(dispatch.world, account);
    await waitUntil('it is handed over', () => dispatch.link.sent.length > 0);
    await clock.settle();
    await dispatch.link.receipt('delivered', { at: clock.now() });
    await waitUntil('the webhook has heard it', () =>
      receiver.received.some(({ body }) => body.includes('delivered')),
    );
    expect(receiver.received.at(-1)?.body).toContain(message.id);
    expect(clock.now()).toBe(started);
  });
});
