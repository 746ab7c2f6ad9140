import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../core/errors.ts';
import type { OptoutLinks, OptoutWish } from '../core/optouts/optout-links.ts';
import type { Scope } from '../core/optouts/scope.ts';

/** Where handsets opt out, or in again. */
export const optoutLinkPrefix = '/o';

/** Neither kept nor indexed nor shown within another page, and where it was read is nobody's business. */
const discreet = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
};

interface Page {
  status: number;
  title: string;
  /** HTML. */
  body: string;
}

const plain = (status: number, title: string, text: string): Page => ({
  status,
  title,
  body: `<p>${text}</p>`,
});
const pages = {
  unknown: plain(
    404,
    'Unknown link',
    'This link is not whole. Open it as it stands in the message.',
  ),
  tooMany: plain(429, 'Too many requests', 'Too many requests. Please try again in a minute.'),
  trouble: plain(503, 'Not now', 'This cannot be done now. Please try again in a minute.'),
};

/**
 * `GET /o/<token>`: a page that says what the link is for, with one button. `POST`, which the button sends: it is
 * done. A program that looks where a link leads for a preview opts nobody out.
 */
export function addOptoutLinks(server: FastifyInstance, links: OptoutLinks): void {
  const path = `${optoutLinkPrefix}/:token`;
  const answer =
    (make: (wish: OptoutWish) => Page | Promise<Page>) =>
    async (request: FastifyRequest<{ Params: { token: string } }>, reply: FastifyReply) => {
      try {
        const wish = links.look(request.params.token, queryOf(request), request.ip);
        return await show(reply, wish ? await make(wish) : pages.unknown);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        if (error.retryAfterMs !== undefined) {
          reply.header('retry-after', Math.ceil(error.retryAfterMs / 1000));
        }
        return show(reply, error.code === 'too_many_attempts' ? pages.tooMany : pages.trouble);
      }
    };
  server.get(path, answer(askPage));
  server.post(
    path,
    answer(async (wish) => ((await links.carryOut(wish)) ? donePage(wish) : pages.unknown)),
  );
}

function queryOf({ url }: FastifyRequest): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at));
}

function askPage(wish: OptoutWish): Page {
  const what = whatOf(wish.scopes);
  const number = ending(wish);
  const [title, question, button] =
    wish.direction === 'out'
      ? ['Stop messages', `Do you want no more ${what} on your number ${number}?`, 'Stop them']
      : ['Get messages', `Do you want ${what} on your number ${number} again?`, 'Get them again'];
  return {
    status: 200,
    title,
    body: `<p>${question}</p>\n<form method="post"><button>${button}</button></form>`,
  };
}

function donePage(wish: OptoutWish): Page {
  const what = whatOf(wish.scopes);
  const text =
    wish.direction === 'out'
      ? `You get no more ${what} on your number ${ending(wish)}.`
      : `You get ${what} on your number ${ending(wish)} again.`;
  return plain(200, 'Done', text);
}

/** As HTML. */
function whatOf(scopes: readonly Scope[]): string {
  if (scopes.length === 0) return 'messages';
  const quoted = (kind: Scope['kind']) =>
    scopes.flatMap((one) => (one.kind === kind ? [`“${escaped(one.value)}”`] : []));
  const parts = [
    ...quoted('sender').map((name) => `messages from ${name}`),
    ...quoted('tag').map((name) => `messages about ${name}`),
    ...quoted('product').map((name) => `${name} messages`),
  ];
  return parts.join(', ');
}

/** Enough to know one's own number by, not enough for who has only the link. */
function ending({ number }: OptoutWish): string {
  return `ending in ${number.slice(-3)}`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}

function show(reply: FastifyReply, { status, title, body }: Page): FastifyReply {
  return reply
    .code(status)
    .headers(discreet)
    .send(
      '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n' +
        '<meta name="viewport" content="width=device-width">\n' +
        `<title>${title}</title>\n<h1>${title}</h1>\n${body}\n</html>\n`,
    );
}
