import { randomUUID } from 'node:crypto';
import { mkdir, open, unlink } from 'node:fs/promises';
import path from 'node:path';
import { GatewayError } from '../core/errors.ts';

type FileHandle = Awaited<ReturnType<typeof open>>;

/**
 * Bytes in a file of this folder, which has no name any more: it is gone when it is closed, however the process ends.
 * @throws GatewayError `storage_unavailable` when the disk fails; what the bytes throw.
 */
export async function spooled(
  bytes: AsyncIterable<Uint8Array>,
  folder: string,
): Promise<FileHandle> {
  const file = await onDisk(() => nameless(folder));
  try {
    // `write` may write a part of it and say so; `writeFile` goes on until all is written, or says why not.
    for await (const chunk of bytes) await onDisk(() => file.writeFile(chunk));
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The disk is ours: what it fails at says nothing of the file. */
export function diskFailed(cause: unknown): GatewayError {
  return new GatewayError('storage_unavailable', 'The file cannot be kept while it is read.', {
    cause,
  });
}

const atOnce = 256 * 1024;

/** What is in it, from its beginning. */
export async function* contentOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const at = position;
    const { bytesRead, buffer } = await onDisk(() =>
      file.read({ buffer: Buffer.alloc(atOnce), position: at }),
    );
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function nameless(folder: string): Promise<FileHandle> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = path.join(folder, `upload-${randomUUID()}.tmp`);
  const file = await open(name, 'wx+', 0o600);
  try {
    await unlink(name);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskFailed(error);
  }
}
