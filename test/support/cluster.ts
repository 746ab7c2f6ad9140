import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import type { GatewayProcess } from './gateway-process.ts';
import { runCommand, startGateway } from './gateway-process.ts';
import { PostgresServer } from './postgres-server.ts';

/** One for all nodes, as an owner must give it. */
const key = Buffer.alloc(32, 7).toString('base64');

export interface NodeWish {
  roles?: readonly ('api' | 'dispatch' | 'notify')[];
  /** Settings of the sandbox link. */
  sandbox?: Record<string, unknown>;
  /** How many nodes may hold the sandbox link. Default 1. */
  slots?: number;
}

/** A PostgreSQL server of its own and gateways that share it, all real processes. */
export class Cluster {
  readonly server: PostgresServer;
  readonly #folder: string;
  readonly #nodes: GatewayProcess[] = [];
  readonly #names: string[] = [];

  private constructor(server: PostgresServer, folder: string) {
    this.server = server;
    this.#folder = folder;
  }

  /** @param settings of the server; it need not survive a power cut, only its own death. */
  static async create(settings: Record<string, string> = {}): Promise<Cluster> {
    const server = await PostgresServer.create({ fsync: 'off', ...settings });
    const folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-cluster-'));
    await mkdir(path.join(folder, 'commands'));
    return new Cluster(server, folder);
  }

  /** Starts a node with the demo account; one of the same name comes back to its own data folder. */
  async start(name: string, wish: NodeWish = {}): Promise<GatewayProcess> {
    const { roles = ['api', 'dispatch', 'notify', 'console'], sandbox = {}, slots = 1 } = wish;
    const links = {
      sandbox: {
        transport: 'sandbox',
        nodes: slots,
        settings: { journal: 'journal.jsonl', receiptDelayMs: 5, ...sandbox },
      },
    };
    const node = await startGateway(
      ['--demo', '--data', this.#dataOf(name), '--roles', roles.join(',')],
      { ...this.#environment(), PARLANCE_LINKS: JSON.stringify(links) },
    );
    this.#nodes.push(node);
    if (!this.#names.includes(name)) this.#names.push(name);
    return node;
  }

  /** Runs a command beside the nodes. @throws Error with what it wrote when it failed. */
  async command(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runCommand(
      ['--data', this.#dataOf('commands'), ...args],
      { env: this.#environment() },
    );
    if (code !== 0) throw new Error(`parlance ${args.join(' ')} failed:\n${stderr}`);
    return stdout;
  }

  /** What reached the sandbox, of all nodes. */
  get journals(): string[] {
    return this.#names.map((name) => path.join(this.#dataOf(name), 'journal.jsonl'));
  }

  readonly query = async <T>(statement: string): Promise<T[]> => {
    const client = new Client({ connectionString: this.server.url() });
    await client.connect();
    try {
      return (await client.query(statement)).rows as T[];
    } finally {
      await client.end();
    }
  };

  async end(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill()));
    await this.server.destroy();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #dataOf(name: string): string {
    return path.join(this.#folder, name);
  }

  #environment(): Record<string, string> {
    return {
      PARLANCE_STORAGE: this.server.url(),
      PARLANCE_SECURITY_KEY: key,
      PARLANCE_DELIVERY_ANSWER_TIMEOUT_SECONDS: '30',
      PARLANCE_LOG_LEVEL: 'info',
    };
  }
}
