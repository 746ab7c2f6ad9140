import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import { InFlight } from '../shared/in-flight.ts';
import type { Query } from '../shared/query.ts';
import { authenticate, authenticateSimple } from './auth.ts';
import type { Endpoint, Method } from './call.ts';
import { methodsOf } from './call.ts';
import { settingsOf } from './settings.ts';
import { fieldsOf } from './simple.ts';

/** Who may come in, in this order: log-in, edition, method, a place in flight. */
export class Admission {
  readonly #gateway: Gateway;
  readonly #inFlight: InFlight;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
    this.#inFlight = new InFlight(gateway.places, 'mobilemessage');
  }

  /**
   * Lets a request in, and leaves its caller with it.
   * @throws GatewayError `unauthenticated` and its like, `not_found` for what the caller's edition has
   * not, `method_not_allowed`, `too_many_concurrent`.
   */
  async admit(
    endpoint: Endpoint,
    method: Method,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const caller = await this.#logIn(endpoint, request);
    const { view } = caller;
    const since = endpoint.methods[method]?.since;
    const { edition, requestsInFlight } = settingsOf(view);
    if (since === undefined || since > edition) this.#refuseMethod(endpoint, caller, reply);
    const connection = { request: request.raw, response: reply.raw };
    if (!(await this.#inFlight.enter(view.account.id, requestsInFlight, connection))) {
      throw new GatewayError('too_many_concurrent', 'Too many concurrent requests. Please wait.');
    }
    request.caller = caller;
  }

  /** For a method that the path never has. @throws GatewayError always. */
  async refuseMethod(
    endpoint: Endpoint,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<never> {
    return this.#refuseMethod(endpoint, await this.#logIn(endpoint, request), reply);
  }

  #logIn(endpoint: Endpoint, request: FastifyRequest): Promise<Caller> {
    if (endpoint.login === 'header') return authenticate(this.#gateway, request);
    const fields = fieldsOf(request.query as Query, request.body as Buffer | undefined);
    return authenticateSimple(this.#gateway, request, fields);
  }

  #refuseMethod(endpoint: Endpoint, { view }: Caller, reply: FastifyReply): never {
    const allowed = methodsOf(endpoint, settingsOf(view).edition);
    // To a caller of the older edition a path that only the newer one has does not exist.
    if (allowed.length === 0) throw notFound();
    reply.header('allow', allowHeader(endpoint, allowed));
    throw new GatewayError('method_not_allowed', methodSentence(allowed));
  }
}

/** For a path that this API, or the caller's edition of it, has not. */
export function notFound(): GatewayError {
  return new GatewayError('not_found', 'Not found');
}

/** Where GET is allowed, HEAD is, unless it would change something. */
export function allowHeader({ changes }: Endpoint, methods: readonly Method[]): string {
  const forGet = changes ? ['GET'] : ['GET', 'HEAD'];
  return methods.flatMap((method) => (method === 'GET' ? forGet : [method])).join(', ');
}

/** Seed, for one method: "Invalid request method. Only GET is allowed." */
function methodSentence(methods: readonly Method[]): string {
  const last = methods.at(-1) ?? '';
  const names =
    methods.length === 1 ? `${last} is` : `${methods.slice(0, -1).join(', ')} and ${last} are`;
  return `Invalid request method. Only ${names} allowed.`;
}
