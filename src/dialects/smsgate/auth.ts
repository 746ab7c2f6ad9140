import type { FastifyRequest } from 'fastify';
import type { AccessToken } from '../../core/accounts/access-tokens.ts';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import { parseBasicAuth } from '../shared/basic-auth.ts';
import { logInBasic } from '../shared/basic-login.ts';
import { allScopes, renewalScope } from './scopes.ts';

const dialect = 'smsgate';

/** Who asks, and what he may do. */
export interface Admitted {
  caller: Caller;
  token: AccessToken | null;
  scopes: readonly string[];
}

/**
 * Finds out who asks: by HTTP Basic, or by a token as `Bearer` or, since some of the vendor's clients know nothing
 * else, as the password of nobody.
 * @throws GatewayError `unauthenticated` and its like.
 */
export async function authenticate(
  { authenticate: by }: Gateway,
  request: FastifyRequest,
): Promise<Admitted> {
  const shown = tokenIn(request.headers.authorization);
  if (shown !== undefined) {
    const { caller, token } = await by.accessToken(dialect, shown, request.ip);
    return { caller, token, scopes: token.renews ? [renewalScope] : token.scopes };
  }
  const caller = await logInBasic(by, dialect, request);
  if (!caller) throw new GatewayError('unauthenticated', 'No name and password were sent.');
  return { caller, token: null, scopes: allScopes };
}

function tokenIn(authorization: string | undefined): string | undefined {
  const bearer = /^\s*bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const login = parseBasicAuth(authorization);
  return login?.username === '' ? login.password : undefined;
}
