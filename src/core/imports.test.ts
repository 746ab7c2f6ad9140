import { expect, it } from 'vitest';
import type { Caller } from './accounts/authenticate.ts';
import { Imports } from './imports.ts';

const caller = (id: string) => ({ view: { account: { id } } }) as unknown as Caller;
const staying = new AbortController().signal;

/** Work that lasts until it is let go, or its signal aborts. */
function hold(imports: Imports, id: string, gone = staying) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const signal = imports.until(gone);
  const done = imports.run(caller(id), signal, () => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    return promise;
  });
  done.catch(() => {});
  return { done, end: () => resolve('done') };
}
const refused = { code: 'too_many_concurrent' };

it('two files of an account are taken in at once, and six of all', async () => {
  const imports = new Imports();
  const first = hold(imports, 'a');
  hold(imports, 'a');
  await expect(hold(imports, 'a').done).rejects.toMatchObject(refused);
  for (const id of ['b', 'b', 'c', 'c']) hold(imports, id);
  await expect(hold(imports, 'd').done).rejects.toMatchObject(refused);
  first.end();
  await first.done;
  const next = hold(imports, 'a');
  await expect(hold(imports, 'a').done).rejects.toMatchObject(refused);
  next.end();
  expect(await next.done).toBe('done');
});

it('a place is given back by what fails, too', async () => {
  const imports = new Imports();
  for (let round = 0; round < 10; round++) {
    const failed = imports.run(caller('a'), staying, () => Promise.reject(new Error('no')));
    await expect(failed).rejects.toThrow('no');
  }
});

it('ends when its client has gone, and when the node stops; none begins then', async () => {
  const imports = new Imports();
  const gone = new AbortController();
  const one = hold(imports, 'a', gone.signal);
  const other = hold(imports, 'a');
  gone.abort(new Error('gone'));
  await expect(one.done).rejects.toThrow('gone');
  await expect(hold(imports, 'b', gone.signal).done).rejects.toThrow('gone');
  imports.stop();
  await expect(other.done).rejects.toMatchObject({ code: 'overloaded' });
  await expect(hold(imports, 'b').done).rejects.toMatchObject({ code: 'overloaded' });
});
