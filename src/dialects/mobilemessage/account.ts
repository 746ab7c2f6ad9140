import { GatewayError } from '../../core/errors.ts';
import { wholeCredits } from '../../core/money.ts';
import type { Handler } from './call.ts';

/**
 * `GET /v1/account` (seed). Without a whole credit left it is the documented error, as it is without
 * an account.
 */
export const showAccount: Handler = async ({ caller }, { gateway }) => {
  const balance = await gateway.balance(caller);
  const credit_balance = balance === undefined ? 0 : wholeCredits(balance);
  if (credit_balance <= 0) {
    throw new GatewayError('not_found', 'Account not found or no credit balance available.');
  }
  return JSON.stringify({ status: 'complete', credit_balance });
};
