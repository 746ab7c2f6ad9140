import type { Clock } from '../ports/clock.ts';
import type { FileRow } from '../ports/row-files.ts';
import type { Storage } from '../ports/storage.ts';
import { GatewayError } from '../errors.ts';
import type {
  Campaign,
  CampaignError,
  CampaignLimits,
  CampaignPage,
  CampaignRow,
} from './campaign.ts';
import { mostRows } from './campaign.ts';
import type { Binding } from './personalise.ts';
import { bind } from './personalise.ts';
import { requireMove } from './state.ts';

/**
 * What a page holds at most. A page becomes messages in one transaction: 500 take SQLite about 10 ms, in which it does
 * nothing else.
 */
const rowsOfAPage = 500;
const charactersOfAPage = 100_000;
/** Pages that share a transaction, which is a sync to disk. */
const pagesAtOnce = 4;
const mostColumns = 200;
/** Of what stands where a number should. */
const shownNumber = 40;

interface ImportParts {
  storage: Pick<Storage, 'read' | 'write'>;
  clock: Pick<Clock, 'now'>;
  limits: CampaignLimits;
}

/**
 * Writes down the rows of a file for a campaign, page by page; each write moves how far it has come. So an import
 * that was cut off goes on when the same file comes again: rows that are there are read and compared, and not written.
 * Of two imports of one campaign the one that comes too late ends.
 *
 * Memory: the rows of `pagesAtOnce` pages, however long the file is.
 * @param onProgress told the campaign after each write.
 * @returns the campaign, which is `ready`.
 * @throws GatewayError `invalid_request`: the file is none for this campaign, which has failed then; `already_exists`:
 * another import writes it, or another file had begun; and what `rows` and the storage throw.
 */
export async function importRows(
  { storage, clock, limits }: ImportParts,
  found: Campaign,
  rows: AsyncIterable<readonly FileRow[]>,
  onProgress: (campaign: Campaign) => void,
): Promise<Campaign> {
  requireMove(found.state, 'ready');
  const most = mostRows(found, limits);
  let campaign = found;
  let binding: Binding | undefined;
  /** What was read of the file, and not written down yet, where it is new. */
  let read = { rows: 0, broken: 0, stored: 0 };
  let page: CampaignRow[] = [];
  let characters = 0;
  let pages: CampaignPage[] = [];
  let errors: CampaignError[] = [];

  const flush = async (): Promise<void> => {
    if (page.length > 0)
      pages.push({ campaignId: found.id, first: read.stored - page.length, rows: page });
    page = [];
    characters = 0;
    if (pages.length === 0 && errors.length === 0 && read.rows === campaign.rows) return;
    const columns = campaign.columns;
    if (read.rows <= campaign.rows) await compare(storage, pages);
    else {
      campaign = await storage.write(async (tx) => {
        const [now] = await tx.campaigns.lock([found.id]);
        if (now?.state !== 'importing' || now.rows !== campaign.rows) throw importedElsewhere();
        const next: Campaign = { ...now, ...read, columns, changedAt: clock.now() };
        await tx.campaigns.insertPages(pages);
        await tx.campaigns.insertErrors(errors);
        await tx.campaigns.save([next]);
        return next;
      });
    }
    pages = [];
    errors = [];
    onProgress(campaign);
  };

  const take = async (row: FileRow): Promise<void> => {
    if (!binding) {
      const columns = 'cells' in row ? columnsOf(row.cells, found.header === 1) : brokenHeader(row);
      binding = bind(columns, found);
      campaign = { ...campaign, columns };
      if (found.header === 1) return;
    }
    if (read.rows === most) {
      throw new GatewayError(
        'invalid_request',
        `The file has more than ${most} rows, which is the most of a ${found.kind} campaign.`,
        { field: 'file' },
      );
    }
    const result = resultOf(row, binding, campaign.columns?.length ?? 0);
    read = { ...read, rows: read.rows + 1 };
    if ('problem' in result) {
      read.broken += 1;
      errors.push({
        campaignId: found.id,
        line: row.line,
        code: 'field_invalid',
        detail: result.problem,
        number: result.number,
      });
    } else {
      read.stored += 1;
      page.push(result.row);
      for (const value of result.row) characters += typeof value === 'string' ? value.length : 0;
    }
    const pageFull = page.length === rowsOfAPage || characters >= charactersOfAPage;
    // Where the import before had come to: what is compared and what is written do not mix.
    const caughtUp = read.rows === found.rows;
    if (caughtUp || errors.length >= rowsOfAPage * pagesAtOnce) return flush();
    if (!pageFull) return;
    if (pages.length + 1 === pagesAtOnce) return flush();
    pages.push({ campaignId: found.id, first: read.stored - page.length, rows: page });
    page = [];
    characters = 0;
  };

  try {
    for await (const some of rows) for (const row of some) await take(row);
    await flush();
    if (read.rows === 0) {
      throw new GatewayError('invalid_request', 'The file has no rows.', { field: 'file' });
    }
    if (read.rows < found.rows) throw anotherFile();
  } catch (error) {
    if (error instanceof GatewayError && isTheFiles(error)) {
      await fail({ storage, clock }, found, error.detail);
    }
    throw error;
  }
  return storage.write(async (tx) => {
    const [now] = await tx.campaigns.lock([found.id]);
    if (now?.state !== 'importing' || now.rows !== read.rows) throw importedElsewhere();
    const at = clock.now();
    const next: Campaign = { ...now, state: 'ready', dueAt: at, changedAt: at };
    await tx.campaigns.save([next]);
    return next;
  });
}

