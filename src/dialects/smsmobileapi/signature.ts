import { createHmac } from 'node:crypto';

/**
 * The signature headers of a V2 webhook (reference B.6): `v1=` and the lower-case hex of HMAC-SHA256 over
 * `<unix seconds>.<body>`. Receivers refuse a timestamp more than 300 seconds off.
 * @param now epoch milliseconds.
 */
export function signatureHeaders(
  secret: string,
  body: string,
  now: number,
): { 'X-SMSMobileAPI-Timestamp': string; 'X-SMSMobileAPI-Signature': string } {
  const timestamp = String(Math.floor(now / 1000));
  const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'X-SMSMobileAPI-Timestamp': timestamp, 'X-SMSMobileAPI-Signature': `v1=${digest}` };
}
