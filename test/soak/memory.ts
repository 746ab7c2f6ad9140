/** What a process holds, in megabytes. */
export interface Memory {
  residentMb: number;
  heapMb: number;
}

/** Asks a gateway, which tells it with its metrics. */
export async function readMemory(url: string): Promise<Memory> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const of = (name: string): number => {
    const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(text) ?? [];
    if (value === undefined) throw new Error(`the metrics have no ${name}`);
    return Math.round(Number(value) / (1 << 20));
  };
  return {
    residentMb: of('process_resident_memory_bytes'),
    heapMb: of('nodejs_heap_size_used_bytes'),
  };
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** By so much a fifth of a run may differ from an earlier one: the heap breathes, and caches fill. */
const breath = 1.15;
const fewMb = 12;

/**
 * Whether the last fifth holds what the second one did. In the first the caches of the database fill and
 * the code is compiled.
 */
export function isFlat(samples: readonly Memory[]): boolean {
  const fifth = Math.floor(samples.length / 5);
  return (['residentMb', 'heapMb'] as const).every((kind) => {
    const of = (part: number) =>
      median(samples.slice(part * fifth, (part + 1) * fifth).map((one) => one[kind]));
    return of(4) <= Math.max(of(1) * breath, of(1) + fewMb);
  });
}
