import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../../test/support/seeded-random.ts';
import type { FileRow } from '../core/ports/row-files.ts';
import { rowFiles, rowFilesIn } from './row-files.ts';
import { zipOf } from './testkit/zip.ts';

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(file: string | Uint8Array, size = 5, most = 100_000_000): Promise<FileRow[]> {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  const rows: FileRow[] = [];
  for await (const some of rowFiles.read(chunks(bytes, size), { bytes: most })) rows.push(...some);
  return rows;
}

const cells = (...rows: string[][]): FileRow[] =>
  rows.map((row, at) => ({ line: at + 1, cells: row }));

describe('CSV', () => {
  it.each([
    ['commas', 'a,b\n1,2\n', cells(['a', 'b'], ['1', '2'])],
    ['semicolons', 'a;b\n1,5;2\n', cells(['a', 'b'], ['1,5', '2'])],
    ['tabs, no last line break', 'a\tb\n1\t2', cells(['a', 'b'], ['1', '2'])],
    ['CRLF', 'a,b\r\n1,2\r\n', cells(['a', 'b'], ['1', '2'])],
    ['quotes', '"a,x","b ""c"""\n1,2\n', cells(['a,x', 'b "c"'], ['1', '2'])],
    ['one column', 'a\n1\n2\n', cells(['a'], ['1'], ['2'])],
    ['a byte order mark', '\ufeffa,b\n', cells(['a', 'b'])],
    ['letters of several bytes', 'ä,€\n😀,x\n', cells(['ä', '€'], ['😀', 'x'])],
    ['nothing', '', []],
    [
      'empty lines, which count',
      'a,b\n\n  \n,,\n1,2\n',
      [...cells(['a', 'b']), { line: 5, cells: ['1', '2'] }],
    ],
    [
      'line breaks in a cell',
      'a,b\n"1\n\nx",2\r\n3,"4\r\n5"\n6,7',
      [
        { line: 1, cells: ['a', 'b'] },
        { line: 2, cells: ['1\n\nx', '2'] },
        { line: 5, cells: ['3', '4\r\n5'] },
        { line: 7, cells: ['6', '7'] },
      ],
    ],
    [
      'an opening quote that is never closed',
      'a,b\n1,"2\n3,4\n5,"6,7"\n8,9\n',
      [
        { line: 1, cells: ['a', 'b'] },
        { line: 2, problem: 'The quotes of the row do not match.' },
        { line: 3, cells: ['3', '4'] },
        { line: 4, cells: ['5', '6,7'] },
        { line: 5, cells: ['8', '9'] },
      ],
    ],
    [
      'quotes in the middle of a cell',
      'a,b\n5\'11",x\n"x"y,z\n1,2\n',
      [
        { line: 1, cells: ['a', 'b'] },
        { line: 2, problem: 'The quotes of the row do not match.' },
        { line: 3, problem: 'The quotes of the row do not match.' },
        { line: 4, cells: ['1', '2'] },
      ],
    ],
    ...[';', '\t', '|'].map((d): [string, string, FileRow[]] => [
      `line breaks in a cell, and ${JSON.stringify(d)} between cells`,
      `to${d}"of\n1"\n1${d}"a, b\nc"\n2${d}x\n`,
      [
        { line: 1, cells: ['to', 'of\n1'] },
        { line: 3, cells: ['1', 'a, b\nc'] },
        { line: 5, cells: ['2', 'x'] },
      ],
    ]),
    ['CR in a cell of a file with LF', 'a,b\n"1\r2",3\n', cells(['a', 'b'], ['1\r2', '3'])],
    [
      'LF in a cell of a file with CR',
      '"a\n",b\r1,2\r',
      [
        { line: 1, cells: ['a\n', 'b'] },
        { line: 3, cells: ['1', '2'] },
      ],
    ],
    [
      'CR and a quote too many in its first row',
      'a",b\r1,2\r',
      [
        { line: 1, problem: 'The quotes of the row do not match.' },
        { line: 2, cells: ['1', '2'] },
      ],
    ],
    [
      'a first row that cannot be read',
      'a"\n\n1;2\n3;"4\n5"',
      [
        { line: 1, problem: 'The quotes of the row do not match.' },
        { line: 3, cells: ['1', '2'] },
        { line: 4, cells: ['3', '4\n5'] },
      ],
    ],
    [
      'CR',
      'a,b\r"1\r2",3\r\r4,5',
      [
        { line: 1, cells: ['a', 'b'] },
        { line: 2, cells: ['1\n2', '3'] },
        { line: 5, cells: ['4', '5'] },
      ],
    ],
  ])('with %s', async (_, text, rows) => {
    for (const size of [1, 2, 7, 1_000]) expect(await read(text, size)).toEqual(rows);
  });

  it.each([
    ['that make another number of cells', '9,Ann,"Perth', '39,Bob",Sydney', ''],
    [
      'that make a row',
      '9,"Ann,Perth',
      '39,Bob",Sydney',
      ': the next quote is on line 41, after other rows',
    ],
  ])('loses no row between two quotes too many %s', async (_, first, last, why) => {
    const lines = ['mobile,name,city', ...Array.from({ length: 98 }, (__, at) => `${at},N,Perth`)];
    lines[10] = first;
    lines[40] = last;
    const expected: FileRow[] = lines.map((text, at) => ({ line: at + 1, cells: text.split(',') }));
    expected[10] = { line: 11, problem: `The quotes of the row do not match${why}.` };
    expected[40] = { line: 41, problem: 'The quotes of the row do not match.' };
    for (const size of [100, 10_000]) expect(await read(lines.join('\n'), size)).toEqual(expected);
  });

  it('reads what a cell of many lines says', async () => {
    const text = 'Dear Ann,\nwe are open, as you know,\n\non Monday.\nYours,\nBob';
    expect(await read(`to,name,text\n1,Ann,"${text}"\n`)).toEqual(
      cells(['to', 'name', 'text'], ['1', 'Ann', text]),
    );
  });

  it('in UTF-16, as spreadsheets write it', async () => {
    const text = Buffer.from('\ufeffa\tb\n1\tä\n', 'utf16le');
    expect(await read(text, 3)).toEqual(cells(['a', 'b'], ['1', 'ä']));
  });

  it('with a row that is not UTF-8', async () => {
    const text = Buffer.concat([
      Buffer.from('a,b\n1,'),
      Buffer.from([0xe4]),
      Buffer.from('\n3,4\n'),
    ]);
    expect(await read(text)).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, problem: 'The row is not UTF-8.' },
      { line: 3, cells: ['3', '4'] },
    ]);
  });

  it('with a line that is far too long, or does not end', async () => {
    const long = 'x'.repeat(70_000);
    const rows = await read(`a,b\n${long},1\n3,4\n`, 10_000);
    expect(rows).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, problem: 'The row is too long.' },
      { line: 3, cells: ['3', '4'] },
    ]);
    expect(await read('y'.repeat(3_000_000), 50_000)).toEqual([
      { line: 1, problem: 'The row is too long.' },
    ]);
  });

  it('of any bytes is read or refused, each line once', async () => {
    const random = seededRandom(20_261_122);
    const letters = ['"', ',', '\n', '\r\n', 'a', ';', '\ufffd', '€', '"\n', ',"', '\0'];
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: random(200) }, () => letters[random(letters.length)]).join(
        '',
      );
      const rows = await read(text, 1 + random(50));
      const lines = rows.map(({ line }) => line);
      expect(lines).toEqual([...new Set(lines)].toSorted((a, b) => a - b));
      expect(lines.at(-1) ?? 0).toBeLessThanOrEqual(text.split('\n').length);
    }
  });

  it('is read as csv-parse reads each of its rows', async () => {
    const random = seededRandom(20_261_123);
    const letters = ['"', '"', '""', ',', ',"', '",', 'a', ';', ' ', '\r', ''];
    const seen = { read: 0, refused: 0 };
    for (let round = 0; round < 2_000; round++) {
      const text = Array.from({ length: random(12) }, () => letters[random(letters.length)]).join(
        '',
      );
      const file = `a,b,c\n${text}\n`;
      let theirs: string[][] | undefined;
      try {
        theirs = parse(file, { relax_column_count: true, record_delimiter: ['\n', '\r\n'] });
      } catch {
        seen.refused += 1;
      }
      const [, row] = await read(file, 1_000);
      if (!theirs) expect(row).toMatchObject({ line: 2, problem: expect.anything() as string });
      else if (theirs[1]?.some((cell) => cell.trim() !== '')) {
        seen.read += 1;
        expect(row).toEqual({ line: 2, cells: theirs[1] });
      } else expect(row).toBeUndefined();
    }
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(300);
  });

  it.each(['"', 'a"', '1,"x', ''])('lets others have a turn: lines of %s', async (text) => {
    const file = Buffer.from(`a,b\n${`${text}\n`.repeat(50_000)}`);
    let turns = 0;
    let done = false;
    const turn = (): void => {
      turns += 1;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    let most = 0;
    for await (const rows of rowFiles.read(chunks(file, 65_536), { bytes: 1e9 })) {
      most = Math.max(most, rows.length);
    }
    done = true;
    expect(most).toBeLessThanOrEqual(500);
    expect(turns).toBeGreaterThanOrEqual(100);
  });

  it('of too many bytes is refused', async () => {
    expect(await read('a,b\n1,2\n', 5, 8)).toHaveLength(2);
    await expect(read('a,b\n1,2\n3', 5, 8)).rejects.toMatchObject({ code: 'body_too_large' });
  });
});

