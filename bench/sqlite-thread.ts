/**
 * Should SQLite commit on the thread that serves HTTP, or on one of its own? `node bench/sqlite-thread.ts`
 * measures both with the same accept write: balance, ledger, messages, one transaction for all that
 * ask within a turn, synchronous=FULL. 32 askers, each of which burns the time that Fastify takes for
 * such a request, asks, and waits for the answer.
 *
 * - `main`: the repositories as they are, on the main thread.
 * - `worker`: the entities of a turn are cloned to a worker thread, which runs the same repositories;
 *   meanwhile the next turn's gather. It lives in this file only.
 *
 * A slow disk is played by a sleep before each commit, in the thread that commits.
 * `BENCH_SECONDS` and `BENCH_ROUNDS` in the environment change how long each case runs and how often;
 * `BENCH_FOLDER=/dev/shm` keeps the real disk, which others may use, out of it.
 */
// oxlint-disable unicorn/require-post-message-target-origin -- threads, not windows
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

import { mergeCallers } from '../src/core/batch.ts';
import type { LedgerEntry } from '../src/core/billing/ledger.ts';
import type { AccountId } from '../src/core/ids.ts';
import type { Message } from '../src/core/messages/message.ts';
import { millicredits } from '../src/core/money.ts';
import type { Storage, Tx } from '../src/core/ports/storage.ts';
import { migrateSqliteStorage, openSqliteStorage } from '../src/storage/engines/sqlite/open.ts';
import { Fixtures, number } from '../src/storage/testkit/fixtures.ts';
import { describeMachine, median } from './machine.ts';

const ASKERS = 32;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 3);
/** A folder in memory leaves the played disk as the only one. */
const FOLDER = process.env['BENCH_FOLDER'] ?? tmpdir();
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
/** Sleeps before each commit; the first is the disk as it is. */
const DISKS_MS = FOLDER === tmpdir() ? [0, 5, 20] : [0.25, 5, 20];
const MOST_REQUESTS_AT_ONCE = 500;
/** What Fastify and zod take for a request, and for each message in it (libraries.md 4.3). */
const REQUEST_US = 45;
const MESSAGE_US = 1.3;

interface Request {
  messages: Message[];
  charge: LedgerEntry;
}

/** The accept write as core does it, for all requests of a turn. */
async function acceptAll(tx: Tx, requests: readonly Request[], commitMs: number): Promise<void> {
  const accountId = requests[0]?.charge.accountId as AccountId;
  const balance = (await tx.accounts.lockBalances([accountId])).get(accountId) ?? 0;
  let charged = 0;
  for (const { charge } of requests) charged += charge.amount;
  await tx.accounts.setBalances(new Map([[accountId, millicredits(balance + charged)]]));
  await tx.ledger.insert(requests.map(({ charge }) => charge));
  await tx.messages.insert(requests.flatMap(({ messages }) => messages));
  if (commitMs > 0) Atomics.wait(sleeper, 0, 0, commitMs);
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** One of the two ways to commit. */
interface Committer {
  accept(requests: Request[]): Promise<void>;
  close(): Promise<void>;
}

async function onMain(folder: string, commitMs: number): Promise<Committer> {
  const storage: Storage = await openSqliteStorage(folder);
  return {
    accept: (requests) => storage.write((tx) => acceptAll(tx, requests, commitMs)),
    close: () => storage.close(),
  };
}

async function onWorker(folder: string, commitMs: number): Promise<Committer> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { folder, commitMs } });
  const next = () => new Promise<void>((resolve) => worker.once('message', () => resolve()));
  await next();
  return {
    accept(requests) {
      const answered = next();
      worker.postMessage(requests);
      return answered;
    },
    async close() {
      const closed = next();
      worker.postMessage(null);
      await closed;
      await worker.terminate();
    },
  };
}

async function runWorker(): Promise<void> {
  const { folder, commitMs } = workerData as { folder: string; commitMs: number };
  const committer = await onMain(folder, commitMs);
  parentPort?.on('message', async (requests: Request[] | null) => {
    await (requests ? committer.accept(requests) : committer.close());
    parentPort?.postMessage(null);
  });
  parentPort?.postMessage(null);
}

