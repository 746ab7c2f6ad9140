import type { FastifyInstance } from 'fastify';
import type { DialectContext } from '../dialect.ts';
import { Allowance } from '../shared/allowance.ts';
import type { Query } from '../shared/query.ts';
import { parameter } from '../shared/query.ts';
import { bare } from './present.ts';
import { confirmationPath } from './senders.ts';

/**
 * The page behind the link of a confirmation: opening it makes the number a sender. The code is the
 * proof, so there is no log-in; guesses are counted by address though none can succeed.
 */
export function addConfirmationPage(server: FastifyInstance, context: DialectContext): void {
  const guesses = new Allowance({ most: 30, windowMs: 60_000, keys: 10_000 });

  server.get(confirmationPath, { exposeHeadRoute: false }, async (request, reply) => {
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer')
      .header('content-security-policy', "default-src 'none'");
    const wait = guesses.take(request.ip, context.clock.now());
    if (wait > 0) {
      reply.code(429).header('retry-after', Math.ceil(wait / 1000));
      return page('Too many tries', 'Please wait a minute and open the link again.');
    }
    const code = parameter(request.query as Query, 'code') ?? '';
    const confirmed =
      code.length > 0 && code.length <= 100
        ? await context.gateway.senderRequests.confirmLink(code)
        : undefined;
    if (!confirmed) {
      reply.code(404);
      return page(
        'Unknown link',
        'This link is not valid, or no longer. Please ask for a new one.',
      );
    }
    return page('Confirmed', `Messages can now be sent from ${bare(confirmed.address)}.`);
  });
}

/** Both texts are ours or digits: nothing in them needs escaping. */
function page(title: string, sentence: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><h1>${title}</h1><p>${sentence}</p></body>
</html>
`;
}
