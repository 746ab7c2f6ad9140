import type { FastifyReply } from 'fastify';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { requireAllowed } from '../../core/rates.ts';
import type { DialectContext } from '../dialect.ts';
import { dialect } from './auth.ts';
import { settingsOf } from './settings.ts';

const windowMs = 60_000;

/**
 * "GET requests are rate limited to 1000 requests per minute" (seed), on all nodes together, with Laravel's headers.
 * @throws GatewayError `too_many_attempts` for one too many.
 */
export async function countGet(
  { view }: Caller,
  reply: FastifyReply,
  { gateway, clock }: DialectContext,
): Promise<void> {
  const most = settingsOf(view).getsPerMinute;
  const name = `${dialect} gets ${view.account.id}`;
  const wait = await gateway.allow(name, { most, windowMs });
  reply.header('x-ratelimit-limit', most);
  if (wait > 0) {
    reply.header('x-ratelimit-remaining', 0);
    reply.header('x-ratelimit-reset', Math.ceil((clock.now() + wait) / 1000));
  }
  requireAllowed(wait, 'Too Many Attempts.');
  reply.header('x-ratelimit-remaining', Math.max(0, most - (await gateway.taken(name))));
}
