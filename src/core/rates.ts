import { GatewayError } from './errors.ts';

/**
 * Says so when something that is counted (`Tx.rates.take`) has been done too often.
 * @param waitMs as `take` gives it: in how many milliseconds it is allowed again; 0 when it is.
 * @throws GatewayError `too_many_attempts` with that time.
 */
export function requireAllowed(waitMs: number, detail: string): void {
  if (waitMs > 0) throw new GatewayError('too_many_attempts', detail, { retryAfterMs: waitMs });
}
