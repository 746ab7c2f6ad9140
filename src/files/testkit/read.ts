import type { FileRow } from '../../core/ports/row-files.ts';
import { rowFiles } from '../row-files.ts';

/** These bytes, so many at a time. */
export async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All rows of a file that comes in chunks of so many bytes. @param most of its bytes. */
export async function read(
  file: string | Uint8Array,
  size = 5,
  most = 100_000_000,
): Promise<FileRow[]> {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  const rows: FileRow[] = [];
  for await (const some of rowFiles.read(chunks(bytes, size), { bytes: most })) rows.push(...some);
  return rows;
}
