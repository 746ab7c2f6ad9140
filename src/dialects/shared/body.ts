import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import type { WithBody } from './arrival.ts';
import { onLate } from './arrival.ts';

/**
 * Makes a dialect's server collect bodies by itself: `request.body` is then the raw bytes, or
 * undefined when there were none. What is in them is asked of the bytes and not of the content type,
 * which clients often have wrong; a type that cannot even be read is passed over.
 *
 * A body over its limit is refused by what its header declares, before a byte of it is read; one that
 * declares nothing, when it passes the limit. One that does not arrive in its time is refused then.
 * @param limit the most bytes of this request's body, asked after the onRequest hooks; null: `request.body` is the
 * stream itself, for whom to read what does not fit into memory.
 */
export function addBodyParser(
  server: FastifyInstance,
  limit: (request: FastifyRequest) => number | null,
): void {
  server.removeAllContentTypeParsers();
  // Fastify refuses a type that it cannot read before it looks for a parser.
  server.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    // Not deleted: that makes the object a slow one for all who ask it for another field.
    if (headers['content-type'] !== undefined) headers['content-type'] = undefined;
    done();
  });
  server.addContentTypeParser('*', (request, payload, done) => {
    // Nobody will look at it: the answer is a 404 or 405, see `answerEarly`.
    if (request.is404) {
      done(null, undefined);
      return;
    }
    const most = limit(request);
    if (most === null) done(null, payload);
    else collect(payload, most, done);
  });
}

type Done = (error: Error | null, body?: Buffer) => void;

function collect(payload: IncomingMessage & Partial<WithBody>, limit: number, done: Done): void {
  const declared = payload.headers['content-length'];
  if (declared !== undefined && Number(declared) > limit) {
    done(tooLarge(limit));
    return;
  }
  if ('wholeBody' in payload) {
    done(null, payload.wholeBody);
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (error: Error | null, body?: Buffer): void => {
    payload.off('data', onData);
    payload.off('end', onEnd);
    payload.off('error', onGone);
    payload.off('close', onGone);
    done(error, body);
  };
  const onTooLate = (error: GatewayError): void => {
    payload.pause();
    finish(error);
  };
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > limit) {
      payload.pause();
      finish(tooLarge(limit));
    } else {
      chunks.push(chunk);
    }
  };
  const onEnd = (): void => {
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
    finish(null, body.length === 0 ? undefined : body);
  };
  const onGone = (): void => {
    finish(new GatewayError('body_incomplete', 'The body ended before it was complete.'));
  };
  payload.on('data', onData);
  payload.on('end', onEnd);
  payload.on('error', onGone);
  payload.on('close', onGone);
  onLate(payload, onTooLate);
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError(
    'body_too_large',
    `The body is too large; at most ${limit} bytes are allowed.`,
  );
}
