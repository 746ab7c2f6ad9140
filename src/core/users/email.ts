import { GatewayError } from '../errors.ts';

/** RFC 5321 section 4.5.3.1: 64 octets before the @, 254 in all. */
const form =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * An e-mail address as it is stored and compared: in lower case, since mailboxes that differ by it alone are not met.
 * @throws GatewayError `invalid_request` for what is none. Quoted names and letters beyond ASCII are not taken.
 */
export function readEmail(text: string): string {
  const email = asEmail(text);
  if (email !== undefined) return email;
  throw new GatewayError('invalid_request', 'This is no e-mail address.', { field: 'email' });
}

/** The same; undefined for what is none. */
export function asEmail(text: string): string | undefined {
  const email = text.trim().toLowerCase();
  const fits = email.length <= 254 && email.indexOf('@') <= 64;
  return fits && form.test(email) ? email : undefined;
}
