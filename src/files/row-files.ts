import os from 'node:os';
import type { FileRow, RowFiles } from '../core/ports/row-files.ts';
import { atMost, withHead } from './bytes.ts';
import { csvRows } from './csv.ts';
import { contentOf, spooled } from './spool.ts';
import { xlsxRows } from './xlsx.ts';

/** The longest byte order mark, and the mark of a ZIP archive. */
const headLength = 4;

/**
 * Reads CSV and XLSX. An XLSX file is a ZIP archive; whatever is none is read as CSV.
 * @param folder where an archive lies while it is read: as large as the largest file times those read at once. Not the
 * system's folder for such files, which is in memory on many systems.
 */
export function rowFilesIn(folder: string): RowFiles {
  return {
    async *read(bytes, limits): AsyncGenerator<readonly FileRow[]> {
      const { head, all } = await withHead(atMost(bytes, limits.bytes), headLength);
      const isZip = head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
      yield* isZip ? xlsxRows(all, folder, limits.signal) : csvRows(all, limits.signal);
    },
    async keep(bytes) {
      const file = await spooled(bytes, folder);
      return { bytes: () => contentOf(file), drop: () => file.close() };
    },
  };
}

/** For small files, as tests have them. */
export const rowFiles: RowFiles = rowFilesIn(os.tmpdir());
