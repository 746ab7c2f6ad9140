import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World, WorldWish } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { EndpointId } from '../ids.ts';
import { cutsAt } from '../../storage/testkit/fixtures.ts';
import type { OwnLink } from './own-links.ts';
import type { ShortLink } from './short-link.ts';
import type { Visitor } from './visitor.ts';

const minute = 60_000;
const page = { limit: 100, offset: 0 };
const wish: OwnLink = {
  url: 'https://shop.example/sale?a=1',
  title: 'Sale',
  advanced: false,
  endpointId: null,
};
const somebody: Visitor = { address: '192.0.2.7', userAgent: 'Mozilla/5.0', looksAhead: false };

let world: World;
let account: WorldAccount;
beforeEach(() => begin({}));
afterEach(() => world.close());

async function begin(one: WorldWish): Promise<void> {
  world = await createWorld(one);
  account = await world.account();
}

const own = () => world.gateway.shortLinks.own;
const made = async (more: Partial<OwnLink> = {}): Promise<ShortLink> =>
  own().create(await account.caller(), { ...wish, ...more });
const follow = ({ code }: Pick<ShortLink, 'code'>, address = somebody.address) =>
  world.gateway.shortLinks.follow(code, { ...somebody, address });

describe('a link of an account’s own', () => {
  it('leads where it says, and is found by its account alone', async () => {
    const link = await made();
    expect(link).toMatchObject({
      ...wish,
      advanced: 0,
      messageId: null,
      destination: null,
      clicks: 0,
      createdAt: world.clock.now(),
    });
    expect(world.gateway.shortLinks.urlOf(link)).toBe(`https://sms.example/s/${link.code}`);
    expect(await follow(link)).toBe(wish.url);
    const stranger = await (await world.account()).caller();
    expect(await own().find(await account.caller(), link.code)).toMatchObject({ code: link.code });
    expect(await own().find(stranger, link.code)).toBeUndefined();
    expect(await own().update(stranger, link.code, { title: 'x' })).toBeUndefined();
    expect(await own().remove(stranger, link.code)).toBe(false);
    expect(await own().visits(stranger, link.code, page)).toBeUndefined();
    expect(await own().list(stranger, {}, page)).toEqual({ rows: [], total: 0 });
  });

  it('is changed, and removed with its visits', async () => {
    const caller = await account.caller();
    const link = await made();
    await world.clock.advance(minute);
    const changed = await own().update(caller, link.code, {
      url: 'http://b.example/',
      advanced: true,
    });
    const expected = {
      ...link,
      url: 'http://b.example/',
      advanced: 1,
      changedAt: world.clock.now(),
    };
    expect(changed).toEqual(expected);
    expect(await own().find(caller, link.code)).toEqual(expected);
    expect(await follow(link)).toBe('http://b.example/');
    await world.clock.advance(1_000);
    expect(await own().remove(caller, link.code)).toBe(true);
    expect(await own().remove(caller, link.code)).toBe(false);
    expect(await follow(link)).toBeUndefined();
    expect(await world.storage.read.shortLinks.countVisits(link.code)).toBe(0);
  });

  it.each<[string, Partial<OwnLink>]>([
    ['an http or https URL', { url: 'javascript:alert(1)' }],
    ['an http or https URL', { url: 'shop.example' }],
    ['an http or https URL', { url: 'https://user:pass@shop.example/' }],
    ['an http or https URL', { url: `https://shop.example/${'a'.repeat(2_048)}` }],
    ['does not lead to another one', { url: 'https://sms.example/s/abcdefgh' }],
    ['at most 255 characters', { title: 'a'.repeat(256) }],
    ['no such webhook', { endpointId: 'nobody’s' as EndpointId }],
  ])('is refused: %s', async (detail, more) => {
    const refusal = { code: 'invalid_request', detail: expect.stringContaining(detail) as string };
    await expect(made(more)).rejects.toMatchObject(refusal);
    const link = await made();
    const change = own().update(await account.caller(), link.code, more);
    await expect(change).rejects.toMatchObject(refusal);
  });

  it('stands in lists by what is asked, newest first, and not among those of messages', async () => {
    const caller = await account.caller();
    const links: ShortLink[] = [];
    for (const more of [{}, { title: 'Spring SALE' }, { title: null, advanced: true }]) {
      links.push(await made(more));
      await world.clock.advance(1);
    }
    const [first, second, third] = links as [ShortLink, ShortLink, ShortLink];
    const listed = async (search: Parameters<ReturnType<typeof own>['list']>[1], some = page) => {
      const { rows, total } = await own().list(caller, search, some);
      return { codes: rows.map(({ code }) => code), total };
    };
    expect(await listed({})).toEqual({ codes: [third.code, second.code, first.code], total: 3 });
    expect(await listed({}, { limit: 1, offset: 1 })).toEqual({ codes: [second.code], total: 3 });
    expect(await listed({ title: 'sale' })).toEqual({ codes: [second.code, first.code], total: 2 });
    expect(await listed({ title: '%' })).toEqual({ codes: [], total: 0 });
    expect(await listed({ url: 'SHOP.example', advanced: true })).toMatchObject({ total: 1 });
    expect(await listed({ endpointId: 'x' as EndpointId })).toEqual({ codes: [], total: 0 });
    const report = await world.gateway.shortLinks.report(caller, { own: false }, page);
    expect(report.totals.links).toBe(0);
    expect((await world.gateway.shortLinks.report(caller, {}, page)).totals.links).toBe(3);
  });

  it('goes by its keeping time', async () => {
    const link = await made();
    const { totals } = await world.gateway.shortLinks.report(await account.caller(), {}, page);
    expect(totals.links).toBe(1);
    const cut = world.clock.now() + 86_400_000;
    const cuts = { ...cutsAt(0), shortLinks: cut };
    expect(await world.storage.write((tx) => tx.retain(cuts, 10))).toBe(1);
    expect(await follow(link)).toBeUndefined();
  });
});

