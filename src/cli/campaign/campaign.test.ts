import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Came, Stage } from '../testkit/stage.ts';
import { createStage, idIn } from '../testkit/stage.ts';

let stage: Stage;
let folder: string;
let file: string;
beforeEach(async () => {
  stage = await createStage();
  folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-campaign-'));
  file = path.join(folder, 'sale.csv');
  await writeFile(file, 'mobile,name\n0412345678,Ann\n0412345679,Bob\n12,Eve\n,Joe\n');
  await stage.did('account create shop --credit 10', 'sender add shop CompanyABC');
});
afterEach(async () => {
  await stage.close();
  await rm(folder, { recursive: true });
});

const create = (more = ''): Promise<Came> =>
  stage.did(
    `campaign create shop ${file} --sender CompanyABC --text "Hello {{name}}" --name Sale ${more}`,
  );

it('is made of a file, tried, sent, and shown', async () => {
  const made = await create();
  const id = idIn(made);
  expect(made.out).toContain('state       ready\n');
  expect(made.out).toContain('rows        4, 1 of them broken\n');
  expect(made.err).toContain('1 row could not be read: see them with `parlance campaign errors');

  const estimate = await stage.did(`campaign estimate ${id}`);
  expect(estimate.out.split('\n')).toEqual([
    'rows      3 rows',
    'messages  2 of 2 parts',
    'price     2.00',
    'balance   10.00',
    'broken    1 row of the file could not be read',
    '',
    'REFUSED  REASON          FIRST LINE  DETAIL',
    "      1  number_invalid           4  '12' is not a phone number.",
  ]);
  const tested = await stage.did(`campaign test ${id} --to 0499999999 --row 2`);
  expect(tested.out.split('\n')).toEqual([
    'TO            PRICE  TEXT',
    '+61499999999   1.00  Hello Bob',
  ]);
  await stage.did(`campaign start ${id}`);
  await stage.world.clock.advance(2_000);
  const shown = await stage.did(`campaign show ${id}`);
  expect(shown.out).toContain('state       done\n');
  expect(shown.out).toContain('messages    2 of 2 parts, 1 refused\n');
  expect(shown.out).toMatch(/progress {4}█{20} 100 % {2}3\/3 rows/);
  const listed = await stage.did('campaign list shop --state done');
  expect(listed.out.split('\n')).toEqual([
    'ID                                    ACCOUNT  NAME  CREATED (UTC)        STATE  ROWS  MESSAGES  REFUSED',
    '<id>................................  shop     Sale  2026-03-01 00:00:00  done      4         2        2',
  ]);
});

it('has its errors as a table, a document and a file', async () => {
  const id = idIn(await create('--start'));
  await stage.world.clock.advance(2_000);
  const table = await stage.did(`campaign errors ${id}`);
  expect(table.out.split('\n')).toEqual([
    'LINE  NUMBER  REASON          DETAIL',
    "   4  12      number_invalid  '12' is not a phone number.",
    '   5  -       field_invalid   The row has no number.',
  ]);
  const document = await stage.did(`campaign errors ${id} --after 4 --json`);
  expect(JSON.parse(document.raw)).toMatchObject({ items: [{ line: 5 }], total: 2 });
  const out = path.join(folder, 'errors.csv');
  const said = await stage.did(`campaign errors ${id} --out ${out}`);
  expect(said.out).toBe(`${out} has 2 lines that were not sent.`);
  expect(await readFile(out, 'utf8')).toBe(
    "line,reason,detail,number\r\n4,number_invalid,'12' is not a phone number.,12\r\n5,field_invalid,The row has no number.,\r\n",
  );
});

it('waits for its time, in batches, and is paused, resumed and aborted', async () => {
  const made = await create('--at "2026-03-01 01:00:00" --batch 1000 --every 10m');
  expect(made.out).toContain('scheduled   2026-03-01 01:00:00 UTC\n');
  expect(made.out).toContain('batches     1000 rows every 10m\n');
  const id = idIn(made);
  const states: string[] = [];
  for (const what of ['pause', 'resume', 'abort']) {
    const { raw } = await stage.did(`campaign ${what} ${id} --json`);
    states.push((JSON.parse(raw) as { state: string }).state);
  }
  expect(states).toEqual(['paused', 'scheduled', 'aborted']);
  expect(await stage.run(`campaign start ${id}`)).toMatchObject({
    code: 1,
    err: 'parlance: The campaign is aborted: it cannot be started.',
  });
});

it('is watched to its end', async () => {
  const id = idIn(await create('--start'));
  const watched = stage.did(`campaign show ${id} --watch --json`);
  await stage.world.clock.advance(3_000);
  expect(JSON.parse((await watched).raw)).toMatchObject({ state: 'done', share: 1, messages: 2 });
});

it.each([
  ['campaign show x', "There is no campaign 'x': see `parlance campaign list`."],
  [
    'campaign create shop /nowhere.csv --sender CompanyABC --text x',
    "There is no '/nowhere.csv': see to the path, often that of --data or --config.",
  ],
])('%s is refused', async (line, said) => {
  expect(await stage.run(line)).toMatchObject({ code: 1, err: `parlance: ${said}` });
  expect((await stage.run('campaign list')).err).toBe('There are no such campaigns.');
});

it('a file that is none for it leaves one that has failed', async () => {
  await writeFile(file, 'a,b\n1,2\n');
  const came = await stage.run(`campaign create shop ${file} --sender CompanyABC --text x`);
  expect(came.code).toBe(1);
  expect(came.err).toContain("Say which column has the numbers; it has 'a', 'b'.");
  expect((await stage.did('campaign list')).out).toContain('failed');
  expect(
    await stage.run(`campaign create shop ${file} --sender CompanyABC --text x --batch 1000`),
  ).toMatchObject({
    code: 2,
    err: 'parlance: --batch and --every go together.',
  });
});
