import type { AccessToken } from '../../core/accounts/access-tokens.ts';
import type { Caller } from '../../core/accounts/authenticate.ts';
import type { DialectContext } from '../dialect.ts';
import type { Upload } from '../shared/upload.ts';
import type { Input } from './input.ts';
import type { Settings } from './settings.ts';

/** One admitted request, as the endpoints see it. */
export interface Call {
  caller: Caller;
  settings: Settings;
  /** What the path names, decoded. */
  params: Readonly<Record<string, string>>;
  /** The fields of the query and, over them, those of the body, whichever form it has. */
  input: Input;
  /** The bytes of the body; undefined when there were none, and of an upload. */
  body: Buffer | undefined;
  /** The body of an upload. */
  upload: CallUpload | undefined;
  /** The URL that was asked, without its query: what the links of a paginator begin with. */
  url: string;
  /** That query, without `page` and the token: what the links of a paginator go on with. */
  query: string;
  /** By which he came in, where it was no token of the account itself. */
  token: AccessToken | null;
}

export interface CallUpload {
  /** Reads it, up to its file. */
  begin(): Promise<Upload>;
  /** Ends what is made of it. */
  signal: AbortSignal;
}

export interface Answer {
  /** Default 200. */
  status?: number;
  /** Goes out as compact JSON. */
  body: unknown;
}

/** Answers a call. Everything else is thrown. */
export type Handler = (call: Call, context: DialectContext) => Promise<Answer>;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A path of this API and what can be done there. */
export interface Endpoint {
  /** Behind `/api/v2`, as Fastify writes it: `/sms/senders/:id`. With and without a slash at its end it is the same. */
  path: string;
  methods: Partial<Record<Method, Handler>>;
  /** The most bytes of a body; default `bodyLimit`. */
  bodyLimit?: number;
  /**
   * Its body is not read: the endpoint does that, from `Call.upload`. The token is in the header, the query, or a field
   * of the form before the file.
   */
  upload?: true;
  /** Default v2. */
  version?: 'v3';
}
