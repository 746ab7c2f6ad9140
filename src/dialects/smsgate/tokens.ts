import type { TokenPair } from '../../core/accounts/access-tokens.ts';
import { GatewayError } from '../../core/errors.ts';
import { formatIso } from '../../text/instant.ts';
import type { Answer, Endpoint, Handler } from './call.ts';
import { readBody, tokenRequest } from './schema.ts';
import { permits, renewalScope } from './scopes.ts';

const day = 86_400_000;
/** The most that a token lives; also where nothing is asked for, or 0. */
const longestMs = day;
/** The reference server's: 720 hours. */
const renewalMs = 30 * day;

/** `POST /auth/token`: nobody gives away more than he has. */
const issue: Handler = async ({ caller, scopes, body }, { gateway }) => {
  const wanted = readBody(tokenRequest, body);
  for (const scope of wanted.scopes) {
    if (scope === renewalScope) {
      throw new GatewayError('invalid_request', `The scope ${renewalScope} is not for asking.`);
    }
    if (!permits(scopes, scope)) throw new GatewayError('forbidden', `scope required: ${scope}`);
  }
  const accessMs = wanted.ttl ? Math.min(wanted.ttl * 1000, longestMs) : longestMs;
  return answer(gateway.accessTokens.issue(caller, wanted.scopes, { accessMs, renewalMs }));
};

/** `POST /auth/token/refresh`, asked with the second token of a pair: the next pair, once. */
const renew: Handler = async ({ caller, token }, { gateway }) => {
  const pair = token && (await gateway.accessTokens.renew(caller, token, renewalMs));
  if (!pair) throw new GatewayError('unauthenticated', 'That is no refresh token.');
  return answer(pair);
};

/** `DELETE /auth/token/{jti}`: ends both tokens of a pair. What there is not, or no more, is no error. */
const revoke: Handler = async ({ caller, params }, { gateway }) => {
  const id = params['jti'] ?? '';
  if (/^[\w-]{1,64}$/.test(id)) await gateway.accessTokens.revoke(caller, id, renewalMs);
  return { status: 204 };
};

export const tokenEndpoints: readonly Endpoint[] = [
  { path: '/auth/token', methods: { POST: { scope: 'tokens:manage', handle: issue } } },
  { path: '/auth/token/refresh', methods: { POST: { scope: renewalScope, handle: renew } } },
  { path: '/auth/token/:jti', methods: { DELETE: { scope: 'tokens:manage', handle: revoke } } },
];

function answer({ id, access, renewal, expiresAt }: TokenPair): Answer {
  return {
    status: 201,
    body: {
      id,
      token_type: 'Bearer',
      access_token: access,
      refresh_token: renewal,
      expires_at: formatIso(expiresAt),
    },
    // RFC 6749 section 5.1.
    headers: { 'cache-control': 'no-store' },
  };
}
