import { beforeEach, describe, expect, it } from 'vitest';

import type { Membership } from '../../core/contacts/contact.ts';
import type { AccountId } from '../../core/ids.ts';
import { AudienceRows } from './audience-rows.ts';
import type { Given } from './given.ts';
import { cutsAt, MINUTE, number, START } from './fixtures.ts';

const page = { limit: 10, offset: 0 };

/** Who is written to, and what: opt-outs by scope, templates, one-time passwords, contacts. */
export function audienceCases(given: Given): void {
  let mine: AccountId;
  let other: AccountId;
  let rows: AudienceRows;
  let foreign: AudienceRows;
  beforeEach(() => {
    mine = given.rows.account().id;
    other = given.rows.account().id;
    rows = new AudienceRows(given.rows, mine);
    foreign = new AudienceRows(given.rows, other);
  });

  describe('opt-outs by scope', () => {
    it('are added once, however the sender is written, and found by number', async () => {
      const { storage } = given;
      const tag = rows.scopedOptout();
      const sender = rows.scopedOptout({ kind: 'sender', value: 'Shop', number: number(2) });
      const product = rows.scopedOptout({ kind: 'product', value: 'P', createdAt: START + 1 });
      const theirs = foreign.scopedOptout();
      const add = (...optouts: (typeof tag)[]) =>
        storage.write((tx) => tx.scopedOptouts.add(optouts));
      expect(await storage.read.scopedOptouts.any(mine)).toBe(false);
      expect(await add(tag, sender, theirs)).toEqual([tag, sender, theirs]);
      const again = { ...sender, id: given.rows.id<typeof sender.id>(), value: 'SHOP' };
      expect(await add({ ...again }, product)).toEqual([product]);
      expect(await storage.read.scopedOptouts.any(mine)).toBe(true);
      expect(await storage.read.scopedOptouts.any(given.rows.account().id)).toBe(false);

      const of = await storage.write((tx) =>
        tx.scopedOptouts.of([1, 2, 3].map((last) => ({ accountId: mine, number: number(last) }))),
      );
      expect(of.map((found) => found.map(({ id }) => id).toSorted())).toEqual([
        [tag.id, product.id],
        [sender.id],
        [],
      ]);
      expect(await storage.read.scopedOptouts.of(mine, [1, 2, 3].map(number))).toEqual(of);
      expect(await storage.read.scopedOptouts.find(mine, tag.id)).toEqual(tag);
      expect(await storage.read.scopedOptouts.find(other, tag.id)).toBeUndefined();
    });

    it('are listed with those of everything, newest first, and counted', async () => {
      const { storage } = given;
      const tag = rows.scopedOptout();
      const product = rows.scopedOptout({
        kind: 'product',
        value: 'P',
        number: number(2),
        createdAt: START + 2,
        source: 'link',
      });
      const all = given.rows.optout(mine, number(3), { createdAt: START + 1 });
      await storage.write(async (tx) => {
        await tx.scopedOptouts.add([tag, product, foreign.scopedOptout()]);
        await tx.optouts.add([all, given.rows.optout(other, number(4))]);
      });
      const { search, count } = storage.read.scopedOptouts;
      const { accountId: _, ...listed } = product;
      expect(await search(mine, {}, page)).toEqual([
        { ...listed, replyId: null },
        {
          id: null,
          number: number(3),
          kind: 'all',
          value: null,
          source: all.source,
          replyId: all.replyId,
          createdAt: all.createdAt,
        },
        expect.objectContaining({ id: tag.id, kind: 'tag', value: 'sale' }),
      ]);
      expect(await search(mine, {}, { limit: 1, offset: 1 })).toMatchObject([{ kind: 'all' }]);
      const counts = await Promise.all([
        count(mine, {}),
        count(mine, { number: number(3) }),
        count(mine, { kind: 'all' }),
        count(mine, { kind: 'tag' }),
        count(mine, { kind: 'tag', value: 'other' }),
        count(mine, { kind: 'all', value: 'x' }),
        count(mine, { value: 'P' }),
      ]);
      expect(counts).toEqual([3, 1, 1, 1, 0, 0, 1]);
      // What was there before sees those of everything alone.
      expect(await storage.read.optouts.list(mine, page)).toEqual([all]);
    });

    it('are removed by id, by scope, or all together', async () => {
      const { storage } = given;
      const tag = rows.scopedOptout();
      const sender = rows.scopedOptout({ kind: 'sender', value: '+61412345678' });
      const theirs = foreign.scopedOptout();
      await storage.write((tx) => tx.scopedOptouts.add([tag, sender, theirs]));
      const remove = (accountId: AccountId) =>
        storage.write((tx) => tx.scopedOptouts.remove(accountId, tag.id));
      expect(await remove(other)).toBeUndefined();
      expect(await remove(mine)).toEqual(tag);
      expect(await remove(mine)).toBeUndefined();
      const removed = await storage.write((tx) =>
        tx.scopedOptouts.removeOf(mine, number(1), [
          { kind: 'sender', value: '61412345678' },
          { kind: 'tag', value: 'sale' },
        ]),
      );
      expect(removed).toEqual([sender]);

      await storage.write(async (tx) => {
        await tx.scopedOptouts.add([tag, sender]);
        await tx.optouts.add([
          given.rows.optout(mine, number(1)),
          given.rows.optout(other, number(1)),
        ]);
      });
      const clear = (limit: number) => storage.write((tx) => tx.scopedOptouts.clear(mine, limit));
      expect(await clear(1)).toBe(1);
      expect(await clear(10)).toBe(2);
      expect(await clear(10)).toBe(0);
      expect(await storage.read.scopedOptouts.count(other, {})).toBe(2);
    });
  });

  describe('templates', () => {
    it('live from insert to removal', async () => {
      const { storage } = given;
      const first = rows.template({ alias: 'a' });
      const second = rows.template({
        name: 'ZWEI',
        alias: 'b',
        externalId: null,
        type: null,
        status: 'pending',
      });
      const theirs = foreign.template({ alias: 'a' });
      await storage.write(async (tx) => {
        for (const one of [first, second, theirs]) await tx.templates.insert(one);
      });
      await expect(
        storage.write((tx) => tx.templates.insert(rows.template({ alias: 'a' }))),
      ).rejects.toMatchObject({ code: 'already_exists' });
      const { templates } = storage.read;
      expect(await templates.find(mine, first.id)).toEqual(first);
      expect(await templates.find(other, first.id)).toBeUndefined();
      expect(await templates.findByAlias(mine, 'b')).toEqual(second);
      expect(await templates.list(mine, page)).toEqual([second, first]);
      expect(await templates.list(mine, { ...page, name: 'zw' })).toEqual([second]);
      expect(await templates.list(mine, { ...page, name: '%' })).toEqual([]);
      expect(await templates.count(mine, {})).toBe(2);
      expect(await templates.count(mine, { name: 'WELC' })).toBe(1);
      expect(await templates.ofSender(mine, 'company abc', 10)).toEqual([first]);
      expect(await storage.write((tx) => tx.templates.count(mine))).toBe(2);

      const changed = { ...first, name: 'New', sender: 'OTHER', body: 'x', changedAt: START + 1 };
      const lock = (accountId: AccountId) =>
        storage.write((tx) => tx.templates.lock(accountId, first.id));
      await storage.write((tx) => tx.templates.save({ ...changed, alias: 'not written' }));
      expect(await lock(mine)).toEqual(changed);
      expect(await lock(other)).toBeUndefined();
      expect(await templates.ofSender(mine, 'other', 10)).toEqual([changed]);
      const remove = () => storage.write((tx) => tx.templates.remove(mine, first.id));
      expect(await storage.write((tx) => tx.templates.aliasTaken(mine, 'a'))).toBe(true);
      expect(await remove()).toBe(true);
      expect(await remove()).toBe(false);
      expect(await storage.write((tx) => tx.templates.aliasTaken(mine, 'a'))).toBe(false);
    });

    it('of registers are blocked by id, and keep their row', async () => {
      const { storage } = given;
      const first = rows.block();
      const second = rows.block({ externalId: '13', active: 0 });
      const put = (...blocks: (typeof first)[]) =>
        storage.write((tx) => tx.templates.blocks.put(blocks));
      expect(await put(first, second)).toEqual([first, second]);
      await put(foreign.block());
      const again = rows.block({ active: 0, createdAt: START + 1 });
      expect(await put(again)).toEqual([{ ...first, active: 0 }]);
      const { blocks } = storage.read.templates;
      expect(await blocks.list(mine, page)).toEqual([second, { ...first, active: 0 }]);
      expect(await blocks.find(mine, second.id)).toEqual(second);
      expect(await blocks.find(other, second.id)).toBeUndefined();
      expect(await blocks.findExternal(mine, '13')).toEqual(second);
      expect(await blocks.count(mine)).toBe(2);
      expect(await storage.write((tx) => tx.templates.blocks.count(mine))).toBe(2);
      const remove = () => storage.write((tx) => tx.templates.blocks.remove(mine, first.id));
      expect(await remove()).toBe(true);
      expect(await remove()).toBe(false);
      expect(await storage.write((tx) => tx.templates.blocks.clear(mine, 10))).toBe(1);
      expect(await blocks.count(other)).toBe(1);
    });
  });

  it('one-time passwords: what changes is written, and what is old goes', async () => {
    const { storage } = given;
    const one = rows.verification();
    const late = rows.verification({ expiresAt: START + 60 * MINUTE, clientRef: null });
    await storage.write(async (tx) => {
      await tx.verifications.insert(one);
      await tx.verifications.insert(late);
    });
    const { find } = storage.read.verifications;
    expect(await find(mine, one.id)).toEqual(one);
    expect(await find(other, one.id)).toBeUndefined();
    const tried = { ...one, triesLeft: 4, status: 'success', doneAt: START + 1 } as const;
    await storage.write((tx) => tx.verifications.save({ ...tried, code: 'not written' }));
    expect(await storage.write((tx) => tx.verifications.lock(mine, one.id))).toEqual(tried);
    expect(await storage.write((tx) => tx.verifications.lock(other, one.id))).toBeUndefined();
    await storage.write((tx) => tx.retain(cutsAt(one.expiresAt + 1), 10));
    expect(await find(mine, one.id)).toBeUndefined();
    expect(await find(mine, late.id)).toEqual(late);
    await storage.write((tx) => tx.verifications.remove(other, late.id));
    expect(await find(mine, late.id)).toEqual(late);
    await storage.write((tx) => tx.verifications.remove(mine, late.id));
    expect(await find(mine, late.id)).toBeUndefined();
  });

  describe('contacts', () => {
    it('are known by one identifier each, and go with all they have', async () => {
      const { storage } = given;
      const ana = rows.contact();
      const bob = rows.contact({ name: null, attributes: {} });
      const theirs = foreign.contact();
      const knows = (contact: typeof ana, kind: 'mobile' | 'email', value: string) => ({
        accountId: contact.accountId,
        contactId: contact.id,
        kind,
        value,
      });
      const ofAna = [knows(ana, 'email', 'ana@example.org'), knows(ana, 'mobile', number(1))];
      const added = await storage.write(async (tx) => {
        await tx.contacts.insert([ana, bob, theirs]);
        return tx.contacts.addIdentifiers([
          ...ofAna,
          knows(bob, 'mobile', number(1)),
          knows(theirs, 'mobile', number(1)),
        ]);
      });
      expect(added).toEqual([...ofAna, knows(theirs, 'mobile', number(1))]);
      const { contacts } = storage.read;
      expect(await contacts.find(mine, ana.id)).toEqual(ana);
      expect(await contacts.find(other, ana.id)).toBeUndefined();
      expect(await contacts.list(mine, {}, page)).toEqual([bob, ana]);
      expect(await contacts.list(mine, { name: 'MéNDEZ' }, page)).toEqual([ana]);
      expect(await contacts.list(mine, { identifier: number(1) }, page)).toEqual([ana]);
      expect(await contacts.count(mine, { identifier: 'nobody' })).toBe(0);
      expect(await contacts.identifiers(mine, [bob.id, ana.id])).toEqual([[], ofAna]);
      expect(await contacts.identifiers(other, [ana.id])).toEqual([[]]);
      const wanted = [
        { kind: 'mobile', value: number(1) },
        { kind: 'email', value: number(1) },
      ] as const;
      expect(await contacts.known(mine, wanted)).toEqual([ana.id, undefined]);
      expect(await storage.write((tx) => tx.contacts.known(other, wanted))).toEqual([
        theirs.id,
        undefined,
      ]);

      const changed = { ...ana, name: 'Ana', attributes: { a: '1' }, changedAt: START + 1 };
      await storage.write((tx) => tx.contacts.save(changed));
      const locked = await storage.write((tx) => tx.contacts.lock(mine, [ana.id, theirs.id]));
      expect(locked).toEqual([changed]);
      const forget = (accountId: AccountId) =>
        storage.write((tx) =>
          tx.contacts.removeIdentifier(accountId, ana.id, { kind: 'mobile', value: number(1) }),
        );
      expect(await forget(other)).toBe(false);
      expect(await forget(mine)).toBe(true);
      expect(await storage.write((tx) => tx.contacts.identifiers(mine, ana.id))).toEqual([
        ofAna[0],
      ]);
      const remove = (ids: (typeof ana.id)[]) =>
        storage.write((tx) => tx.contacts.remove(mine, ids));
      expect(await remove([ana.id, theirs.id])).toBe(1);
      expect(await contacts.known(mine, [{ kind: 'email', value: 'ana@example.org' }])).toEqual([
        undefined,
      ]);
      expect(await contacts.known(other, wanted)).toEqual([theirs.id, undefined]);
    });

    it('are in groups, or have left them', async () => {
      const { storage } = given;
      const [ana, bob, cem] = [rows.contact(), rows.contact(), rows.contact()];
      const group = rows.group();
      const tag = rows.group({ kind: 'tag' });
      const theirs = foreign.group();
      const member = (contact: typeof ana, status: Membership['status'], changedAt = START) => ({
        groupId: group.id,
        contactId: contact.id,
        status,
        changedAt,
      });
      await storage.write(async (tx) => {
        await tx.contacts.insert([ana, bob, cem]);
        for (const one of [group, tag, theirs]) await tx.contacts.insertGroup(one);
        await tx.contacts.addIdentifiers(
          [ana, bob, cem].map(({ id }, at) => ({
            accountId: mine,
            contactId: id,
            kind: 'mobile',
            value: number(at),
          })),
        );
        await tx.contacts.join([member(ana, 'in'), member(bob, 'in')]);
        await tx.contacts.join([member(bob, 'out', START + 1)]);
        await tx.contacts.joinNew([member(bob, 'in'), member(cem, 'in')]);
      });
      await expect(
        storage.write((tx) => tx.contacts.insertGroup(rows.group({ name: 'CUSTOMERS' }))),
      ).rejects.toMatchObject({ code: 'already_exists' });
      const { contacts } = storage.read;
      expect(await contacts.memberships([bob.id, ana.id])).toEqual([
        [member(bob, 'out', START + 1)],
        [member(ana, 'in')],
      ]);
      expect(await storage.write((tx) => tx.contacts.memberships(cem.id))).toEqual([
        member(cem, 'in'),
      ]);
      expect(await contacts.list(mine, { groupId: group.id }, page)).toEqual([cem, ana]);
      expect(await contacts.mobilesOf(group.id, null, 10)).toEqual([
        { contactId: ana.id, number: number(0) },
        { contactId: cem.id, number: number(2) },
      ]);
      expect(await contacts.mobilesOf(group.id, ana.id, 1)).toMatchObject([{ contactId: cem.id }]);
      expect(await contacts.group(mine, group.id)).toEqual(group);
      expect(await contacts.group(other, group.id)).toBeUndefined();
      expect(await contacts.groups(mine, { kind: 'segment', ...page })).toEqual([group]);
      expect(await contacts.countGroups(mine, 'tag')).toBe(1);
      expect(await storage.write((tx) => tx.contacts.countGroups(mine))).toBe(2);
      const named = (name: string) =>
        storage.write((tx) => tx.contacts.groupNamed(mine, 'segment', name));
      expect(await named('customers')).toEqual(group);

      const rename = (accountId: AccountId) =>
        storage.write((tx) => tx.contacts.renameGroup(accountId, group.id, 'Buyers'));
      expect(await rename(other)).toBe(false);
      expect(await rename(mine)).toBe(true);
      expect(await named('customers')).toBeUndefined();
      expect(await storage.write((tx) => tx.contacts.leave(group.id, [ana.id, ana.id]))).toBe(1);
      const remove = () => storage.write((tx) => tx.contacts.removeGroup(mine, group.id));
      expect(await remove()).toBe(true);
      expect(await remove()).toBe(false);
      expect(await contacts.memberships([bob.id])).toEqual([[]]);
    });

    it('were brought in, and what became of them is told', async () => {
      const { storage } = given;
      const group = rows.group();
      const done = [rows.contactImport(), rows.contactImport({ groupId: group.id, faults: [] })];
      await storage.write(async (tx) => {
        for (const one of [...done, foreign.contactImport()]) await tx.contacts.insertImport(one);
      });
      const { contacts } = storage.read;
      expect(await contacts.imports(mine, page)).toEqual(done.toReversed());
      expect(await contacts.countImports(mine)).toBe(2);
      const [first] = done;
      if (!first) throw new Error('none');
      expect(await contacts.findImport(mine, first.id)).toEqual(first);
      expect(await contacts.findImport(other, first.id)).toBeUndefined();
      const retain = (instant: number) => storage.write((tx) => tx.retain(cutsAt(instant), 10));
      expect(await retain(START)).toBe(0);
      expect(await retain(START + 1)).toBe(3);
      expect(await contacts.imports(mine, page)).toEqual([]);
    });
  });
}
