import os from 'node:os';
import { cpuOfMachine } from '../cpu.ts';
import { connections, messagesOfRound, rounds } from '../scale.ts';
import type { Instruments } from './instruments.ts';
import { mostMessages } from './numbering.ts';
import type { Account } from './protocol.ts';
import type { Subject } from './subject.ts';

/** A round takes about so long where the environment does not say how many messages it has. */
const roundSeconds = 8;
/**
 * Until V8 has compiled what is hot. After 10 000 messages its compiler took 21 µs for each further one, after
 * 120 000 still 4: in a gateway that runs for a day it takes nothing. What is written in C is compiled.
 */
const warmUpMessages: Record<Subject['role'], number> = {
  ours: 80_000,
  floor: 80_000,
  peer: 10_000,
};

/** What one round has shown. */
export interface Measured {
  messagesPerSecond: number;
  /** Requests answered a second: they are ahead of what is delivered. */
  acceptedPerSecond: number;
  /** CPU for each message, in microseconds. */
  cpuUs: number;
  instrumentsUs: number;
  /** What other programs used of the machine meanwhile, from 0 to 1. */
  others: number;
  account: Account;
  /** By `process.hrtime`, in microseconds. */
  from: number;
  to: number;
}

/** Beyond this share of the machine a figure tells of other programs, too. */
const tolerable = 0.1;

export const isCalm = ({ others }: Measured): boolean => others <= tolerable;

/** As many rounds as are wanted, those that other programs disturbed least. */
export function calmest(measured: readonly Measured[]): Measured[] {
  return measured.toSorted((a, b) => a.others - b.others).slice(0, rounds);
}

/** The instruments, and the numbers that one gateway was not given yet: no two of its messages are alike. */
export class Course {
  readonly instruments: Instruments;
  #next = 0;

  constructor(instruments: Instruments) {
    this.instruments = instruments;
  }

  /** @returns the place of the first of so many messages. */
  take(count: number): number {
    const first = this.#next;
    this.#next += count;
    if (this.#next > mostMessages) throw new Error(`a run has at most ${mostMessages} messages`);
    return first;
  }
}

/** Sends what warms a gateway up; gives how many messages its rounds have. */
export async function warmUp(course: Course, subject: Subject): Promise<number> {
  const count = Math.min(warmUpMessages[subject.role], messagesOfRound ?? Infinity);
  const { messagesPerSecond } = await measure(course, subject, count);
  return messagesOfRound ?? Math.ceil((messagesPerSecond * roundSeconds) / 1000) * 1000;
}

/** @throws Error when messages went missing. */
export async function measure(course: Course, subject: Subject, count: number): Promise<Measured> {
  const { instruments } = course;
  const load = Array.from({ length: connections }, (_, index) => subject.connection(index));
  const [machineBefore, before] = await Promise.all([cpuOfMachine(), subject.cpuMs()]);
  const from = microseconds();
  const finish = await instruments.run({ connections: load, first: course.take(count), count });
  const to = microseconds();
  const [machineAfter, after] = await Promise.all([cpuOfMachine(), subject.cpuMs()]);
  const account = await instruments.account();
  if (finish.reason !== null) {
    throw new Error(`${subject.name}: ${finish.reason}; ${JSON.stringify(account)}`);
  }
  const { tookMs, acceptedMs, cpuMs } = finish;
  const othersMs = machineAfter - machineBefore - (after - before) - cpuMs;
  return {
    messagesPerSecond: (count / tookMs) * 1000,
    acceptedPerSecond: (count / acceptedMs) * 1000,
    cpuUs: ((after - before) / count) * 1000,
    instrumentsUs: (cpuMs / count) * 1000,
    others: Math.max(0, othersMs / tookMs / os.cpus().length),
    account,
    from,
    to,
  };
}

const microseconds = (): number => Number(process.hrtime.bigint() / 1000n);
