import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import { parseBasicAuth } from '../shared/basic-auth.ts';
import { bearer } from './errors.ts';
import type { Fields } from './fields.ts';
import { missing } from './fields.ts';

export const dialect = 'smsmobileapi';

/** RFC 6749 section 4.4.3 leaves it open; an hour, as the reference chose. */
export const tokenLifeSeconds = 3600;

/**
 * Finds out who asks: by `apikey` in the query, the form or the JSON body, else by an access token (seed).
 * @throws GatewayError `invalid_request` for neither, `unauthenticated` and its like.
 */
export async function authenticate(
  { authenticate: who }: Gateway,
  request: Pick<FastifyRequest, 'headers' | 'ip'>,
  fields: Fields,
): Promise<Caller> {
  const key = fields.get('apikey');
  if (key !== undefined) return who.token(dialect, 'api_key', key, request.ip);
  const token = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw missing('apikey');
  try {
    const { caller, token: said } = await who.accessToken(dialect, token, request.ip);
    if (!said.renews) return caller;
    throw new GatewayError('unauthenticated', 'This is no access token.');
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'unauthenticated') throw error;
    throw new GatewayError(error.code, error.detail, { field: bearer });
  }
}

/** Id and secret of an OAuth client: in the header or the body (RFC 6749 section 2.3.1). */
export function clientOf(
  { headers }: Pick<FastifyRequest, 'headers'>,
  fields: Fields,
): { username: string; password: string } | undefined {
  const username = fields.get('client_id');
  const password = fields.get('client_secret');
  if (username !== undefined && password !== undefined) return { username, password };
  const basic = parseBasicAuth(headers.authorization);
  return basic && { username: decoded(basic.username), password: decoded(basic.password) };
}

/** In the header both are form-encoded (RFC 6749 section 2.3.1); those who do not know that send them plain. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
