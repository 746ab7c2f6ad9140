export const keyBytes = 32;

/**
 * Reads the key that seals secrets, as it is written in the configuration and in its file.
 * Takes base64 or base64url, with or without `=` at the end. Gives undefined for anything but exactly
 * 32 bytes; Node's own decoder would pass over wrong characters and so make another key of a typo.
 */
export function decodeKey(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  return key.length === keyBytes ? key : undefined;
}
