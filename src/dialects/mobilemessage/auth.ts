import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import { logInBasic } from '../shared/basic-login.ts';
import { parameter } from '../shared/query.ts';
import type { Query } from '../shared/query.ts';

const dialect = 'mobilemessage';

/**
 * Finds out who asks by HTTP Basic (seed: user name and password of the API).
 * @throws GatewayError `unauthenticated`, `too_many_attempts`, `account_suspended`, `overloaded`.
 */
export async function authenticate(gateway: Gateway, request: FastifyRequest): Promise<Caller> {
  const caller = await logInBasic(gateway.authenticate, dialect, request);
  if (caller) return caller;
  throw new GatewayError('unauthenticated', 'No user name and password were sent.');
}

/**
 * The same for `/simple/…`, whose clients put `api_username` and `api_password` into the query
 * (reference A.2) or into the fields of a form.
 */
export async function authenticateSimple(
  gateway: Gateway,
  request: FastifyRequest,
  fields: Query,
): Promise<Caller> {
  const username = parameter(fields, 'api_username');
  const password = parameter(fields, 'api_password');
  if (username === undefined || password === undefined) return authenticate(gateway, request);
  return gateway.authenticate.password(dialect, { username, password }, request.ip);
}
