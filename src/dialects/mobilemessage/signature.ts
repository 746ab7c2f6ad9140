import { createHmac } from 'node:crypto';

/**
 * The signature headers of a webhook (reference A.8): lower-case hex of HMAC-SHA256 over
 * `<unix seconds>.<body>`. Receivers refuse a timestamp more than 300 seconds off.
 * @param now epoch milliseconds.
 */
export function signatureHeaders(
  secret: string,
  body: string,
  now: number,
): { 'X-MM-Timestamp': string; 'X-MM-Signature': string } {
  const timestamp = String(Math.floor(now / 1000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'X-MM-Timestamp': timestamp, 'X-MM-Signature': signature };
}
