import type { Caller } from '../../core/accounts/authenticate.ts';
import type { DialectContext } from '../dialect.ts';
import type { Query } from '../shared/query.ts';
import type { Edition, Settings } from './settings.ts';

/** One admitted request, as the endpoints see it. */
export interface Call {
  caller: Caller;
  settings: Settings;
  query: Query;
  /** The bytes of the body; undefined when there were none. */
  body: Buffer | undefined;
  header(name: 'idempotency-key'): string | undefined;
}

/** Answers a call with the text of a JSON body. Everything else is thrown. */
export type Handler = (call: Call, context: DialectContext) => Promise<string>;

export type Method = 'GET' | 'POST' | 'DELETE';

/** A path of this API: what can be done there, and since which edition. */
export interface Endpoint {
  path: string;
  methods: Partial<Record<Method, { since: Edition; handle: Handler }>>;
  /** Its GET changes something, too: so there is no HEAD, which promises not to (RFC 9110 section 9.2.1). */
  changes?: true;
  /** Where user name and password are: the header, or the query and the form of `/simple/…`. */
  login: 'header' | 'fields';
}

/** The methods that a caller of this edition may use here. */
export function methodsOf(endpoint: Endpoint, edition: Edition): Method[] {
  const methods = Object.entries(endpoint.methods) as [Method, { since: Edition }][];
  return methods.flatMap(([method, { since }]) => (since <= edition ? [method] : []));
}
