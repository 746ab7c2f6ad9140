import type { CommanderError } from 'commander';
import { Command } from 'commander';
import { addAccount } from './account/index.ts';
import { addAudit } from './audit.ts';
import type { CliContext } from './context.ts';
import { addArchive } from './archive/index.ts';
import { addBackup } from './backup.ts';
import { addCampaign } from './campaign/index.ts';
import { addCredential } from './credential.ts';
import { addDevice } from './device/index.ts';
import { addDoctor } from './doctor/index.ts';
import { addLink } from './link.ts';
import { addMessage } from './message/index.ts';
import { addMigrate } from './migrate/index.ts';
import { addNode } from './node.ts';
import { addNotification } from './notification.ts';
import { addNumber } from './number/index.ts';
import { addOptout } from './optout.ts';
import { addReply } from './reply/index.ts';
import { addRoute } from './route/index.ts';
import { addSend } from './send.ts';
import { addSender } from './sender/index.ts';
import { addServe } from './serve.ts';
import { addProduct } from './product.ts';
import { addShortLink } from './short-link.ts';
import { explain, explainUsage, exitCodes } from './shared/failure.ts';
import { examples } from './shared/help.ts';
import { samples } from './shared/samples.ts';
import type { GlobalFlags, Kit } from './shared/kit.ts';
import { collect } from './shared/parse.ts';
import { programVersion } from './shared/version.ts';
import { addUser } from './user/index.ts';
import { addWebhook } from './webhook.ts';

/** In the order of the help: running it, accounts, traffic. */
const commands = [
  addServe,
  addMigrate,
  addBackup,
  addDoctor,
  addAccount,
  addCredential,
  addUser,
  addAudit,
  addSender,
  addNumber,
  addDevice,
  addWebhook,
  addOptout,
  addLink,
  addRoute,
  addNode,
  addSend,
  addMessage,
  addCampaign,
  addProduct,
  addShortLink,
  addReply,
  addArchive,
  addNotification,
];

/**
 * Carries out a command line.
 * @param argv as the process has it: the runtime, the program, then what was typed.
 * @returns the exit code: 0 fine, 1 refused or failed, 2 wrong usage. Never throws: what went wrong is
 * one sentence on standard error, with a stack trace only under `--debug`.
 */
export async function runCli(argv: string[], context: CliContext): Promise<number> {
  const kit: Kit = { context, exitCode: exitCodes.fine };
  const program = build(kit);
  try {
    await program.parseAsync(argv);
    return kit.exitCode;
  } catch (error) {
    if (error instanceof UsageError) {
      const { cause, path } = error;
      // Help that was asked for is a result; help for want of a command is a remark.
      if (cause.exitCode === 0) return exitCodes.fine;
      if (cause.code !== 'commander.help') complain(context, explainUsage(cause, path));
      return exitCodes.usage;
    }
    const { text, exitCode } = explain(error);
    complain(context, text);
    if (program.opts<GlobalFlags>().debug) context.out.note(stackOf(error));
    return exitCode;
  }
}

function complain({ out }: CliContext, text: string): void {
  out.note(`parlance: ${text}`);
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** What commander says of the command line, and of which command. */
class UsageError extends Error {
  override readonly name = 'UsageError';
  override readonly cause: CommanderError;
  readonly path: string;

  constructor(cause: CommanderError, path: string) {
    super(cause.message);
    this.cause = cause;
    this.path = path;
  }
}

function build(kit: Kit): Command {
  const { out } = kit.context;
  const program = new Command('parlance')
    .description('A self-hosted SMS gateway that speaks its users’ provider APIs.')
    .version(programVersion(), '-V, --version', 'print the version')
    .option('--config <file>', 'configuration file (default: ./parlance.yaml when there is one)')
    .option('--data <folder>', 'data folder (default: ./data)')
    .option('--set <key=value>', 'any setting, such as http.port=8081; repeatable', collect(String))
    .option('--json', 'print the result as one JSON document')
    .option('--debug', 'print stack traces of errors')
    .helpOption('-h, --help', 'show help for a command')
    .helpCommand('help [command]', 'show help for a command')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => out.line(text.replace(/\n+$/, '')),
      writeErr: (text) => out.note(text.replace(/\n+$/, '')),
      outputError: () => {}, // said once, in our own words, by runCli
    });
  examples(program, [
    ['parlance serve --demo', 'try it: a carrier that is played, accounts with known credentials'],
    ['parlance account create shop', 'an account; then give it a way in, a sender and credit:'],
    [
      `parlance credential create shop --dialect ${samples(kit.context).dialect}`,
      'prints the user name and password, once',
    ],
    ['parlance doctor', 'what is wrong, and what to do about it'],
  ]);
  for (const add of commands) add(program, kit);
  for (const command of everyOf(program)) {
    command.exitOverride((error) => {
      throw new UsageError(error, pathOf(command));
    });
  }
  return program;
}

function everyOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyOf)];
}

/** `parlance account create` */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
