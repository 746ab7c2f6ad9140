import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import type { DialectContext } from '../dialect.ts';
import { clientOf, dialect, tokenLifeSeconds } from './auth.ts';
import { otherGrant } from './errors.ts';
import type { Fields } from './fields.ts';
import { missing } from './fields.ts';

/** `POST /oauth2/token` (seed): the client credentials grant of RFC 6749 section 4.4. */
export async function grantToken(
  request: FastifyRequest,
  reply: FastifyReply,
  fields: Fields,
  { gateway }: DialectContext,
): Promise<object> {
  const grant = fields.required('grant_type');
  if (grant !== 'client_credentials') {
    throw new GatewayError('invalid_request', 'grant_type must be client_credentials.', {
      field: otherGrant,
    });
  }
  const client = clientOf(request, fields);
  if (!client) throw missing('client_id');
  const { caller } = await gateway.authenticate.login(dialect, client, request.ip, 'oauth_client');
  const lifeMs = tokenLifeSeconds * 1000;
  // Who has id and secret needs nothing to get the next one with (RFC 6749 section 4.4.3).
  const life = { accessMs: lifeMs, renewalMs: lifeMs };
  const { access: access_token } = gateway.accessTokens.issue(caller, [], life);
  reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
  return { access_token, token_type: 'Bearer', expires_in: tokenLifeSeconds };
}
