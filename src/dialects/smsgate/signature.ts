import { createHmac } from 'node:crypto';

/**
 * The signature headers of a webhook (reference §6): lower-case hex of HMAC-SHA256 over the body with the unix
 * seconds behind it.
 * @param now epoch milliseconds.
 */
export function signatureHeaders(
  secret: string,
  body: string,
  now: number,
): { 'X-Timestamp': string; 'X-Signature': string } {
  const timestamp = String(Math.floor(now / 1000));
  const signature = createHmac('sha256', secret).update(body).update(timestamp).digest('hex');
  return { 'X-Timestamp': timestamp, 'X-Signature': signature };
}
