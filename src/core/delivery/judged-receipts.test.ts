import { describe, expect, it } from 'vitest';
import { submitTexts } from '../../../test/support/submit.ts';
import { TestLink } from '../../../test/support/test-link.ts';
import { useWorlds } from '../../../test/support/worlds.ts';
import type { LinkId } from '../ids.ts';
import type { LinkPolicy } from '../routing/rule.ts';

const { setUp } = useWorlds(1_000);
const limits = { failures: 0.5, receipts: 5, windowMs: 900_000, restMs: 300_000 };

describe('a link is judged by receipts', () => {
  const stage = async () => {
    const links = [new TestLink('a'), new TestLink('b')] as const;
    const policy: LinkPolicy = { onLostAnswer: 'unknown', demote: limits };
    const policies = new Map([
      ['a', policy],
      ['b', policy],
    ]);
    const { world, account } = await setUp({ links, policies });
    const messages = await submitTexts(world, account, Array(8).fill('Hello'));
    await world.clock.settle();
    const receipt = (upstreamId: string, status: 'delivered' | 'failed') =>
      world.gateway.receipt({
        linkId: links[0].id,
        upstreamId,
        status,
        detail: null,
        at: world.clock.now(),
      });
    const judged = async () => {
      await world.clock.advance(1_000);
      const { health } = world.gateway.delivery.routing;
      const report = health.reports().find(({ linkId }) => linkId === ('a' as LinkId));
      return [report?.receipts, report?.failures];
    };
    return {
      world,
      messages,
      ids: links[0].sent.map((part) => `${part.upstreamId}`),
      receipt,
      judged,
    };
  };

  it('that tell something new, once', async () => {
    const { ids, receipt, judged } = await stage();
    const [first = '', ...others] = ids;
    for (const id of others) await receipt(id, 'delivered');
    for (let told = 0; told < 20; told++) await receipt(first, 'failed');
    await Promise.all(Array.from({ length: 20 }, () => receipt(first, 'failed')));
    expect(await judged()).toEqual([8, 1]);
  });

  it('of messages that it had', async () => {
    const { receipt, judged } = await stage();
    for (let told = 0; told < 20; told++) await receipt(`nobody's ${told}`, 'failed');
    expect(await judged()).toEqual([0, 0]);
  });

  it('that had to wait for their answer', async () => {
    const { world, receipt, judged } = await stage();
    await receipt('a-9', 'failed');
    expect(await judged()).toEqual([0, 0]);
    await submitTexts(world, await world.account({ credits: 10 }), ['Hello']);
    await world.clock.settle();
    expect(await judged()).toEqual([1, 1]);
  });
});
