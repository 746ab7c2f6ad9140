import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../../core/errors.ts';
import { parseJson } from '../shared/json.ts';
import { readMultipart } from '../shared/multipart.ts';
import type { Query } from '../shared/query.ts';
import { exceedsBounds } from './json-bounds.ts';

/** The fields of a request. Those that a query or form names `a[b]` and `a[]` are objects and lists, as PHP has it. */
export type Input = Readonly<Record<string, unknown>>;

/** The most fields of a query or form, and how deep they go: a thousand `to[]` and what else a message has. */
const mostFields = 1_200;
const deepest = 8;

/**
 * Reads the fields of a request: those of its query and, over them, those of its body, which by its content is a JSON
 * object or a form, whatever its type says. XML has none.
 * @throws GatewayError `invalid_json`, `invalid_request`.
 */
export function readInput(query: Query, body: Buffer | undefined): Input {
  const inQuery = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? '']).map((one) => [name, one] as const),
  );
  return merged(nested(inQuery), body === undefined ? {} : inBody(body));
}

/** One over the other; without a prototype, so that no name means anything but itself. */
function merged(...all: readonly Input[]): Input {
  return Object.assign(Object.create(null) as Input, ...all) as Input;
}

function inBody(body: Buffer): Input {
  const opening = body
    .toString('latin1', 0, 64)
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  if (opening.startsWith('<')) return {};
  if (/^[[{"]|^(?:null|true|false|-?\d+)\s*$/.test(opening)) {
    if (exceedsBounds(body)) {
      throw new GatewayError('invalid_json', 'The body has too many fields, or lies too deep.');
    }
    const value = parseJson(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Input;
    throw new GatewayError('invalid_json', 'The body must be a JSON object.');
  }
  if (!isUtf8(body)) throw new GatewayError('invalid_json', 'The body is not UTF-8 text.');
  if (opening.startsWith('--')) {
    const fields = readMultipart(body, null);
    if (fields) return nested(fields);
  }
  const text = body.toString('utf8');
  if (text.trim() === '') return {};
  if (!text.includes('=')) {
    throw new GatewayError('invalid_json', 'The body is neither JSON nor a form.');
  }
  return nested(new URLSearchParams(text));
}

type Branch = Map<string, Branch | string>;

function nested(pairs: Iterable<readonly [name: string, value: string]>): Input {
  const root: Branch = new Map();
  let count = 0;
  for (const [name, value] of pairs) {
    // PHP passes over what is too many (`max_input_vars`); here it may be numbers that nobody would miss.
    if (++count > mostFields) {
      throw new GatewayError('invalid_request', `At most ${mostFields} fields are taken.`);
    }
    const [first = '', ...more] = pathOf(name);
    put(root, [first, ...more], value);
  }
  return objectOf(root);
}

/** `filter[name]` is `filter`, `name`; `tags[]` is `tags` and an empty one, which means the next. */
function pathOf(name: string): string[] {
  const bracket = name.indexOf('[');
  if (bracket < 1 || !/^(?:\[[^[\]]*\])+$/.test(name.slice(bracket))) return [name];
  const steps = [...name.slice(bracket).matchAll(/\[([^[\]]*)\]/g)].map(([, step]) => step ?? '');
  return steps.length > deepest ? [name] : [name.slice(0, bracket), ...steps];
}

function put(root: Branch, path: readonly string[], value: string): void {
  let branch = root;
  path.forEach((step, depth) => {
    const key = step === '' && depth > 0 ? String(branch.size) : step;
    if (depth === path.length - 1) {
      branch.set(key, value);
      return;
    }
    const known = branch.get(key);
    const next: Branch = known instanceof Map ? known : new Map();
    branch.set(key, next);
    branch = next;
  });
}

function objectOf(branch: Branch): Input {
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of branch) object[key] = value instanceof Map ? valueOf(value) : value;
  return object;
}

/** A list where its keys count from nothing. */
function valueOf(branch: Branch): unknown {
  const isList = [...branch.keys()].every((key, at) => key === String(at));
  const object = objectOf(branch);
  return isList ? Object.values(object) : object;
}
