import type { Reads, Turnover } from '../ports/storage.ts';

/** What is read at once: long enough for few reads, short enough that none of them takes long. */
const stepMs = 3_600_000;

/** What messages accepted in a span came to, by account and link, read an hour at a time. */
export async function turnoverOf(
  messages: Pick<Reads['messages'], 'turnover'>,
  { from, until }: { from: number; until: number },
): Promise<Turnover[]> {
  const sums = new Map<string, Turnover>();
  for (let at = from; at < until; at += stepMs) {
    const hour = { from: at, until: Math.min(at + stepMs, until) };
    for (const one of await messages.turnover(hour)) {
      const key = `${one.accountId}\0${one.linkId}`;
      const before = sums.get(key);
      sums.set(key, before ? added(before, one) : one);
    }
  }
  return [...sums.values()];
}

function added(before: Turnover, one: Turnover): Turnover {
  return {
    ...before,
    messages: before.messages + one.messages,
    parts: before.parts + one.parts,
    price: before.price + one.price,
    refunded: before.refunded + one.refunded,
    cost: before.cost + one.cost,
    costUnknown: before.costUnknown + one.costUnknown,
  };
}
