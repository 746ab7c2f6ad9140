import type { FastifyRequest } from 'fastify';
import type { AccessToken } from '../../core/accounts/access-tokens.ts';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import { parseBasicAuth } from '../shared/basic-auth.ts';
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
  { headers: { authorization }, ip }: FastifyRequest,
): Promise<Admitted> {
  const login = parseBasicAuth(authorization);
  const bearer = /^\s*bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1];
  const shown = bearer ?? (login?.username === '' ? login.password : undefined);
  if (shown !== undefined) {
    const { caller, token } = await by.accessToken(dialect, shown, ip);
    return { caller, token, scopes: token.renews ? [renewalScope] : token.scopes };
  }
  if (!login) throw new GatewayError('unauthenticated', 'No name and password were sent.');
  return { caller: await by.password(dialect, login, ip), token: null, scopes: allScopes };
}
