import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { seededIds } from '../../../test/support/seeded-ids.ts';
import { findUrls } from '../../text/urls.ts';
import { asShortCode, codeLength, newCode } from './code.ts';
import { Shortener } from './shorten.ts';

const ids = seededIds(new FakeClock());
const base = 'https://sho.rt/';
const shortener = new Shortener(ids, () => base);
const aCode = '[2-9A-HJ-NP-Za-km-z]{8}';
const promised = base.length + codeLength;

/** The text with its short URLs as the long ones again. */
function restored({ text, links }: ReturnType<Shortener['shorten']>): string {
  const urls = new Map(links.map(({ code, url }) => [code as string, url]));
  return text.replaceAll(
    new RegExp(`https://sho\\.rt/(${aCode})`, 'g'),
    (whole, code: string) => urls.get(code) ?? whole,
  );
}

describe('shorten', () => {
  it('replaces each URL, and nothing else', () => {
    const { text, links } = shortener.shorten(
      'New: https://shop.example/a, (http://shop.example/b). Bye!',
    );
    expect(text).toMatch(
      new RegExp(`^New: https://sho\\.rt/${aCode}, \\(https://sho\\.rt/${aCode}\\)\\. Bye!$`),
    );
    expect(links.map(({ url }) => url)).toEqual([
      'https://shop.example/a',
      'http://shop.example/b',
    ]);
  });

  it('has one short URL for one that stands there twice', () => {
    const shortened = shortener.shorten('https://a.example/x and https://a.example/x');
    expect(shortened.links).toHaveLength(1);
    const [{ code } = { code: '' }] = shortened.links;
    expect(shortened.text).toBe(`${base}${code} and ${base}${code}`);
  });

  it.each([
    ['no URL', 'Hello'],
    ['one that is short already', 'https://sho.rt/abcdefgh'],
    ['one that is short already, with more', 'See HTTPS://SHO.RT/abcdefgh?x=1 now'],
    ['one with a password', 'https://me:you@shop.example/'],
    ['nothing', ''],
  ])('leaves %s', (_, text) => {
    expect(shortener.shorten(text)).toEqual({ text, links: [] });
  });

  it('shortens what only looks like ours', () => {
    for (const url of [
      'https://sho.rt/',
      'https://sho.rt/privacy',
      'https://sho.rt.example/abcdefgh',
    ]) {
      expect(shortener.shorten(url).links.map((link) => link.url)).toEqual([url]);
    }
  });

  it('replaces ten different URLs and leaves further ones', () => {
    const urls = Array.from({ length: 12 }, (_, at) => `https://shop.example/${at}`);
    const { text, links } = shortener.shorten([...urls, urls[0]].join(' '));
    expect(links.map(({ url }) => url)).toEqual(urls.slice(0, 10));
    expect(text.split(' ').slice(10, 12)).toEqual(urls.slice(10));
    expect(text.endsWith(`${base}${links[0]?.code}`)).toBe(true);
  });

  it('asks each time where it is', () => {
    let where = 'http://127.0.0.1:0/s/';
    const moving = new Shortener(ids, () => where);
    where = 'http://127.0.0.1:8080/s/';
    expect(moving.shorten('https://a.example').text).toMatch(/^http:\/\/127\.0\.0\.1:8080\/s\//);
  });

  it('makes texts that can be undone and are as long as promised', () => {
    const words = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.webUrl({ withQueryParameters: true }),
        fc.constantFrom(' ', ', ', ').', 'https://sho.rt/abcdefgh', 'жук', '🙂'),
      ),
    );
    fc.assert(
      fc.property(words, (parts) => {
        const text = parts.join('');
        const shortened = shortener.shorten(text);
        expect(restored(shortened)).toBe(text);
        const gone = new Set(shortened.links.map(({ url }) => url));
        const saved = findUrls(text)
          .filter(({ url }) => gone.has(url))
          .reduce((sum, { url }) => sum + url.length - promised, 0);
        expect(shortened.text.length).toBe(text.length - saved);
        expect(shortened.text.isWellFormed()).toBe(text.isWellFormed());
      }),
      { seed: 3 },
    );
  });
});

describe('a code', () => {
  it('is eight characters that nobody mistakes for others', () => {
    const codes = Array.from({ length: 2_000 }, () => newCode(ids));
    for (const code of codes) expect(code).toMatch(new RegExp(`^${aCode}$`));
    expect(new Set(codes).size).toBe(codes.length);
    // All 57 of them.
    expect(new Set(codes.join('')).size).toBe(57);
  });

  it.each(['', 'abc', 'abcdefghi', 'abcdefg/', '../admin', 'abcdefg\n', 'äbcdefgh'])(
    '%j is none',
    (text) => expect(asShortCode(text)).toBeUndefined(),
  );
});
