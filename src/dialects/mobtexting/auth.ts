import type { FastifyRequest } from 'fastify';
import type { AccessToken } from '../../core/accounts/access-tokens.ts';
import type { Credential } from '../../core/accounts/account.ts';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import { onceFor } from '../../core/once-for.ts';
import { AllowList } from '../shared/allow-list.ts';
import type { Query } from '../shared/query.ts';
import { parameter } from '../shared/query.ts';
import { credentialSettings } from './settings.ts';

export const dialect = 'mobtexting';

/** Who asks, and by which token where it was not the account's own. */
export interface Admitted {
  caller: Caller;
  token: AccessToken | null;
}

/**
 * The token of a request's header or query: as `Bearer`, or raw, as one of the vendor's clients sends it (reference
 * C.2). What else a header says is no token.
 */
export function tokenOf({
  headers,
  query,
}: Pick<FastifyRequest, 'headers' | 'query'>): string | undefined {
  const [, bearer, raw] =
    /^\s*(?:bearer\s+(\S+)|([^\s,=]+))\s*$/i.exec(headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return bearer;
  if (raw !== undefined && !/^(?:basic|bearer|digest|hmac)$/i.test(raw)) return raw;
  return parameter(query as Query, 'access_token') || undefined;
}

/**
 * Finds out who asks, and whether he may from where he is.
 * @throws GatewayError `unauthenticated` and its like, `forbidden` from another address than those of his token.
 */
export async function authenticate(
  { authenticate: by }: Gateway,
  shown: string | undefined,
  address: string,
): Promise<Admitted> {
  if (shown === undefined) throw new GatewayError('unauthenticated', 'No token was sent.');
  if (shown.split('.').length === 3) {
    const { caller, credential, token } = await by.accessToken(dialect, shown, address);
    requireAddress(credential, address);
    return { caller, token };
  }
  const { caller, credential } = await by.key(dialect, 'bearer', shown, address);
  requireAddress(credential, address);
  return { caller, token: null };
}

function requireAddress(credential: Credential, address: string): void {
  if (allowed(credential)?.allows(address)) return;
  throw new GatewayError('forbidden', 'This token may not be used from this address.');
}

/** Null where the settings cannot be read: then it is good from nowhere until that is mended. */
const allowed = onceFor(({ settings }: Credential): AllowList | null => {
  const read = credentialSettings.safeParse(settings);
  return read.success ? new AllowList(read.data.allow) : null;
});
