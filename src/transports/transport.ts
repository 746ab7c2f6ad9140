import type { FastifyInstance } from 'fastify';
import type { ZodType } from 'zod';
import type { GatewayError } from '../core/errors.ts';
import type { Gateway } from '../core/gateway.ts';
import type { LinkId } from '../core/ids.ts';
import type { Medium } from '../core/messages/medium.ts';
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
  /** What its links carry. */
  readonly media: readonly Medium[];
  /** It plays a network: nothing leaves by its links. */
  readonly simulator?: true;
  /** Its links go by accounts' own phones (`LinkPolicy.devices`). */
  readonly devices?: true;
  /** Reads a link's settings; a bad one stops the start with the key's name. */
  readonly settings: ZodType<Settings>;
  create(id: LinkId, settings: Settings, context: TransportContext): Link;
  /**
   * Its network calls us: the routes for that, on every node that answers clients, whichever holds the link. Such a
   * transport has one link at most.
   */
  routes?(link: { id: LinkId; settings: Settings }, context: RoutesContext): TransportRoutes;
}

/** What a network calls. */
export interface TransportRoutes {
  /** Paths below which all of it is; that a client doubles a slash in them does no harm. */
  readonly prefixes: readonly string[];
  /** Adds the routes below a prefix, with parsers, error handler and not-found handler, to a server of their own. */
  mount(server: FastifyInstance, prefix: string): void | Promise<void>;
  /** How it says no to a request that never reached its routes. Pure. */
  refuse(error: GatewayError): { status: number; contentType: string; body: string };
}

export interface RoutesContext {
  gateway: Gateway;
  clock: Clock;
  /** Where the network reaches this gateway, without a slash at the end. */
  publicUrl: string;
}

export interface TransportContext {
  clock: Clock;
  /** The data folder, for what a link must keep beside the database. */
  dataFolder: string;
  /** One line for the owner; never a text or a secret. */
  log(level: 'info' | 'warn' | 'error', what: string, more?: Record<string, unknown>): void;
}
