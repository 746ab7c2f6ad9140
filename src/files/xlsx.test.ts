import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rowFiles, rowFilesIn } from './row-files.ts';
import { chunks, read } from './testkit/read.ts';
import { zipOf } from './testkit/zip.ts';

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

  it.each([
    ['rows, if empty ones', '<row/>'.repeat(1_048_577), 'The sheet has more than 1048576 rows.'],
    [
      'cells in a row',
      `<row>${'<c/>'.repeat(16_385)}</row>`,
      'The sheet has more than 16384 cells in a row.',
    ],
    [
      'than is packed of it',
      `<row>${'<c/>'.repeat(10_000)}</row>`.repeat(250),
      'The workbook is too large when it is unpacked: save it as CSV.',
    ],
  ])('of more %s is refused', async (_, rows, detail) => {
    await expect(read(ofSheet(sheet(rows)), 100_000)).rejects.toMatchObject({
      code: 'invalid_request',
      detail,
    });
  });

  it('is read no further when nobody waits for it', async () => {
    const stop = new AbortController();
    // Its rows are empty: nothing comes of them until its end.
    const bytes = ofSheet(sheet('<row/>'.repeat(1_000_000)));
    setTimeout(() => stop.abort(new Error('gone')), 50);
    const limits = { bytes: 1e6, signal: stop.signal };
    const rows = rowFiles.read(chunks(bytes, 100_000), limits);
    await expect(Array.fromAsync(rows)).rejects.toThrow('gone');
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

    it('what is kept has no name, and is whole', async () => {
      const bytes = Buffer.from('abc'.repeat(200_000));
      const kept = await rowFilesIn(folder).keep(chunks(bytes, 65_536));
      expect(await readdir(folder)).toEqual([]);
      for (let round = 0; round < 2; round++) {
        expect(Buffer.concat(await Array.fromAsync(kept.bytes())).equals(bytes)).toBe(true);
      }
      await kept.drop();
    });

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
