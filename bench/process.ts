import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { cpuOfProcess } from './cpu.ts';
import type { Stage } from './stage.ts';

const root = path.join(import.meta.dirname, '..');
/** How long a program may take to listen, and how long to stop. */
const patienceMs = 20_000;

/** A program of ours, running by itself as it does in production. */
export interface Running {
  /** The address it said it listens on. */
  url: string;
  /** User and system time so far, in milliseconds. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a TypeScript file and waits until a line of its output holds a loopback URL. */
export async function startProgram(stage: Stage, args: readonly string[]): Promise<Running> {
  const child = spawnOn(stage, process.execPath, args);
  const url = await firstUrl(child);
  return { url, cpuMs: () => cpuOfProcess(child.pid as number), stop: () => stop(child) };
}

/** Runs a TypeScript file to its end; gives what it wrote. */
export async function runProgram(stage: Stage, args: readonly string[]): Promise<string> {
  const child = spawnOn(stage, process.execPath, args);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${args[0]} failed`);
  return output;
}

/** Starts a command whose output is read; it is stopped with the stage. */
export function spawnOn(stage: Stage, command: string, args: readonly string[]) {
  const started: ChildProcess[] = [];
  stage.later(async () => {
    await Promise.all(started.map(stop));
  });
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  return child;
}

/** Ends a process, politely first. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const enforced = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await gone;
  clearTimeout(enforced);
}

async function firstUrl(child: ReturnType<typeof spawnOn>): Promise<string> {
  const silent = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (found) {
      clearTimeout(silent);
      child.stdout.resume();
      return found[0];
    }
  }
  clearTimeout(silent);
  throw new Error('the program ended before it listened');
}
