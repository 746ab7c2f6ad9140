import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { seededIds } from '../../../test/support/seeded-ids.ts';
import type { World, WorldWish } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import { createTestDatabase } from '../../../test/support/storage.ts';
import { GatewayError } from '../errors.ts';
import { Gateway } from '../gateway.ts';
import type { LinkId } from '../ids.ts';
import type { Message } from '../messages/message.ts';
import type { SubmitRequest } from '../messages/submit.ts';
import type { E164 } from '../../text/phone-number.ts';
import { withShortensAlways } from './always.ts';
import type { ShortCode } from './code.ts';
import { reportLinks } from './report.ts';
import type { ShortLink } from './short-link.ts';
import type { Visitor } from './visitor.ts';

const page = { limit: 100, offset: 0 };
const base = 'https://sms.example/s/';
const somebody: Visitor = {
  address: '192.0.2.7',
  userAgent: 'Mozilla/5.0 (a phone)',
  looksAhead: false,
};
const program: Visitor = { ...somebody, userAgent: 'WhatsApp/2' };
const long = `https://shop.example/${'sale/'.repeat(40)}`;

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

async function anew(wish: WorldWish): Promise<void> {
  await world.close();
  world = await createWorld(wish);
}

const message = (more: Partial<SubmitRequest['messages'][number]> = {}) => ({
  to: '0412345678',
  text: `New: ${long}`,
  sender: 'CompanyABC',
  shorten: true,
  limits: { alphabet: 'any' as const, characters: 5000, parts: 10 },
  ...more,
});

async function submit(account: WorldAccount, ...messages: SubmitRequest['messages']) {
  const outcome = await world.gateway.submit({ caller: await account.caller(), messages });
  if (outcome.kind === 'replayed') throw new Error('there was no key');
  return outcome.result.verdicts;
}

async function sent(
  account: WorldAccount,
  ...messages: SubmitRequest['messages']
): Promise<Message[]> {
  return (await submit(account, ...messages)).map((verdict) => {
    if (!verdict.ok) throw new Error(verdict.error.detail);
    return verdict.message;
  });
}

async function linksOf(account: WorldAccount): Promise<ShortLink[]> {
  const { links } = await world.gateway.shortLinks.report(await account.caller(), {}, page);
  return links;
}

/** An account with one link. */
async function oneLink(): Promise<{ account: WorldAccount; link: ShortLink }> {
  const account = await world.account();
  await sent(account, message());
  const [link] = await linksOf(account);
  if (!link) throw new Error('there is no link');
  return { account, link };
}

const follow = ({ code }: Pick<ShortLink, 'code'>, visitor = somebody) =>
  world.gateway.shortLinks.follow(code, visitor);

async function detail(account: WorldAccount, { code }: ShortLink) {
  const found = await world.gateway.shortLinks.detail(await account.caller(), code);
  if (!found) throw new Error('there is no such link');
  return found;
}

