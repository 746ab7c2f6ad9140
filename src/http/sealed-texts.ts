import type { FastifyInstance, FastifyReply } from 'fastify';
import { GatewayError } from '../core/errors.ts';
import type { SealedTexts } from '../core/sealed-texts/sealed-texts.ts';
import { sealedPage, sealedPagePolicy } from './sealed-page.ts';

/** Where encrypted messages are read. */
export const sealedTextPrefix = '/e';

/** Neither kept nor indexed, and where it was read is nobody's business. */
const discreet = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
  'x-content-type-options': 'nosniff',
};

/**
 * `GET /e/<code>`: the page that decrypts, the same for every code. `POST /e/<code>`: the ciphertext as JSON, which
 * takes one of its views: only who opens the page and asks for it sends that.
 */
export function addSealedTexts(server: FastifyInstance, sealedTexts: SealedTexts): void {
  const path = `${sealedTextPrefix}/:code`;
  server.get(path, (_request, reply) =>
    reply
      .headers({
        ...discreet,
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': sealedPagePolicy,
        'x-frame-options': 'DENY',
      })
      .send(sealedPage),
  );
  server.post<{ Params: { code: string } }>(path, async (request, reply) => {
    const sealed = await open(sealedTexts, request.params.code, request.ip);
    if (sealed instanceof GatewayError) return refuse(reply, sealed);
    if (!sealed) return answer(reply, 404, { error: 'There is no such message, or no longer.' });
    return answer(reply, 200, sealed);
  });
}

async function open(sealedTexts: SealedTexts, code: string, address: string) {
  try {
    return await sealedTexts.open(code, address);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

function refuse(reply: FastifyReply, { code, detail, retryAfterMs }: GatewayError): FastifyReply {
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
  return answer(reply, code === 'too_many_attempts' ? 429 : 503, { error: detail });
}

function answer(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .code(status)
    .headers({ ...discreet, 'content-type': 'application/json; charset=utf-8' })
    .send(JSON.stringify(body));
}
