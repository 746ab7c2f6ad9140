import type { CommanderError } from 'commander';
import { GatewayError } from '../../core/errors.ts';
import type { RequestErrorCode } from '../../core/errors.ts';

/** How the program ends: all well; refused or failed; called in a way that it does not know. */
export const exitCodes = { fine: 0, failed: 1, usage: 2 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A refusal of a command itself. Its message is one sentence that says what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(sentence: string, exitCode: ExitCode = exitCodes.failed) {
    super(sentence);
    this.exitCode = exitCode;
  }
}

/** The command line cannot be carried out as it is written. */
export function usageError(sentence: string): CliError {
  return new CliError(sentence, exitCodes.usage);
}

/** What an owner can do about a refusal of the core whose sentence does not say it. */
const nextSteps: Partial<Record<RequestErrorCode, string>> = {
  insufficient_credit: 'Give the account credit with `parlance account topup`.',
  account_suspended: 'Let it send again with `parlance account resume`.',
  storage_unavailable: 'Look at it with `parlance doctor`, then try again.',
  overloaded: 'Try again in a moment.',
};

/** Errors whose message was written for the owner and says what to do. */
const readable = new Set(['ConfigError', 'StorageRefused']);

/**
 * What a person reads of an error, and how the program ends. Nothing here is a stack trace: that
 * takes `--debug`.
 */
export function explain(error: unknown): { text: string; exitCode: ExitCode } {
  if (error instanceof CliError) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof GatewayError) {
    const step = nextSteps[error.code];
    return { text: step ? `${error.detail} ${step}` : error.detail, exitCode: exitCodes.failed };
  }
  if (!(error instanceof Error)) return unexpected(String(error));
  if (readable.has(error.name)) return { text: error.message, exitCode: exitCodes.failed };
  const system = ofTheSystem(error);
  return system === undefined
    ? unexpected(error.message)
    : { text: system, exitCode: exitCodes.failed };
}

function unexpected(message: string): { text: string; exitCode: ExitCode } {
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return {
    text: `${sentence} (Run it again with --debug to see where this comes from.)`,
    exitCode: exitCodes.failed,
  };
}

/** What went wrong between the process and its machine, or undefined when that is not it. */
function ofTheSystem(error: NodeJS.ErrnoException & { address?: string; port?: number }) {
  const place = error.path === undefined ? 'a file' : `'${error.path}'`;
  const listener = `${error.address ?? 'the address'}:${error.port ?? '?'}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${listener} is in use: stop what listens there, or name another port with --port.`;
    case 'EADDRNOTAVAIL':
      return `${error.address ?? 'http.host'} is not an address of this machine: change http.host.`;
    case 'EACCES':
    case 'EPERM':
      return error.syscall === 'listen'
        ? `This user may not listen on ${listener}: take a port from 1024 on, with --port.`
        : `This user may not use ${place}: give it the right to, or run this as its owner.`;
    case 'EROFS':
      return `${place} is on a disk that can only be read: name another data folder with --data.`;
    case 'ENOENT':
    case 'ENOTDIR':
      return `There is no ${place}: see to the path, often that of --data or --config.`;
    case 'ENOSPC':
      return 'The disk is full: make room and run this again.';
    default:
      return undefined;
  }
}

/**
 * What commander says of a command line, as one sentence that ends with where to read on.
 * @param path of the command that it stands under, such as `parlance account create`.
 */
export function explainUsage(error: CommanderError, path: string): string {
  const [said = '', guess] = error.message.replace(/^error: /, '').split('\n');
  const plain = said.replace(
    /^command-argument value '(.*)' is invalid for argument '([^']*)'\. /,
    "'$1' cannot be <$2>. ",
  );
  const sentence = `${plain.charAt(0).toUpperCase()}${plain.slice(1)}`.replace(/\.$/, '');
  const names = guess && /^\(Did you mean (?:one of )?(.*)\?\)$/.exec(guess)?.[1]?.split(', ');
  const meant = names ? ` Did you mean ${names.map((name) => `'${name}'`).join(' or ')}?` : '';
  return `${sentence}.${meant} See \`${path} --help\`.`;
}
