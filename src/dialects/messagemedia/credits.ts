import { wholeCredits } from '../../core/money.ts';
import type { Endpoint, Handler } from './call.ts';

/**
 * `GET /v1/messaging/credits`. Of its answer no more is known than the one key (reference §4.4).
 */
const showCredits: Handler = async ({ caller }, { gateway }) => {
  const balance = await gateway.balance(caller);
  return {
    status: 200,
    body: { remaining_credits: balance === undefined ? 0 : wholeCredits(balance) },
  };
};

export const creditsEndpoints: readonly Endpoint[] = [
  { path: '/v1/messaging/credits', family: 'messages', methods: { GET: showCredits } },
];
