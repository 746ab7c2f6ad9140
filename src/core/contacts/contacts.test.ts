import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { ContactGroup } from './contact.ts';
import type { ImportRow, WholeContact } from './contacts.ts';
import type { ContactWish, WrittenIdentifier } from './written.ts';

let world: World;
let account: WorldAccount;
let other: WorldAccount;
beforeEach(async () => {
  world = await createWorld();
  account = await world.account();
  other = await world.account();
});
afterEach(() => world.close());

const contacts = () => world.gateway.contacts;
const page = { limit: 10, offset: 0 };
const mobile = (value: string): WrittenIdentifier => ({ kind: 'mobile', value });
const email = (value: string): WrittenIdentifier => ({ kind: 'email', value });
const add = async (
  written: readonly WrittenIdentifier[],
  wish: ContactWish = {},
  of = account,
): Promise<WholeContact> => contacts().add(await of.caller(), wish, written);
const group = async (kind: ContactGroup['kind'], name: string): Promise<ContactGroup> =>
  contacts().addGroup(await account.caller(), kind, name);

it('is known by numbers in any form, addresses in any case, and ids of others', async () => {
  const { contact, identifiers } = await add(
    [mobile('0412 345 678'), mobile('+61412345678'), email('Ana@Example.org')],
    { name: 'Ana', attributes: { city: 'Perth', note: '' } },
  );
  expect(identifiers.map(({ kind, value }) => [kind, value])).toEqual([
    ['email', 'ana@example.org'],
    ['mobile', '+61412345678'],
  ]);
  const caller = await account.caller();
  expect(await contacts().find(caller, contact.id)).toEqual({
    contact,
    identifiers,
    memberships: [],
  });
  expect(await contacts().knownBy(caller, mobile('61412345678'))).toBe(contact.id);
  expect(await contacts().knownBy(caller, email('bob@example.org'))).toBeUndefined();
  await expect(add([email('ANA@example.org')])).rejects.toMatchObject({ code: 'already_exists' });
  expect(await add([email('ana@example.org')], {}, other)).toBeDefined();
});

it.each<[string, WrittenIdentifier[], ContactWish]>([
  ['nothing', [], {}],
  ['no number', [mobile('nobody')], {}],
  ['no address', [email('a b@c.d')], {}],
  ['an empty id', [{ kind: 'external', value: ' ' }], {}],
  ['too long an id', [{ kind: 'external', value: 'x'.repeat(401) }], {}],
  ['a name that is empty', [mobile('0412345678')], { name: '' }],
  ['a name with a null', [mobile('0412345678')], { name: 'a\0' }],
  ['too long an attribute', [mobile('0412345678')], { attributes: { a: 'x'.repeat(401) } }],
  [
    'too many attributes',
    [mobile('0412345678')],
    { attributes: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`a${at}`, 'x'])) },
  ],
  [
    'too many identifiers',
    Array.from({ length: 21 }, (_, at) => ({ kind: 'external' as const, value: `${at}` })),
    {},
  ],
])('refuses one with %s', async (_what, written, wish) => {
  await expect(add(written, wish)).rejects.toMatchObject({ code: 'invalid_request' });
  expect(await contacts().list(await account.caller(), {}, page)).toEqual({ items: [], total: 0 });
});

it('is changed, and found by no other account', async () => {
  const { contact } = await add([mobile('0412345678')], { name: 'Ana', attributes: { a: '1' } });
  const [mine, their] = [await account.caller(), await other.caller()];
  expect(await contacts().change(mine, contact.id, { name: null })).toMatchObject({
    name: null,
    attributes: { a: '1' },
  });
  const changed = await contacts().change(mine, contact.id, { attributes: { b: '2' } });
  expect(changed.attributes).toEqual({ b: '2' });
  for (const attempt of [
    () => contacts().change(their, contact.id, { name: 'x' }),
    () => contacts().find(their, contact.id),
    () => contacts().remove(their, contact.id),
    () => contacts().addIdentifier(their, contact.id, mobile('0412345679')),
    () => contacts().removeIdentifier(their, contact.id, mobile('0412345678')),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: 'not_found' });
  }
  await contacts().remove(mine, contact.id);
  await expect(contacts().find(mine, contact.id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await add([mobile('0412345678')])).toBeDefined();
});

it('gets identifiers and loses all but the last', async () => {
  const { contact } = await add([mobile('0412345678')]);
  await add([mobile('0412345670')]);
  const caller = await account.caller();
  await contacts().addIdentifier(caller, contact.id, email('ana@example.org'));
  await expect(
    contacts().addIdentifier(caller, contact.id, mobile('0412345670')),
  ).rejects.toMatchObject({ code: 'already_exists' });
  await contacts().removeIdentifier(caller, contact.id, mobile('0412345678'));
  await expect(
    contacts().removeIdentifier(caller, contact.id, mobile('0412345678')),
  ).rejects.toMatchObject({ code: 'not_found' });
  await expect(
    contacts().removeIdentifier(caller, contact.id, email('ana@example.org')),
  ).rejects.toMatchObject({ code: 'invalid_request' });
});

