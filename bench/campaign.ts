import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { rawInsertsOf } from './floors/raw-inserts.ts';
import { comparisonText, figure } from './machine.ts';
import { runProgram } from './process.ts';
import { campaignRows } from './scale.ts';
import { onStage } from './stage.ts';

/** A campaign file to messages in the queue, beside a bare parse of the file and bare inserts of as many messages. */
export function campaign(): Promise<string> {
  return onStage(async (stage) => {
    const folder = await stage.folder();
    const file = path.join(folder, 'campaign.csv');
    const small = path.join(folder, 'small.csv');
    await writeRows(file, campaignRows);
    await writeRows(small, campaignRows / 10);
    const few = await run(path.join(folder, 'small'), small, campaignRows / 10);
    const parseMs = await bareParse(file);
    const insertMs = await rawInsertsOf(path.join(folder, 'floor'), campaignRows);
    const ours = await run(path.join(folder, 'ours'), file, campaignRows);
    const perSecond = (ms: number) => (campaignRows * 1000) / ms;
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    const megabytes = (bytes: number) => figure(bytes / 2 ** 20);
    return comparisonText({
      name: `campaign, a CSV file of ${figure(campaignRows)} rows to messages in the queue, on disk`,
      unit: 'rows/s',
      ours: perSecond(ours.importMs + ours.expansionMs),
      floorName: 'parse+insert',
      floor: perSecond(parseMs + insertMs),
      bar: 0.5,
      remarks: [
        `parlance: import ${seconds(ours.importMs)}, rows to messages ${seconds(ours.expansionMs)}; floor: parse ${seconds(parseMs)}, inserts ${seconds(insertMs)}`,
        `import alone beside the floor: ${(ours.importMs / (parseMs + insertMs)).toFixed(2)} of its time`,
        `most memory: ${megabytes(ours.peakBytes)} MB; with a tenth of the rows ${megabytes(few.peakBytes)} MB`,
        'floor: csv-parse alone; prepared inserts into the same table, transactions of 500 rows',
      ],
    });
  });
}

async function run(
  data: string,
  file: string,
  rows: number,
): Promise<{ importMs: number; expansionMs: number; peakBytes: number }> {
  // oxlint-disable-next-line no-undefined
  return onStage(async (stage) => {
    const program = path.join(import.meta.dirname, 'campaign-program.ts');
    return JSON.parse(await runProgram(stage, [program, data, file, String(rows)]));
  });
}

async function writeRows(file: string, rows: number): Promise<void> {
  const stream = createWriteStream(file);
  stream.write('mobile,name,city,customer\n');
  for (let row = 0; row < rows; row++) {
    const line = `+614${10_000_000 + row},Person ${row},"Perth, WA",C${row}\n`;
    if (!stream.write(line)) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
}

/** Milliseconds. */
async function bareParse(file: string): Promise<number> {
  const start = performance.now();
  const parser = createReadStream(file).pipe(parse());
  let rows = 0;
  parser.on('readable', () => {
    while (parser.read() !== null) rows += 1;
  });
  await finished(parser);
  if (rows !== campaignRows + 1) throw new Error(`the floor has read ${rows} rows`);
  return performance.now() - start;
}
