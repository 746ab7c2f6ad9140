import { GatewayError } from '../../core/errors.ts';
import type { Answer, Endpoint, Handler } from './call.ts';

const lifeSeconds = 3_600;

/**
 * `auth/token/generate` and `auth/token/refresh` of version 3: a token that stands for the caller's for an hour.
 * One that was given so gets no further one: who has the account's own token asks with that.
 */
const generate: Handler = async ({ caller, token }, { gateway }): Promise<Answer> => {
  if (token) {
    throw new GatewayError('forbidden', 'Ask with the access token of the account.');
  }
  const life = { accessMs: lifeSeconds * 1000, renewalMs: lifeSeconds * 1000 };
  const { access } = gateway.accessTokens.issue(caller, [], life);
  return { body: { access_token: access, token_type: 'bearer', expires_in: lifeSeconds } };
};

export const tokenEndpoints: readonly Endpoint[] = [
  '/auth/token/generate',
  '/auth/token/refresh',
].map((path) => ({ version: 'v3', path, methods: { GET: generate, POST: generate } }));
