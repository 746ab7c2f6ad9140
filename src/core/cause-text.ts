/**
 * What stood behind an error, in its own words: for log lines without a stack. Undefined when nothing
 * did.
 */
export function causeText({ cause }: { cause?: unknown }): string | undefined {
  if (cause === undefined || cause === null) return undefined;
  return wordsOf(cause);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A host with several addresses: the message is empty, and each of them has its own.
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(wordsOf).join('; ');
  }
  return error.message;
}
