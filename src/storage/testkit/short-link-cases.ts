import { describe, expect, it } from 'vitest';

import type { AccountId, EndpointId } from '../../core/ids.ts';
import type { ShortCode } from '../../core/links/code.ts';
import type { OwnLinkSearch, ShortLink, ShortLinkSearch } from '../../core/links/short-link.ts';
import type { Given } from './given.ts';
import { MINUTE, number, START } from './fixtures.ts';

const always = { from: 0, before: Number.MAX_SAFE_INTEGER };
const page = { limit: 100, offset: 0 };
const [mine, other] = ['mine', 'other'] as [AccountId, AccountId];

/** Short links and who followed them. */
export function shortLinkCases(given: Given): void {
  const insert = (...links: ShortLink[]) =>
    given.storage.write((tx) => tx.shortLinks.insert(links));
  const codesOf = (links: readonly ShortLink[]) => links.map(({ code }) => code);

  describe('short links', () => {
    it('are found by their code, whatever they lead to', async () => {
      const { storage, rows } = given;
      const link = rows.shortLink({
        url: 'https://a.example/путь?a=%20&b="\'',
        metadata: [
          ['campaign', 'a "quoted" \\ one\n'],
          ['ключ', '😀'],
        ],
      });
      await insert(link, rows.shortLink());
      expect(await storage.read.shortLinks.find(link.code)).toEqual(link);
      const wrongCase = link.code.toUpperCase() as ShortCode;
      expect(await storage.read.shortLinks.find(wrongCase)).toBeUndefined();
    });

    it('that belong to no message are listed, changed and removed by themselves', async () => {
      const { storage, rows } = given;
      const free = { accountId: mine, messageId: null, destination: null };
      const [old, young] = [
        rows.shortLink({ ...free, title: 'Old Sale', url: 'https://a.example/', changedAt: START }),
        rows.shortLink({ ...free, createdAt: START + 1, advanced: 1, endpointId: rows.id() }),
      ];
      await insert(
        old,
        young,
        rows.shortLink({ accountId: mine }),
        rows.shortLink({ ...free, accountId: other }),
      );
      const { shortLinks } = storage.read;
      const found = async (search: OwnLinkSearch, some = page) => {
        const links = await shortLinks.own(mine, search, some);
        if (some === page) expect(await shortLinks.countOwn(mine, search)).toBe(links.length);
        return links;
      };
      expect(await found({})).toEqual([young, old]);
      expect(await found({}, { limit: 1, offset: 1 })).toEqual([old]);
      expect(await found({ title: 'sALE' })).toEqual([old]);
      expect(await found({ title: '%' })).toEqual([]);
      expect(await found({ url: 'A.example' })).toEqual([old]);
      expect(await found({ advanced: true })).toEqual([young]);
      expect(await found({ endpointId: young.endpointId as EndpointId })).toEqual([young]);
      const { write } = storage;
      expect(await write((tx) => tx.shortLinks.countOwn(mine, 10))).toBe(2);
      expect(await write((tx) => tx.shortLinks.countOwn(mine, 1))).toBe(1);
      const changed = { ...old, url: 'https://b.example/', title: null, changedAt: START + 5 };
      await write(async (tx) => {
        await tx.shortLinks.save({ ...changed, clicks: 9 });
        await tx.shortLinks.insertVisits([rows.visit(old), rows.visit(old, { at: START + 1 })]);
      });
      expect(await shortLinks.find(old.code)).toEqual(changed);
      expect(await shortLinks.countVisits(old.code)).toBe(2);
      expect(await shortLinks.visitsPage(old.code, { limit: 1, offset: 1 })).toEqual([
        rows.visit(old),
      ]);
      await write((tx) => tx.shortLinks.remove(old.code));
      expect(await shortLinks.find(old.code)).toBeUndefined();
      expect(await shortLinks.countVisits(old.code)).toBe(0);
    });

    it('have codes that are taken', async () => {
      const { storage, rows } = given;
      const link = rows.shortLink();
      await insert(link);
      const free = rows.shortLink().code;
      const taken = await storage.write((tx) => tx.shortLinks.taken([link.code, free, link.code]));
      expect(taken).toEqual(new Set([link.code]));
    });

    it('are counted under a lock, and their visits kept, newest first', async () => {
      const { storage, rows } = given;
      const [one, two] = [rows.shortLink(), rows.shortLink()];
      await insert(one, two);
      const visits = [
        rows.visit(one, { at: START + 2, userAgent: 'Mozilla/5.0 …', address: '2001:db8::1' }),
        rows.visit(one, { at: START + 1, kind: 'view' }),
        rows.visit(two),
      ];
      await storage.write(async (tx) => {
        const gone = 'gone1234' as ShortCode;
        const locked = await tx.shortLinks.lock([two.code, gone, one.code]);
        expect(codesOf(locked)).toEqual([two.code, one.code]);
        await tx.shortLinks.saveCounts([{ ...one, clicks: 5, views: 2 }]);
        await tx.shortLinks.insertVisits(visits);
      });
      const { shortLinks } = storage.read;
      expect(await shortLinks.find(one.code)).toEqual({ ...one, clicks: 5, views: 2 });
      expect(await shortLinks.find(two.code)).toEqual(two);
      // In the order in which they came.
      expect(await shortLinks.visits(one.code)).toEqual([visits[1], visits[0]]);
    });

    it('are listed and summed by account and time, newest first', async () => {
      const { storage, rows } = given;
      const links = [3, 1, 2].map((minute) =>
        rows.shortLink({ accountId: mine, createdAt: START + minute * MINUTE, clicks: minute }),
      );
      const [young, old, middle] = links as [ShortLink, ShortLink, ShortLink];
      await insert(...links, rows.shortLink({ accountId: other, clicks: 100 }));
      const { shortLinks } = storage.read;
      expect(await shortLinks.list(mine, {}, always, page)).toEqual([young, middle, old]);
      const second = { limit: 1, offset: 1 };
      expect(await shortLinks.list(mine, {}, always, second)).toEqual([middle]);
      const span = { from: old.createdAt, before: young.createdAt };
      expect(codesOf(await shortLinks.list(mine, {}, span, page))).toEqual(codesOf([middle, old]));
      expect(await shortLinks.sums(mine, {}, span)).toEqual({
        links: 2,
        clicks: 3,
        views: 0,
        clicked: 2,
        viewed: 0,
      });
      const nobody = 'nobody' as AccountId;
      const nothing = { links: 0, clicks: 0, views: 0, clicked: 0, viewed: 0 };
      expect(await shortLinks.sums(nobody, {}, always)).toEqual(nothing);
    });

    it('say where a stretch of so many begins', async () => {
      const { storage, rows } = given;
      const at = (minute: number, last = 1) =>
        rows.shortLink({
          accountId: mine,
          createdAt: START + minute * MINUTE,
          destination: number(last),
        });
      await insert(at(1), at(2, 2), at(3), at(3), at(4), rows.shortLink({ accountId: other }));
      const from = (count: number, before = always.before, to?: number) =>
        storage.read.shortLinks.stretchFrom(
          mine,
          to === undefined ? undefined : number(to),
          before,
          count,
        );
      expect(await from(1)).toBe(START + 4 * MINUTE);
      expect(await from(2)).toBe(START + 3 * MINUTE);
      expect(await from(3)).toBe(START + 3 * MINUTE);
      expect(await from(5)).toBe(START + MINUTE);
      expect(await from(6)).toBeUndefined();
      expect(await from(1, START + 3 * MINUTE)).toBe(START + 2 * MINUTE);
      expect(await from(4, always.before, 1)).toBe(START + MINUTE);
      expect(await from(5, always.before, 1)).toBeUndefined();
    });

    it.each<[string, ShortLinkSearch, number[]]>([
      ['a destination', { destination: number(1) }, [0, 1]],
      ['a URL', { url: 'https://a.example/x' }, [0, 2]],
      ['a URL in another case', { url: 'https://A.example/x' }, []],
      ['both', { destination: number(1), url: 'https://a.example/x' }, [0]],
      ['a pair', { metadata: { name: 'campaign', value: 'spring' } }, [0, 1]],
      ['a pair of another case', { metadata: { name: 'campaign', value: 'Spring' } }, []],
      ['a name', { metadata: { name: 'shop' } }, [1]],
      ['a value', { metadata: { value: 'spring' } }, [0, 1, 2]],
      ['a part of a value', { metadata: { value: 'spri' } }, []],
      ['a pattern', { metadata: { value: 'spr%' } }, []],
      ['quotation marks', { metadata: { name: 'a"b', value: 'c\\d' } }, [2]],
      ['what looks like a pair', { metadata: { name: 'b', value: 'c' } }, []],
      ['nothing of the metadata', { metadata: {} }, [0, 1, 2, 3]],
    ])('fit a search by %s', async (_, search, expected) => {
      const { storage, rows } = given;
      const url = 'https://a.example/x';
      const links = [
        rows.shortLink({ url, metadata: [['campaign', 'spring']] }),
        rows.shortLink({
          metadata: [
            ['shop', '7'],
            ['campaign', 'spring'],
          ],
        }),
        rows.shortLink({
          url,
          destination: number(2),
          metadata: [
            ['season', 'spring'],
            ['a"b', 'c\\d'],
            ['x","y', '["b","c"]'],
          ],
        }),
        rows.shortLink({ destination: number(3) }),
      ];
      await insert(...links);
      const { accountId } = links[0] as ShortLink;
      const found = await storage.read.shortLinks.list(accountId, search, always, page);
      const wanted = expected.map((at) => (links[at] as ShortLink).code);
      expect(codesOf(found).toSorted()).toEqual(wanted.toSorted());
      const sums = await storage.read.shortLinks.sums(accountId, search, always);
      expect(sums.links).toBe(expected.length);
    });

    it('lead to the messages that an account has just sent', async () => {
      const { storage, rows } = given;
      const message = rows.message({ accountId: mine, text: 'a', destination: number(1) });
      const failed = rows.message({ accountId: mine, status: 'failed', destination: number(1) });
      const foreign = rows.message({ accountId: other, destination: number(1) });
      const linkOf = ({ id, accountId, destination }: typeof message, createdAt = START) =>
        rows.shortLink({ messageId: id, accountId, destination, createdAt });
      const links = [linkOf(message), linkOf(message)];
      await storage.write(async (tx) => {
        await tx.messages.insert([message, failed, foreign]);
        await tx.shortLinks.insert([
          ...links,
          linkOf(failed),
          linkOf(foreign),
          linkOf(message, START - MINUTE),
        ]);
      });
      const found = await storage.write((tx) =>
        tx.shortLinks.recentTo(mine, [number(2), number(1)], START, 10),
      );
      expect(found).toEqual([
        [],
        [{ sender: message.sender, text: 'a', links: expect.arrayContaining(links) }],
      ]);
      expect(found[1]?.[0]?.links).toHaveLength(2);
    });
  });
}
