import { maskNumber } from './mask-number.ts';

const hidden = '[redacted]';

/** Names are compared in lower case and without anything but letters and digits. */
const secretName =
  /(?:password|passwd|passphrase|secret|token|key|authorization|cookie|credential|signature)s?$|^(?:auth|pass|pwd|rawheaders)$/;

/** `message` and `content` only by themselves: an `errorMessage` is not a handset's. */
const textName = /(?:(?<!con)text|body|payload)s?$|^(?:message|content)s?$/;

const numberName =
  /(?:number|phone|mobile|msisdn|destination|recipient|sender|originator|handset|sourceaddr|destaddr)s?$|^(?:to|from|source)$/;

/** What one line may hold; also ends the walk through things that point at each other. */
const mostValues = 500;
const deepest = 8;
const longestText = 8000;

interface RedactOptions {
  /** Shows message texts and full phone numbers; secrets stay hidden. */
  text: boolean;
}

/**
 * Makes of anything that is to be logged a plain copy without secrets, message texts and full phone
 * numbers, however deep they lie. It goes by the names of keys; what stands inside of other texts is
 * `scrub`'s matter. Errors become objects with their message and stack, requests and replies of the
 * HTTP server a few words. Never throws.
 */
export function redact(value: unknown, options: RedactOptions): unknown {
  try {
    return new Walk(options).visit('', value, 0);
  } catch {
    return '[cannot be logged]';
  }
}

class Walk {
  readonly #options: RedactOptions;
  #left = mostValues;

  constructor(options: RedactOptions) {
    this.#options = options;
  }

  visit(key: string, value: unknown, depth: number): unknown {
    const name = key.toLowerCase().replace(/[^a-z0-9]/g, '');
    switch (typeof value) {
      case 'string':
        return secretName.test(name) ? hidden : this.#visitText(name, value);
      case 'number':
      case 'bigint': {
        if (secretName.test(name)) return hidden;
        // `messages: 5` is a count; `text: 4711` may be a code for somebody.
        if (textName.test(name) && name.endsWith('s')) return Number(value);
        // What nothing was taken from stays a number.
        const shown = this.#visitText(name, String(value));
        return typeof value === 'number' && shown === String(value) ? value : shown;
      }
      case 'object':
        if (value === null) return null;
        return secretName.test(name) ? hidden : this.#visitObject(key, name, value, depth);
      case 'boolean':
        return value;
      default:
        return undefined;
    }
  }

  #visitText(name: string, value: string): string {
    if (!this.#options.text) {
      if (textName.test(name)) return hidden;
      if (numberName.test(name)) return maskNumber(value);
    }
    return value.length > longestText ? `${value.slice(0, longestText)}…` : value;
  }

  #visitObject(key: string, name: string, value: object, depth: number): unknown {
    if (depth > deepest || this.#left-- <= 0) return '[…]';
    if (value instanceof Error) return this.#visitError(value, depth);
    if (value instanceof Date) return value;
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (depth <= 1 && (name === 'req' || name === 'res')) return describeHttp(value);
    // The items of `texts: ['…']` are as private as `text`.
    if (Array.isArray(value)) return this.#visitItems(key, value, depth);
    if (value instanceof Set) return this.#visitItems(key, [...value], depth);
    if (value instanceof Map) return this.#visitEntries([...value], depth);
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      const json: unknown = (value as { toJSON(): unknown }).toJSON();
      return this.visit(key, json === value ? '[…]' : json, depth + 1);
    }
    return this.#visitEntries(Object.entries(value), depth);
  }

  #visitItems(key: string, items: readonly unknown[], depth: number): unknown[] {
    const room = Math.max(0, this.#left);
    const shown = items.slice(0, room).map((item) => this.visit(key, item, depth + 1));
    this.#left -= shown.length;
    if (items.length > room) shown.push(`[… ${items.length - room} more]`);
    return shown;
  }

  #visitEntries(entries: readonly (readonly [unknown, unknown])[], depth: number): object {
    const room = Math.max(0, this.#left);
    this.#left -= Math.min(entries.length, room);
    return Object.fromEntries(
      entries
        .slice(0, room)
        .map(([key, value]) => [String(key), this.visit(String(key), value, depth + 1)]),
    );
  }

  /** An error's message is its own, not that of a handset; what else hangs on it is walked through. */
  #visitError(error: Error, depth: number): object {
    const own = Object.entries(error).filter(
      ([key]) => !/^(message|stack|cause|name|errors)$/.test(key),
    );
    const quoting = error instanceof SyntaxError;
    return {
      type: error.constructor.name,
      message: quoting ? withoutQuote(error.message) : error.message,
      stack: quoting ? withoutQuote(error.stack ?? '') : error.stack,
      ...this.#visitEntries(own, depth),
      ...this.#visitEntries(
        ['cause', 'errors']
          .filter((key) => key in error)
          .map((key) => [key, Reflect.get(error, key)]),
        depth,
      ),
    };
  }
}

/** JSON.parse quotes what it could not read: `Unexpected token 'h', "hi Bob" is not valid JSON`. */
function withoutQuote(text: string): string {
  return text.replace(
    /, (?:\.\.\.)?"[\s\S]*"(?:\.\.\.)? is not valid JSON/,
    ', … is not valid JSON',
  );
}

/** Of a request or reply: its query may hold a key and a text, its headers a password. */
function describeHttp(value: object): object {
  const { method, url, ip, statusCode } = value as Record<string, unknown>;
  const path = typeof url === 'string' ? url.replace(/\?.*$/s, '') : undefined;
  return { method, path, remoteAddress: ip, statusCode };
}
