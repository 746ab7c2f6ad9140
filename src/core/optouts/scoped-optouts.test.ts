import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formDialect } from '../../../test/support/form-dialect.ts';
import { submitTexts } from '../../../test/support/submit.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { E164 } from '../../text/phone-number.ts';
import type { OutgoingMessage } from '../messages/prepare.ts';
import type { Verdict } from '../messages/submit.ts';
import type { NotificationForm } from '../ports/notifier.ts';
import type { Scope } from './scope.ts';

const handset = '+61412345678' as E164;
const hour = 3_600_000;

let world: World;
let account: WorldAccount;
beforeEach(async () => {
  world = await createWorld();
  account = await world.account();
});
afterEach(() => world.close());

const optouts = () => world.gateway.scopedOptouts;
const add = async (scope: Scope, of = account, number = handset) =>
  optouts().add(await of.caller(), number, scope);

async function send(
  over: Partial<OutgoingMessage> = {},
  { of = account, refused }: { of?: WorldAccount; refused?: 'keep' } = {},
): Promise<Verdict> {
  const outcome = await world.gateway.submit({
    caller: await of.caller(),
    messages: [
      {
        to: handset,
        text: `Hello ${world.ids.next()}`,
        sender: 'CompanyABC',
        limits: { alphabet: 'any', characters: 500, parts: 5 },
        ...over,
      },
    ],
    refused,
  });
  if (outcome.kind !== 'done') throw new Error('replayed');
  return outcome.result.verdicts[0] as Verdict;
}
const isSent = async (over: Partial<OutgoingMessage> = {}): Promise<boolean> =>
  (await send(over)).ok;

it.each<[Scope, Partial<OutgoingMessage>, Partial<OutgoingMessage>]>([
  [{ kind: 'tag', value: 'sale' }, { tags: ['news', 'sale'] }, { tags: ['Sale', 'news'] }],
  [{ kind: 'tag', value: 'sale' }, { tags: ['sale'] }, {}],
  [{ kind: 'product', value: 'P' }, { product: 'P' }, { product: 'T' }],
  [{ kind: 'product', value: 'P' }, { product: 'P' }, {}],
  [{ kind: 'sender', value: 'COMPANYabc' }, {}, { sender: 'Mobile MSG' }],
])('%j refuses %j, and not %j', async (scope, within, beyond) => {
  expect(await isSent(within)).toBe(true);
  const { optout, isNew } = await add(scope);
  expect(isNew).toBe(true);
  expect(await send(within)).toMatchObject({ ok: false, error: { code: 'recipient_opted_out' } });
  expect(await isSent(beyond)).toBe(true);
  expect(await isSent({ ...within, to: '0412345679' })).toBe(true);
  const kept = await send(within, { refused: 'keep' });
  expect(kept).toMatchObject({ ok: false, message: { status: 'rejected', price: 0 } });

  expect(await add(scope)).toEqual({ optout, isNew: false });
  expect(await optouts().remove(await account.caller(), optout.id)).toBe(true);
  expect(await optouts().remove(await account.caller(), optout.id)).toBe(false);
  expect(await isSent(within)).toBe(true);
});

it('belongs to its account', async () => {
  const other = await world.account();
  const { optout } = await add({ kind: 'tag', value: 'sale' });
  expect(await send({ tags: ['sale'] }, { of: other })).toMatchObject({ ok: true });
  expect(await optouts().remove(await other.caller(), optout.id)).toBe(false);
  expect(await optouts().find(await other.caller(), optout.id)).toBeUndefined();
  expect(await optouts().find(await account.caller(), optout.id)).toEqual(optout);
});

it('is no opt-out of everything to who knows only those', async () => {
  await add({ kind: 'tag', value: 'sale' });
  const caller = await account.caller();
  const { gateway } = world;
  expect(await gateway.optouts(caller, { limit: 10, offset: 0 })).toEqual([]);
  expect(await gateway.optoutsAfter(caller, null, 10)).toEqual([]);
  expect(await gateway.optedOut(caller, [handset])).toEqual([false]);
  expect(await gateway.optIn(caller, handset)).toBe(false);
  expect(await isSent({ tags: ['sale'] })).toBe(false);
});

it('takes back what is scheduled within it, with a refund', async () => {
  const scheduledAt = world.clock.now() + hour;
  const within = await send({ scheduledAt, tags: ['sale'] });
  const beyond = await send({ scheduledAt, tags: ['news'] });
  expect(await account.credits()).toBe(998);
  await add({ kind: 'tag', value: 'sale' });
  expect(await account.credits()).toBe(999);
  const ids = [within, beyond].map(({ message }) => message?.id ?? ('' as never));
  const found = await world.gateway.findMessages(await account.caller(), ids);
  expect(new Map(found.map(({ id, status }) => [ids.indexOf(id), status]))).toEqual(
    new Map([
      [0, 'cancelled'],
      [1, 'scheduled'],
    ]),
  );
});

