import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stop } from '../process.ts';
import type { Stage } from '../stage.ts';
import type { Account, Finish, Order, Round, Word } from './protocol.ts';
import type { Surroundings } from './subject.ts';

const main = path.join(import.meta.dirname, 'instruments/main.ts');
/** What comes twice comes within this time, or a minute later and too late for any benchmark. */
const quietMs = 500;

/** The process that sends, plays the carrier, and is told: the same one for all gateways. */
export class Instruments implements Surroundings {
  readonly smscPort: number;
  readonly webhookPort: number;
  readonly #child: ChildProcess;

  static async start(stage: Stage): Promise<Instruments> {
    const started: ChildProcess[] = [];
    stage.later(async () => {
      await Promise.all(started.map(stop));
    });
    const child = fork(main, { stdio: 'inherit' });
    started.push(child);
    return new Instruments(child, await wordOf(child, 'ready'));
  }

  private constructor(child: ChildProcess, ready: Extract<Word, { is: 'ready' }>) {
    this.#child = child;
    this.smscPort = ready.smscPort;
    this.webhookPort = ready.webhookPort;
  }

  /** Sends the messages of a round; gives how long they took, as soon as the last was told of. */
  async run(round: Round): Promise<Finish> {
    this.#order({ do: 'run', round });
    return (await wordOf(this.#child, 'finished')).finish;
  }

  /** What happened to the messages of the last round, and to how many not. */
  async account(): Promise<Account> {
    await sleep(quietMs);
    this.#order({ do: 'account' });
    return (await wordOf(this.#child, 'accounted')).account;
  }

  #order(order: Order): void {
    this.#child.send(order);
  }
}

/** Waits for the answer to an order; the instruments end a round by themselves when nothing comes. */
async function wordOf<Is extends Word['is']>(
  child: ChildProcess,
  is: Is,
): Promise<Extract<Word, { is: Is }>> {
  const ended = new AbortController();
  const gone = once(child, 'exit', { signal: ended.signal }).then(() => {
    throw new Error('the instruments ended');
  });
  try {
    const [word] = (await Promise.race([
      once(child, 'message', { signal: ended.signal }),
      gone,
    ])) as [Word];
    if (word.is !== is) throw new Error(`the instruments said ${word.is} instead of ${is}`);
    return word as Extract<Word, { is: Is }>;
  } finally {
    ended.abort();
    gone.catch(() => {});
  }
}
