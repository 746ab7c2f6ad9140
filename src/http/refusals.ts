import type { FastifyReply } from 'fastify';
import type { Socket } from 'node:net';
import type { RequestErrorCode } from '../core/errors.ts';
import { GatewayError } from '../core/errors.ts';
import type { Dialect, Refusal } from '../dialects/dialect.ts';

/** Outside of all dialects an error has the status that HTTP has for it. */
export const statusOf: Record<RequestErrorCode, number> = {
  invalid_json: 400,
  invalid_request: 400,
  too_many_messages: 400,
  body_too_large: 413,
  headers_too_large: 431,
  body_incomplete: 400,
  unsupported_media_type: 415,
  unauthenticated: 401,
  account_suspended: 403,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  too_many_concurrent: 429,
  too_many_attempts: 429,
  insufficient_credit: 403,
  idempotency_conflict: 422,
  too_many_endpoints: 400,
  already_exists: 409,
  not_cancellable: 403,
  overloaded: 503,
  storage_unavailable: 503,
  internal: 500,
};

/** What answers below paths that are no dialect's. */
interface Below {
  readonly prefixes: readonly string[];
  refuse(error: GatewayError): Refusal;
}

/**
 * Says no to what never reached a route of a dialect: in the words of the dialect that the path belongs
 * to, else plainly.
 */
export class Refusals {
  readonly #dialects: readonly Dialect[];
  readonly #mounted: readonly Below[];

  constructor(dialects: readonly Dialect[], mounted: readonly Below[] = []) {
    this.#dialects = dialects;
    this.#mounted = mounted;
  }

  /** @param path with the dialect's prefix, as after the rewriting of host names. */
  of(error: GatewayError, path: string): Refusal {
    const dialect = this.#dialects.find(({ name }) => path.startsWith(`/${name}/`));
    if (dialect) return dialect.refuse(error);
    const below = this.#mounted.find(({ prefixes }) =>
      prefixes.some((prefix) => path.startsWith(`${prefix}/`)),
    );
    if (below) return below.refuse(error);
    return {
      status: statusOf[error.code],
      contentType: 'application/json; charset=utf-8',
      body: JSON.stringify({ error: error.detail }),
    };
  }

  send(error: GatewayError, path: string, reply: FastifyReply): void {
    const { status, contentType, body, headers = {} } = this.of(error, path);
    void reply
      .code(status)
      .headers({ ...headers, 'content-type': contentType })
      .send(body);
  }

  /**
   * The same for what Node's parser could not read: there is no request, only the first bytes of it.
   * @param rewrite a path as it is after the rewriting of host names.
   */
  hangUp(
    problem: Error & { code?: string | undefined; rawPacket?: unknown },
    socket: Socket,
    rewrite: (path: string) => string,
  ): void {
    if (!socket.writable || problem.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const packet = problem.rawPacket instanceof Buffer ? problem.rawPacket : Buffer.alloc(0);
    const line = packet.toString('latin1', 0, 2048).split('\r\n', 1)[0] ?? '';
    const path = rewrite(line.split(' ')[1] ?? '/');
    const { status, contentType, body } = this.of(meaningOf(problem.code), path);
    socket.end(
      `HTTP/1.1 ${status} ${status === 431 ? 'Request Header Fields Too Large' : 'Bad Request'}\r\n` +
        `Content-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
        `Connection: close\r\n\r\n${body}`,
    );
  }
}

function meaningOf(code: string | undefined): GatewayError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new GatewayError('headers_too_large', "The request's header is too large.");
  }
  if (code === 'HPE_INVALID_METHOD') {
    return new GatewayError('invalid_request', 'The method of the request is not known.');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new GatewayError('body_incomplete', 'The request took too long to arrive.');
  }
  return new GatewayError('invalid_request', 'The request is not valid HTTP.');
}