interface Figures {
  rowsPerSecond: number;
  cpuUs: number;
  ackP50: number;
  ackP99: number;
  delayP50: number;
  delayP99: number;
  delayMax: number;
}

async function measure(open: typeof onMain, rowsEach: number, commitMs: number): Promise<Figures> {
  const folder = mkdtempSync(join(FOLDER, 'parlance-bench-'));
  await migrateSqliteStorage(folder);
  const rows = new Fixtures();
  const account = rows.account();
  const storage = await openSqliteStorage(folder);
  await storage.write((tx) => tx.accounts.insert(account));
  await storage.close();

  const committer = await open(folder, commitMs);
  const accept = mergeCallers<Request, void>(async (take) => {
    await new Promise((resolve) => setImmediate(resolve));
    const requests = take();
    await committer.accept(requests);
    return requests.map(() => undefined);
  }, MOST_REQUESTS_AT_ONCE);

  let serial = 0;
  const request = (): Request => ({
    messages: rows.messages(rowsEach, (position) => ({
      position,
      accountId: account.id,
      destination: number((serial += 7_919) % 100_000_000),
      text: 'Hello Anna, your appointment is tomorrow at 10:30. Reply STOP to opt out.',
    })),
    charge: rows.ledgerEntry(account.id, -1000 * rowsEach, { kind: 'charge' }),
  });

  const acks: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const phase = { measuring: false, over: false };
  const asker = async (): Promise<void> => {
    while (!phase.over) {
      // A request comes from a socket: every one in a turn of its own.
      await new Promise(setImmediate);
      burn(REQUEST_US + MESSAGE_US * rowsEach);
      const asked = performance.now();
      await accept(request());
      if (phase.measuring) acks.push(performance.now() - asked);
    }
  };
  const askers = Array.from({ length: ASKERS }, asker);
  await sleep(700);
  phase.measuring = true;
  delay.enable();
  const cpu = process.cpuUsage();
  const began = performance.now();
  await sleep(SECONDS * 1000);
  const took = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  phase.measuring = false;
  phase.over = true;
  await Promise.all(askers);
  await committer.close();
  rmSync(folder, { recursive: true });

  acks.sort((a, b) => a - b);
  const stored = acks.length * rowsEach;
  const at = (share: number) => acks[Math.floor(acks.length * share)] ?? Number.NaN;
  return {
    rowsPerSecond: (stored / took) * 1000,
    cpuUs: (user + system) / stored,
    ackP50: at(0.5),
    ackP99: at(0.99),
    delayP50: delay.percentile(50) / 1e6,
    delayP99: delay.percentile(99) / 1e6,
    delayMax: delay.max / 1e6,
  };
}

function burn(us: number): void {
  const end = performance.now() + us / 1000;
  while (performance.now() < end);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function main(): Promise<void> {
  console.log(describeMachine());
  console.log(`          ${ROUNDS} rounds of ${SECONDS} s; the median of each figure\n`);
  console.log(
    'disk     rows  thread     rows/s  CPU µs/row   ack p50     p99   loop p50     p99     max  (ms)',
  );
  for (const commitMs of DISKS_MS) {
    for (const rowsEach of [1, 100]) {
      const found: Record<string, Figures[]> = { main: [], worker: [] };
      // In turns, so that what else the machine does falls on both.
      for (let round = 0; round < ROUNDS; round++) {
        found['main']?.push(await measure(onMain, rowsEach, commitMs));
        found['worker']?.push(await measure(onWorker, rowsEach, commitMs));
      }
      for (const [name, rounds] of Object.entries(found)) {
        const of = (key: keyof Figures, digits = 1) =>
          median(rounds.map((round) => round[key])).toFixed(digits);
        console.log(
          (commitMs === 0 ? 'as it is' : `+${commitMs} ms`).padEnd(8),
          String(rowsEach).padStart(4),
          ` ${name.padEnd(7)}`,
          of('rowsPerSecond', 0).padStart(9),
          of('cpuUs').padStart(11),
          of('ackP50').padStart(9),
          of('ackP99').padStart(7),
          of('delayP50').padStart(10),
          of('delayP99').padStart(7),
          of('delayMax').padStart(7),
        );
      }
    }
  }
}

await (isMainThread ? main() : runWorker());
