import type { Storage } from '../../src/core/ports/storage.ts';

/** Calls of storages that have not answered yet. */
let underWay = 0;
const idle: (() => void)[] = [];

/** Resolves when no storage of this process has anything to answer; says whether it had to wait. */
export async function storagesAtRest(): Promise<boolean> {
  if (underWay === 0) return false;
  await new Promise<void>((resolve) => idle.push(resolve));
  return true;
}

/**
 * The same storage, whose calls are counted while they are under way: where it is another process, its
 * answers come by themselves, and a test that waits for what follows from them must wait for them.
 */
export function counted(storage: Storage): Storage {
  const { read, write, maintain } = storage;
  return { ...storage, read: countedMethods(read), write: count(write), maintain: count(maintain) };
}

function countedMethods<T extends object>(methods: T): T {
  return Object.fromEntries(
    Object.entries(methods).map(([name, value]) => [
      name,
      typeof value === 'function' ? count(value as () => Promise<unknown>) : countedMethods(value),
    ]),
  ) as T;
}

function count<F extends (...given: never[]) => Promise<unknown>>(method: F): F {
  const counting = async (...given: never[]): Promise<unknown> => {
    underWay += 1;
    try {
      return await method(...given);
    } finally {
      underWay -= 1;
      if (underWay === 0) for (const resolve of idle.splice(0)) resolve();
    }
  };
  return counting as F;
}