/** A file that cannot be right whenever it comes again. */
function isTheFiles(error: GatewayError): boolean {
  return error.code === 'invalid_request' || error.code === 'body_too_large';
}

async function fail(
  { storage, clock }: Pick<ImportParts, 'storage' | 'clock'>,
  { id }: Campaign,
  reason: string,
): Promise<void> {
  await storage.write(async (tx) => {
    const [now] = await tx.campaigns.lock([id]);
    if (now?.state !== 'importing') return;
    const at = clock.now();
    await tx.campaigns.save([{ ...now, state: 'failed', reason, changedAt: at, doneAt: at }]);
  });
}

function importedElsewhere(): GatewayError {
  return new GatewayError(
    'already_exists',
    'The campaign is imported by somebody else, or was aborted.',
  );
}

function anotherFile(): GatewayError {
  return new GatewayError(
    'already_exists',
    'This is not the file whose rows are there already: begin another campaign with it.',
  );
}

/** What is there already must be what comes again. Pages may be cut elsewhere where the import was cut off. */
async function compare(
  { read }: Pick<Storage, 'read'>,
  pages: readonly CampaignPage[],
): Promise<void> {
  for (const { campaignId, first, rows } of pages) {
    let there: CampaignPage | undefined;
    for (const [at, row] of rows.entries()) {
      const place = first + at;
      if (!there || place >= there.first + there.rows.length) {
        there = await read.campaigns.page(campaignId, place);
      }
      const stored = there?.rows[place - there.first];
      if (JSON.stringify(stored) !== JSON.stringify(row)) throw anotherFile();
    }
  }
}

function columnsOf(cells: readonly string[], header: boolean): string[] {
  const width = widthOf(cells);
  if (width > mostColumns) {
    throw new GatewayError('invalid_request', `The file has more than ${mostColumns} columns.`, {
      field: 'file',
    });
  }
  return cells
    .slice(0, width)
    .map((name, at) =>
      header && name.trim() !== '' ? storable(name.trim()).slice(0, 200) : String(at + 1),
    );
}

function brokenHeader({ problem }: Extract<FileRow, { problem: string }>): never {
  throw new GatewayError('invalid_request', `The file's first row cannot be read: ${problem}`, {
    field: 'file',
  });
}

/** Without the empty cells at its end, which spreadsheets write as they like. */
function widthOf(cells: readonly string[]): number {
  let width = cells.length;
  while (width > 0 && (cells[width - 1] as string).trim() === '') width -= 1;
  return width;
}

function resultOf(
  row: FileRow,
  binding: Binding,
  columns: number,
): { row: CampaignRow } | { problem: string; number: string | null } {
  if ('problem' in row) return { problem: row.problem, number: null };
  const { cells, line } = row;
  const to = (cells[binding.to] ?? '').trim();
  const number = to === '' ? null : storable(to.slice(0, shownNumber));
  if (cells.length !== columns && widthOf(cells) > columns) {
    return {
      problem: `The row has ${widthOf(cells)} columns; the first one has ${columns}.`,
      number,
    };
  }
  if (cells.length < columns && binding.values.some((at) => at >= cells.length)) {
    return {
      problem: `The row has ${cells.length} columns; the first one has ${columns}.`,
      number,
    };
  }
  if (to === '') return { problem: 'The row has no number.', number };
  return { row: [line, to, ...binding.values.map((at) => (cells[at] ?? '').trim())] };
}

/** PostgreSQL takes no U+0000, and neither engine half a character. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
