import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import path from 'node:path';
import type { StoragePlace } from '../../src/storage/engines/index.ts';

const main = path.join(import.meta.dirname, '../../src/main.ts');

/** A gateway as its owner runs it: a process of its own, which a test may kill. */
export interface GatewayProcess {
  /** Where it listens. */
  url: string;
  pid: number;
  /** Everything it wrote so far. */
  output(): string;
  /** As a power cut would: no handler runs. */
  kill(): Promise<void>;
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `parlance serve` with these arguments and waits until it listens. */
export async function startGateway(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [main, 'serve', '--port', '0', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const url = await listening(child, () => output);
  return {
    url,
    pid: child.pid ?? 0,
    output: () => output,
    kill: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
    stop: async () => {
      if (child.exitCode !== null) return child.exitCode;
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    },
  };
}

/** Runs one `parlance` command to its end. */
export async function runCommand(
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** The gateway of a place, and its commands: on whichever engine the place is. */
export function gatewayAt({ data, storage }: StoragePlace): {
  start: typeof startGateway;
  run: typeof runCommand;
} {
  const where = ['--data', data];
  const environment = { PARLANCE_STORAGE: storage };
  return {
    start: (args, env) => startGateway([...where, ...args], { ...environment, ...env }),
    run: (args, options) =>
      runCommand([...where, ...args], { ...options, env: { ...environment, ...options?.env } }),
  };
}

async function listening(child: ChildProcess, output: () => string): Promise<string> {
  if (!child.stdout) throw new Error('the process has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /"url":"(http:[^"]+)"/.exec(line);
    if (found?.[1]) {
      child.stdout.resume();
      return found[1];
    }
  }
  throw new Error(`the gateway ended before it listened:\n${output()}`);
}