describe('a message whose URLs are shortened', () => {
  it('is stored, priced and sent with the short ones', async () => {
    const account = await world.account({ credits: 10 });
    const [stored] = await sent(account, message());
    expect(stored?.text).toMatch(new RegExp(`^New: ${base}\\w{8}$`));
    expect(stored).toMatchObject({ parts: 1, encoding: 'gsm7', price: 1000 });
    expect(await account.credits()).toBe(9);
    await world.clock.advance(1_000);
    expect(world.link.sent.map(({ text }) => text)).toEqual([stored?.text]);
    const [link] = await linksOf(account);
    expect(link).toEqual({
      code: stored?.text.slice(-8),
      accountId: account.account.id,
      messageId: stored?.id,
      destination: '+61412345678',
      url: long,
      metadata: null,
      title: null,
      advanced: 0,
      endpointId: null,
      changedAt: null,
      createdAt: world.clock.now() - 1_000,
      clicks: 0,
      views: 0,
    });
  });

  it('may need fewer parts and a smaller alphabet', async () => {
    const account = await world.account();
    const text = `https://shop.example/привет/${'x'.repeat(200)}`;
    const [plain, short] = await sent(
      account,
      message({ text, shorten: false }),
      message({ text }),
    );
    expect(plain).toMatchObject({ encoding: 'ucs2', parts: 4, text });
    expect(short).toMatchObject({ encoding: 'gsm7', parts: 1 });
  });

  it('has links of its own, whoever else has the same text', async () => {
    const account = await world.account();
    await sent(account, message(), message({ to: '0412345679' }));
    const links = await linksOf(account);
    expect(new Set(links.map(({ code }) => code)).size).toBe(2);
    expect(links.map(({ destination }) => destination ?? '').toSorted()).toEqual([
      '+61412345678',
      '+61412345679',
    ]);
  });

  it('may be as long as its API allows before it is shortened, and no longer', async () => {
    const account = await world.account();
    const limits = { alphabet: 'any' as const, characters: message().text.length - 1, parts: 1 };
    const [verdict] = await submit(account, message({ limits }));
    expect(verdict).toMatchObject({ ok: false, error: { code: 'text_too_long' } });
  });

  it('is read aloud as it was', async () => {
    await anew({ routes: [{ links: ['test' as LinkId], media: ['voice'] }] });
    const account = await world.account();
    const [stored] = await sent(account, message({ medium: 'voice' }));
    expect(stored?.text).toBe(message().text);
    expect(await linksOf(account)).toEqual([]);
  });

  it('stays as it is where a secret follows', async () => {
    const account = await world.account();
    const text = 'Open https://sms.example/e/abcdefgh#';
    const [stored] = await sent(account, message({ text, secret: 'the-key' }));
    expect(stored?.text).toBe(text);
  });

  it('leaves no link when it is refused', async () => {
    const account = await world.account({ credits: 1 });
    await world.gateway.optOut(await account.caller(), '+61412345678' as E164);
    const [blocked, wrong, fine] = await submit(
      account,
      message(),
      message({ to: 'nobody' }),
      message({ to: '0412345679' }),
    );
    expect([blocked?.ok, wrong?.ok, fine?.ok]).toEqual([false, false, true]);
    await expect(submit(account, message({ to: '0412345670' }))).rejects.toThrow('credits');
    expect((await linksOf(account)).map(({ destination }) => destination)).toEqual([
      '+61412345679',
    ]);
  });

  it('repeats another although its codes differ', async () => {
    const account = await world.account({ duplicateWindowMs: 60_000 });
    const codes = async (...messages: SubmitRequest['messages']) =>
      (await submit(account, ...messages)).map((one) => (one.ok ? 'ok' : one.error.code));
    expect(await codes(message(), message())).toEqual(['ok', 'duplicate_message']);
    expect(await codes(message())).toEqual(['duplicate_message']);
    expect(await codes(message({ text: `New: ${long}x` }))).toEqual(['ok']);
    expect(await codes(message({ text: `Now: ${long}` }))).toEqual(['ok']);
    expect(await codes(message({ sender: 'Mobile MSG' }))).toEqual(['ok']);
    expect(await codes(message({ to: '0412345679' }))).toEqual(['ok']);
    await world.clock.advance(61_000);
    expect(await codes(message())).toEqual(['ok']);
  });

  it('stands in all messages of an account that has them always, unless one is asked to stay', async () => {
    const account = await world.account();
    const settings = withShortensAlways(account.account.settings, true);
    await world.gateway.owner.updateAccount({ ...account.account, settings });
    const texts = async (...messages: SubmitRequest['messages']) =>
      (await sent(account, ...messages)).map(({ text }) => text);
    const [unsaid, asked, not] = await texts(
      message({ shorten: undefined }),
      message(),
      message({ shorten: false }),
    );
    expect(unsaid).toMatch(/^New: https:\/\/sms\.example\/s\/\w{8}$/);
    expect(asked).toMatch(/^New: https:\/\/sms\.example\/s\/\w{8}$/);
    expect(not).toBe(`New: ${long}`);
    const own = await world.gateway.sendOwn(
      await account.caller(),
      message({ shorten: undefined }),
    );
    expect(own).toMatchObject({ ok: true, message: { text: `New: ${long}` } });
    expect(await sent(await world.account(), message({ shorten: undefined }))).toMatchObject([
      { text: `New: ${long}` },
    ]);
  });

  it('is kept from when its message is to be sent', async () => {
    const account = await world.account({ duplicateWindowMs: 60_000 });
    const now = world.clock.now();
    const scheduled = message({ scheduledAt: now + 100 * 86_400_000 });
    expect((await submit(account, scheduled)).map(({ ok }) => ok)).toEqual([true]);
    expect((await linksOf(account)).map(({ createdAt }) => createdAt - now)).toEqual([
      100 * 86_400_000,
    ]);
    // It is repeated by what comes within the time, not for as long as it waits.
    expect((await submit(account, scheduled)).map(({ ok }) => ok)).toEqual([false]);
    await world.clock.advance(61_000);
    expect((await submit(account, message())).map(({ ok }) => ok)).toEqual([true]);
  });

  it('draws another code when one is taken', async () => {
    const { account, link } = await oneLink();
    // As unlucky as can be: what comes out first is what came out before.
    const { storage, clock, ids, vault } = world;
    const lucky = [link.code, link.code, 'another2'];
    const gateway = new Gateway({
      ...world.gateway.delivery,
      storage,
      vault,
      forms: [],
      ids: {
        next: () => ids.next(),
        secret: () => lucky.shift() ?? seededIds(clock, 'more').secret(12),
      },
      shortLinks: {
        base: () => base,
        keepAddresses: false,
        keepUserAgents: false,
        smart: { most: 10, windowMs: 300_000 },
      },
      sealedTexts: { base: () => base },
      optoutLinks: { base: () => base },
      rowFiles: world.gateway.rowFiles,
      settings: { ...world.gateway.delivery.settings, validityMs: 1_000 },
    });
    const outcome = await gateway.submit({ caller: await account.caller(), messages: [message()] });
    if (outcome.kind === 'replayed') throw new Error('there was no key');
    const [verdict] = outcome.result.verdicts;
    expect(verdict?.ok && verdict.message.text).toBe(`New: ${base}another2`);
    expect(await account.messages()).toBe(2);
    expect(await account.credits()).toBe(998);
    expect((await linksOf(account)).map(({ code }) => code).toSorted()).toEqual(
      [link.code, 'another2'].toSorted(),
    );
  });
});

