import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../test/support/seeded-random.ts';
import type { FileRow } from '../core/ports/row-files.ts';
import { rowFiles } from './row-files.ts';
import { chunks, read } from './testkit/read.ts';

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
    ...['\n', '\r\n', '\r'].map((end): [string, string, FileRow[]] => [
      `the line of spreadsheets that names what is between cells, and ${JSON.stringify(end)}`,
      `sep=;${end}a,b;c${end}1,2;3${end}`,
      [
        { line: 2, cells: ['a,b', 'c'] },
        { line: 3, cells: ['1,2', '3'] },
      ],
    ]),
    ['that line alone', '\ufeffSEP=,\n', []],
    ['such a line in the middle', 'a\nsep=;\n', cells(['a'], ['sep=;'])],
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

  it.each([
    ['0412345678,"abc', '0412345679,def"'],
    ['+61 412 345 678,x "y', '0412-345-679,"'],
    ['"abc,0412345678', 'def",0412345679'],
  ])('loses no recipient of two lines with a quote too many each: %s', async (first, second) => {
    for (const head of [['to,name'], []]) {
      const rows = await read([...head, first, second, '0412345670,c'].join('\n'), 1_000);
      expect(rows.slice(head.length)).toEqual([
        { line: head.length + 1, problem: expect.any(String) as string },
        { line: head.length + 2, problem: expect.any(String) as string },
        { line: head.length + 3, cells: ['0412345670', 'c'] },
      ]);
    }
  });

  it.each([
    ['0412345678,"Dear Ann,\nwe are open"', '0412345678', 'Dear Ann,\nwe are open'],
    ['0412345678,"Dear Ann,\nyours, Bob"', '0412345678', 'Dear Ann,\nyours, Bob'],
    ['0412345678,"Ring\n0412345679"', '0412345678', 'Ring\n0412345679'],
    ['"12 High St,\nPerth",0412345678', '12 High St,\nPerth', '0412345678'],
  ])('takes %j for the one row it is', async (text, ...row) => {
    expect(await read(`a,b\n${text}\n`, 1_000)).toEqual(cells(['a', 'b'], row));
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

  it('is read no further when nobody waits for it', async () => {
    const stop = new AbortController();
    const limits = { bytes: 1e9, signal: stop.signal };
    let seen = 0;
    const reading = async (): Promise<void> => {
      for await (const rows of rowFiles.read(
        chunks(Buffer.from('a,b\n'.repeat(50_000)), 1e9),
        limits,
      )) {
        seen += rows.length;
        stop.abort(new Error('gone'));
      }
    };
    await expect(reading()).rejects.toThrow('gone');
    expect(seen).toBe(500);
  });

  it('of too many bytes is refused', async () => {
    expect(await read('a,b\n1,2\n', 5, 8)).toHaveLength(2);
    await expect(read('a,b\n1,2\n3', 5, 8)).rejects.toMatchObject({ code: 'body_too_large' });
  });
});
