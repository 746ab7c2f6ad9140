import type { VisitKind } from './short-link.ts';

/** What a request of a short link shows of who sends it. */
export interface Visitor {
  address: string;
  userAgent: string | undefined;
  /** It asked for the head only, or says that it looks ahead for somebody. */
  looksAhead: boolean;
}

/** However long a name a program gives itself. */
const longestUserAgent = 200;

/**
 * Programs that fetch what a message links to, to show a preview or to judge it. Most call themselves bots;
 * a phone that is called Cubot does not. iMessage says `… facebookexternalhit/1.1 Facebot Twitterbot/1.0`,
 * Signal says `WhatsApp/2`.
 */
const program = new RegExp(
  [
    String.raw`(?<!cu)bot\b`,
    'crawl|spider|slurp|preview|externalhit|headless|embedly|prerender|validator|lighthouse',
    String.raw`^(?:whatsapp|viber|signal|telegram|line|kakaotalk|skype)[\w-]*\/`,
    String.raw`^(?:curl|wget|python|java|ruby|perl|php|node|undici|axios|got|go-http|okhttp|dart|deno|bun|libwww)\b`,
    String.raw`^(?:apache-httpclient|guzzle|postman|httpie|faraday|python-requests|aiohttp|cfnetwork)`,
  ].join('|'),
  'i',
);

/** Is it somebody who follows the link, as far as one can tell? */
export function kindOf({ userAgent, looksAhead }: Visitor): VisitKind {
  if (looksAhead || userAgent === undefined || userAgent === '') return 'view';
  return program.test(userAgent) ? 'view' : 'click';
}

/** As it is kept. */
export function shownUserAgent(userAgent: string | undefined): string | null {
  return userAgent?.slice(0, longestUserAgent).toWellFormed().replaceAll('\0', '') || null;
}
