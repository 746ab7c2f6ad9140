import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayError } from '../../core/errors.ts';
import { errorTraits } from '../../core/errors.ts';
import type { Refusal } from '../dialect.ts';
import { answerEarly } from './answer-early.ts';
import { RefusalLog } from './refusal-log.ts';
import { toGatewayError } from './to-gateway-error.ts';

/**
 * Answers everything that a request of this server can end with other than well, in the dialect's
 * words, and writes at most one line for it: an error where the cause is ours, a warning where the
 * owner should know, else for information. None of them holds the URL's query, a header or a
 * word of the body. What every request ends with for a while has one line a second.
 * @param refusalOf pure; what is sent for each of the core's errors.
 */
export function addErrorHandler(
  server: FastifyInstance,
  refusalOf: (error: GatewayError, request: FastifyRequest) => Refusal,
): void {
  server.setErrorHandler((error, request, reply) => {
    refuse(toGatewayError(error), request, reply, refusalOf);
  });
}

/** The same for a refusal that is not thrown, as in a not-found handler. */
export function refuse(
  error: GatewayError,
  request: FastifyRequest,
  reply: FastifyReply,
  refusalOf: (error: GatewayError, request: FastifyRequest) => Refusal,
): void {
  const refusal = refusalOf(error, request);
  log(error, request, refusal.status);
  if (error.retryAfterMs !== undefined || errorTraits(error.code).retryable) {
    reply.header('retry-after', Math.max(1, Math.ceil((error.retryAfterMs ?? 1000) / 1000)));
  }
  if (refusal.headers) reply.headers(refusal.headers);
  reply.code(refusal.status).header('content-type', refusal.contentType);
  answerEarly(request, reply, refusal.body);
}

function log(error: GatewayError, request: FastifyRequest, status: number): void {
  const facts = {
    code: error.code,
    status,
    method: request.method,
    route: request.is404 ? undefined : request.routeOptions.url,
  };
  if (error.code === 'internal') {
    request.log.error({ ...facts, err: error.cause ?? error }, 'a request failed');
  } else if (error.code === 'storage_unavailable' || error.code === 'overloaded') {
    RefusalLog.of(request).add(error, facts);
  } else if (errorTraits(error.code).loggable) {
    request.log.warn({ ...facts, detail: error.detail, err: error.cause }, 'a request was refused');
  } else {
    request.log.info(facts, 'a request was refused');
  }
}
