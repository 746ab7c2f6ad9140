import { pipeline } from 'node:stream/promises';
import type { Readable, Writable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';

/** What is compressed in one go: zlib works in another thread, and each piece is a way there and back. */
const pieceLength = 64 * 1024;

/** Compresses lines into a stream, which is ended. */
export async function writeLines(lines: AsyncIterable<string>, to: Writable): Promise<void> {
  await pipeline(pieces(lines), createGzip(), to);
}

/** The lines of a compressed stream. @throws when it is cut short, or was never compressed. */
export async function* readLines(from: Readable): AsyncGenerator<string> {
  const text = createGunzip();
  // A source that fails ends the text with its error, which whoever reads it is told of.
  const done = pipeline(from, text).catch((error: Error) => text.destroy(error));
  let rest = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of text) {
      const found = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
      rest = found.pop() as string;
      yield* found;
    }
    if (rest !== '') yield rest;
  } finally {
    text.destroy();
    from.destroy();
    await done;
  }
}

async function* pieces(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
