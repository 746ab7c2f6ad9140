import fc from 'fast-check';

/** What random requests are made of, whatever the API. */
export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

/** Words that are awkward wherever they come. */
export const awkward = [
  '',
  '0',
  '-1',
  '1e999',
  '%',
  '\u0000',
  '😀',
  '\ud83d',
  '../..',
  '{',
] as const;

export const headerText = fc.string({
  unit: fc.constantFrom('a', 'Z', '9', ' ', '-', '_', '/', ';', '=', ',', '"', 'é', '\t'),
});

/** Undefined but for once in so many times. */
export function rarely<T>(arbitrary: fc.Arbitrary<T>, times: number): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: times - 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary },
  );
}

/**
 * Whatever a client may send to an API.
 * @param words that mean something somewhere in it.
 * @param names of its keys, in bodies and queries.
 */
export function anything(words: readonly string[], names: readonly string[]) {
  const text = fc.oneof(fc.constantFrom(...words), fc.string(), fc.string({ unit: 'binary' }));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.constantFrom(null, true, false, 0, -1, 10, 1.5, 1e21),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...names), tie('any'), { maxKeys: 6 }),
    ),
  })).any;
  const encoded = fc.oneof(
    text.map((one) => encodeURIComponent(one.toWellFormed())),
    fc.constantFrom('%', '%zz', '+', '&&', '=='),
  );
  return {
    text,
    value,
    /** A piece of a path or a query. */
    encoded,
    query: (maxLength: number) =>
      fc.array(fc.tuple(fc.constantFrom(...names, 'a[b]'), encoded), { maxLength }),
    /**
     * Near to a good object, so that what lies behind the first check is reached: a key is now and then wrong, or not
     * there.
     */
    nearly(good: Record<string, fc.Arbitrary<unknown>>) {
      const arbitraries = Object.entries(good).map(([name, usual]) => [
        name,
        fc.oneof(
          { weight: 40, arbitrary: usual },
          { weight: 1, arbitrary: value },
          { weight: 1, arbitrary: fc.constant(undefined) },
        ),
      ]);
      return fc.record(Object.fromEntries(arbitraries) as Record<string, fc.Arbitrary<unknown>>);
    },
    /**
     * A body: so often a good one, and else a value, bytes, or none.
     * @param json writes a value.
     */
    body: (good: fc.Arbitrary<Buffer>, weight: number, json: (given: unknown) => Buffer) =>
      fc.oneof(
        { weight, arbitrary: good },
        { weight: 1, arbitrary: value.map(json) },
        {
          weight: 1,
          arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        },
        { weight: 1, arbitrary: fc.constant(undefined) },
      ),
  };
}
