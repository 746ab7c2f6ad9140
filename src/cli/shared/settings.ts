import type { ZodType } from 'zod';
import { z } from 'zod';
import type { CliError } from './failure.ts';
import { usageError } from './failure.ts';
import { noSuch } from './lookup.ts';

/** As they are kept; the schema of whoever keeps them reads them. */
export type Settings = Readonly<Record<string, unknown>>;

/** Settings that people change by `key=value`. */
interface Kept {
  /** Stands before each key in complaints. */
  name: string;
  /** An object schema whose every key has a default. */
  schema: ZodType;
}

/**
 * Changes one of them.
 * @param keys with dots between, the outermost first.
 * @param value empty for the default.
 * @throws CliError that says what is wrong with the key or the value.
 */
export function changeSetting(kept: Kept, before: Settings, keys: string, value: string): Settings {
  const path = keys.split('.');
  const known = Object.keys(settingsOr(kept.schema.parse({})));
  const [first = ''] = path;
  if (!known.includes(first)) {
    throw usageError(noSuch(`${kept.name} has no setting '${first}'`, first, known));
  }
  return value === '' ? without(before, path) : assign(kept, before, path, value);
}

/** What is no object holds no settings. */
export function settingsOr(value: unknown): Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Settings)
    : {};
}

/** The value as a text where the schema takes one (`edition` is `"2026"`), else as JSON. */
function assign(kept: Kept, before: Settings, path: string[], text: string): Settings {
  const complaints: string[] = [];
  for (const value of readings(text)) {
    const candidate = put(before, path, value);
    const read = kept.schema.safeParse(candidate);
    const ours = read.success ? [] : read.error.issues.filter((issue) => concerns(issue, path));
    if (ours.length === 0) return candidate;
    const [issue] = ours;
    // Of a wrong type only the other reading's complaint may be better.
    if (issue && issue.code !== 'invalid_type') complaints.unshift(issue.message);
    else if (issue) complaints.push(issue.message);
  }
  throw refusal(kept, path, text, complaints[0] ?? 'it does not fit');
}

function refusal(
  { name, schema }: Kept,
  path: string[],
  text: string,
  complaint: string,
): CliError {
  return usageError(
    `${[name, ...path].join('.')} cannot be '${text}': ${complaint.replace(/\.$/, '')}.${describe(schema, path)}`,
  );
}

/** What the schema says of a setting. */
function describe(schema: ZodType, [key = '']: readonly string[]): string {
  const { properties } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const property = properties?.[key];
  const said = typeof property === 'object' ? property.description : undefined;
  return said === undefined ? '' : ` (${said})`;
}

function* readings(text: string): Iterable<unknown> {
  yield text;
  try {
    yield JSON.parse(text);
  } catch {
    // It is a text only.
  }
}

/** Is the fault at this path, above it (an unknown key) or below it? */
function concerns({ path: at }: { path: PropertyKey[] }, path: readonly string[]): boolean {
  const shared = Math.min(at.length, path.length);
  return at.slice(0, shared).every((key, index) => String(key) === path[index]);
}

function put(settings: Settings, [key = '', ...rest]: readonly string[], value: unknown): Settings {
  return {
    ...settings,
    [key]: rest.length === 0 ? value : put(settingsOr(settings[key]), rest, value),
  };
}

function without(settings: Settings, [key = '', ...rest]: readonly string[]): Settings {
  const left = Object.entries(settings).filter(([name]) => name !== key);
  const inner = rest.length === 0 ? {} : without(settingsOr(settings[key]), rest);
  if (Object.keys(inner).length > 0) left.push([key, inner]);
  return Object.fromEntries(left);
}
