import { GatewayError } from '../core/errors.ts';

/** The same bytes, as long as they are not more than so many. @throws GatewayError `body_too_large`. */
export async function* atMost(
  bytes: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > most) {
      throw new GatewayError(
        'body_too_large',
        `The file is larger than ${Math.floor(most / (1024 * 1024))} MB.`,
        { field: 'file' },
      );
    }
    yield chunk;
  }
}

/** Takes bytes; gives their first ones, so many where there are as many, and then all of them. */
export async function withHead(
  bytes: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Uint8Array; all: AsyncGenerator<Uint8Array> }> {
  const chunks = bytes[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < length) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head;
      for (;;) {
        const next = await chunks.next();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await chunks.return?.();
    }
  }
  return { head, all: all() };
}