describe('who follows such links', () => {
  it('may do so ten times in five minutes, from one address', async () => {
    const [one, two] = [await made(), await made()];
    const begun = world.clock.now();
    for (let at = 0; at < 9; at++) expect(await follow(at % 2 ? one : two)).toBe(wish.url);
    await world.clock.advance(4 * minute);
    // The tenth: at the limit.
    expect(await follow(one)).toBe(wish.url);
    // One past it.
    await expect(follow(two)).rejects.toMatchObject({
      code: 'too_many_attempts',
      retryAfterMs: begun + 5 * minute - world.clock.now(),
    });
    expect(await follow(two, '192.0.2.8')).toBe(wish.url);
    await world.clock.advance(minute - 1);
    await expect(follow(one)).rejects.toMatchObject({ retryAfterMs: 1 });
    // After its window.
    await world.clock.advance(1);
    expect(await follow(one)).toBe(wish.url);
    await world.clock.advance(1_000);
    const found = await own().find(await account.caller(), one.code);
    // What was refused is no visit.
    expect(found?.clicks).toBe(4 + 1 + 1);
  });

  it('may do so as often as the owner says', async () => {
    await world.close();
    await begin({ shortLinks: { smart: { most: 2, windowMs: minute } } });
    const link = await made();
    await follow(link);
    await follow(link);
    await expect(follow(link)).rejects.toMatchObject({ retryAfterMs: minute });
  });

  it('writes nothing by being refused', async () => {
    const link = await made();
    for (let at = 0; at < 10; at++) await follow(link);
    await world.clock.advance(1_000);
    let writes = 0;
    const { write } = world.storage;
    world.storage.write = (work) => {
      writes += 1;
      return write(work);
    };
    for (let at = 0; at < 50; at++) await follow(link).catch(() => {});
    await world.gateway.shortLinks.writeVisits();
    expect(writes).toBe(0);
  });
});

describe('visits', () => {
  it('are listed newest first, page by page', async () => {
    const caller = await account.caller();
    const link = await made();
    for (let at = 0; at < 5; at++) {
      await follow(link);
      await world.clock.advance(1_000);
    }
    const all = await own().visits(caller, link.code, page);
    expect(all?.total).toBe(5);
    const times = all?.rows.map(({ at }) => at) ?? [];
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    const second = await own().visits(caller, link.code, { limit: 2, offset: 2 });
    expect(second?.rows).toEqual(all?.rows.slice(2, 4));
  });
});
