import { describe, expect, it } from 'vitest';
import { storedMessage, submitText } from '../../../test/support/submit.ts';
import { TestLink } from '../../../test/support/test-link.ts';
import type { World } from '../../../test/support/world.ts';
import { useWorlds } from '../../../test/support/worlds.ts';
import type { LinkId } from '../ids.ts';
import type { SendOutcome } from '../ports/transport.ts';
import type { Message } from './message.ts';

const { setUp } = useWorlds(1_000);

const partsOf = (world: World, { id }: Message) => world.storage.read.messages.parts(id);
const minutes = 60_000;

describe('of a message of one part', () => {
  it('no link is said to have it that never had it', async () => {
    const [first, second] = [new TestLink('first'), new TestLink('second', { window: 0 })];
    const { world, account } = await setUp({
      links: [first, second],
      routes: [{ links: [{ link: first.id }, { link: second.id }] }],
    });
    first.answers.push({
      kind: 'retryable',
      code: 'link_unavailable',
      again: 'elsewhere',
      detail: 'down',
    });
    const message = await submitText(world, account);
    await world.clock.advance(3_000);
    expect(await storedMessage(world, message)).toMatchObject({ linkId: second.id, attempts: 1 });
    expect(await partsOf(world, message)).toEqual([]);
  });

  it('it is kept why a link did not take it', async () => {
    const { world, account } = await setUp();
    world.link.answers.push({
      kind: 'retryable',
      code: 'link_unavailable',
      again: 'here',
      detail: 'queue full',
    });
    const message = await submitText(world, account);
    await world.clock.settle();
    expect(await partsOf(world, message)).toMatchObject([
      { status: 'sending', error: 'queue full', upstreamId: null },
    ]);
  });

  it('which is long, but no SMS, nothing is left over', async () => {
    const { world, account } = await setUp({
      routes: [{ links: [{ link: 'test' as LinkId }], media: ['voice'] }],
    });
    const outcome = await world.gateway.submit({
      caller: await account.caller(),
      messages: [
        {
          to: '0412000000',
          text: 'A text of more than one part. '.repeat(12),
          sender: 'CompanyABC',
          scheduledAt: null,
          medium: 'voice',
          limits: { alphabet: 'any', characters: 2_000, parts: 20 },
        },
      ],
    });
    const [verdict] = outcome.kind === 'done' ? outcome.result.verdicts : [];
    if (!verdict?.ok) throw new Error('it was refused');
    await world.clock.settle();
    await world.link.receipt('delivered', { at: world.clock.now() });
    expect((await storedMessage(world, verdict.message)).status).toBe('delivered');
    expect(await partsOf(world, verdict.message)).toMatchObject([
      { number: 1, status: 'delivered' },
    ]);
  });

  it('a late answer dates it: of two that bear an id it is the newer', async () => {
    const { world, account } = await setUp({ delivery: { answerTimeoutMs: 5_000 } });
    const { link, gateway, clock } = world;
    const late = await submitText(world, account, 'Later', clock.now() + 20 * minutes);
    link.answers.push({ kind: 'accepted', upstreamId: '7' });
    const other = await submitText(world, account, 'Other');
    await clock.skip(10 * minutes);
    const receipt = () =>
      gateway.receipt({
        linkId: link.id,
        upstreamId: '7',
        status: 'delivered',
        detail: null,
        at: clock.now(),
      });
    await receipt();
    expect((await storedMessage(world, other)).status).toBe('delivered');
    let say = (_outcome: SendOutcome): void => {};
    link.answers.push(new Promise((resolve) => (say = resolve)));
    await clock.skip(10 * minutes);
    await clock.advance(30_000);
    expect((await storedMessage(world, late)).status).toBe('unknown');
    await gateway.late({
      linkId: link.id,
      messageId: late.id,
      number: 1,
      attempt: 1,
      outcome: { kind: 'accepted', upstreamId: '7' },
      at: clock.now(),
    });
    expect(await receipt()).toBe('7');
    expect((await storedMessage(world, late)).status).toBe('delivered');
    say({ kind: 'unknown', detail: 'lost' });
  });

  it('a late answer is kept though its message expired while it waited to be sent again', async () => {
    const { world, account } = await setUp({
      policies: new Map([['test', { onLostAnswer: 'resend' }]]),
      delivery: { answerTimeoutMs: 5_000, validityMs: 8_000 },
    });
    const { link, gateway, clock } = world;
    let say = (_outcome: SendOutcome): void => {};
    link.answers.push(new Promise((resolve) => (say = resolve)));
    const message = await submitText(world, account);
    await clock.advance(6_000);
    link.current = 'down';
    await clock.advance(20_000);
    expect((await storedMessage(world, message)).status).toBe('expired');
    const id = { linkId: link.id, at: clock.now() };
    const outcome = { kind: 'accepted', upstreamId: '7' } as const;
    await gateway.late({ ...id, messageId: message.id, number: 1, attempt: 1, outcome });
    const receipt = { ...id, upstreamId: '7', status: 'delivered', detail: null } as const;
    expect(await gateway.receipt(receipt)).toBe('7');
    say({ kind: 'unknown', detail: 'lost' });
  });
});
