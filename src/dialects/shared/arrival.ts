import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../../core/errors.ts';

/**
 * How long the body of a request may take to arrive. Node has one time for all requests of a server, from their first
 * byte to their last, and what is a long time for a message is none for 200 MB.
 *
 *   limited ──it is whole, or the connection ends──▶ done
 *      │ │ its time is over: who reads it says so, and a moment later the connection ends; at once where nobody reads
 *      │ └──────────────────────────────────────────▶ late
 *      └──`grantTime`──▶ its time is that between two reads, and an hour for all of it
 */
interface Arrival {
  ms: number;
  /** Until when it must be whole, of `performance.now()`. */
  end: number;
  granted: boolean;
  timer: NodeJS.Timeout;
  /** Tells who reads it. */
  late?: (error: GatewayError) => void;
}

/**
 * Kept on the request itself: a WeakMap that has become old holds its values fast until the next great collection, and
 * with them, by `late`, each request and all that belongs to it (6 KB a request were carried into the old generation).
 */
const arrival = Symbol('arrival');
type Limited = IncomingMessage & { [arrival]?: Arrival };

/** A request that came with its body, which need not be waited for. */
export interface WithBody {
  /** Undefined when it has none. */
  readonly wholeBody: Buffer | undefined;
}

/** The longest that a body may take that keeps coming. */
export const longestArrivalMs = 3_600_000;
/** Longer than `answerEarly` listens to who goes on sending. */
const lingerMs = 5_000;

/**
 * Gives a request so long to send its body.
 * @param ms from now on.
 */
export function limitArrival(request: IncomingMessage, ms: number): void {
  if (request.complete) return;
  const { headers } = request;
  // Then it has no body (RFC 9112 section 6.3).
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return;
  // Real time on purpose: it is the patience of a socket.
  const timer = setTimeout(() => {
    if (request.complete) return;
    const { late } = limited;
    late?.(tooLate());
    setTimeout(
      () => {
        if (!request.complete) request.destroy();
      },
      late ? lingerMs : 0,
    ).unref();
  }, ms);
  timer.unref();
  const limited: Arrival = { ms, end: performance.now() + ms, granted: false, timer };
  (request as Limited)[arrival] = limited;
  request.once('close', () => clearTimeout(timer));
}

/** @param told once, when the body takes too long and is not read by `arriving`. */
export function onLate(request: IncomingMessage, told: (error: GatewayError) => void): void {
  const limited = (request as Limited)[arrival];
  if (limited) limited.late = told;
}

/**
 * From now on a request may take as long as it needs, up to an hour, but for no longer than `ms` of `limitArrival` send
 * nothing while `arriving` reads it. It is for clients who are known.
 */
export function grantTime(request: IncomingMessage): void {
  const limited = (request as Limited)[arrival];
  if (!limited) return;
  clearTimeout(limited.timer);
  limited.end = performance.now() + longestArrivalMs;
  limited.granted = true;
}

/**
 * The bytes of a body that is read as it comes, and no faster than it is asked for. Who stops reading leaves the
 * connection open for an answer.
 * @param signal ends it with its reason.
 * @throws GatewayError `body_incomplete` when its client goes away, or is too slow.
 */
export async function* arriving(
  body: IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const limited = (body as Limited)[arrival];
  // It sees to it by itself.
  onLate(body, () => {});
  const chunks = body.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const left = limited ? limited.end - performance.now() : longestArrivalMs;
      const patience = limited?.granted ? Math.min(limited.ms, left) : left;
      const next = await within(patience, signal, chunks.next());
      if (next.done) return;
      yield next.value as Uint8Array;
    }
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError('body_incomplete', 'The body ended before it was complete.', {
      cause: error,
    });
  } finally {
    // Not awaited: it ends when the read does that is still waited for.
    void chunks.return?.().catch(() => {});
  }
}

async function within<T>(ms: number, signal: AbortSignal, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let aborted = (): void => {};
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), Math.max(0, ms));
    aborted = () => reject(signal.reason as Error);
    signal.addEventListener('abort', aborted);
    if (signal.aborted) aborted();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', aborted);
  }
}

/** Aborts when the client goes away before it has its answer. */
export function whileWaitedFor(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (response.writableFinished) return;
    controller.abort(new GatewayError('body_incomplete', 'The client went away.'));
  });
  return controller.signal;
}

function tooLate(): GatewayError {
  return new GatewayError('body_incomplete', 'The request took too long to arrive.');
}
