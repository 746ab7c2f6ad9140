import type { Layer } from './layers.ts';
import { didYouMean } from './did-you-mean.ts';
import { keyOf } from './settings-tree.ts';
import type { Path, Setting } from './settings-tree.ts';

/** A layer of settings that were written as texts, and what is wrong with them already. */
interface TextLayer extends Layer {
  problems: string[];
}

const prefix = 'PARLANCE_';

/** Variables of ours that are no settings: which file to read, and what only tests look at. */
const noSettings = /^PARLANCE_(CONFIG|TEST_.*|BENCH_.*)$/;

/**
 * Kubernetes gives every container variables about a service called `parlance`, such as
 * PARLANCE_SERVICE_HOST, and PARLANCE_PORT=tcp://10.0.0.1:8080.
 */
const ofKubernetes = /^PARLANCE_(SERVICE_(HOST|PORT(_.*)?)|PORT_[0-9]+_(TCP|UDP|SCTP)(_.*)?)$/;

/** The environment variable of a setting: `http.publicUrl` is PARLANCE_HTTP_PUBLIC_URL. */
export function variableOf(path: Path): string {
  const words = path.map((key) =>
    String(key)
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replace(/[^A-Za-z0-9]+/g, '_'),
  );
  return prefix + words.join('_').toUpperCase();
}

/** Reads the settings from environment variables; one of ours that is no setting is a problem. */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  settings: readonly Setting[],
): TextLayer {
  const byName = new Map(settings.map((setting) => [variableOf(setting.path), setting]));
  const describe = (path: Path) => {
    for (let length = path.length; length > 0; length--) {
      const name = variableOf(path.slice(0, length));
      if (byName.has(name)) return `the environment variable ${name}`;
    }
    return 'the environment';
  };
  const tree = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || !name.startsWith(prefix) || noSettings.test(name)) continue;
    const setting = byName.get(name);
    if (setting) problems.push(...put(tree, setting, value, `the environment variable ${name}`));
    else if (!isOfKubernetes(name, value)) problems.push(unknownVariable(name, [...byName.keys()]));
  }
  return { tree, problems, describe };
}

/**
 * Reads the settings from flags.
 * @param flags by the setting's key. A text is read as that of an environment variable; undefined
 * means that the flag was not given.
 */
export function readFlags(
  flags: Readonly<Record<string, unknown>>,
  settings: readonly Setting[],
): TextLayer {
  const source = 'the command line';
  const byKey = new Map(settings.map((setting) => [keyOf(setting.path), setting]));
  const tree = {};
  const problems: string[] = [];
  for (const [key, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    const setting = byKey.get(key);
    if (setting) problems.push(...put(tree, setting, value, source));
    else
      problems.push(
        `${key} is not a setting${didYouMean(key, [...byKey.keys()])} (from ${source})`,
      );
  }
  return { tree, problems, describe: () => source };
}

function isOfKubernetes(name: string, value: string): boolean {
  return ofKubernetes.test(name) || (name === 'PARLANCE_PORT' && /^(tcp|udp|sctp):/.test(value));
}

function unknownVariable(name: string, names: readonly string[]): string {
  // Without the beginning that they all share, which would make every short name look near.
  const rest = names.map((known) => known.slice(prefix.length));
  const meant = didYouMean(name.slice(prefix.length), rest, prefix);
  return `The environment variable ${name} is not a setting${meant}`;
}

/** Writes a value into a tree; gives what is wrong with its notation. */
function put(tree: object, setting: Setting, value: unknown, source: string): string[] {
  let read: unknown = value;
  if (typeof value === 'string') {
    try {
      read = fromText(value, setting);
    } catch {
      // The text is not quoted: links hold passwords.
      return [`${keyOf(setting.path)} must be JSON, but is not (from ${source})`];
    }
  }
  const last = setting.path.at(-1) ?? '';
  let here = tree as Record<PropertyKey, unknown>;
  for (const key of setting.path.slice(0, -1)) {
    here = (here[key] ??= {}) as Record<PropertyKey, unknown>;
  }
  here[last] = read;
  return [];
}

/** What is not written as its kind demands stays a text, about which the schema will complain. */
function fromText(text: string, { notation, nullable }: Setting): unknown {
  const trimmed = text.trim();
  if (nullable && trimmed === '') return null;
  switch (notation) {
    case 'text':
      return text;
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : text;
    case 'boolean':
      return trimmed === 'true' ? true : trimmed === 'false' ? false : text;
    case 'list':
      return trimmed.split(/\s*,\s*/).filter((item) => item !== '');
    case 'json':
      return JSON.parse(text);
  }
}
