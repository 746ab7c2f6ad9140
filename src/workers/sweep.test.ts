import { afterEach, describe, expect, it } from 'vitest';
import type { World } from '../../test/support/world.ts';
import { submitText } from '../../test/support/submit.ts';
import { createWorld } from '../../test/support/world.ts';
import { retainWorker } from './sweep.ts';
import { cutsAt } from '../storage/testkit/fixtures.ts';

let world: World;
afterEach(() => world.close());

const day = 24 * 3_600_000;

describe('retention', () => {
  // A week more than is kept: an engine that drops whole weeks waits until one is over.
  it('deletes what was finished long enough ago, and nothing that is not finished', async () => {
    world = await createWorld({ delivery: { receiptTimeoutMs: 400 * day } });
    const account = await world.account();
    const submit = async (text: string, scheduledAt: number | null = null): Promise<void> => {
      await submitText(world, account, text, scheduledAt);
      await world.clock.settle();
    };
    await submit('delivered');
    await world.link.receipt('delivered', { at: world.clock.now() });
    await submit('still on its way');
    await submit('for next year', world.clock.now() + 300 * day);
    expect(await account.messages()).toBe(3);

    const keep = {
      ...cutsAt(0),
      messages: 90 * day,
      replies: 90 * day,
      timeline: 60 * day,
      notifications: 30 * day,
      unconfirmed: 45 * day,
      idempotency: day,
      parkedReceipts: day,
      segments: day,
    };
    const later = { ...world.gateway.delivery, clock: laterBy(98 * day) };
    const worker = retainWorker(later, keep, world.log.logger);
    worker.start();
    await world.clock.advance(61_000);
    await worker.stop();
    const left = await world.gateway.searchMessages(await account.caller(), {
      limit: 10,
      offset: 0,
    });
    expect(left.map((message) => message.text).toSorted()).toEqual([
      'for next year',
      'still on its way',
    ]);
  });
});

/** The world's timers, with a clock that shows a later time. */
function laterBy(ms: number): World['clock'] {
  const { clock } = world;
  return Object.assign(Object.create(clock) as World['clock'], {
    now: () => clock.now() + ms,
    after: (delay: number, task: () => void) => clock.after(delay, task),
  });
}
