import { expect, it } from 'vitest';
import { isCallbackUrl } from './callback-url.ts';

const label = 'a'.repeat(63);

it.each([
  'http://a.example',
  'https://my.callback.url.com',
  'https://my.callback.url.com/path/to?x=1&y=%20#z',
  'HTTPS://MY.CALLBACK.URL.COM/',
  'http://localhost:3000/callback',
  'http://127.0.0.1:8080',
  'https://3com.example:65535/',
  'https://xn--mnchen-3ya.example/',
  'https://a.example?query=only',
  'https://a.example/ünïcode/$moContent',
  `https://${label}.${label}.example/`,
  `https://a.example/${'a'.repeat(2048 - 18)}`,
])('takes %s', (url) => {
  expect(isCallbackUrl(url)).toBe(true);
});

it.each([
  // As the reference lists them (§4.1).
  'https://-invalid.com',
  'https://invalid_.com',
  'https:///path',
  'https://:/path',
  'http://.example.com',
  'http://example..com',
  // Of the same kinds.
  '',
  'x',
  'my.callback.url.com',
  '//my.callback.url.com',
  'ftp://a.example',
  'javascript:alert(1)',
  'https:/a.example',
  'https://',
  'https://invalid-.com',
  'https://in_valid.com',
  'https://example.com./',
  'https://münchen.example/',
  'https://[::1]/',
  'https://a.example:/',
  'https://a.example:port/',
  'https://a.example:65536/',
  'https://999.1.1.1/',
  'https://user@a.example/',
  'https://user:secret@a.example/',
  'https://a.example\\@b.example/',
  ' https://a.example',
  'https://a.example/a b',
  'https://a.example/a\tb',
  'https://a.example/a\nb',
  'https://a.example/\u0000',
  'https://a.example/\u007f',
  'https://a.example/\u00a0',
  `https://a${label}.example/`,
  `https://${Array.from({ length: 64 }, () => 'abc').join('.')}/`,
  `https://a.example/${'a'.repeat(2048 - 17)}`,
])('refuses %j', (url) => {
  expect(isCallbackUrl(url)).toBe(false);
});
