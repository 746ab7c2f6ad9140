import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { E164 } from '../../text/phone-number.ts';
import type { OptoutWish } from './optout-links.ts';
import { faultOfLinks } from './optout-links.ts';
import type { Scope } from './scope.ts';

const handset = '+61412345678' as E164;
const placeholders = { out: '[#optout#]', in: '[#optin#]' };

let world: World;
let account: WorldAccount;
beforeEach(async () => {
  world = await createWorld();
  account = await world.account();
});
afterEach(() => world.close());

const links = () => world.gateway.optoutLinks;
const wish = (over: Partial<OptoutWish> = {}): OptoutWish => ({
  accountId: account.account.id,
  number: handset,
  direction: 'out',
  scopes: [],
  ...over,
});
const fill = async (text: string, to = '0412345678') =>
  links().fill((await account.caller()).view, to, text);
/** A link that stands in a text. */
function read(text: string): OptoutWish | undefined {
  const url = /https:\S+/.exec(text)?.[0] ?? '';
  const { pathname, searchParams } = new URL(url);
  return links().read(pathname.slice('/o/'.length), searchParams);
}

it('has the form in which clients put it into texts', () => {
  const scopes: Scope[] = [
    { kind: 'sender', value: '654321' },
    { kind: 'tag', value: 'tag1' },
    { kind: 'tag', value: 'tag2' },
    { kind: 'product', value: 'T' },
  ];
  expect(links().template('[#optout#]', scopes)).toBe(
    'https://sms.example/o/[#optout#]?sender=654321&tag=tag1,tag2&service=T',
  );
  expect(links().template('[#optin#]', [])).toBe('https://sms.example/o/[#optin#]');
});

it.each<[string, Scope[], OptoutWish['direction']]>([
  ['everything', [], 'out'],
  ['everything again', [], 'in'],
  ['a sender', [{ kind: 'sender', value: 'Mobile MSG' }], 'out'],
  ['tags', ['a', 'b&c', 'ü?'].map((value) => ({ kind: 'tag', value })), 'in'],
  ['a product', [{ kind: 'product', value: 'T' }], 'out'],
])('says of %s what it was made for', async (_what, scopes, direction) => {
  const placeholder = placeholders[direction];
  const text = await fill(`Bye: ${links().template(placeholder, scopes)} !`);
  expect(text).not.toContain('#');
  expect(text).toMatch(/^Bye: https:\/\/sms\.example\/o\/[\w-]{48}(\?\S*)? !$/);
  expect(read(text)).toEqual(wish({ scopes, direction }));
});

it('is another for each recipient; a text without a place for it stays as it is', async () => {
  const text = 'https://sms.example/o/[#optout#] https://sms.example/o/[#optin#]?tag=a';
  const [mine, theirs] = [await fill(text), await fill(text, '0412345679')];
  expect(mine).not.toBe(theirs);
  expect(mine).toMatch(
    /^https:\/\/sms\.example\/o\/\S{48} https:\/\/sms\.example\/o\/\S{48}\?tag=a$/,
  );
  expect(await fill('Hello')).toBe('Hello');
  expect(await fill(text, 'nobody')).toBe(text);
});

const tag = (value: string): Scope => ({ kind: 'tag', value });
const url = 'https://sms.example/o/[#optout#]';

