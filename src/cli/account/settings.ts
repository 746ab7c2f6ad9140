import { z } from 'zod';
import type { Dialect } from '../../dialects/dialect.ts';
import type { CliError } from '../shared/failure.ts';
import { usageError } from '../shared/failure.ts';
import { noSuch } from '../shared/lookup.ts';
import { samples } from '../shared/samples.ts';

type Settings = Readonly<Record<string, unknown>>;

/**
 * Changes what an account keeps for its dialects.
 * @param assignments `dialect.key=value`, in which deeper keys have further dots and an empty value
 * goes back to the default.
 * @returns the settings as they would be; nothing is written.
 * @throws CliError that says which key and what it should be.
 */
export function assignSettings(
  settings: Settings,
  assignments: readonly string[],
  dialects: readonly Dialect[],
): Record<string, unknown> {
  const changed: Record<string, unknown> = { ...settings };
  for (const assignment of assignments) {
    const { dialect, path, value } = readAssignment(assignment, dialects);
    const before = objectOr(changed[dialect.name]);
    changed[dialect.name] =
      value === '' ? without(before, path) : assign(dialect, before, path, value);
  }
  return changed;
}

/** What an account's dialect settings are with their defaults, or what is wrong with them. */
export function effectiveSettings(
  dialect: Dialect,
  settings: Settings,
): { ok: true; settings: Settings } | { ok: false; problems: string[] } {
  const read = dialect.accountSettings.safeParse(settings[dialect.name] ?? {});
  if (read.success) return { ok: true, settings: objectOr(read.data) };
  return {
    ok: false,
    problems: read.error.issues.map(
      ({ path, message }) => `${[dialect.name, ...path].join('.')}: ${message}`,
    ),
  };
}

interface Assignment {
  dialect: Dialect;
  path: string[];
  value: string;
}

function readAssignment(assignment: string, dialects: readonly Dialect[]): Assignment {
  const match = /^\s*([^.=\s]+)\.([^=\s]+)\s*=(.*)$/s.exec(assignment);
  if (!match) {
    const { setting } = samples({ dialects });
    throw usageError(
      `--setting takes dialect.key=value, such as ${setting}=…, and not '${assignment}'.`,
    );
  }
  const [, name = '', keys = '', value = ''] = match;
  const dialect = dialects.find((one) => one.name === name);
  if (!dialect) {
    const names = dialects.map((one) => one.name);
    throw usageError(noSuch(`There is no dialect '${name}'`, name, names));
  }
  const path = keys.split('.');
  const known = knownKeys(dialect);
  const [first = ''] = path;
  if (!known.includes(first)) {
    throw usageError(noSuch(`${name} has no setting '${first}'`, first, known));
  }
  return { dialect, path, value };
}

/** Every key of such a schema has a default, so that reading nothing names them all. */
function knownKeys({ accountSettings }: Dialect): string[] {
  return Object.keys(objectOr(accountSettings.parse({})));
}

/** The value as a text where the schema takes one (`edition` is `"2026"`), else as JSON. */
function assign(dialect: Dialect, before: Settings, path: string[], text: string): Settings {
  const complaints: string[] = [];
  for (const value of readings(text)) {
    const candidate = put(before, path, value);
    const read = dialect.accountSettings.safeParse(candidate);
    const ours = read.success ? [] : read.error.issues.filter((issue) => concerns(issue, path));
    if (ours.length === 0) return candidate;
    const [issue] = ours;
    // Of a wrong type only the other reading's complaint may be better.
    if (issue && issue.code !== 'invalid_type') complaints.unshift(issue.message);
    else if (issue) complaints.push(issue.message);
  }
  throw refusal(dialect, path, text, complaints[0] ?? 'it does not fit');
}

function refusal(
  { name, accountSettings }: Dialect,
  path: string[],
  text: string,
  complaint: string,
): CliError {
  const about = describe(accountSettings, path);
  return usageError(
    `${[name, ...path].join('.')} cannot be '${text}': ${complaint.replace(/\.$/, '')}.${about}`,
  );
}

/** What the schema says of a setting. */
function describe(schema: Dialect['accountSettings'], [key = '']: readonly string[]): string {
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
    [key]: rest.length === 0 ? value : put(objectOr(settings[key]), rest, value),
  };
}

function without(settings: Settings, [key = '', ...rest]: readonly string[]): Settings {
  const left = Object.entries(settings).filter(([name]) => name !== key);
  const inner = rest.length === 0 ? {} : without(objectOr(settings[key]), rest);
  if (Object.keys(inner).length > 0) left.push([key, inner]);
  return Object.fromEntries(left);
}

function objectOr(value: unknown): Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Settings)
    : {};
}