it('is told with its scope when it comes and goes', async () => {
  await world.close();
  const form: NotificationForm = {
    name: 'telling',
    wants: ({ type }) => type.startsWith('optout.'),
    render: () => ({ method: 'POST', url: '', headers: {}, body: '' }),
    policy: () => ({ succeeded: () => true, timeoutMs: 1, retryDelaysMs: [] }),
  };
  world = await createWorld({ dialects: [formDialect(form)] });
  const endpoints = { all: 'https://client.example/' };
  account = await world.account({ dialect: 'telling', endpoints });
  const scope: Scope = { kind: 'sender', value: 'CompanyABC' };
  const { optout } = await add(scope);
  await add(scope);
  await optouts().removeOf(await account.caller(), handset, [
    { kind: 'sender', value: 'companyabc' },
    { kind: 'tag', value: 'x' },
  ]);
  const told = await world.storage.read.notifications.list(account.account.id, {
    limit: 10,
    offset: 0,
  });
  const about = { number: handset, scope: { ...scope, id: optout.id } };
  expect(told.map(({ event }) => event).toReversed()).toMatchObject([
    { type: 'optout.added', ...about },
    { type: 'optout.removed', ...about },
  ]);
});

describe('a list of them', () => {
  it('has those of everything beside them, and is cleared with them', async () => {
    const caller = await account.caller();
    await world.gateway.optOut(caller, handset);
    await world.clock.advance(1_000);
    await add({ kind: 'product', value: 'P' });
    const page = { limit: 10, offset: 0 };
    const { items, total } = await optouts().search(caller, {}, page);
    expect(items.map(({ kind, value }) => [kind, value])).toEqual([
      ['product', 'P'],
      ['all', null],
    ]);
    expect(total).toBe(2);
    await optouts().clear(caller);
    expect(await optouts().search(caller, {}, page)).toEqual({ items: [], total: 0 });
    expect(await isSent({ product: 'P' })).toBe(true);
  });

  it.each(['', 'x'.repeat(401), 'a\0b', '\ud800'])('has no value %j', async (value) => {
    await expect(add({ kind: 'tag', value })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('has at most a hundred of a number', async () => {
    for (let at = 0; at < 100; at++) await add({ kind: 'tag', value: `tag ${at}` });
    await expect(add({ kind: 'tag', value: 'one more' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect(await add({ kind: 'tag', value: 'tag 7' })).toMatchObject({ isNew: false });
    const other = await add({ kind: 'tag', value: 'x' }, account, '+61412345679' as E164);
    expect(other).toMatchObject({ isNew: true });
  });
});

it('costs accounts without any no further statement', async () => {
  const asked: string[] = [];
  const { storage } = world;
  const write = storage.write.bind(storage);
  storage.write = (work) =>
    write((tx) =>
      work({
        ...tx,
        scopedOptouts: {
          ...tx.scopedOptouts,
          of: (wanted) => {
            asked.push(...wanted.map(({ accountId }) => accountId));
            return tx.scopedOptouts.of(wanted);
          },
        },
      }),
    );
  const other = await world.account();
  await submitTexts(world, account, ['one', 'two']);
  expect(asked).toEqual([]);
  await add({ kind: 'tag', value: 'sale' });
  asked.length = 0;
  await Promise.all([submitTexts(world, account, ['one']), submitTexts(world, other, ['one'])]);
  expect(asked).toEqual([account.account.id]);
});

describe('many at once', () => {
  it('are added, each for what it is, and take back what is scheduled', async () => {
    const scheduledAt = world.clock.now() + hour;
    await send({ scheduledAt });
    await send({ scheduledAt, to: '0412345679', tags: ['sale'] });
    const other = '+61412345679' as E164;
    const tag: Scope = { kind: 'tag', value: 'sale' };
    await optouts().addAll(await account.caller(), [
      { number: handset, scope: null },
      { number: handset, scope: null },
      { number: other, scope: tag },
      { number: other, scope: tag },
    ]);
    expect(await account.credits()).toBe(1000);
    expect(await isSent()).toBe(false);
    expect(await isSent({ to: other })).toBe(true);
    expect(await isSent({ to: other, tags: ['sale'] })).toBe(false);
    const { total } = await optouts().search(await account.caller(), {}, { limit: 1, offset: 0 });
    expect(total).toBe(2);
  });

  it('stop at a hundred of a number', async () => {
    const wishes = Array.from({ length: 120 }, (_, at) => ({
      number: handset,
      scope: { kind: 'tag' as const, value: `tag ${at}` },
    }));
    const caller = await account.caller();
    await optouts().addAll(caller, wishes);
    expect((await optouts().search(caller, {}, { limit: 1, offset: 0 })).total).toBe(100);
  });
});

describe('changing one', () => {
  const tag = (value: string): Scope => ({ kind: 'tag', value });

  it('keeps its id and its time, and refuses what it is now', async () => {
    const { optout } = await add(tag('a'));
    const scheduledAt = world.clock.now() + hour;
    await send({ scheduledAt, tags: ['b'] });
    await world.clock.advance(1_000);
    const caller = await account.caller();
    const changed = await optouts().change(caller, optout.id, handset, tag('b'));
    expect(changed).toEqual({ ...optout, value: 'b' });
    expect(await account.credits()).toBe(1000);
    expect(await isSent({ tags: ['a'] })).toBe(true);
    expect(await isSent({ tags: ['b'] })).toBe(false);
    expect(await optouts().change(caller, optout.id, handset, tag('b'))).toEqual(changed);
    const other = await world.account();
    expect(await optouts().change(await other.caller(), optout.id, handset, tag('c'))).toBe(
      undefined,
    );
  });

  it('into one that there is leaves that one', async () => {
    const { optout: first } = await add(tag('a'));
    const { optout: second } = await add(tag('b'));
    const caller = await account.caller();
    expect(await optouts().change(caller, first.id, handset, tag('b'))).toEqual(second);
    expect(await optouts().find(caller, first.id)).toBeUndefined();
  });
});