it.each<[string, Scope[]]>([
  [`Stop: ${url}.`, []],
  [`Stop? ${url}?`, []],
  [`Stop: ${url}?tag=promo.`, [tag('promo')]],
  [`(stop: ${url}?tag=promo)`, [tag('promo')]],
  [`(${url}?sender=ABC&tag=a,b).`, [{ kind: 'sender', value: 'ABC' }, tag('a'), tag('b')]],
  [`"${url}?tag=promo", he said`, [tag('promo')]],
  [`‘${url}?tag=promo’`, [tag('promo')]],
  [`Stop ${url}?tag=promo!?`, [tag('promo')]],
  [`<a href="${url}?tag=promo">stop</a>`, [tag('promo')]],
  [`<a href='${url}?tag=promo'>stop</a>`, [tag('promo')]],
  [`<${url}?tag=promo>`, [tag('promo')]],
  [`[stop](${url}?tag=promo)`, [tag('promo')]],
  [`${url}?tag=promo&`, [tag('promo')]],
  [`${url}?utm_source=sms&tag=promo;`, [tag('promo')]],
  [`${url}?tag=v1.2.`, [tag('v1.2')]],
])('is tapped in the sentence %s', async (text, scopes) => {
  // What a handset makes a link of: without what closes the sentence.
  const [tapped = ''] = /https:[^\s"<>’]+/.exec(await fill(text)) ?? [];
  expect(read(tapped.replace(/[.,;:!?)']+$/, ''))).toEqual(wish({ scopes }));
});

it.each(['sale!', 'No.', "it's (new)", 'a.b', '...'])(
  'keeps the end of the tag %j',
  async (value) => {
    const text = await fill(`Stop: ${links().template(placeholders.out, [tag(value)])}.`);
    expect(read(text.slice(0, -1))).toEqual(wish({ scopes: [tag(value)] }));
  },
);

it('is signed once for each thing that a text asks for', async () => {
  const token = vi.spyOn(links(), 'token');
  const view = (await account.caller()).view;
  const texts = [`${url} `.repeat(100), `${url}?tag=a `.repeat(100), '[#optin#]'.repeat(100)];
  for (const text of texts) expect(links().fill(view, handset, text)).not.toContain('#');
  expect(token).toHaveBeenCalledTimes(3);
});

it.each([
  ['none', 'Hello', true],
  ['three', `${url} [#optin#] ${url}?tag=a`, true],
  ['four', `${url} [#optin#] ${url}?tag=a ${url}`, false],
  ['four, one in the query of another', `${url}?tag=${url}?tag=${url}?tag=${url}`, false],
  ['one with three tags', `(${url}?tag=a,b,c).`, true],
  ['one with four tags', `${url}?tag=a,b,c,d`, false],
  ['one with a value of 100 characters', `${url}?sender=${'x'.repeat(100)}.`, true],
  ['one with a longer value', `${url}?sender=${'x'.repeat(101)}`, false],
])('may stand in a text: %s', (_what, text, good) => {
  expect(faultOfLinks(text) === undefined).toBe(good);
});

it.each(['+123456', '+999999999999999', '+61412345678'])('holds the number %s', (number) => {
  const token = links().token(wish({ number: number as E164 }));
  expect(links().read(token, new URLSearchParams())?.number).toBe(number);
});

describe('what was changed is no link any more', () => {
  const none = new URLSearchParams();

  it('whichever character of it', () => {
    const token = links().token(wish());
    expect(links().read(token, none)).toEqual(wish());
    for (let at = 0; at < token.length; at++) {
      const changed = token[at] === 'A' ? 'B' : 'A';
      const forged = token.slice(0, at) + changed + token.slice(at + 1);
      expect(links().read(forged, none), `${at}`).toBeUndefined();
    }
    for (const text of ['', token.slice(1), `${token}A`, token.toUpperCase(), '…'.repeat(48)]) {
      expect(links().read(text, none)).toBeUndefined();
    }
  });

  it('with the signature of another number, account or direction', async () => {
    const other = await world.account();
    const body = links().token(wish()).slice(0, 32);
    for (const over of [
      { number: '+61412345679' as E164 },
      { accountId: other.account.id },
      { direction: 'in' as const },
      { scopes: [{ kind: 'tag' as const, value: 'a' }] },
    ]) {
      const signature = links().token(wish(over)).slice(32);
      expect(links().read(body + signature, none)).toBeUndefined();
    }
  });

  it.each<[string, string]>([
    ['tag=a', ''],
    ['tag=a', 'tag=b'],
    ['tag=a', 'tag=a,b'],
    ['tag=a', 'sender=a'],
    ['', 'sender=Your%20bank'],
    ['tag=a,b,c', 'tag=a,b,c,d'],
  ])('of %j to %j', async (before, after) => {
    const text = await fill(`https://sms.example/o/[#optout#]?${before}`);
    expect(read(text)).toBeDefined();
    expect(read(text.replace(/\?.*/, `?${after}`))).toBeUndefined();
  });

  it('but not by what others add to it', async () => {
    const text = await fill('https://sms.example/o/[#optout#]?tag=a,b');
    expect(read(`${text.replace(',', '%2C')}&utm_source=x`)?.scopes).toHaveLength(2);
  });

  it('and one with more than it may say never was one', async () => {
    for (const query of ['tag=a,b,c,d', `sender=${'x'.repeat(101)}`]) {
      expect(read(await fill(`https://sms.example/o/[#optout#]?${query}`))).toBeUndefined();
    }
  });
});

it('is carried out for the account that it is of', async () => {
  const caller = await account.caller();
  const page = { limit: 10, offset: 0 };
  const listed = async () => {
    const { items } = await world.gateway.scopedOptouts.search(caller, {}, page);
    return items.map(({ kind, value, source }) => `${kind} ${value} ${source}`).toSorted();
  };
  const scopes: Scope[] = [
    { kind: 'sender', value: 'CompanyABC' },
    { kind: 'tag', value: 'sale' },
  ];
  expect(await links().carryOut(wish({ scopes }))).toBe(true);
  expect(await listed()).toEqual(['sender CompanyABC link', 'tag sale link']);
  await links().carryOut(wish());
  expect(await world.gateway.optedOut(caller, [handset])).toEqual([true]);
  await links().carryOut(wish({ scopes, direction: 'in' }));
  expect(await listed()).toEqual(['all null link']);
  await links().carryOut(wish({ direction: 'in' }));
  expect(await listed()).toEqual([]);
  const gone = world.ids.next<OptoutWish['accountId']>();
  expect(await links().carryOut(wish({ accountId: gone }))).toBe(false);
});
