import { fstat } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { promisify } from 'node:util';
import type { Entry, ZipFile } from 'yauzl';
import yauzl from 'yauzl';
import { GatewayError } from '../core/errors.ts';
import type { FileRow } from '../core/ports/row-files.ts';
import { diskFailed, spooled } from './spool.ts';
import { sheetRows } from './xlsx-sheet.ts';
import { firstSheetOf, readSharedStrings } from './xlsx-workbook.ts';

/** An archive of some kilobytes can hold gigabytes. So much of one entry is unpacked, and no more. */
const mostSheetBytes = 512 * 1024 * 1024;
const mostStringsBytes = 256 * 1024 * 1024;
const bloatedFrom = 8 * 1024 * 1024;
const mostInflation = 100;
const mostIndexBytes = 1024 * 1024;
const mostEntries = 2_000;

/**
 * The rows of the first sheet of an XLSX workbook (ECMA-376): a ZIP archive whose directory stands at its end, so it
 * lies in a file of this folder meanwhile, which has no name any more once it is there. The sheet is read as it is
 * unpacked; the texts of its cells, which stand in another entry, are in memory.
 * @throws GatewayError `invalid_request` for what is no workbook; `storage_unavailable` when the disk fails.
 */
export async function* xlsxRows(
  bytes: AsyncIterable<Uint8Array>,
  folder: string,
  signal?: AbortSignal,
): AsyncGenerator<readonly FileRow[]> {
  const file = await spooled(bytes, folder);
  try {
    const { size } = await promisify(fstat)(file.fd);
    if (size === 0) throw notXlsx('it is empty');
    const zip = await yauzl.fromFdPromise(file.fd, { autoClose: false, lazyEntries: true });
    const entries = await entriesOf(zip);
    const unpack = async (name: string, most: number) => {
      const entry = entries.get(name);
      if (!entry) return undefined;
      // yauzl ends a stream that gives another number of bytes than its entry says.
      if (entry.uncompressedSize > most || isBloated(entry)) throw tooLarge();
      const stream = await zip.openReadStreamPromise(entry);
      return signal ? addAbortSignal(signal, stream) : stream;
    };
    const sheet = await firstSheetOf((name) => unpack(name, mostIndexBytes));
    const strings = await readSharedStrings(await unpack('xl/sharedStrings.xml', mostStringsBytes));
    const stream = await unpack(sheet, mostSheetBytes);
    if (!stream) throw notXlsx(`it has no ${sheet}`);
    yield* sheetRows(stream, strings);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof GatewayError) throw error;
    throw isOfTheSystem(error) ? diskFailed(error) : notXlsx(reasonOf(error), error);
  } finally {
    await file.close();
  }
}

async function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > mostEntries) throw tooLarge();
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  return entries;
}

/**
 * Sheets are 5 to 30 times as large as what is packed of them; deflate can make it a thousand, and a minute of work of
 * some kilobytes.
 */
function isBloated({ uncompressedSize, compressedSize }: Entry): boolean {
  return uncompressedSize > bloatedFrom && uncompressedSize > compressedSize * mostInflation;
}

function tooLarge(): GatewayError {
  return new GatewayError(
    'invalid_request',
    'The workbook is too large when it is unpacked: save it as CSV.',
    { field: 'file' },
  );
}

function notXlsx(why: string, cause?: unknown): GatewayError {
  return new GatewayError('invalid_request', `The file is no XLSX workbook: ${why}.`, {
    field: 'file',
    cause,
  });
}

/** Of what the libraries throw, only a call of the system has its name with it. */
function isOfTheSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** Of what a damaged archive makes the libraries say, the first line. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 200).replace(/\.$/, '');
}
