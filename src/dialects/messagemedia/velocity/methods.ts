import type { Work } from './limits.ts';
import type { Value } from './values.ts';
import { equals, isList, made, Tool, toText } from './values.ts';

/** Beyond it no text is searched for: that takes the product of both lengths, at worst. */
const longestSought = 256;

/** Java's, as far as templates use them, without the regular expressions. */
const ofText = new Map<string, (text: string, args: readonly string[], work: Work) => Value>([
  ['length', (text) => text.length],
  ['isEmpty', (text) => text === ''],
  ['trim', (text) => text.trim()],
  ['toLowerCase', (text) => text.toLowerCase()],
  ['toUpperCase', (text) => text.toUpperCase()],
  ['equalsIgnoreCase', (text, [other]) => text.toLowerCase() === other?.toLowerCase()],
  ['startsWith', (text, [other]) => other !== undefined && text.startsWith(other)],
  ['endsWith', (text, [other]) => other !== undefined && text.endsWith(other)],
  ['contains', (text, [sought = '']) => sought.length <= longestSought && text.includes(sought)],
  ['substring', (text, [from = '0', to = text.length]) => text.substring(Number(from), Number(to))],
  [
    'replace',
    (text, [sought = '', by = ''], work) => {
      if (sought === '' || sought.length > longestSought) return text;
      const pieces = text.split(sought);
      // Before it is made: it can be as long as the one length times the other.
      work.spend(pieces.length * (by.length + 1));
      return pieces.join(by);
    },
  ],
]);

const ofList = new Map<string, (list: readonly Value[], arg: Value, work: Work) => Value>([
  ['size', (list) => list.length],
  ['isEmpty', (list) => list.length === 0],
  ['get', (list, at) => (typeof at === 'number' ? (list[at] ?? null) : null)],
  [
    'contains',
    (list, one, work) => {
      work.step(list.length);
      return list.some((other) => equals(one, other, work));
    },
  ],
]);

const ofMap = new Map<string, (map: ReadonlyMap<string, Value>, key: string) => Value>([
  ['size', (map) => map.size],
  ['isEmpty', (map) => map.size === 0],
  ['get', (map, key) => map.get(key) ?? null],
  ['containsKey', (map, key) => map.has(key)],
]);

/** These give as many members as the map has. */
const listsOfMap = new Map<string, (map: ReadonlyMap<string, Value>) => readonly Value[]>([
  ['keySet', (map) => [...map.keys()]],
  ['values', (map) => [...map.values()]],
  ['entrySet', (map) => [...map].map(entryOf)],
]);

function entryOf([key, value]: readonly [string, Value]): ReadonlyMap<string, Value> {
  return new Map([
    ['key', key],
    ['value', value],
  ]);
}

/** What a call gives; null for what cannot be called. @throws TemplateError when it is too much work. */
export function call(value: Value, name: string, args: readonly Value[], work: Work): Value {
  if (value === null) return null;
  if (name === 'toString') return toText(value, work);
  if (name === 'equals') return equals(value, args[0] ?? null, work);
  if (value instanceof Tool) {
    const text = toText(args[0] ?? null, work);
    const escape = value.functions.get(name);
    return text === null || !escape ? null : made(escape(text), work);
  }
  if (isList(value)) return ofList.get(name)?.(value, args[0] ?? null, work) ?? null;
  if (typeof value === 'object') return callOfMap(value, name, args, work);
  const texts = args.map((arg) => toText(arg, work) ?? '');
  if (typeof value !== 'string') return null;
  work.spend(value.length);
  const result = ofText.get(name)?.(value, texts, work) ?? null;
  return typeof result === 'string' ? made(result, work) : result;
}

function callOfMap(
  map: ReadonlyMap<string, Value>,
  name: string,
  args: readonly Value[],
  work: Work,
): Value {
  const method = ofMap.get(name);
  if (method) return method(map, toText(args[0] ?? null, work) ?? '');
  const members = listsOfMap.get(name);
  if (members) {
    work.step(map.size);
    return members(map);
  }
  return args.length === 0 ? (map.get(beanName(name)) ?? null) : null;
}

/** `getKey` is `key`. */
function beanName(getter: string): string {
  return getter.startsWith('get') ? getter.charAt(3).toLowerCase() + getter.slice(4) : '';
}

/**
 * The member of that name, or at that place; null where there is none.
 * @throws TemplateError when that is too much work.
 */
export function memberOf(value: Value, at: Value, work: Work): Value {
  if (value === null || typeof value !== 'object' || value instanceof Tool) return null;
  if (isList(value)) return typeof at === 'number' ? (value[at] ?? null) : null;
  return typeof at === 'string' ? (value.get(made(at, work)) ?? null) : null;
}
