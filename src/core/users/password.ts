import { GatewayError } from '../errors.ts';

/**
 * NIST SP 800-63B-4 section 3.1.1: length is what counts, no rules on kinds of characters, no change by the
 * calendar. The upper bound is against work, not for strength.
 */
export const shortestPassword = 12;
export const longestPassword = 200;

/** @throws GatewayError `invalid_request`. */
export function checkPassword(password: string, email: string): void {
  const length = [...password].length;
  if (length < shortestPassword || length > longestPassword) {
    throw refusal(`A password has ${shortestPassword} to ${longestPassword} characters.`);
  }
  if (new Set(password).size < 5 || password.toLowerCase().includes(email)) {
    throw refusal('This password is too easy to guess.');
  }
}

function refusal(sentence: string): GatewayError {
  return new GatewayError('invalid_request', sentence, { field: 'password' });
}
