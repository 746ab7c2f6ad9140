import type { AccessToken } from '../../core/accounts/access-tokens.ts';
import type { Caller } from '../../core/accounts/authenticate.ts';
import type { DialectContext } from '../dialect.ts';
import type { Query } from '../shared/query.ts';
import type { renewalScope, Scope } from './scopes.ts';

/** One admitted request, as the endpoints see it. */
export interface Call {
  caller: Caller;
  /** What the caller may do. */
  scopes: readonly string[];
  /** By which he came in; null: by name and password. */
  token: AccessToken | null;
  /** What the path names, decoded. */
  params: Readonly<Record<string, string>>;
  query: Query;
  /** The bytes of the body; undefined when there were none. */
  body: Buffer | undefined;
  /** Where the API is mounted that was asked, without a slash at the end. */
  base: string;
}

export interface Answer {
  status: number;
  /** Goes out as compact JSON; left out, the body is empty. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** Answers a call. Everything else is thrown. */
export type Handler = (call: Call, context: DialectContext) => Promise<Answer>;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A path of this API and what can be done there, by whom. */
export interface Endpoint {
  /** As Fastify writes it: `/messages/:id`. With and without a slash at its end it is the same. */
  path: string;
  methods: Partial<Record<Method, { scope: Scope | typeof renewalScope; handle: Handler }>>;
}

/** A path that strangers may ask. */
export interface OpenEndpoint {
  path: string;
  handle: (context: DialectContext) => Promise<Answer>;
}
