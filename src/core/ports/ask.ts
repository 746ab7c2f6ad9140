import type { NotificationRequest } from './notifier.ts';

/**
 * Asks a server that a client has named, once, and reads the beginning of what it answers. It goes the way of all that
 * leaves: no redirects, and not to addresses that are refused.
 * @returns null when there was no answer in time.
 */
export type Ask = (
  request: NotificationRequest & { timeoutMs: number },
) => Promise<{ status: number; body: string } | null>;