describe('XLSX', () => {
  const sheet = (rows: string) =>
    `<?xml version="1.0"?><worksheet><sheetData>${rows}</sheetData></worksheet>`;
  const strings = `<sst><si><t>mobile</t></si><si><r><t>na</t></r><r><t>me</t></r></si><si><t>Ann &amp; Bob</t><rPh><t>x</t></rPh></si></sst>`;
  const workbook = {
    'xl/workbook.xml': `<workbook xmlns:r="x"><sheets><sheet name="One" sheetId="4" r:id="rId9"/><sheet r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="rId1" Target="worksheets/other.xml"/><Relationship Id="rId9" Target="worksheets/first.xml"/></Relationships>`,
    'xl/sharedStrings.xml': strings,
    'xl/worksheets/first.xml': sheet(
      '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>city</t></is></c></row>' +
        '<row r="3"><c r="A3"><v>61412345678</v></c><c r="B3" t="s"><v>2</v></c></row>' +
        '<row r="4"><c r="A4"><v>6.1412345678E10</v></c><c r="C4" t="str"><f>A1</f><v>Perth</v></c></row>' +
        '<row r="5"/><row><c><v>1.5</v></c><c t="b"><v>1</v></c></row>',
    ),
  };

  it('has the rows of its first sheet', async () => {
    for (const size of [1, 13, 10_000]) {
      expect(await read(zipOf(workbook), size)).toEqual([
        { line: 1, cells: ['mobile', 'name', 'city'] },
        { line: 3, cells: ['61412345678', 'Ann & Bob'] },
        { line: 4, cells: ['61412345678', '', 'Perth'] },
        { line: 6, cells: ['1.5', 'TRUE'] },
      ]);
    }
  });

  it.each([
    ['no archive', Buffer.from('PK\u0003\u0004 and nothing more')],
    ['no sheet', zipOf({ 'a.txt': 'x' })],
    ['broken XML', zipOf({ ...workbook, 'xl/worksheets/first.xml': '<a><b></a>' })],
    ['one cut off', zipOf(workbook).subarray(0, 400)],
  ])('that is %s is refused', async (_, bytes) => {
    await expect(read(bytes, 100)).rejects.toMatchObject({
      code: 'invalid_request',
      detail: expect.stringMatching(/^The file is no XLSX workbook: .+\.$/) as string,
    });
  });

  it('that says little and holds much is refused before it is unpacked', async () => {
    const bomb = zipOf({ ...workbook, 'xl/worksheets/first.xml': { size: 600 * 1024 * 1024 } });
    const said = 'The workbook is too large when it is unpacked: save it as CSV.';
    await expect(read(bomb, 10_000)).rejects.toMatchObject({ detail: said });
    // Also one that lies about its size.
    const liar = zipOf({
      ...workbook,
      'xl/worksheets/first.xml': { size: 100, data: deflateRawSync(Buffer.alloc(5_000_000, 32)) },
    });
    await expect(read(liar, 10_000)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  const ofSheet = (xml: string) => zipOf({ ...workbook, 'xl/worksheets/first.xml': xml });
  const long = 'x'.repeat(1_000_000);

  it.each([
    ['an attribute', `<a b="${long}"/>`],
    ['the name of an attribute', `<a ${long}="b"/>`],
    ['the name of an element', `<${long}/>`],
    ['a comment', `<a><!--${long}--></a>`],
    ['an instruction', `<a><?b ${long}?></a>`],
    ['a document type', `<!DOCTYPE ${long}><a/>`],
    ['an entity', `<a>&${long};</a>`],
  ])('with %s of a megabyte is refused', async (_, xml) => {
    await expect(read(ofSheet(xml), 1_000)).rejects.toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining('Max buffer length exceeded') as string,
    });
  });

  it.each([
    ['elements', `${'<a>'.repeat(101)}${'</a>'.repeat(101)}`],
    ['attributes', `<a ${Array.from({ length: 101 }, (_, at) => `b${at}="1"`).join(' ')}/>`],
  ])('with too many %s is refused', async (what, xml) => {
    await expect(read(ofSheet(xml), 1_000)).rejects.toMatchObject({
      detail: expect.stringContaining(`Too many ${what}`) as string,
    });
  });

  it('with texts that are too long has them as problems of their rows', async () => {
    const row = (n: number, cell: string) => `<row r="${n}">${cell}</row>`;
    const sheetXml = sheet(
      row(1, `<c t="str"><v>${long}</v></c>`) +
        row(2, '<c t="s"><v>0</v></c>') +
        row(3, '<c t="s"><v>1</v></c>'),
    );
    const file = zipOf({
      ...workbook,
      'xl/worksheets/first.xml': sheetXml,
      'xl/sharedStrings.xml': `<sst><si><t>${long}</t></si><si><t>short</t></si></sst>`,
    });
    expect(await read(file, 1_000)).toEqual([
      { line: 1, problem: 'The row is too long.' },
      { line: 2, problem: 'The row is too long.' },
      { line: 3, cells: ['short'] },
    ]);
  });

  it('with numbers of rows as they cannot be has lines that grow', async () => {
    const numbers = ['9007199254740991', '7', '7', '1e400', '1048576', '1048577', '5', '-1', 'x'];
    const rows = numbers.map((r) => `<row r="${r}"><c><v>1</v></c></row>`);
    const found = await read(ofSheet(sheet(rows.join(''))), 1_000);
    expect(found.map(({ line }) => line)).toEqual([
      1, 7, 8, 9, 1_048_576, 1_048_577, 1_048_578, 1_048_579, 1_048_580,
    ]);
  });

  it('with entities of its own is not read', async () => {
    const laughs = `<!DOCTYPE x [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><worksheet><sheetData><row><c t="str"><v>&lol2;</v></c></row></sheetData></worksheet>`;
    await expect(
      read(zipOf({ ...workbook, 'xl/worksheets/first.xml': laughs })),
    ).rejects.toMatchObject({ code: 'invalid_request' });
  });

  describe('on disk', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-files-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('lies in the folder, without a name', async () => {
      const data = path.join(folder, 'not', 'there');
      const files = rowFilesIn(data);
      let rows = 0;
      for await (const some of files.read(chunks(zipOf(workbook), 100), { bytes: 1e6 })) {
        rows += some.length;
        expect(await readdir(data)).toEqual([]);
      }
      expect(rows).toBe(4);
    });

    it('is no fault of the file when the disk fails', async () => {
      const data = path.join(folder, 'a-file');
      await writeFile(data, '');
      const rows = rowFilesIn(data).read(chunks(zipOf(workbook), 100), { bytes: 1e6 });
      await expect(Array.fromAsync(rows)).rejects.toMatchObject({ code: 'storage_unavailable' });
    });

    it.each(['write', 'read'])('nor when it fails at a %s', async (syscall) => {
      const fault = Object.assign(new Error(`EIO: i/o error, ${syscall}`), { syscall });
      const handle = await open(path.join(folder, 'any'), 'wx');
      const ofHandles = Object.getPrototypeOf(handle) as FileHandle;
      await handle.close();
      const spy =
        syscall === 'write'
          ? vi.spyOn(ofHandles, 'writeFile').mockRejectedValue(fault)
          : vi.spyOn(fs, 'read').mockImplementation((...given: unknown[]) => {
              (given.at(-1) as (error: Error) => void)(fault);
            });
      try {
        const rows = rowFilesIn(folder).read(chunks(zipOf(workbook), 100), { bytes: 1e6 });
        await expect(Array.fromAsync(rows)).rejects.toMatchObject({
          code: 'storage_unavailable',
          cause: fault,
        });
      } finally {
        spy.mockRestore();
      }
    });

    it('gives what fails in its bytes as it is', async () => {
      const cutOff = Object.assign(new Error('read ECONNRESET'), { syscall: 'read' });
      async function* bytes(): AsyncGenerator<Uint8Array> {
        yield zipOf(workbook).subarray(0, 300);
        throw cutOff;
      }
      const rows = rowFilesIn(folder).read(bytes(), { bytes: 1e6 });
      await expect(Array.fromAsync(rows)).rejects.toBe(cutOff);
    });
  });
});
