import type { AccountWish, WorldAccount } from '../../../test/support/world-account.ts';
import type { World, WorldWish } from '../../../test/support/world.ts';
import type { Dialect } from '../dialect.ts';

/** A request as a client writes it; the path begins behind `/<dialect>`. */
export interface WireRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
  path: string;
  headers?: Record<string, string>;
  /** A string goes out as it is, anything else as JSON. */
  body?: unknown;
}

export interface WireAnswer {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  body: string;
}

/** A world with one account that asks. */
export interface Stage {
  world: World;
  account: WorldAccount;
  /** Another account of the same dialect, with the same senders. */
  stranger(): Promise<WorldAccount>;
  /** Sends as the account, or as another one, or (null) without a log-in. */
  send(request: WireRequest, as?: WorldAccount | null): Promise<WireAnswer>;
}

/** One way into a dialect, with a request that succeeds. */
export interface SuiteEndpoint {
  name: string;
  request: WireRequest | ((stage: Stage) => Promise<WireRequest>);
  /** What a good request is answered with; default 200. */
  status?: number;
  wrongMethods: readonly WireRequest['method'][];
  /** The most bytes of a body, where it takes one as JSON. */
  bodyLimit?: number;
  /** Puts the log-in in; default: `Authorization: Basic`. */
  logIn?(request: WireRequest, account: WorldAccount): WireRequest;
  /** A request that names what belongs to a stranger, and what it must get. */
  foreign?: {
    request(stage: Stage, stranger: WorldAccount): Promise<WireRequest>;
    expect(answer: WireAnswer, stranger: WorldAccount): void | Promise<void>;
  };
}

/** What the runner must know of a dialect to try on it what is tried on all. */
export interface DialectSuite {
  dialect: Dialect;
  world?: WorldWish;
  /** An account to whom every endpoint is open. */
  account?: AccountWish;
  endpoints: readonly SuiteEndpoint[];
  unknownPaths: readonly string[];
  /** Log-ins that are wrong; default a wrong password, an unknown name, and neither. */
  wrongLogIns?: readonly (readonly [name: string, wrong: Partial<WorldAccount>])[];
  /**
   * What who does not log in is told, where that depends on the header `Authorization` he sent (null: none).
   * Default `refusals.unauthenticated`.
   */
  strangers?(authorization: string | null): { status: number; body?: string };
  /** Fails when an answer is not an error in the dialect's shape. */
  expectError(answer: WireAnswer): void;
  /** The body where the dialect documents it, byte for byte; else the status alone. */
  refusals: Record<
    | 'unauthenticated'
    | 'suspended'
    | 'unknownPath'
    | 'wrongMethod'
    | 'brokenJson'
    | 'bodyTooLarge'
    | 'headersTooLarge',
    { status: number; body?: string }
  >;
}

/** A request and its documented answer. */
export interface DialectCase {
  name: string;
  account?: AccountWish;
  /** What has happened before. */
  given?(stage: Stage): Promise<void>;
  request: WireRequest | ((stage: Stage) => WireRequest | Promise<WireRequest>);
  /** Default 200. */
  status?: number;
  /** The whole body: a string byte for byte, anything else as JSON with the same order of keys. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Whatever else must hold afterwards. */
  also?(answer: WireAnswer, stage: Stage): void | Promise<void>;
}