describe('groups', () => {
  it('have one name each, of their kind', async () => {
    const customers = await group('segment', 'Customers');
    await group('tag', 'Customers');
    const [mine, their] = [await account.caller(), await other.caller()];
    await expect(group('segment', 'CUSTOMERS')).rejects.toMatchObject({ code: 'already_exists' });
    await expect(group('segment', ' ')).rejects.toMatchObject({ code: 'invalid_request' });
    await group('segment', 'Buyers');
    await expect(contacts().renameGroup(mine, customers, 'buyers')).rejects.toMatchObject({
      code: 'already_exists',
    });
    expect(await contacts().renameGroup(mine, customers, 'customers')).toMatchObject({
      name: 'customers',
    });
    expect(await contacts().groups(mine, 'segment', page)).toMatchObject({
      items: [{ name: 'Buyers' }, { name: 'customers' }],
      total: 2,
    });
    await expect(contacts().group(mine, 'tag', customers.id)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(contacts().group(their, 'segment', customers.id)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(contacts().removeGroup(their, customers)).rejects.toMatchObject({
      code: 'not_found',
    });
    await contacts().removeGroup(mine, customers);
    expect((await contacts().groups(mine, 'segment', page)).total).toBe(1);
  });

  it('are joined and left; who has left is not written to', async () => {
    const caller = await account.caller();
    const news = await group('subscription', 'News');
    const [ana, bob] = [await add([mobile('0412345678')]), await add([mobile('0412345679')])];
    for (const { contact } of [ana, bob]) {
      await contacts().join(caller, contact.id, [news, news], 'in');
    }
    await contacts().join(caller, bob.contact.id, [news], 'out');
    expect(await contacts().mobilesOf(news, null, 10)).toEqual([
      { contactId: ana.contact.id, number: '+61412345678' },
    ]);
    const { items } = await contacts().list(caller, { groupId: news.id }, page);
    expect(items.map(({ contact }) => contact.id)).toEqual([ana.contact.id]);
    expect((await contacts().find(caller, bob.contact.id)).memberships).toMatchObject([
      { groupId: news.id, status: 'out' },
    ]);
    await contacts().leave(caller, ana.contact.id, news);
    expect((await contacts().find(caller, ana.contact.id)).memberships).toEqual([]);
    await expect(
      contacts().join(await other.caller(), ana.contact.id, [news], 'in'),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('merging', () => {
  it('makes one of two, and who has left a group stays out of it', async () => {
    const caller = await account.caller();
    const [news, sale] = [await group('subscription', 'News'), await group('tag', 'Sale')];
    const ana = await add([mobile('0412345678')], { attributes: { city: 'Perth' } });
    const twin = await add([email('ana@example.org')], {
      name: 'Ana',
      attributes: { city: 'Sydney', age: '7' },
    });
    await contacts().join(caller, ana.contact.id, [news], 'in');
    await contacts().join(caller, twin.contact.id, [news], 'out');
    await contacts().join(caller, twin.contact.id, [sale], 'in');
    const whole = await contacts().merge(caller, ana.contact.id, twin.contact.id);
    expect(whole.contact).toMatchObject({
      id: ana.contact.id,
      name: 'Ana',
      attributes: { city: 'Perth', age: '7' },
    });
    expect(whole.identifiers.map(({ value }) => value)).toEqual([
      'ana@example.org',
      '+61412345678',
    ]);
    const states = new Map(whole.memberships.map(({ groupId, status }) => [groupId, status]));
    expect(states).toEqual(
      new Map([
        [news.id, 'out'],
        [sale.id, 'in'],
      ]),
    );
    await expect(contacts().find(caller, twin.contact.id)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(contacts().merge(caller, ana.contact.id, twin.contact.id)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(contacts().merge(caller, ana.contact.id, ana.contact.id)).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});

describe('bringing in', () => {
  const row = (number: string, more: ContactWish = {}): ImportRow => ({
    identifiers: [mobile(number)],
    ...more,
  });

  it('takes what is right, names what is not, and joins the group', async () => {
    const caller = await account.caller();
    const customers = await group('segment', 'Customers');
    const ana = await add([mobile('0412345678')], { name: 'Ana', attributes: { a: '1' } });
    const gone = await add([mobile('0412345600')]);
    await contacts().join(caller, gone.contact.id, [customers], 'out');
    const done = await contacts().bringIn(
      caller,
      [
        row('0412345678', { attributes: { b: '2' } }),
        row('0412345679', { name: 'Bob' }),
        row('nobody'),
        row('+61412345679', { name: 'Robert' }),
        { identifiers: [mobile('0412345670'), email('cem@example.org')] },
        row('0412345600'),
        { identifiers: [] },
      ],
      customers,
    );
    expect(done).toMatchObject({ rows: 7, added: 2, known: 3, groupId: customers.id });
    expect(done.faults).toEqual([
      { row: 3, why: "'nobody' is not a phone number." },
      { row: 7, why: 'A contact must be known by something.' },
    ]);
    expect((await contacts().find(caller, ana.contact.id)).contact).toMatchObject({
      name: 'Ana',
      attributes: { a: '1', b: '2' },
    });
    const numbers = (await contacts().mobilesOf(customers, null, 10)).map(({ number }) => number);
    expect(numbers.toSorted()).toEqual(['+61412345670', '+61412345678', '+61412345679']);
    expect(await contacts().findImport(caller, done.id)).toEqual(done);
    expect(await contacts().imports(caller, page)).toEqual({ items: [done], total: 1 });
    await expect(contacts().findImport(await other.caller(), done.id)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('goes over several transactions, and keeps the first hundred faults', async () => {
    const rows = Array.from({ length: 1_300 }, (_, at) =>
      at % 10 === 0 ? row('x') : row(`04${String(10_000_000 + at)}`),
    );
    const done = await contacts().bringIn(await account.caller(), rows, null);
    expect(done).toMatchObject({ rows: 1_300, added: 1_170, known: 0, groupId: null });
    expect(done.faults).toHaveLength(100);
    expect(done.faults.at(-1)).toMatchObject({ row: 991 });
  });
});
