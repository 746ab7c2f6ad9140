import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { expectBooksToBalance, waiting } from '../support/books.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';

const seed = Number(process.env['PARLANCE_TEST_SEED'] ?? 20_261_122);
/** By hand: PARLANCE_TEST_ROWS=500000 with this file alone. */
const rows = Number(process.env['PARLANCE_TEST_ROWS'] ?? 6_000);
const kills = 5;
const main = path.join(import.meta.dirname, '../../src/main.ts');

const env = {
  PARLANCE_LINKS: JSON.stringify({
    sandbox: {
      transport: 'sandbox',
      settings: { journal: 'journal.jsonl', latencyMs: 2, receiptDelayMs: 5 },
    },
  }),
  PARLANCE_DELIVERY_ANSWER_TIMEOUT_SECONDS: '10',
  PARLANCE_CAMPAIGNS_WAITING_MESSAGES: String(Math.max(500, rows / 50)),
  PARLANCE_LOG_LEVEL: 'info',
};

let database: TestDatabase;
let gateway: GatewayProcess | undefined;
beforeEach(async () => {
  database = await createTestDatabase();
}, 60_000);
afterEach(async () => {
  await gateway?.kill();
  await database.drop();
}, 60_000);

interface Row {
  id: string;
  state: string;
  rows: number | string;
  cursor: number | string;
  sent: number | string;
  broken: number | string;
  refused: number | string;
}

async function campaign(): Promise<Row | undefined> {
  const [row] = await database.query<Row>('select * from campaigns');
  return row;
}

/** One line in a hundred cannot be sent: three kinds of it by turns. */
function lineOf(row: number): string {
  const number = `04${1_000_000 + row}8`;
  if (row % 100 !== 50) return `${number},Ann ${row},"Perth, WA"`;
  return [`,Ann,Perth`, `${number},"Ann,Perth`, `12,Ann,Perth`][
    Math.floor(row / 100) % 3
  ] as string;
}

/** Runs a command and kills it once the campaign has begun to be read. @returns whether it was cut off. */
async function killedAmidst(args: readonly string[], seen: number): Promise<boolean> {
  const { data, storage } = database.place;
  const child = spawn(process.execPath, [main, '--data', data, ...args], {
    env: { ...process.env, ...env, PARLANCE_STORAGE: storage },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const state = { over: false };
  void ended.then(() => {
    state.over = true;
  });
  while (!state.over && Number((await campaign())?.rows ?? 0) <= seen) {
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  child.kill('SIGKILL');
  await ended;
  return (await campaign())?.state === 'importing';
}

/**
 * Wherever it dies, of a row that was submitted the message is there, and of one that was not nothing is. So every
 * row is sent once, and what could not be sent stands in the error file once.
 */
it('kill -9 during a campaign: every row is sent once', async () => {
  const random = seededRandom(seed);
  const at = gatewayAt(database.place);
  const did = async (...args: string[]): Promise<string> => {
    const came = await at.run(args, { env });
    expect(came.stderr.replace(/^(?!parlance:).*$/gm, '').trim()).toBe('');
    return came.stdout;
  };
  const file = path.join(database.place.data, 'sale.csv');
  const lines = Array.from({ length: rows }, (_, row) => lineOf(row + 1));
  await writeFile(file, `mobile,name,city\n${lines.join('\n')}\n`);
  await did('migrate');
  await did('account', 'create', 'shop', '--credit', '10000000');
  await did('sender', 'add', 'shop', 'CompanyABC');

  const create = ['campaign', 'create', 'shop', file, '--sender', 'CompanyABC'];
  const cutOff = await killedAmidst([...create, '--text', 'Hello {{name}} in {{city}}'], 0);
  const id = (await campaign())?.id ?? '';
  if (cutOff) await did('campaign', 'import', id, file);
  expect(await campaign()).toMatchObject({ state: 'ready' });
  await did('campaign', 'start', id);

  const start = async () => {
    gateway = await at.start([], env);
  };
  const places: number[] = [];
  for (let round = 0; round < kills; round++) {
    await start();
    const before = Number((await campaign())?.cursor);
    await waitUntil(
      'it goes on',
      async () => {
        const now = await campaign();
        return now?.state === 'done' || Number(now?.cursor) > before;
      },
      60_000,
    );
    await new Promise((resolve) => setTimeout(resolve, random(250)));
    await gateway?.kill();
    places.push(Number((await campaign())?.cursor));
  }
  // The kills were amidst it, and it came further each time.
  expect(places[0]).toBeLessThan(rows * 0.9);
  expect(places.toSorted((a, b) => a - b)).toEqual(places);

  await start();
  const patience = 60_000 + rows * 3;
  await waitUntil('it is done', async () => (await campaign())?.state === 'done', patience);
  await waitUntil('the queue is empty', async () => (await waiting(database)) === 0, patience);
  expect(await gateway?.stop()).toBe(0);

  const bad = Math.floor((rows + 50) / 100);
  const done = await campaign();
  expect(Number(done?.rows)).toBe(rows);
  expect(Number(done?.sent)).toBe(rows - bad);
  expect(Number(done?.broken) + Number(done?.refused)).toBe(bad);

  const sent = await database.query<{ n: number | string; numbers: number | string }>(
    'select count(*) as n, count(distinct destination) as numbers from messages',
  );
  expect(sent.map(({ n, numbers }) => [Number(n), Number(numbers)])).toEqual([
    [rows - bad, rows - bad],
  ]);
  const errors = await database.query<{ line: number | string }>(
    'select line from campaign_errors order by line',
  );
  expect(errors.map(({ line }) => Number(line))).toEqual(
    Array.from({ length: bad }, (_, at) => at * 100 + 51),
  );
  await expectBooksToBalance(database, [], [path.join(database.place.data, 'journal.jsonl')]);
}, 2_400_000);
