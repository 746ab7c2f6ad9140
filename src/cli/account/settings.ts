import type { WayIn } from '../context.ts';
import { usageError } from '../shared/failure.ts';
import { noSuch } from '../shared/lookup.ts';
import type { Settings } from '../shared/settings.ts';
import { changeSetting, settingsOr } from '../shared/settings.ts';

/**
 * Changes what an account keeps for its ways in.
 * @param assignments `dialect.key=value`, in which deeper keys have further dots and an empty value
 * goes back to the default.
 * @returns the settings as they would be; nothing is written.
 * @throws CliError that says which key and what it should be.
 */
export function assignSettings(
  settings: Settings,
  assignments: readonly string[],
  waysIn: readonly WayIn[],
): Record<string, unknown> {
  const changed: Record<string, unknown> = { ...settings };
  for (const assignment of assignments) {
    const { wayIn, keys, value } = readAssignment(assignment, waysIn);
    const { name, accountSettings: schema } = wayIn;
    changed[name] = changeSetting({ name, schema }, settingsOr(changed[name]), keys, value);
  }
  return changed;
}

/** What an account's settings for a way in are with their defaults, or what is wrong with them. */
export function effectiveSettings(
  { name, accountSettings }: WayIn,
  settings: Settings,
): { ok: true; settings: Settings } | { ok: false; problems: string[] } {
  const read = accountSettings.safeParse(settings[name] ?? {});
  if (read.success) return { ok: true, settings: settingsOr(read.data) };
  return {
    ok: false,
    problems: read.error.issues.map(
      ({ path, message }) => `${[name, ...path].join('.')}: ${message}`,
    ),
  };
}

function readAssignment(
  assignment: string,
  waysIn: readonly WayIn[],
): { wayIn: WayIn; keys: string; value: string } {
  const match = /^\s*([^.=\s]+)\.([^=\s]+)\s*=(.*)$/s.exec(assignment);
  if (!match) {
    const [first] = waysIn;
    const key = Object.keys(settingsOr(first?.accountSettings.safeParse({}).data))[0];
    const sample = `${first?.name ?? 'dialect'}.${key ?? 'key'}`;
    throw usageError(
      `--setting takes dialect.key=value, such as ${sample}=…, and not '${assignment}'.`,
    );
  }
  const [, name = '', keys = '', value = ''] = match;
  const wayIn = waysIn.find((one) => one.name === name);
  if (wayIn) return { wayIn, keys, value };
  const names = waysIn.map((one) => one.name);
  throw usageError(noSuch(`There is no dialect '${name}'`, name, names));
}