describe('who follows a link', () => {
  it('is sent where it leads and counted a moment later', async () => {
    const { account, link } = await oneLink();
    expect(await follow(link)).toBe(long);
    expect((await detail(account, link)).link.clicks).toBe(0);
    await world.clock.advance(1_000);
    const at = world.clock.now() - 1_000;
    expect(await detail(account, link)).toEqual({
      link: { ...link, clicks: 1 },
      visits: [{ code: link.code, kind: 'click', at, userAgent: null, address: null }],
    });
  });

  it('leaves what the owner keeps, and nothing else', async () => {
    await anew({ shortLinks: { keepAddresses: true, keepUserAgents: true } });
    const { account, link } = await oneLink();
    await follow(link);
    await world.gateway.shortLinks.writeVisits();
    expect((await detail(account, link)).visits).toMatchObject([
      { userAgent: 'Mozilla/5.0 (a phone)', address: '192.0.2.7' },
    ]);
  });

  it('is told apart from programs', async () => {
    const { account, link } = await oneLink();
    for (const visitor of [program, somebody, { ...somebody, looksAhead: true }, somebody]) {
      await follow(link, visitor);
      await world.clock.advance(1_000);
    }
    const { visits, link: counted } = await detail(account, link);
    expect(visits.map(({ kind }) => kind)).toEqual(['click', 'view', 'click', 'view']);
    expect(counted).toMatchObject({ clicks: 2, views: 2 });
  });

  it('gets a URL in the letters of URLs', async () => {
    const account = await world.account();
    await sent(account, message({ text: 'https://пример.рф/путь?a="b"' }));
    const [link] = await linksOf(account);
    expect(link && (await follow(link))).toBe(
      'https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C?a=',
    );
  });

  it.each(['', 'unknown2', '../../etc', '\r\nLocation: https://evil.example'])(
    'finds nothing under %j',
    async (code) => expect(await follow({ code: code as ShortCode })).toBeUndefined(),
  );

  it('may follow six hundred a minute, and guess thirty', async () => {
    const { link } = await oneLink();
    for (let at = 0; at < 30; at++) await follow({ code: `guess${100 + at}` as ShortCode });
    await expect(follow(link)).rejects.toMatchObject({
      code: 'too_many_attempts',
      retryAfterMs: 60_000,
    });
    expect(await follow(link, { ...somebody, address: '192.0.2.8' })).toBe(long);
    await world.clock.advance(60_000);
    expect(await follow(link)).toBe(long);
  });
});

