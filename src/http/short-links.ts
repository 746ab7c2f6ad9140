import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../core/errors.ts';
import type { ShortLinks } from '../core/links/short-links.ts';
import type { Visitor } from '../core/links/visitor.ts';

/** Where short links are found beside a domain of their own. */
export const shortLinkPrefix = '/s';

/** Neither kept nor shown to others on the way, and where a visitor came from is nobody's business. */
const discreet = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
};

interface Page {
  status: number;
  text: string;
}

/** What a person sees who followed a link in a message. */
const pages = {
  unknown: { status: 404, text: 'This link leads nowhere. It may be mistyped, or too old.' },
  trouble: { status: 503, text: 'This link cannot be opened now. Please try again in a minute.' },
} satisfies Record<string, Page>;

/**
 * `GET` and `HEAD /s/<code>`: to where a short link leads. The answer does not wait for the visit to be
 * written down: who follows a link should not wait for a disk, and a lost visit is no lost message.
 */
export function addShortLinks(server: FastifyInstance, shortLinks: ShortLinks): void {
  server.get<{ Params: { code: string } }>(`${shortLinkPrefix}/:code`, async (request, reply) => {
    let url: string | undefined;
    try {
      url = await shortLinks.follow(request.params.code, visitorOf(request));
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      const { code, retryAfterMs } = error;
      if (retryAfterMs !== undefined) {
        reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
      }
      return page(reply, code === 'too_many_attempts' ? tooMany(retryAfterMs ?? 0) : pages.trouble);
    }
    if (url === undefined) return page(reply, pages.unknown);
    return reply.code(302).headers(discreet).header('location', url).send();
  });
  for (const path of [shortLinkPrefix, `${shortLinkPrefix}/*`]) {
    server.get(path, (_request, reply) => page(reply, pages.unknown));
  }
}

function tooMany(waitMs: number): Page {
  const minutes = Math.ceil(waitMs / 60_000);
  const when = minutes < 2 ? 'a minute' : `${minutes} minutes`;
  return { status: 429, text: `Too many requests. Please try again in ${when}.` };
}

function visitorOf({ method, headers, ip }: FastifyRequest): Visitor {
  const purposes = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map((name) => headers[name]);
  return {
    address: ip,
    userAgent: headers['user-agent'],
    looksAhead: method === 'HEAD' || /prefetch|prerender|preview/i.test(purposes.join(' ')),
  };
}

function page(reply: FastifyReply, { status, text }: Page) {
  return reply
    .code(status)
    .headers({
      ...discreet,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
    })
    .send(
      '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n' +
        '<meta name="viewport" content="width=device-width">\n' +
        `<title>${status}</title>\n<p>${text}</p>\n</html>\n`,
    );
}
