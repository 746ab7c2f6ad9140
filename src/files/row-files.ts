import type { FileRow, RowFiles } from '../core/ports/row-files.ts';
import { atMost, withHead } from './bytes.ts';
import { csvRows } from './csv.ts';
import { xlsxRows } from './xlsx.ts';

/** The longest byte order mark, and the mark of a ZIP archive. */
const headLength = 4;

/** Reads CSV and XLSX. An XLSX file is a ZIP archive; whatever is none is read as CSV. */
export const rowFiles: RowFiles = {
  async *read(bytes, limits): AsyncGenerator<readonly FileRow[]> {
    const { head, all } = await withHead(atMost(bytes, limits.bytes), headLength);
    const isZip = head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
    yield* isZip ? xlsxRows(all) : csvRows(all);
  },
};
