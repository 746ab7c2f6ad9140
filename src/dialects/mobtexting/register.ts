import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { asEmail } from '../../core/users/email.ts';
import type { Endpoint, Handler } from './call.ts';
import { ok } from './envelope.ts';
import { invalid, optional, read, required } from './schema.ts';

const wish = z.object({
  name: required(63),
  email: required(254),
  password: optional(200),
  mobile: optional(32),
});

/**
 * `POST register`: an account under the caller's, where the owner lets him (`registers`), and somebody who may log in to
 * it. He is asked by mail and chooses a password himself: one that a third party has written is nobody's secret.
 */
const register: Handler = async ({ caller, settings, input }, { gateway }) => {
  if (!settings.registers) {
    throw new GatewayError('forbidden', 'This account may not register others.');
  }
  const { name, email: written, mobile = null } = read(wish, input);
  const email = asEmail(written);
  if (email === undefined) throw invalid('email', 'The email must be a valid email address.');
  const username = usernameOf(name);
  if (username === '') throw invalid('name', 'The name format is invalid.');
  const made = await gateway.register(caller, { name: username, email }).catch((error: unknown) => {
    if (!(error instanceof GatewayError) || error.code !== 'already_exists') throw error;
    throw invalid('name', 'The name has already been taken.');
  });
  return ok('User registered successfully', { id: made.id, username, name, email, mobile });
};

export const registerEndpoints: readonly Endpoint[] = [
  { path: '/register', methods: { POST: register } },
];

/** What an account may be called: letters, digits and dashes. */
function usernameOf(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .toLowerCase();
}
