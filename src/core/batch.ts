/**
 * Merges callers of one turn of the loop: `run` gets all that was asked since its last start, in
 * order, and gives one answer for each. While a run is under way further ones gather for the next.
 *
 * It is what makes the hot writes set-based without their callers knowing of each other: a hundred
 * single requests cost the statements of one.
 *
 * @param run throws to fail all of its items alike.
 * @param limit the most of one run: items, or what `weigh` says of them; one item always goes.
 */
export function mergeByTurn<In, Out>(
  run: (items: In[]) => Promise<Out[]>,
  limit: number,
  weigh: (item: In) => number = () => 1,
): (item: In) => Promise<Out> {
  interface Waiting {
    item: In;
    resolve: (out: Out) => void;
    reject: (reason: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let scheduled = false;
  let running = false;

  const schedule = (): void => {
    if (scheduled || running || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      void flush();
    });
  };

  const fitting = (): number => {
    let weight = 0;
    const over = waiting.findIndex(({ item }, at) => {
      weight += weigh(item);
      return weight > limit && at > 0;
    });
    return over < 0 ? waiting.length : over;
  };

  const flush = async (): Promise<void> => {
    running = true;
    const batch = waiting.splice(0, fitting());
    try {
      const outs = await run(batch.map((one) => one.item));
      batch.forEach((one, index) => one.resolve(outs[index] as Out));
    } catch (error) {
      for (const one of batch) one.reject(error);
    } finally {
      running = false;
      schedule();
    }
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      schedule();
    });
}
