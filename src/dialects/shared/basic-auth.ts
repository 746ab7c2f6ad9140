export interface BasicLogin {
  username: string;
  password: string;
}

const scheme = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Takes the value of an `Authorization` header; gives user name and password (RFC 7617: base64 of
 * `user:password` in UTF-8, split at the first colon, so a password may hold colons). Clients that
 * write ISO 8859-1 are understood too. Undefined for another scheme, or for what is no such text.
 */
export function parseBasicAuth(header: string | undefined): BasicLogin | undefined {
  const encoded = header === undefined ? undefined : scheme.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  const login = decode(bytes);
  const colon = login.indexOf(':');
  if (colon < 0) return undefined;
  return { username: login.slice(0, colon), password: login.slice(colon + 1) };
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
