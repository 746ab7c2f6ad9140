import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Config } from '../../config/load.ts';
import type { CliContext, ConfigFlags, OpenedGateway } from '../context.ts';
import type { ExitCode } from './failure.ts';
import { CliError, exitCodes, usageError } from './failure.ts';
import { Printer } from './printer.ts';

/** What commands are made with. */
export interface Kit {
  readonly context: CliContext;
  /** How the program will end. */
  exitCode: ExitCode;
}

/** Flags that every command knows. */
export interface GlobalFlags {
  config?: string;
  data?: string;
  set?: string[];
  json?: boolean;
  debug?: boolean;
}

/** One run of a command. */
export interface Run {
  context: CliContext;
  flags: GlobalFlags;
  print: Printer;
}

/** One run of a command that works on what is stored. */
export interface Session extends Run, Pick<OpenedGateway, 'gateway' | 'storage' | 'archive'> {
  config: Config;
}

type Work<Given, Options, Args extends readonly unknown[]> = (
  given: Given,
  options: Options,
  ...args: Args
) => Promise<void | ExitCode>;

/** commander hands over the arguments, then the options, then the command. */
type Handler = (...params: unknown[]) => Promise<void>;

/** An action for commander. What `work` gives is the exit code; nothing means that all is well. */
export function action<Options, Args extends readonly unknown[]>(
  kit: Kit,
  work: Work<Run, Options, Args>,
): Handler {
  return async (...params) => {
    const command = params.at(-1) as Command;
    const flags = command.optsWithGlobals<GlobalFlags>();
    const run: Run = {
      context: kit.context,
      flags,
      print: new Printer(kit.context, flags.json === true),
    };
    const args = params.slice(0, -2) as unknown as Args;
    kit.exitCode = (await work(run, command.opts() as Options, ...args)) ?? exitCodes.fine;
  };
}

/** The same for commands that work on what is stored: it is opened before and closed after. */
export function storageAction<Options, Args extends readonly unknown[]>(
  kit: Kit,
  work: Work<Session, Options, Args>,
): Handler {
  return action<Options, Args>(kit, async (run, options, ...args) => {
    const config = run.context.config(configFlags(run.flags));
    requireDataFolder(config);
    const opened = await run.context.open(config);
    try {
      const { gateway, storage, archive } = opened;
      return await work({ ...run, config, gateway, storage, archive }, options, ...args);
    } finally {
      await opened.close();
    }
  });
}

/** A slip in `--data` must not make a new folder with an empty database in it. */
function requireDataFolder({ data }: Config): void {
  if (existsSync(data)) return;
  throw new CliError(
    `There is no data folder ${data}: name another with --data, or make it with \`parlance migrate\`.`,
  );
}

/**
 * The command line's part of the configuration. What has a flag of its own wins over `--set`.
 * @param more settings by their key, from flags that only one command has.
 */
export function configFlags(
  flags: GlobalFlags,
  more: Readonly<Record<string, string | undefined>> = {},
): ConfigFlags {
  const settings: Record<string, string> = {};
  for (const pair of flags.set ?? []) {
    const equals = pair.indexOf('=');
    if (equals < 1) {
      throw usageError(`--set takes key=value, such as http.port=8081, and not '${pair}'.`);
    }
    settings[pair.slice(0, equals).trim()] = pair.slice(equals + 1);
  }
  for (const [key, value] of Object.entries({ data: flags.data, ...more })) {
    if (value !== undefined) settings[key] = value;
  }
  return { file: flags.config, flags: settings };
}
