import { describe, expect, it } from 'vitest';
import { seededRandom } from '../support/seeded-random.ts';
import { checkStream } from './check.ts';
import { readCorpus, readSeeds } from './corpus.ts';
import { Fuzzer } from './fuzz.ts';

describe('the corpus', () => {
  it.each(readCorpus())('$name breaks nothing', ({ stream }) => {
    expect(stream.length).toBeGreaterThan(0);
    const random = seededRandom(1);
    for (let times = 0; times < 20; times++) checkStream(stream, random);
  });
});

it('finds nothing in a few thousand streams, and gets about', () => {
  const fuzzer = new Fuzzer(20261122, readSeeds());
  for (let i = 0; i < 4_000; i++) expect(fuzzer.run()).toBeUndefined();
  // That it reaches the code: PDUs of most commands, read and refused, for many reasons.
  expect(fuzzer.outcomes).toBeGreaterThan(200);
});
