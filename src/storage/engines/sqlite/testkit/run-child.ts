import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Child {
  process: ChildProcess;
  /** What it has said so far. */
  lines: string[];
  /** Resolves when it has said so many lines; rejects when it ends before. */
  said(count: number): Promise<void>;
  /** Its exit code, null when it was killed. */
  ended: Promise<number | null>;
}

/** Starts `child.ts` with these arguments. */
export function runChild(...args: string[]): Child {
  const file = fileURLToPath(new URL('child.ts', import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  let rest = '';
  let check = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const pieces = (rest + chunk).split('\n');
    // What was cut off by the kill is not a line.
    rest = pieces.pop() ?? '';
    lines.push(...pieces);
    check();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  const said = (count: number) =>
    new Promise<void>((resolve, reject) => {
      check = () => {
        if (lines.length >= count) resolve();
      };
      check();
      void ended.then(() => reject(new Error(`ended after ${lines.length} lines`)));
    });
  return { process: child, lines, said, ended };
}
