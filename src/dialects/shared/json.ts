import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../../core/errors.ts';

/**
 * Takes the bytes of a request's body; gives the JSON value in it, undefined for an empty body. A byte
 * order mark before it is passed over (RFC 8259 section 8.1), since some clients write one. A key
 * `__proto__` is a key like any other: nothing here or in the schemas copies keys it was not told of.
 * @throws GatewayError `invalid_json`, also for text that is not UTF-8: read as anything else it
 * would lose characters without a word.
 */
export function parseJson(body: Buffer | undefined): unknown {
  if (body === undefined || body.length === 0) return undefined;
  if (!isUtf8(body)) throw new GatewayError('invalid_json', 'The body is not UTF-8 text.');
  const decoded = body.toString('utf8');
  const text = decoded.charCodeAt(0) === 0xfeff ? decoded.slice(1) : decoded;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (text.trim() === '') return undefined;
    // What the parser says quotes the text around the fault, which is the client's message.
    throw new GatewayError('invalid_json', 'The body is not valid JSON.');
  }
}
