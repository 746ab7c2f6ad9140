import type { Endpoint, Handler } from './call.ts';
import { ok } from './envelope.ts';

/** `GET auth/me`: whose token it is. No answer of the vendor's is published; an account has no mail address here. */
const me: Handler = async ({ caller }) => {
  const { id, name } = caller.view.account;
  return ok('OK', { id, name, email: null });
};

export const meEndpoints: readonly Endpoint[] = [{ path: '/auth/me', methods: { GET: me } }];
