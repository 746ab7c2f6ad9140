import { GatewayError } from './errors.ts';

/**
 * What callers do with their answers, they do before the loop turns: of 32 requests none was answered before all had been
 * worked out. A few at a time, the first are with their clients, who ask again, while the others are made: with 4 of them
 * 10 % more requests are served, one a time on each of 32 connections.
 */
const fewest = 4;
/** But no more turns than these, however many callers: other work is done in each of them. */
const mostTurns = 8;

async function inTurns<T>(all: readonly T[], answer: (one: T, at: number) => void): Promise<void> {
  const few = Math.max(fewest, Math.ceil(all.length / mostTurns));
  for (const [at, one] of all.entries()) {
    if (at > 0 && at % few === 0) await nextTurn();
    answer(one, at);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Merges callers: `run` is begun for the first of them, and gets all that was asked when it calls
 * `take`, in order; it gives one answer for each. While a run is under way further ones gather for the
 * next.
 *
 * It is what makes the hot writes set-based without their callers knowing of each other: a hundred
 * single requests cost the statements of one. `take` is called as late as possible, within the
 * transaction, so that who asked while it waited for its turn still goes with it.
 *
 * @param run throws to fail its items. A GatewayError (storage cannot be reached, say) is meant for
 * all of them; after any other error each is run again alone, so that a defect which one of them
 * brings to light harms nobody else. `take` gives the same items each time, for a transaction that is
 * run again.
 * @param limit the most of one run: items, or what `weigh` says of them; one item always goes.
 */
export function mergeCallers<In, Out>(
  run: (take: () => In[]) => Promise<Out[]>,
  limit: number,
  weigh?: (item: In) => number,
): (item: In) => Promise<Out> {
  interface Waiting {
    item: In;
    resolve: (out: Out) => void;
    reject: (reason: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let running = false;

  const fitting = (): number => {
    if (!weigh) return Math.min(waiting.length, limit);
    let weight = 0;
    const over = waiting.findIndex(({ item }, at) => {
      weight += weigh(item);
      return weight > limit && at > 0;
    });
    return over < 0 ? waiting.length : over;
  };

  const next = async (): Promise<void> => {
    running = true;
    let batch: Waiting[] | undefined;
    const taken = (): Waiting[] => (batch ??= waiting.splice(0, fitting()));
    try {
      const outs = await run(() => taken().map((one) => one.item));
      await inTurns(taken(), (one, at) => one.resolve(outs[at] as Out));
    } catch (error) {
      const all = taken();
      if (error instanceof GatewayError || all.length === 1) {
        for (const one of all) one.reject(error);
      } else {
        for (const one of all) await alone(one);
      }
    }
    running = false;
    if (waiting.length > 0) void next();
  };

  const alone = async ({ item, resolve, reject }: Waiting): Promise<void> => {
    try {
      const [out] = await run(() => [item]);
      resolve(out as Out);
    } catch (error) {
      reject(error);
    }
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!running) void next();
    });
}
