import type { Caller } from '../../core/accounts/authenticate.ts';
import type { DialectContext } from '../dialect.ts';
import type { Query } from '../shared/query.ts';
import type { Settings } from './settings.ts';

/** One admitted request, as the endpoints see it. */
export interface Call {
  /** Of a request for a sub-account: that one. */
  caller: Caller;
  settings: Settings;
  /** What the path names, decoded. */
  params: Readonly<Record<string, string>>;
  query: Query;
  /** The bytes of the body; undefined when there were none. */
  body: Buffer | undefined;
}

export interface Answer {
  status: number;
  /** A string goes out as it is, anything else as compact JSON; left out, the body is empty. */
  body?: unknown;
  /** Default `application/json`. */
  contentType?: string;
}

/** Answers a call. Everything else is thrown. */
export type Handler = (call: Call, context: DialectContext) => Promise<Answer>;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * In which words an endpoint refuses a bad request (reference §3): those of messages, replies and reports, or
 * those of what manages them.
 */
export type Family = 'messages' | 'management';

/** A path of this API and what can be done there. */
export interface Endpoint {
  /** As Fastify writes it: `/v1/messages/:messageId`. With and without a slash at its end it is the same. */
  path: string;
  family: Family;
  methods: Partial<Record<Method, Handler>>;
}
