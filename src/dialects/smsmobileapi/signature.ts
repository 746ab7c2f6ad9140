import { createHmac } from 'node:crypto';

/**
 * When a V2 webhook is told, and its signature where there is a secret (reference B.6): `v1=` and the lower-case hex of HMAC-SHA256 over
 * `<unix seconds>.<body>`. Receivers refuse a timestamp more than 300 seconds off.
 * @param now epoch milliseconds.
 */
export function signatureHeaders(
  secret: string | null,
  body: string,
  now: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  if (secret === null) return { 'X-SMSMobileAPI-Timestamp': timestamp };
  const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'X-SMSMobileAPI-Timestamp': timestamp, 'X-SMSMobileAPI-Signature': `v1=${digest}` };
}
