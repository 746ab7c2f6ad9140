import path from 'node:path';
import type { World, WorldWish } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { diskStore } from '../../archive/disk.ts';
import { loadConfig } from '../../config/load.ts';
import { Archive } from '../../core/archive/archive.ts';
import { dialects } from '../../dialects/index.ts';
import { wayIn as smppWayIn } from '../../smpp-server/index.ts';
import { transports } from '../../transports/index.ts';
import type { CliContext } from '../context.ts';
import { runCli } from '../program.ts';

/** What a command line came to. */
export interface Came {
  code: number;
  /** Standard output, ids written as `<id>`. */
  out: string;
  /** Standard error, likewise. */
  err: string;
  /** Standard output as it was. */
  raw: string;
  /** Both as a terminal shows them. */
  all: string;
}

export interface StageWish extends WorldWish {
  /** The links that the configuration names, each a sandbox; default `test`, which the world has. */
  configured?: string[];
  /** Further links, as an owner writes them. */
  furtherLinks?: Record<string, object>;
  /** What `--secret-stdin` reads. */
  typed?: string;
  env?: Record<string, string>;
  isTerminal?: boolean;
  /** Changes to what `main.ts` would give. */
  context?: Partial<CliContext>;
}

export interface Stage {
  world: World;
  /** The links that the configuration names at the next run. */
  configured: string[];
  /** The rules of the configuration at the next run; without them one that names all links. */
  routes: unknown[] | undefined;
  /** How `serve` was called. */
  served: { port: number; roles: readonly string[]; demo: boolean }[];
  /** Runs a command line, written as in a shell: double quotes hold words together. */
  run(line: string): Promise<Came>;
  /** Runs lines that must succeed, and gives what the last one printed. */
  did(...lines: string[]): Promise<Came>;
  close(): Promise<void>;
}

/** The command line on a world of its own: real storage, seeded ids, a clock that stands still. */
export async function createStage(wish: StageWish = {}): Promise<Stage> {
  const {
    configured = ['test'],
    furtherLinks = {},
    typed = '',
    env = {},
    isTerminal = false,
    ...more
  } = wish;
  const { context: changes = {}, ...worldWish } = more;
  const world = await createWorld(worldWish);
  const served: Stage['served'] = [];

  const run = async (line: string): Promise<Came> => {
    const out: string[] = [];
    const err: string[] = [];
    const all: string[] = [];
    const into = (stream: string[]) => (text: string) => {
      stream.push(text);
      all.push(text);
    };
    const code = await runCli(['node', 'parlance', ...words(line)], {
      config: ({ file, flags }) =>
        loadConfig({
          file,
          flags: {
            data: world.place.data,
            'http.port': '0',
            links: JSON.stringify({
              ...Object.fromEntries(configured.map((name) => [name, { transport: 'sandbox' }])),
              ...furtherLinks,
            }),
            routes: JSON.stringify(stage.routes ?? [{ links: configured }]),
            ...flags,
          },
          env: {},
          folder: world.place.data,
          dialects: dialects.map(({ name }) => name),
          transports: new Map(transports.map((transport) => [transport.name, transport])),
        }),
      open: async () => ({
        gateway: world.gateway,
        storage: world.storage,
        archive: new Archive({
          storage: world.storage,
          clock: world.clock,
          ids: world.ids,
          store: diskStore(path.join(world.place.data, 'archive')),
        }),
        close: async () => {},
      }),
      migrate: async () => [],
      move: () => Promise.reject(new Error('this stage has nowhere to move to')),
      undoMove: async () => undefined,
      acceptKey: async () => {},
      backup: () => Promise.reject(new Error('this stage has no file to copy')),
      serve: async ({ http, roles }, { demo }) => {
        served.push({ port: http.port, roles, demo });
      },
      dialects,
      waysIn: [...dialects, smppWayIn],
      out: { line: into(out), note: into(err), isTerminal },
      input: { isTerminal: false, readLine: async () => typed },
      env,
      ...changes,
    });
    const raw = out.join('\n');
    return {
      code,
      out: withoutIds(raw),
      err: withoutIds(err.join('\n')),
      raw,
      all: all.join('\n'),
    };
  };

  const stage: Stage = {
    world,
    configured,
    routes: undefined,
    served,
    run,
    async did(...lines) {
      let last: Came | undefined;
      for (const line of lines) {
        last = await run(line);
        if (last.code !== 0) throw new Error(`'${line}' ended with ${last.code}: ${last.err}`);
      }
      if (!last) throw new Error('no line was given');
      return last;
    },
    close: () => world.close(),
  };
  return stage;
}

/** The id that stands in an output, the n-th of them. */
export function idIn({ raw }: Came, nth = 0): string {
  const id = raw.match(anId)?.[nth];
  if (id === undefined) throw new Error(`there is no such id in: ${raw}`);
  return id;
}

/** Lines as they are printed: without the margin that the source has. */
export function lines(text: string): string {
  const all = text.replace(/^\n/, '').trimEnd().split('\n');
  const margin = Math.min(
    ...all.filter((line) => line !== '').map((line) => line.length - line.trimStart().length),
  );
  return all.map((line) => line.slice(margin)).join('\n');
}

const anId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** As long as an id, so that what stands beside it stays where it is. */
function withoutIds(text: string): string {
  return text.replace(anId, '<id>'.padEnd(36, '.'));
}

function words(line: string): string[] {
  const found = line.match(/(?:[^\s"]+|"[^"]*")+/g) ?? [];
  return found.map((word) => word.replaceAll('"', ''));
}
