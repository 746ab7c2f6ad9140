import { describe, expect, it } from 'vitest';
import { storedMessage, submitText } from '../../../test/support/submit.ts';
import { TestLink } from '../../../test/support/test-link.ts';
import { useWorlds } from '../../../test/support/worlds.ts';
import type { ReceiptNews, SendOutcome } from '../ports/transport.ts';
import type { LinkPolicy } from '../routing/rule.ts';

const { setUp } = useWorlds(1_000);
const demote = { failures: 0.5, receipts: 5, windowMs: 900_000, restMs: 300_000 };

/** Messages go by `b`; receipts come by `a`. */
async function stage(groups: { a?: string; b?: string }) {
  const [a, b] = [new TestLink('a'), new TestLink('b')];
  const policy = (receiptGroup: string | undefined): LinkPolicy => ({
    onLostAnswer: 'unknown',
    demote,
    receiptGroup,
  });
  const policies = new Map([
    ['a', policy(groups.a)],
    ['b', policy(groups.b)],
  ]);
  const routes = [{ links: [b.id, a.id] }];
  const { world, account } = await setUp({ links: [a, b], routes, policies });
  const receipt = (wish: Partial<ReceiptNews> = {}) =>
    world.gateway.receipt({
      linkId: a.id,
      upstreamId: 'b-1',
      status: 'failed',
      detail: null,
      at: world.clock.now(),
      ...wish,
    });
  return { world, account, a, b, receipt };
}
const shared = { a: 'carrier', b: 'carrier' };

describe('a receipt that comes by another link than its message', () => {
  it.each([
    ['of its group', shared, 'failed'],
    ['of another group', { a: 'one', b: 'another' }, 'sent'],
    ['of none', {}, 'sent'],
  ])('%s', async (_, groups, status) => {
    const { world, account, receipt } = await stage(groups);
    const message = await submitText(world, account);
    await world.clock.settle();
    expect(await receipt()).toBe(status === 'sent' ? null : 'b-1');
    expect(await storedMessage(world, message)).toMatchObject({ status, linkId: 'b' });
    const [part] = await world.storage.read.messages.parts(message.id);
    expect(part).toMatchObject({ status, linkId: 'b' });
    await world.clock.advance(1_000);
    const reports = world.gateway.delivery.routing.health.reports();
    const failures = reports.map((one) => [one.linkId, one.failures]);
    expect(failures).toEqual([
      ['a', 0],
      ['b', status === 'sent' ? 0 : 1],
    ]);
  });

  it.each([
    ['an answer', { kind: 'accepted', upstreamId: 'b-1' }],
    ['a late one', { kind: 'unknown', detail: 'lost' }],
  ] as [string, SendOutcome][])('waits for %s', async (_, outcome) => {
    const { world, account, b, receipt } = await stage(shared);
    const answer = Promise.withResolvers<SendOutcome>();
    b.answers.push(answer.promise);
    const message = await submitText(world, account);
    await world.clock.settle();
    expect(await receipt()).toBeNull();
    answer.resolve(outcome);
    await world.clock.settle();
    if (outcome.kind === 'unknown') {
      const at = world.clock.now();
      const late = { linkId: b.id, messageId: message.id, number: 1, attempt: 1, at };
      await world.gateway.late({ ...late, outcome: { kind: 'accepted', upstreamId: 'b-1' } });
    }
    expect(await storedMessage(world, message)).toMatchObject({ status: 'failed' });
  });

  it('is that of the newest message of its number, by whichever link that went', async () => {
    const { world, account, a, b, receipt } = await stage(shared);
    const same: SendOutcome = { kind: 'accepted', upstreamId: 'b-1' };
    const older = await submitText(world, account);
    await world.clock.advance(1_000);
    b.answers.push({ kind: 'retryable', code: 'link_unavailable', again: 'elsewhere', detail: '' });
    a.answers.push(same);
    const newer = await submitText(world, account);
    await world.clock.advance(1_000);
    expect(await storedMessage(world, newer)).toMatchObject({ status: 'sent', linkId: 'a' });
    await receipt({ linkId: b.id, numbers: [newer.destination.slice(1)] });
    expect(await storedMessage(world, newer)).toMatchObject({ status: 'failed' });
    expect(await storedMessage(world, older)).toMatchObject({ status: 'sent' });
  });
});
