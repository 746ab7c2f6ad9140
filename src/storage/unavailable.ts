import { GatewayError } from '../core/errors.ts';
import type { Engine, Failure } from './engine.ts';

/** What a client reads, and how long it should wait. Nothing of the inside is in it. */
const sentences: Record<Exclude<Failure, 'unique'>, { sentence: string; retryAfterMs: number }> = {
  busy: { sentence: 'The storage is busy.', retryAfterMs: 1_000 },
  full: { sentence: 'The storage has no room left.', retryAfterMs: 30_000 },
  io: { sentence: 'The storage cannot be reached.', retryAfterMs: 5_000 },
  corrupt: { sentence: 'The storage is damaged.', retryAfterMs: 60_000 },
  closed: { sentence: 'The storage is closed: the server is stopping.', retryAfterMs: 5_000 },
};

/** For what is asked after `close`. */
export function storageClosed(cause?: unknown): GatewayError {
  return unavailable('closed', cause);
}

/**
 * Takes what an engine threw; gives what the callers of storage see: `storage_unavailable` for what
 * they can do nothing about, with the cause for the log, and every other error as it is.
 */
export function asUnavailable(engine: Engine, error: unknown): unknown {
  if (error instanceof GatewayError) return error;
  const failure = engine.failureOf(error);
  return failure === undefined || failure === 'unique' ? error : unavailable(failure, error);
}

function unavailable(failure: Exclude<Failure, 'unique'>, cause: unknown): GatewayError {
  const { sentence, retryAfterMs } = sentences[failure];
  return new GatewayError('storage_unavailable', sentence, { retryAfterMs, cause });
}
