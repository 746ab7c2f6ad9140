import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { AccountWish, WorldAccount } from '../../../test/support/world-account.ts';
import type { MessageId } from '../ids.ts';
import type { Message } from './message.ts';
import type { OutgoingMessage } from './prepare.ts';

let world: World;
let account: WorldAccount;
beforeEach(async () => {
  world = await createWorld();
  account = await world.account();
});
afterEach(() => world.close());

const limits = { alphabet: 'any', characters: 765, parts: 10 } as const;

async function submit(
  more: Partial<OutgoingMessage> = {},
  as = account,
): Promise<Message | string> {
  const message = { to: '0412345678', text: 'Hello', sender: 'CompanyABC', limits, ...more };
  const outcome = await world.gateway.submit({ caller: await as.caller(), messages: [message] });
  if (outcome.kind === 'replayed') throw new Error('there was no key');
  const [verdict] = outcome.result.verdicts;
  if (!verdict?.ok) return verdict?.error.code ?? '';
  await world.clock.advance(10);
  return verdict.message;
}
async function accepted(more: Partial<OutgoingMessage> = {}, as = account): Promise<Message> {
  const message = await submit(more, as);
  if (typeof message === 'string') throw new Error(message);
  return message;
}
function failed(as = account): Promise<Message> {
  world.link.answers.push({ kind: 'refused', code: 'refused_by_link', detail: 'No.' });
  return accepted({}, as);
}
const seen = async (as = account) =>
  (await world.gateway.searchMessages(await as.caller(), { limit: 10, offset: 0 })).map(
    ({ id }) => id,
  );

describe('a message in the place of another', () => {
  it('is seen instead of it', async () => {
    const { id } = await failed();
    const again = await accepted({ insteadOf: id });
    expect(await seen()).toEqual([again.id]);
    expect(await world.gateway.findMessages(await account.caller(), [id])).toEqual([]);
    // The owner sees both.
    expect((await world.storage.read.messages.findAny(id))?.status).toBe('rejected');
  });

  it('is paid for as any other', async () => {
    const { id } = await failed();
    expect(await account.credits()).toBe(1000);
    await accepted({ insteadOf: id });
    expect(await account.credits()).toBe(999);
    expect(await world.storage.read.ledger.discrepancies()).toEqual([]);
  });

  it('is refused where that one is on its way, has arrived or was replaced', async () => {
    const fine = await accepted();
    expect(await submit({ insteadOf: fine.id })).toBe('field_invalid');
    await world.link.receipt('delivered', { at: world.clock.now() });
    expect(await submit({ insteadOf: fine.id })).toBe('field_invalid');
    const { id } = await failed();
    await accepted({ insteadOf: id });
    expect(await submit({ insteadOf: id })).toBe('field_invalid');
    expect(await submit({ insteadOf: world.ids.next<MessageId>() })).toBe('field_invalid');
    expect(await account.credits()).toBe(998);
  });

  it('is one, however many ask at once, in one transaction or several', async () => {
    const { id } = await failed();
    const all = await Promise.all(Array.from({ length: 6 }, () => submit({ insteadOf: id })));
    expect(all.filter((one) => typeof one !== 'string')).toHaveLength(1);
    expect(await account.credits()).toBe(999);
  });

  it('is not that of another account', async () => {
    const stranger = await world.account();
    const { id } = await failed(stranger);
    expect(await submit({ insteadOf: id })).toBe('field_invalid');
    expect(await seen(stranger)).toEqual([id]);
  });

  it.each<[string, AccountWish, Partial<OutgoingMessage>]>([
    ['cannot be paid for', { credits: 0 }, {}],
    ['has an opted-out recipient', {}, { to: '0412345670' }],
    ['cannot even be prepared', {}, { to: 'nobody' }],
  ])('leaves the other where it is when it %s', async (_, wish, more) => {
    account = await world.account({ ...wish, pricePerPart: 1 as never });
    await world.gateway.optOut(await account.caller(), '+61412345670' as never);
    const rich = wish.credits === 0;
    if (rich) await world.gateway.owner.topUp(account.account.id, 1 as never, null);
    const { id } = await failed();
    if (rich) await world.gateway.owner.topUp(account.account.id, -1 as never, null);
    await expect(
      submit({ ...more, insteadOf: id }).then((one) => {
        if (typeof one === 'string') throw new Error(one);
      }),
    ).rejects.toThrow();
    expect(await seen()).toContain(id);
  });
});

describe('the secret end of a text', () => {
  it('goes out behind it, is counted with it, and stands nowhere afterwards', async () => {
    const message = await accepted({ text: 'x'.repeat(150), secret: '#0123456789abcdef' });
    expect(message).toMatchObject({ text: 'x'.repeat(150), parts: 2 });
    expect(world.link.sent.map(({ text }) => text).join('')).toBe(
      `${'x'.repeat(150)}#0123456789abcdef`,
    );
    const [stored] = await world.gateway.findMessages(await account.caller(), [message.id]);
    expect(stored).toMatchObject({ status: 'sent', secret: null });
  });

  it('is sealed while it waits, and refused where it can no longer be read', async () => {
    const message = await accepted({ secret: '#key', scheduledAt: world.clock.now() + 60_000 });
    expect(message.secret).not.toContain('key');
    await world.storage.write((tx) =>
      tx.messages.insert([
        { ...message, id: world.ids.next(), secret: 'v1.damaged', dueAt: world.clock.now() + 1000 },
      ]),
    );
    await world.clock.advance(62_000);
    expect(world.link.sent.map(({ wholeText }) => wholeText)).toEqual(['Hello#key']);
    const statuses = await world.gateway.searchMessages(await account.caller(), {
      limit: 10,
      offset: 0,
    });
    expect(statuses.map(({ status }) => status).toSorted()).toEqual(['rejected', 'sent']);
    expect(statuses.map(({ secret }) => secret)).toEqual([null, null]);
  });
});