describe('a flood of visits', () => {
  it('is counted whole, and kept up to a bound', async () => {
    const { account, link } = await oneLink();
    const flood = async (count: number) => {
      for (let at = 0; at < count; at++) {
        await follow(link, { ...somebody, address: `10.0.0.${at % 250}` });
      }
      await world.clock.advance(1_000);
    };
    await flood(150);
    await flood(300);
    const { link: counted, visits } = await detail(account, link);
    expect(counted.clicks).toBe(450);
    expect(visits).toHaveLength(200);
  });

  it('of many links is written in few transactions', async () => {
    const account = await world.account();
    const numbers = Array.from({ length: 450 }, (_, at) => `0412${String(at).padStart(6, '0')}`);
    await sent(account, ...numbers.map((to) => message({ to })));
    const { links } = await world.gateway.shortLinks.report(
      await account.caller(),
      {},
      {
        limit: 1_000,
        offset: 0,
      },
    );
    for (const link of links) await follow(link);
    let writes = 0;
    const { write } = world.storage;
    world.storage.write = (work) => {
      writes += 1;
      return write.call(world.storage, work) as never;
    };
    await world.gateway.shortLinks.writeVisits();
    expect(writes).toBe(3);
    await world.gateway.shortLinks.writeVisits();
    expect(writes).toBe(3);
    const { totals } = await world.gateway.shortLinks.report(await account.caller(), {}, page);
    expect(totals).toMatchObject({ links: 450, clicks: 450, clicked: 450 });
  });

  it('waits while the storage is away', async () => {
    const { account, link } = await oneLink();
    await follow(link);
    const { write } = world.storage;
    world.storage.write = () => Promise.reject(new GatewayError('storage_unavailable', 'gone'));
    await expect(world.gateway.shortLinks.writeVisits()).rejects.toThrow('gone');
    await follow(link);
    world.storage.write = write;
    await world.gateway.shortLinks.writeVisits();
    expect(await detail(account, link)).toMatchObject({
      link: { clicks: 2 },
      visits: [{ kind: 'click' }, { kind: 'click' }],
    });
  });

  it('is written by two nodes at once without losing one', async () => {
    const database = await createTestDatabase();
    const clock = new FakeClock();
    await anew({ database, clock });
    const { account, link } = await oneLink();
    const other = await createWorld({ database, clock, node: 'other', dispatch: false });
    for (let round = 0; round < 5; round++) {
      for (const { gateway } of [world, other]) {
        await gateway.shortLinks.follow(link.code, somebody);
        await gateway.shortLinks.follow(link.code, program);
      }
      await Promise.all([world, other].map(({ gateway }) => gateway.shortLinks.writeVisits()));
    }
    expect((await detail(account, link)).link).toMatchObject({ clicks: 10, views: 10 });
    await other.close();
    await world.close();
    await database.drop();
    world = await createWorld();
  });

  it('is written before the gateway closes', async () => {
    const database = await createTestDatabase();
    await anew({ database });
    const { link } = await oneLink();
    await follow(link);
    await world.close();
    const storage = await database.open();
    expect(await storage.read.shortLinks.find(link.code)).toMatchObject({ clicks: 1 });
    await storage.close();
    world = await createWorld();
    await database.drop();
  });
});

