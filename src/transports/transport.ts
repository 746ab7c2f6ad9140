import type { ZodType } from 'zod';
import type { LinkId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Link } from '../core/ports/transport.ts';

/**
 * The contract of a transport: a kind of way out, in one folder. A link is one configured instance
 * of it; what a link does is `core/ports/transport.ts`.
 */
export interface Transport<Settings = unknown> {
  /** The `transport` of a link in the configuration. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Reads a link's settings; a bad one stops the start with the key's name. */
  readonly settings: ZodType<Settings>;
  create(id: LinkId, settings: Settings, context: TransportContext): Link;
}

export interface TransportContext {
  clock: Clock;
  /** The data folder, for what a link must keep beside the database. */
  dataFolder: string;
  /** One line for the owner; never a text or a secret. */
  log(level: 'info' | 'warn' | 'error', what: string, more?: Record<string, unknown>): void;
}
