import type { Caller } from '../../core/accounts/authenticate.ts';
import type { DialectContext } from '../dialect.ts';
import type { Shape } from './errors.ts';
import type { Fields } from './fields.ts';
import type { Settings } from './settings.ts';

/** One admitted request, as the endpoints see it. */
export interface Call {
  caller: Caller;
  settings: Settings;
  fields: Fields;
}

/** Answers a call with what becomes the JSON body, its keys in this order. Everything else is thrown. */
export type Handler = (call: Call, context: DialectContext) => Promise<object>;

/** A path of this API. GET and POST are the same everywhere (reference B.2). */
export interface Endpoint {
  /** With and without a slash at its end it is the same. */
  path: string;
  family: Shape;
  /** It changes something, also by GET: so there is no HEAD, which promises not to (RFC 9110 section 9.2.1). */
  changes?: true;
  handle: Handler;
}
