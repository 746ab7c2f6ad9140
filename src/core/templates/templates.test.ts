import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { TemplateId } from '../ids.ts';
import type { Template } from './template.ts';
import type { TemplateWish } from './templates.ts';
import { aliasOf } from './templates.ts';

let world: World;
let account: WorldAccount;
let other: WorldAccount;
beforeEach(async () => {
  world = await createWorld();
  account = await world.account();
  other = await world.account();
});
afterEach(() => world.close());

const templates = () => world.gateway.templates;
const page = { limit: 10, offset: 0 };
const welcome: TemplateWish = { name: 'Welcome, all!', body: 'Hi {{name}}.', sender: 'CompanyABC' };
const add = async (over: Partial<TemplateWish> = {}, of = account): Promise<Template> =>
  templates().add(await of.caller(), { ...welcome, ...over });

it.each([
  ['Welcome, all!', 'welcome-all'],
  ['  Ünïcode – 7 ', 'unicode-7'],
  ['प्रचार', 'प्रचार'],
  ['!!!', 'template'],
])('%j is sent by the alias %s', (name, alias) => expect(aliasOf(name)).toBe(alias));

it('has an alias of its own, by which its account finds it', async () => {
  const first = await add();
  const second = await add();
  const theirs = await add({}, other);
  expect([first, second, theirs].map(({ alias }) => alias)).toEqual([
    'welcome-all',
    'welcome-all-2',
    'welcome-all',
  ]);
  const [mine, their] = [await account.caller(), await other.caller()];
  expect(await templates().find(mine, { alias: 'welcome-all' })).toEqual(first);
  expect(await templates().find(mine, { id: second.id })).toEqual(second);
  expect(await templates().find(their, { id: second.id })).toBeUndefined();
  expect(await templates().find(mine, { alias: 'none' })).toBeUndefined();
  expect(first).toMatchObject({ status: 'approved', externalId: null, type: null });
});

it('is changed and removed by its account alone; its alias stays', async () => {
  const { id } = await add();
  const [mine, their] = [await account.caller(), await other.caller()];
  await world.clock.advance(1_000);
  const changed = await templates().change(mine, id, { name: 'Other', type: 'T' });
  expect(changed).toMatchObject({ name: 'Other', type: 'T', alias: 'welcome-all' });
  expect(changed.changedAt).toBe(changed.createdAt + 1_000);
  expect(await templates().find(mine, { id })).toEqual(changed);
  await expect(templates().change(their, id, { name: 'x' })).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(templates().remove(their, id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await templates().list(mine, { ...page, name: 'OTH' })).toEqual({
    items: [changed],
    total: 1,
  });
  await templates().remove(mine, id);
  expect(await templates().list(mine, page)).toEqual({ items: [], total: 0 });
});

it.each<[string, Partial<TemplateWish>]>([
  ['name', { name: ' ' }],
  ['name', { name: 'x'.repeat(201) }],
  ['body', { body: '' }],
  ['body', { body: 'x'.repeat(2_001) }],
  ['body', { body: 'a\0' }],
  ['sender', { sender: '' }],
  ['template_id', { externalId: '' }],
  ['type', { type: '\ud800' }],
])('has no such %s: %j', async (field, over) => {
  await expect(add(over)).rejects.toMatchObject({ code: 'invalid_request', field });
  const { id } = await add();
  await expect(templates().change(await account.caller(), id, over)).rejects.toMatchObject({
    code: 'invalid_request',
    field,
  });
});

it('is filled in, or says what is missing', async () => {
  const template = await add();
  expect(templates().render(template, { name: 'Ana' })).toEqual({ text: 'Hi Ana.' });
  expect(templates().render(template, {})).toEqual({ missing: ['name'] });
  expect(templates().placesOf(template)).toEqual(['name']);
});

it('is found by a text that can have come of it: the newest approved one of the sender', async () => {
  const [older, newer] = [await add(), await add({ body: 'Hi {{who}}{{end}}' })];
  await add({ body: 'Hi {{x}}', status: 'pending' });
  await add({ body: 'Hi {{x}}', sender: 'Other' });
  const caller = await account.caller();
  const matching = (text: string, sender = 'companyabc') =>
    templates().matching(caller, sender, text);
  expect(await matching('Hi Ana!')).toEqual(newer);
  await templates().remove(caller, newer.id);
  expect(await matching('Hi Ana.')).toEqual(older);
  expect(await matching('Hi Ana!')).toBeUndefined();
  expect(await matching('Hi Ana.', 'Nobody')).toBeUndefined();
});

describe('a template of a register', () => {
  it('is blocked for one account until it is unblocked', async () => {
    const [mine, their] = [await account.caller(), await other.caller()];
    const [block] = await templates().block(mine, [{ externalId: '12', active: 1 }]);
    if (!block) throw new Error('none');
    expect(await templates().isBlocked(mine, '12')).toBe(true);
    expect(await templates().isBlocked(mine, '13')).toBe(false);
    expect(await templates().isBlocked(their, '12')).toBe(false);
    await templates().block(mine, [
      { externalId: '12', active: 1 },
      { externalId: '12', active: 0 },
    ]);
    expect(await templates().isBlocked(mine, '12')).toBe(false);
    expect(await templates().blocks(mine, page)).toEqual({
      items: [{ ...block, active: 0 }],
      total: 1,
    });
    await expect(templates().unblock(their, block.id)).rejects.toMatchObject({ code: 'not_found' });
    await templates().unblock(mine, block.id);
    expect(await templates().findBlock(mine, block.id)).toBeUndefined();
    await expect(templates().block(mine, [{ externalId: '', active: 1 }])).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('all of an account are unblocked together', async () => {
    const [mine, their] = [await account.caller(), await other.caller()];
    const many = Array.from({ length: 5 }, (_, at) => ({
      externalId: `${at}`,
      active: 1 as const,
    }));
    await templates().block(mine, many);
    await templates().block(their, many);
    await templates().clearBlocks(mine);
    expect((await templates().blocks(mine, page)).total).toBe(0);
    expect((await templates().blocks(their, page)).total).toBe(5);
    expect(await templates().findBlock(mine, 'none' as TemplateId)).toBeUndefined();
  });
});
