import { createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { UnsealedKey } from '../../core/notifications/signing-key.ts';
import { onceFor } from '../../core/once-for.ts';
import type { NotificationRequest } from '../../core/ports/notifier.ts';

const signInBackground = promisify(sign);
/** Reading a key takes longer than making a digest; it lives as long as the copy of the account in memory. */
const keyObjectOf = onceFor(
  ({ privateKey }: UnsealedKey): KeyObject => createPrivateKey(privateKey),
);

/**
 * The headers by which a receiver knows that a request is ours (reference §8): a signature, RSA with PKCS #1 v1.5,
 * of request line, `Date` and body, with nothing between them. It is made on another thread: 2048 bits take
 * half a millisecond.
 * @param now epoch milliseconds.
 */
export async function signatureHeaders(
  { method, url, body }: Pick<NotificationRequest, 'method' | 'url' | 'body'>,
  key: UnsealedKey,
  now: number,
): Promise<Record<string, string>> {
  const date = new Date(now).toUTCString();
  const { pathname, search } = new URL(url);
  const signed = Buffer.from(`${method} ${pathname}${search} HTTP/1.1${date}${body}`);
  const signature = await signInBackground(key.digest, signed, keyObjectOf(key));
  return {
    Date: date,
    'X-Messagemedia-Signature': signature.toString('base64'),
    'X-Messagemedia-Digest-Type': key.digest,
    'X-Messagemedia-Cipher-Type': key.cipher,
    'X-Messagemedia-Key-Id': key.id,
  };
}
