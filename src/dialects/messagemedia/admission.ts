import type { FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import type { DialectContext } from '../dialect.ts';
import { authenticate } from './auth.ts';
import { bodyDigestOk } from './hmac.ts';

const nothing = new Uint8Array();

/** Who may come in: by the header, before a byte of the body is read; and by the body, once it is there. */
export class Admission {
  readonly #context: DialectContext;
  readonly #prefix: string;
  readonly #digests = new WeakMap<FastifyRequest, string>();

  /** @param prefix where the API is mounted. */
  constructor(context: DialectContext, prefix: string) {
    this.#context = context;
    this.#prefix = prefix;
  }

  /** Lets a request in, and leaves its caller with it. @throws GatewayError as `authenticate`. */
  async admit(request: FastifyRequest): Promise<void> {
    const { caller, bodyDigest } = await authenticate(this.#context, request, this.#prefix);
    if (bodyDigest !== undefined) this.#digests.set(request, bodyDigest);
    request.caller = caller;
  }

  /** @throws GatewayError `unauthenticated` when the body is not the one that was signed. */
  checkBody(request: FastifyRequest): void {
    const digest = this.#digests.get(request);
    const body = request.body as Buffer | undefined;
    if (digest !== undefined && !bodyDigestOk(digest, body ?? nothing)) {
      throw new GatewayError('unauthenticated', 'The body is not the one that was signed.');
    }
  }
}
