import type { Caller } from './accounts/authenticate.ts';
import { GatewayError } from './errors.ts';
import type { AccountId } from './ids.ts';

/** Each takes a good part of a core as long as it lasts, and room on the disk. */
const mostOfAnAccount = 2;
const mostOfAll = 6;
const comeAgainMs = 10_000;

/** Files of clients that this node is taking in: so many at once, and none for somebody who has gone, or after the end. */
export class Imports {
  readonly #of = new Map<AccountId, number>();
  readonly #stopped = new AbortController();
  #all = 0;

  /**
   * Does the work of taking a file in.
   * @param signal of `until`, which the work has, too.
   * @throws GatewayError `too_many_concurrent`; `overloaded` when the node stops; and whatever the work throws.
   */
  async run<T>(
    { view }: Pick<Caller, 'view'>,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    const { id } = view.account;
    const own = this.#of.get(id) ?? 0;
    if (own >= mostOfAnAccount || this.#all >= mostOfAll) {
      const whose = own >= mostOfAnAccount ? 'of this account ' : '';
      throw new GatewayError(
        'too_many_concurrent',
        `Too many files ${whose}are being taken in: send it again a little later.`,
        { retryAfterMs: comeAgainMs },
      );
    }
    signal.throwIfAborted();
    this.#of.set(id, own + 1);
    this.#all += 1;
    try {
      return await work();
    } finally {
      this.#all -= 1;
      const left = (this.#of.get(id) ?? 1) - 1;
      if (left > 0) this.#of.set(id, left);
      else this.#of.delete(id);
    }
  }

  /**
   * Aborts, with what is to be thrown then, when nobody waits for it any more and when the node stops.
   * @param gone aborts when its client has gone.
   */
  until(gone: AbortSignal): AbortSignal {
    return AbortSignal.any([gone, this.#stopped.signal]);
  }

  /** Ends what is under way: the rest of a file can be longer than anybody waits for a node to stop. */
  stop(): void {
    this.#stopped.abort(
      new GatewayError('overloaded', 'The gateway is stopping: send the file again.', {
        retryAfterMs: comeAgainMs,
      }),
    );
  }
}
