import type { Kysely } from 'kysely';

import type { Places } from '../core/ports/places.ts';
import type { RetentionCuts } from '../core/ports/storage.ts';
import type { MessageClaim, NotificationClaim, SessionClaim } from './claims.ts';
import type { Row } from './row.ts';
import type { Tables } from './tables.ts';

/**
 * What an engine gives to the repositories. Everything above this file is one code for all engines;
 * everything below it lives in `engines/<name>/`, under equal file names.
 *
 * Two ways lead to the rows:
 * - `kysely` for what is asked now and then. Its compiler costs about as much as the statement itself.
 * - `bulk` for what every message passes through: constant specs (compiled once, then looked up by
 *   identity), positional rows, many rows a call. SQLite runs a prepared statement in a loop;
 *   PostgreSQL sends one statement with `unnest`.
 */
export interface Engine {
  readonly capabilities: Capabilities;
  /** Sees what is committed, and nothing else. */
  readonly reader: Session;
  /**
   * Runs `work` between BEGIN and COMMIT. When it throws, everything is rolled back and the error
   * passes through. No more than `capabilities.writers` are under way at once. `work` may be run again.
   */
  transaction<T>(work: (session: WriteSession) => Promise<T>): Promise<T>;
  /** The same, while no other process may write or migrate. */
  exclusively<T>(work: (session: WriteSession) => Promise<T>): Promise<T>;
  /**
   * Where tables are cut by time: makes the partitions of the time to come and drops those of which
   * nothing is kept any more. Elsewhere nothing.
   */
  keepPartitions(now: number, before: RetentionCuts): Promise<void>;
  readonly places: Places;
  /** As `Storage.announce` and `Storage.onAnnounced`. */
  announce(topic: string): void;
  onAnnounced(listener: (topic: string) => void): void;
  /** What an error of this engine's driver means, or undefined when it is a defect of ours. */
  failureOf(error: unknown): Failure | undefined;
  /**
   * What the engine can say of its own health: whole sentences on what is wrong and what to do about it,
   * none when all is well.
   */
  problems(): Promise<string[]>;
  /** Lets go of all connections; on SQLite after a checkpoint. */
  close(): Promise<void>;
}

/** Where engines differ above the driver: named, so that nobody asks for an engine's name. */
export interface Capabilities {
  /** `WITHOUT ROWID`: the primary key is the table, one tree less. */
  readonly clusteredTables: boolean;
  /** The words for a column that counts up by itself and is the primary key. */
  readonly countingKey: string;
  /** The same without being a key, for tables that are cut by another column. */
  readonly countingColumn: string;
  /** A counting key for a table from which nothing is ever deleted, so that no number can be given twice. */
  readonly keptKey: string;
  /** The column type that holds every safe integer. */
  readonly integer: 'integer' | 'bigint';
  /** The words for a text column that is compared byte by byte, whatever the server's language is. */
  readonly text: string;
  /** Can a table be cut by time (`partitions.ts`), so that what is old is dropped as a whole? */
  readonly partitions: boolean;
  /**
   * May several processes serve one database? Where only one may, whatever another node held is
   * that of a dead one.
   */
  readonly manyNodes: boolean;
  /** Transactions that may be under way at once. */
  readonly writers: number;
  /**
   * Works that share a transaction. One where works run beside each other: they would keep each
   * other's rows locked, in an order that nobody chose, until all of them are done.
   */
  readonly worksOfATransaction: number;
  /** Can a text hold U+0000? */
  readonly textHoldsNul: boolean;
}

export interface Session {
  readonly kysely: Kysely<Tables>;
  readonly bulk: BulkReads;
}

export interface WriteSession extends Session {
  readonly bulk: BulkReads & BulkWrites;
  readonly claim: Claims;
  /**
   * Names held until the commit, by one transaction `alone` or by several that share them: for what is
   * no row. Where no two transactions are under way at once there is nothing to hold.
   */
  readonly hold: (names: readonly string[], how: 'shared' | 'alone') => Promise<void>;
}

export interface Select {
  readonly table: keyof Tables;
  readonly columns: readonly string[];
  /** Columns that equal the values of a key, in order. */
  readonly key: readonly string[];
  /** A column that is not less than a value; the value follows those of the key. */
  readonly from?: string;
  /** Columns that are not more than a value; the values follow. */
  readonly until?: readonly string[];
  /** A condition that is the same for all, as SQL. */
  readonly where?: string;
  /** As SQL. */
  readonly orderBy?: string;
  /** The most rows of one key; the value comes last in each key. */
  readonly limited?: true;
  /**
   * Nobody else may change these rows until the commit. `skip`: those that somebody else has locked
   * are left out.
   */
  readonly lock?: 'wait' | 'skip';
}

export interface Insert {
  readonly table: keyof Tables;
  readonly columns: readonly string[];
  /** Rows that clash on this unique key are left out; other clashes throw. */
  readonly unlessExists?: readonly string[];
  /** Rows that clash on this key change the one that is there, unless `where` says no. */
  readonly orUpdate?: {
    readonly key: readonly string[];
    readonly set: readonly string[];
    /** As SQL, on the table's own row. */
    readonly where: string;
  };
}

export interface Update {
  readonly table: keyof Tables;
  /** Names one row. A row of values holds: `set`, then `key`, then `guard`, then `spend`. */
  readonly key: readonly string[];
  readonly set: readonly string[];
  /** Columns that grow by one. */
  readonly increment?: readonly string[];
  /** Columns that must hold the given value, or the row stays as it is. */
  readonly guard?: readonly string[];
  /** A column that sinks by the given value; where it would sink below 0 the row stays as it is. */
  readonly spend?: string;
}

export interface Take {
  readonly table: keyof Tables;
  readonly columns: readonly string[];
  readonly key: readonly string[];
}

export interface BulkReads {
  /** For each key its rows, in the order of the keys. */
  select(select: Select, keys: readonly Row[]): Promise<Row[][]>;
}

/** The outcome is as if the rows were handled one after the other. */
export interface BulkWrites {
  /** Says of each row whether it was inserted (or, with `orUpdate`, written). */
  insert(insert: Insert, rows: readonly Row[]): Promise<boolean[]>;
  /** Says of each row whether it was changed. */
  update(update: Update, rows: readonly Row[]): Promise<boolean[]>;
  /** Deletes what has one of these keys and gives it back, by key. */
  take(take: Take, keys: readonly Row[]): Promise<Row[][]>;
}

/** The queue statements. Rows come in the order of `messageRow.columns` and `notificationRow.columns`. */
export interface Claims {
  messages(claim: MessageClaim): Promise<Row[]>;
  notifications(claim: NotificationClaim): Promise<Row[]>;
  sessionNotifications(claim: SessionClaim): Promise<Row[]>;
}

/**
 * - `busy`: another process holds the lock, or the server is not there for now.
 * - `full`: no room. `io`: the disk or the connection failed. `corrupt`: the file is damaged.
 * - `closed`: after `close`.
 * - `unique`: two rows under one unique key.
 */
export type Failure = 'busy' | 'full' | 'io' | 'corrupt' | 'closed' | 'unique';
