import { expect, it } from 'vitest';
import { kindOf, shownUserAgent } from './visitor.ts';

const iPhone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const android =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36';

it.each([
  iPhone,
  android,
  'Mozilla/5.0 (Linux; Android 9; CUBOT NOTE 7) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5',
  'Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 Chrome/126 Mobile Safari/537.36 Viber/22.0',
  'Mozilla/5.0 (Linux; Android 14; Pixel Line/13) AppleWebKit/537.36 Chrome/126 Mobile Safari/537.36',
  'Opera/9.80 (J2ME/MIDP; Opera Mini/7.1/28; U; en) Presto/2.8 Version/11.10',
  'Nokia6230/2.0 (04.44) Profile/MIDP-2.0 Configuration/CLDC-1.1',
])('somebody with %s clicks', (userAgent) => {
  expect(kindOf({ address: '', userAgent, looksAhead: false })).toBe('click');
});

it.each([
  // iMessage, and those whose names it takes.
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0',
  'WhatsApp/2.23.20.0 A',
  'WhatsApp/2',
  'TelegramBot (like TwitterBot)',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Googlebot-Image/1.0',
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5',
  'Viber/13.3.0',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0.0.0 Safari/537.36',
  'curl/8.5.0',
  'python-requests/2.32',
  'Go-http-client/2.0',
  'okhttp/4.12.0',
  'node',
  '',
  undefined,
])('%s only looks', (userAgent) => {
  expect(kindOf({ address: '', userAgent, looksAhead: false })).toBe('view');
});

it('who looks ahead looks, whatever he is called', () => {
  expect(kindOf({ address: '', userAgent: iPhone, looksAhead: true })).toBe('view');
});

it.each([
  [undefined, null],
  ['', null],
  [android, android],
  ['x'.repeat(300), 'x'.repeat(200)],
  ['a\0b', 'ab'],
  [`${'x'.repeat(199)}😀`, `${'x'.repeat(199)}\ufffd`],
])('%j is kept as %j', (userAgent, kept) => {
  expect(shownUserAgent(userAgent)).toBe(kept);
});
