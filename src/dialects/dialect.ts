import type { FastifyInstance } from 'fastify';
import type { ZodType } from 'zod';
import type { CredentialKind } from '../core/accounts/account.ts';
import type { IssuedCredential } from '../core/accounts/owner.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Gateway } from '../core/gateway.ts';
import type { Ask } from '../core/ports/ask.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { NotificationForm } from '../core/ports/notifier.ts';
import type { SenderKind } from '../core/senders/sender.ts';
import type { Country } from '../text/phone-number.ts';

/**
 * The contract of a dialect: a provider's API, spoken by one folder. Everything that the rest of the
 * gateway must know of it stands in its manifest, so that adding one is a folder and a line in
 * `index.ts`.
 */
export interface Dialect {
  /** Path prefix, configuration key, and the `dialect` of its credentials. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /**
   * Reads what an account keeps for this dialect (`account.settings[name]`): an object schema whose
   * every key has a default, so that an account that never heard of the dialect has settings too.
   */
  readonly accountSettings: ZodType;
  /**
   * What the owner sets of it for all accounts, in the configuration (`dialects.<name>.<key>`): the words that each key
   * may be, the default first. None by default.
   */
  readonly words?: Readonly<Record<string, readonly [string, ...string[]]>>;
  /** The ways in that it knows, the usual one first. */
  readonly credentialKinds: readonly CredentialKind[];
  /** Reads what is kept with each credential, where something is: every key has a default. */
  readonly credentialSettings?: ZodType;
  /** What it can tell a client's server of: the topics of its endpoints. */
  readonly topics: readonly { name: string; title: string }[];
  readonly form: NotificationForm;
  /**
   * Adds its routes, parsers, error handler and not-found handler to a server that is its own
   * (encapsulated, mounted at `/<name>`).
   * @param words what the owner has set of `words`; a key may be missing, then its default holds.
   */
  mount(
    server: FastifyInstance,
    context: DialectContext,
    words: Readonly<Record<string, unknown>>,
  ): void | Promise<void>;
  /**
   * How it says no to a request that never reached its routes: one that is no HTTP, or whose header is
   * too large. Pure.
   */
  refuse(error: GatewayError): Refusal;
  readonly demo: DemoAccount;
}

/** A refusal as it goes over the wire. */
export interface Refusal {
  status: number;
  contentType: string;
  body: string;
  headers?: Readonly<Record<string, string>>;
}

export interface DialectContext {
  gateway: Gateway;
  clock: Clock;
  /** To ask a client's own server whether it is there. */
  ask: Ask;
  /** Where clients and handsets reach this gateway, without a slash at the end. */
  publicUrl: string;
}

/** The account that `serve --demo` makes for a dialect, with fixed credentials. */
export interface DemoAccount {
  name: string;
  credits: number;
  /** The first is the one that `curl` is given. */
  credentials: readonly [DemoCredential, ...DemoCredential[]];
  senders: readonly { address: string; kind: SenderKind }[];
  /** Where it is and may send to; default as the configuration has it for accounts. */
  homeCountry?: Country;
  allowedCountries?: readonly Country[];
  /** A line to paste, printed at the start. */
  curl(baseUrl: string, credential: Pick<IssuedCredential, 'username' | 'secret'>): string;
}

export interface DemoCredential {
  kind: Dialect['credentialKinds'][number];
  username?: string;
  secret: string;
}
