import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../../core/errors.ts';
import { parseJson } from '../shared/json.ts';
import { decodeText, isWestern } from '../shared/charset.ts';
import { readMultipart } from '../shared/multipart.ts';

/** The parameters of a request, wherever they stood. */
export class Fields {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  /** As it was sent, without the spaces around it; undefined also for an empty one. */
  get(name: string): string | undefined {
    const value = this.#values.get(name)?.trim();
    return value === '' ? undefined : value;
  }

  /** As it was sent, to the last space; undefined where it was not. */
  raw(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** @throws GatewayError `invalid_request` when it is not there, or empty. */
  required(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  /**
   * A phone number. Clients write its plus sign into queries and forms as it is, where it means a space (reference
   * B.2): so a space before it is a plus.
   */
  number(name: string): string | undefined {
    const written = this.#values.get(name);
    const value = written?.trim();
    if (written === undefined || value === undefined || value === '') return undefined;
    return /^ +\d/.test(written) ? `+${value}` : value;
  }

  /** A switch: 1 or 0, and what else programs write for it. */
  flag(name: string): boolean | undefined {
    const value = this.get(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (['1', 'yes', 'true', 'on'].includes(value)) return true;
    if (['0', 'no', 'false', 'off'].includes(value)) return false;
    throw invalid(name, '0 or 1');
  }

  /** A whole number. */
  whole(name: string, { least, most }: { least: number; most: number }): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,15}$/.test(value) || Number(value) < least) {
      throw invalid(name, `a whole number from ${least}`);
    }
    return Math.min(Number(value), most);
  }

  /** One of a few words. */
  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.get(name)?.toLowerCase();
    if (value === undefined) return undefined;
    const word = words.find((one) => one.toLowerCase() === value);
    if (word === undefined) throw invalid(name, words.join(', '));
    return word;
  }
}

/** In the vendor's words (seed, conversations). */
export function missing(name: string): GatewayError {
  return new GatewayError('invalid_request', `Missing required parameter: ${name}`, {
    field: name,
  });
}

export function invalid(name: string, expected: string): GatewayError {
  return new GatewayError('invalid_request', `Invalid parameter: ${name} (expected ${expected})`, {
    field: name,
  });
}

/** The most parameters of a form that are looked at. */
const mostFields = 200;

/** A body, and the character set that its type declares; null: none. */
export interface Body {
  bytes: Buffer;
  charset: string | null;
}

/**
 * The parameters of a request: those of its body, which by its content is a JSON object or a form, whatever its type
 * says (reference B.2); and those of its query where the body has none of that name. Of several under one name the
 * last one counts.
 * @param query as it stood in the URL, behind the question mark: a character of it is a byte.
 * @throws GatewayError `invalid_json`, `invalid_request`.
 */
export function readFields(query: string, body: Body | undefined): Fields {
  const values = new Map<string, string>();
  for (const [name, value] of inForm(query, null)) values.set(name, value);
  if (body !== undefined && body.bytes.length > 0) {
    for (const [name, value] of inBody(body)) values.set(name, value);
  }
  return new Fields(values);
}

function* inBody({ bytes, charset }: Body): Iterable<[string, string]> {
  const opening = bytes
    .toString('latin1', 0, 16)
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  if (opening.startsWith('{') || opening.startsWith('[')) {
    yield* inJson(parseJson(bytes));
    return;
  }
  if (!isUtf8(bytes) && (charset === null || !isWestern(charset))) {
    throw new GatewayError('invalid_request', 'The body is not UTF-8 text.');
  }
  const parts = opening.startsWith('--') ? readMultipart(bytes, charset) : undefined;
  yield* parts?.slice(0, mostFields) ?? inForm(bytes.toString('latin1'), charset);
}

/** @param form one character for each of its bytes. */
function* inForm(form: string, charset: string | null): Iterable<[string, string]> {
  for (const pair of form.split('&', mostFields)) {
    if (pair === '') continue;
    const [name = '', ...value] = pair.split('=');
    yield [decoded(name, charset), decoded(value.join('='), charset)];
  }
}

/** Its escapes are bytes, and only all bytes together are text. */
function decoded(written: string, charset: string | null): string {
  const latin1 = written
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return decodeText(Buffer.from(latin1, 'latin1'), charset);
}

function* inJson(value: unknown): Iterable<[string, string]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new GatewayError('invalid_request', 'The body must be a JSON object.');
  }
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === 'string') yield [name, field];
    else if (typeof field === 'number') yield [name, String(field)];
    else if (typeof field === 'boolean') yield [name, field ? '1' : '0'];
    else if (field !== null) throw invalid(name, 'a text');
  }
}
