import { afterEach, describe, expect, it } from 'vitest';
import type { SendOutcome } from '../ports/transport.ts';
import { storedMessage, submitText } from '../../../test/support/submit.ts';
import { TestLink } from '../../../test/support/test-link.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { useWorlds } from '../../../test/support/worlds.ts';

/*
 * A link that knows by its id what it was handed over: nothing is doubled by handing it over again, so nothing is
 * unknown, and nothing is marked.
 */

const { setUp } = useWorlds(1_000);
const owed: (() => void)[] = [];
// Before the world is closed, which waits for it.
afterEach(() => {
  for (const give of owed.splice(0)) give();
});

/** An answer that does not come as long as the test runs. */
function never(): Promise<SendOutcome> {
  return new Promise((resolve) => {
    owed.push(() => resolve({ kind: 'unknown', detail: 'too late' }));
  });
}
const knowing = { onLostAnswer: 'unknown', devices: true } as const;

const open = async () => {
  const phones = new TestLink('phones');
  const carrier = new TestLink('carrier');
  const policies = new Map([['phones', knowing]]);
  const stage = await setUp({ links: [phones, carrier], policies });
  return { ...stage, phones, carrier };
};

describe('a link of phones', () => {
  it('is handed over again what it did not answer', async () => {
    const { world, account, phones, carrier } = await open();
    phones.answers.push({ kind: 'unknown', detail: 'the queue did not answer' });
    const message = await submitText(world, account);
    await waitUntil('it was handed over', () => phones.sent.length === 1);
    await world.clock.advance(6_000);
    expect(phones.sent).toHaveLength(2);
    expect(phones.sent[1]).toMatchObject({ possiblyDoubled: false, messageId: message.id });
    expect(await storedMessage(world, message)).toMatchObject({
      status: 'sent',
      possiblyDoubled: 0,
      attempts: 2,
    });
    expect(carrier.sent).toEqual([]);
  });

  it('is handed over again, at once, what it never answered, and no other link is', async () => {
    const { world, account, phones, carrier } = await open();
    phones.answers.push(never());
    const message = await submitText(world, account);
    await waitUntil('it was handed over', () => phones.sent.length === 0);
    await world.clock.advance(121_000);
    await waitUntil('it was handed over again', async () => {
      await world.clock.advance(1_000);
      return (await storedMessage(world, message)).status === 'sent';
    });
    expect(await storedMessage(world, message)).toMatchObject({ possiblyDoubled: 0, attempts: 2 });
    expect(carrier.sent).toEqual([]);
    const timeline = await world.storage.read.messages.timeline(message.id);
    expect(timeline).toMatchObject([{ what: 'resend' }]);
  });

  it('keeps what it may have while it is away', async () => {
    const { world, account, phones, carrier } = await open();
    phones.answers.push(never());
    const message = await submitText(world, account);
    await world.clock.settle();
    phones.current = 'down';
    await world.clock.advance(200_000);
    expect(await storedMessage(world, message)).toMatchObject({
      status: 'queued',
      linkId: 'phones',
    });
    // What it never had takes the other way.
    const other = await submitText(world, account, 'another text');
    await waitUntil('the other link has that', () => carrier.sent.length === 1);
    expect(carrier.sent[0]?.messageId).toBe(other.id);
    phones.current = 'up';
    await world.clock.advance(2_000);
    expect(await storedMessage(world, message)).toMatchObject({
      status: 'sent',
      possiblyDoubled: 0,
    });
    expect(carrier.sent).toHaveLength(1);
  });
});

describe('what goes by a phone', () => {
  it('takes a link of phones, whatever the rules say', async () => {
    const phones = new TestLink('phones');
    const carrier = new TestLink('carrier');
    const { world, account } = await setUp({
      links: [phones, carrier],
      routes: [{ links: [carrier.id], cost: undefined }],
      policies: new Map([['phones', knowing]]),
    });
    const send = async (device: { id: null; sim: null } | null) => {
      const outcome = await world.gateway.submit({
        caller: await account.caller(),
        messages: [
          {
            to: '0412345678',
            text: 'Hello',
            sender: 'CompanyABC',
            device,
            limits: { alphabet: 'any', characters: 100, parts: 1 },
          },
        ],
      });
      return outcome.kind === 'done' ? outcome.result.verdicts[0] : undefined;
    };
    expect(await send(null)).toMatchObject({ ok: true, message: { linkId: 'carrier' } });
    expect(await send({ id: null, sim: null })).toMatchObject({
      ok: true,
      message: { linkId: 'phones', device: { id: null, sim: null } },
    });
  });

  it('has no way where no link goes by phones', async () => {
    const { world, account } = await setUp({});
    const outcome = await world.gateway.submit({
      caller: await account.caller(),
      messages: [
        {
          to: '0412345678',
          text: 'Hello',
          sender: 'CompanyABC',
          device: { id: null, sim: null },
          limits: { alphabet: 'any', characters: 100, parts: 1 },
        },
      ],
    });
    expect(outcome).toMatchObject({
      result: { verdicts: [{ ok: false, error: { code: 'no_route' } }] },
    });
  });
});
