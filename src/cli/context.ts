import type { ZodType } from 'zod';
import type { Account } from '../core/accounts/account.ts';
import type { Archive } from '../core/archive/archive.ts';
import type { Gateway } from '../core/gateway.ts';
import type { Storage } from '../core/ports/storage.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Config } from '../config/load.ts';
import type { BackedUp, BackupProgress } from '../storage/engines/sqlite/backup.ts';
import type { Moved } from '../storage/move/move.ts';
import type { MoveProgress } from '../storage/move/tally.ts';

/** What `main.ts` gives to the commands: the parts of the gateway, put together on demand. */
export interface CliContext {
  /** Reads the configuration as every command does: defaults < file < environment < flags. */
  config(flags: ConfigFlags): Config;
  /** Opens the storage beside a serving process or without one, on a schema that is up to date. */
  open(config: Config): Promise<OpenedGateway>;
  /** Brings the schema up to date; gives the names of the migrations that were run. */
  migrate(config: Config): Promise<string[]>;
  /** Moves the installation in a data folder to the configured storage. */
  move(
    config: Config,
    from: string,
    onProgress: (progress: MoveProgress) => void | Promise<void>,
  ): Promise<Moved>;
  /** Lets the data folder be served again after it was moved; gives where it had gone. */
  undoMove(config: Config): Promise<string | undefined>;
  /** Makes this node's key that of the installation, whose own is lost. */
  acceptKey(config: Config): Promise<void>;
  /** Copies the SQLite database of the data folder into a file, whether or not somebody serves it. */
  backup(
    config: Config,
    file: string,
    watch: { onProgress: (progress: BackupProgress) => void; signal: AbortSignal },
  ): Promise<BackedUp>;
  /** Serves until it is told to stop. */
  serve(config: Config, how: { demo: boolean }): Promise<void>;
  dialects: readonly Dialect[];
  /** The dialects, and the ways in beside them. */
  waysIn: readonly WayIn[];
  out: Output;
  /** What `--secret-stdin` reads; the process's own by default. */
  input?: Input;
  /** For NO_COLOR and TERM; the process's own by default. */
  env?: Readonly<Record<string, string | undefined>>;
}

/** How an account's programs may come in: by a dialect, or in a way of their own. */
export interface WayIn
  extends Pick<Dialect, 'name' | 'title' | 'accountSettings' | 'credentialKinds'> {
  /** Reads what is kept with each credential, where something is: every key has a default. */
  readonly credentialSettings?: ZodType;
  /** Of randomness in a secret that is made up; absent: as much as usual. */
  readonly secretBytes?: number;
  /** What is wrong with a user name or secret; undefined when nothing is. */
  complaint?(credential: {
    username?: string | undefined;
    secret?: string | undefined;
  }): string | undefined;
  /** Called when a credential was made. */
  opened?(account: Pick<Account, 'id'>, gateway: Gateway): Promise<void>;
}

/** What the command line says of the configuration, in the words of `loadConfig`. */
export interface ConfigFlags {
  /** The file of `--config`. */
  file?: string | undefined;
  /** By a setting's key, such as `http.port`: from `--data`, `--set`, `--port` and `--roles`. */
  flags: Readonly<Record<string, string>>;
}

export interface OpenedGateway {
  gateway: Gateway;
  storage: Storage;
  archive: Archive;
  close(): Promise<void>;
}

/** Where commands write: `line` for results (standard output), `note` for remarks (standard error). */
export interface Output {
  line(text: string): void;
  note(text: string): void;
  /**
   * Where standard error is a terminal: one line there that is drawn over the one before, and taken
   * away by an empty text. Whoever uses it takes it away before anything else is written.
   */
  readonly redraw?: ((text: string) => void) | undefined;
  /** Is a person looking? Decides over colours. */
  readonly isTerminal: boolean;
}

/** Standard input, for what must not stand in the arguments. */
export interface Input {
  readonly isTerminal: boolean;
  /** The first line, without its end; what comes after it is left alone. */
  readLine(): Promise<string>;
}
