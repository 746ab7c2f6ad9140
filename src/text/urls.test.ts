import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findUrls, isWebUrl } from './urls.ts';

describe('findUrls', () => {
  it.each<[string, string[]]>([
    ['no link here', []],
    ['See https://a.example/x', ['https://a.example/x']],
    ['See https://a.example/x. Or not.', ['https://a.example/x']],
    ['Really https://a.example/?! Yes', ['https://a.example/']],
    ["'https://a.example', he said", ['https://a.example']],
    ['(https://a.example/x)', ['https://a.example/x']],
    ['(see https://a.example/x).', ['https://a.example/x']],
    ['[https://a.example/x]', ['https://a.example/x']],
    ['<https://a.example/x>', ['https://a.example/x']],
    ['"https://a.example/x"', ['https://a.example/x']],
    ['https://a.example/x_(y)', ['https://a.example/x_(y)']],
    ['(https://a.example/x_(y))', ['https://a.example/x_(y)']],
    ['https://a.example/x?y[]=1&z[0]=2', ['https://a.example/x?y[]=1&z[0]=2']],
    ['HTTPS://A.example/X', ['HTTPS://A.example/X']],
    ['http://a.example:8080/x#y', ['http://a.example:8080/x#y']],
    ['http://[2001:db8::1]/x', ['http://[2001:db8::1]/x']],
    ['https://a.example,https://b.example;', ['https://a.example', 'https://b.example']],
    ['https://a.example\nhttp://b.example', ['https://a.example', 'http://b.example']],
    ['https://a.example/?to=https://b.example', ['https://a.example/?to=https://b.example']],
    ['https://a.example/%20x', ['https://a.example/%20x']],
    ['https://пример.рф/путь, да', ['https://пример.рф/путь']],
    ['https://a.example/naïve', ['https://a.example/naïve']],
    // Languages that put no space there.
    ['点击https://t.example/abc查看', ['https://t.example/abc']],
    ['访问https://t.example/abc。谢谢', ['https://t.example/abc']],
    ['https://a.example에서', ['https://a.example']],
    ['ดูที่https://a.example/xนะ', ['https://a.example/x']],
    ['https://a.example/😀', ['https://a.example/']],
    // What is none, or nobody should follow.
    ['https://', []],
    ['https://.', []],
    ['https://-.example', []],
    ['https://me:secret@a.example', []],
    ['https://bank.example@evil.example/', []],
    ['xhttps://a.example', []],
    ['git+https://a.example', []],
    ['javascript:alert(1)', []],
    ['data:text/html,x', []],
    ['ftp://a.example', []],
    ['www.a.example', []],
    [`https://a.example/${'x'.repeat(2031)}`, []],
    [`https://a.example/${'x'.repeat(2030)}`, [`https://a.example/${'x'.repeat(2030)}`]],
  ])('%s', (text, urls) => {
    const found = findUrls(text);
    expect(found.map(({ url }) => url)).toEqual(urls);
    for (const { at, url } of found) expect(text.slice(at, at + url.length)).toBe(url);
  });

  it('finds URLs between any other characters, in order, none within another', () => {
    const words = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        fc.constantFrom(' ', ',', ').', 'https://', '(', 'é', '。'),
      ),
    );
    fc.assert(
      fc.property(words, (parts) => {
        const text = parts.join('');
        let end = 0;
        for (const { at, url } of findUrls(text)) {
          expect(at).toBeGreaterThanOrEqual(end);
          expect(text.slice(at, at + url.length)).toBe(url);
          expect(isWebUrl(url)).toBe(true);
          // Nothing that a header could be broken with.
          expect(new URL(url).href).toMatch(/^https?:\/\/[\x21-\x7e]+$/);
          end = at + url.length;
        }
      }),
      { seed: 1 },
    );
  });

  it('finds every URL that stands by itself, whole but for marks at its end', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        const bare = url.replace(/[.,;:!?'()]+$/, '');
        const [found, ...more] = findUrls(`Look: ${url} now`);
        expect(more).toEqual([]);
        expect(found?.url.startsWith(bare)).toBe(true);
      }),
      { seed: 2 },
    );
  });

  it.each([
    ['brackets', `https://a.example/${')'.repeat(4_900)}`],
    ['beginnings', 'https://'.repeat(600)],
    ['commas', 'https://a,'.repeat(500)],
    ['unbalanced', `https://a.example/${'(['.repeat(900)}`],
  ])('takes little time for many %s', (_, text) => {
    const start = performance.now();
    findUrls(text);
    expect(performance.now() - start).toBeLessThan(200);
  });
});
