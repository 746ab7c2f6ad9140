import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { GatewayError } from '../../core/errors.ts';
import { logInBasic } from '../shared/basic-login.ts';
import type { DialectContext } from '../dialect.ts';
import { accountHeader } from './errors.ts';
import type { SignedRequest } from './hmac.ts';
import { bodyDigestHeader, isTimely, parseHmac, signs } from './hmac.ts';
import { settingsOf } from './settings.ts';

const dialect = 'messagemedia';

/** Who asks, and what must still be looked at when the body is there. */
export interface Admitted {
  caller: Caller;
  /** The MD5 that the body must have; undefined where none was signed. */
  bodyDigest: string | undefined;
}

/**
 * Finds out who asks, by HTTP Basic (key and secret) or by a signature (reference §2.1 and §2.2), and for which
 * of his sub-accounts.
 * @param prefix where the API is mounted: clients sign the path behind it.
 * @throws GatewayError `unauthenticated` and its like; `forbidden` for a sub-account that is not the caller's.
 */
export async function authenticate(
  context: DialectContext,
  request: FastifyRequest,
  prefix: string,
): Promise<Admitted> {
  const { authorization } = request.headers;
  if (authorization !== undefined && /^\s*hmac\s/i.test(authorization)) {
    const { caller, bodyDigest } = await bySignature(context, request, prefix);
    return { caller: await actingFor(context, request, caller), bodyDigest };
  }
  const caller = await logInBasic(context.gateway.authenticate, dialect, request);
  if (!caller) throw new GatewayError('unauthenticated', 'No key and secret were sent.');
  return { caller: await actingFor(context, request, caller), bodyDigest: undefined };
}

async function bySignature(
  { gateway, clock }: DialectContext,
  request: FastifyRequest,
  prefix: string,
): Promise<Admitted> {
  const { headers } = request;
  const login = parseHmac(headers.authorization);
  if (!login) throw new GatewayError('unauthenticated', 'The signature cannot be read.');
  const signed: SignedRequest = {
    method: request.method,
    targets: targetsOf(request, prefix),
    header: (name) => headerOf(request, name),
    hasBody:
      headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0,
  };
  const caller = await gateway.authenticate.signature(
    dialect,
    login.username,
    (secret) => signs(login, signed, secret),
    request.ip,
  );
  const toleranceMs = settingsOf(caller.view).clockSkewSeconds * 1000;
  if (toleranceMs > 0 && !isTimely(headerOf(request, 'date'), clock.now(), toleranceMs)) {
    throw new GatewayError('unauthenticated', 'The request was signed too long ago.');
  }
  const digestHeader = bodyDigestHeader(login);
  return {
    caller,
    bodyDigest: digestHeader === undefined ? undefined : headerOf(request, digestHeader),
  };
}

/** As it came, and as a client signs it that does not know where we are mounted. */
function targetsOf({ originalUrl, url }: FastifyRequest, prefix: string): string[] {
  return [originalUrl, url.startsWith(prefix) ? url.slice(prefix.length) : url];
}

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}

async function actingFor(
  { gateway }: DialectContext,
  request: FastifyRequest,
  caller: Caller,
): Promise<Caller> {
  const name = headerOf(request, accountHeader);
  if (name === undefined || name === '' || name === caller.view.account.name) return caller;
  const sub = await gateway.subAccount(caller, name);
  if (sub) return sub;
  throw new GatewayError('forbidden', `Invalid account '${name}' in header ${accountHeader}`, {
    field: accountHeader,
  });
}
