import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { BasicLogin } from '../shared/basic-auth.ts';
import { parseBasicAuth } from '../shared/basic-auth.ts';
import { parameter } from '../shared/query.ts';
import type { Query } from '../shared/query.ts';

/**
 * Finds out who asks by HTTP Basic (seed: user name and password of the API).
 * @throws GatewayError `unauthenticated`, `too_many_attempts`, `account_suspended`, `overloaded`.
 */
export function authenticate(gateway: Gateway, request: FastifyRequest): Promise<Caller> {
  return logIn(gateway, request, parseBasicAuth(request.headers.authorization));
}

/**
 * The same for `/simple/…`, whose clients put `api_username` and `api_password` into the query
 * (reference A.2) or into the fields of a form.
 */
export function authenticateSimple(
  gateway: Gateway,
  request: FastifyRequest,
  fields: Query,
): Promise<Caller> {
  const username = parameter(fields, 'api_username');
  const password = parameter(fields, 'api_password');
  const login =
    username !== undefined && password !== undefined
      ? { username, password }
      : parseBasicAuth(request.headers.authorization);
  return logIn(gateway, request, login);
}

async function logIn(
  gateway: Gateway,
  request: FastifyRequest,
  login: BasicLogin | undefined,
): Promise<Caller> {
  if (!login) throw new GatewayError('unauthenticated', 'No user name and password were sent.');
  return gateway.authenticate.password('mobilemessage', login, request.ip);
}