describe('a report', () => {
  const campaign = (value: string) => [['campaign', value]] as const;

  it('sums what fits, and counts each recipient once', async () => {
    const account = await world.account();
    await sent(
      account,
      message({ metadata: campaign('spring') }),
      message({ to: '0412345679', metadata: campaign('spring') }),
      message({ to: '0412345670', metadata: campaign('autumn'), text: 'https://other.example' }),
    );
    for (const link of await linksOf(account)) {
      if (link.destination === '+61412345679') continue;
      for (const visitor of [somebody, somebody, program]) await follow(link, visitor);
    }
    await world.gateway.shortLinks.writeVisits();
    const { shortLinks } = world.gateway;
    const totals = async (search: Parameters<typeof shortLinks.report>[1]) =>
      (await shortLinks.report(await account.caller(), search, page)).totals;
    const all = { links: 3, clicks: 4, views: 2, clicked: 2, viewed: 2 };
    expect(await totals({})).toEqual(all);
    expect(await totals({ metadata: { name: 'campaign', value: 'spring' } })).toEqual({
      links: 2,
      clicks: 2,
      views: 1,
      clicked: 1,
      viewed: 1,
    });
    expect(await totals({ url: 'https://other.example' })).toMatchObject({ links: 1, clicks: 2 });
    expect(await totals({ destination: '+61412345679' as E164 })).toMatchObject({
      links: 1,
      clicks: 0,
      clicked: 0,
    });
    const stranger = await world.account();
    expect((await shortLinks.report(await stranger.caller(), {}, page)).totals.links).toBe(0);
  });

  it('shows no other account’s link', async () => {
    const { link } = await oneLink();
    const stranger = await world.account();
    const { shortLinks } = world.gateway;
    expect(await shortLinks.detail(await stranger.caller(), link.code)).toBeUndefined();
  });

  it.each([1, 2, 3, 7, 1_000])('is the same in stretches of %i', async (linksAtOnce) => {
    const account = await world.account();
    for (let at = 0; at < 6; at++) {
      const text = `https://shop.example/${at % 3}`;
      await sent(account, message({ text }), message({ to: '0412345679', text }));
      if (at % 2 === 0) await world.clock.advance(1_000);
    }
    const { shortLinks } = world.storage.read;
    const report = (search: object, offset: number, limit: number) =>
      reportLinks(shortLinks, account.account.id, search, { offset, limit }, linksAtOnce);
    const url = 'https://shop.example/1';
    const all = (await report({ url }, 0, 100)).links;
    expect(all).toHaveLength(4);
    expect(all.map(({ createdAt }) => createdAt)).toEqual(
      all.map(({ createdAt }) => createdAt).toSorted((a, b) => b - a),
    );
    for (let offset = 0; offset < 5; offset++) {
      const { totals, links } = await report({ url }, offset, 2);
      expect(totals.links).toBe(4);
      expect(links).toEqual(all.slice(offset, offset + 2));
    }
    expect((await report({}, 5, 4)).links).toHaveLength(4);
    expect((await report({}, 0, 0)).totals.links).toBe(12);
  });

  it('of many links lets others have their turn', async () => {
    const account = await world.account();
    for (let at = 0; at < 10; at++) {
      await sent(account, message());
      await world.clock.advance(1_000);
    }
    let turns = 0;
    let over = false;
    const others = (): void => {
      turns += 1;
      if (!over) setImmediate(others);
    };
    setImmediate(others);
    const all = { limit: 10, offset: 0 };
    await reportLinks(world.storage.read.shortLinks, account.account.id, {}, all, 1);
    over = true;
    expect(turns).toBeGreaterThanOrEqual(10);
  });
});
