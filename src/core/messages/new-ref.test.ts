import { afterEach, beforeEach, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';

let world: World;
let account: WorldAccount;
beforeEach(async () => {
  world = await createWorld();
  account = await world.account({ credits: 5 });
});
afterEach(() => world.close());

/** Two messages of one reference that should be new. */
async function submit(newRef: string, who = account, to = ['0412345678', '0412345679']) {
  const caller = await who.caller();
  const messages = to.map((number) => ({
    to: number,
    text: 'Hello',
    sender: 'CompanyABC',
    clientRef: newRef,
    limits: { alphabet: 'any', characters: 100, parts: 1 } as const,
  }));
  return world.gateway.submit({ caller, messages, newRef, refused: 'keep' });
}
const isTaken = { code: 'already_exists' };

it('takes all messages of a new reference, and none of one that there is', async () => {
  await submit('order-1');
  await expect(submit('order-1')).rejects.toMatchObject(isTaken);
  expect(await account.messages()).toBe(2);
  expect(await account.credits()).toBe(3);
  await submit('order-2');
  expect(await account.messages()).toBe(4);
});

it('is of one account', async () => {
  const stranger = await world.account();
  await submit('order-1', stranger);
  await submit('order-1');
  expect(await account.messages()).toBe(2);
});

it('takes one of several that come at once, whichever node they come to', async () => {
  const all = await Promise.allSettled(Array.from({ length: 8 }, () => submit('order-1')));
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await account.messages()).toBe(2);
  expect(await world.storage.read.ledger.discrepancies()).toEqual([]);
});

it('is taken by what was refused and kept, too', async () => {
  await submit('order-1', account, ['0298765432']);
  await expect(submit('order-1')).rejects.toMatchObject(isTaken);
});

it('is new still when nothing of its submission was kept', async () => {
  const caller = await account.caller();
  const limits = { alphabet: 'any', characters: 1, parts: 1 } as const;
  const message = { to: '0412345678', text: 'long', sender: 'CompanyABC', limits };
  await world.gateway.submit({ caller, messages: [message], newRef: 'order-1' });
  await submit('order-1');
  expect(await account.messages()).toBe(2);
});

it('can be the submission’s own id, where a message has none', async () => {
  const caller = await account.caller();
  const limits = { alphabet: 'any', characters: 100, parts: 1 } as const;
  const message = { to: '0412345678', text: 'Hello', sender: 'CompanyABC', limits };
  const messages = [message, { ...message, clientRef: 'mine' }];
  const outcome = await world.gateway.submit({ caller, messages, refs: 'submission' });
  if (outcome.kind === 'replayed') throw new Error('replayed');
  const { submissionId, verdicts } = outcome.result;
  expect(verdicts.map((one) => one.message?.clientRef)).toEqual([submissionId, 'mine']);
});
