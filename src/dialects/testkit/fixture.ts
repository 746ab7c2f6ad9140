import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** Reads a JSON file of a dialect's `fixtures` folder, beside the test that asks. */
export function readFixture(testUrl: string, name: string): unknown {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}`, testUrl), 'utf8'));
}

/**
 * Fails when a body is not, byte for byte, a sample without its spaces: the same keys in the same
 * order, the same types, the same values.
 * @param put what stands in the sample for what differs each time (ids, texts cut short).
 */
export function expectSample(
  body: string,
  sample: unknown,
  put: Record<string, string> = {},
): void {
  const text = JSON.stringify(sample, (_key, value: unknown) =>
    typeof value === 'string' ? (put[value] ?? value) : value,
  );
  expect(body).toBe(text);
}
