import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LinkId } from '../core/ids.ts';
import type { RouteRule } from '../core/routing/rule.ts';
import { ConfigError } from './config-error.ts';
import { crossCheck } from './cross-checks.ts';
import { overlay } from './layers.ts';
import { readLinks } from './links.ts';
import type { LinkConfig, TransportFacts } from './links.ts';
import { explain } from './problems.ts';
import { publicUrlOf } from './public-url.ts';
import { checkMedia, doubtfulRoutes } from './routes.ts';
import { createSchema } from './schema.ts';
import type { DialectWords, Settings } from './schema.ts';
import { settingsOf } from './settings-tree.ts';
import { readEnvironment, readFlags } from './text-layers.ts';
import { readYamlFile } from './yaml-file.ts';

/**
 * The checked configuration, in the words and units of parlance.default.yaml, except that `data` is
 * absolute, `http.publicUrl` is never empty, and `links` is a map.
 */
export interface Config extends Omit<Settings, 'dialects' | 'links' | 'routes'> {
  /** One for each dialect there is. */
  dialects: Readonly<
    Record<string, { hosts: string[]; port: number | null; [own: string]: unknown }>
  >;
  links: ReadonlyMap<LinkId, LinkConfig>;
  routes: RouteRule[];
  /** What can be used and is hardly meant so: a sentence each. */
  warnings: readonly string[];
}

interface ConfigSources {
  /** The file named by `--config`. */
  file?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** By a setting's key, such as `http.port`; a text, or a value of the right kind. */
  flags?: Readonly<Record<string, unknown>>;
  /** Names of the dialects there are. */
  dialects: readonly string[];
  /** The settings that some of them have of their own. */
  dialectWords?: Readonly<Record<string, DialectWords>>;
  /** Each transport there is, by name. */
  transports: ReadonlyMap<string, TransportFacts>;
  /** Where relative paths start; the working directory by default. */
  folder?: string;
}

const defaultsFile = fileURLToPath(new URL('../../parlance.default.yaml', import.meta.url));

/**
 * Puts the configuration together: defaults, the owner's file, the environment, flags; later ones win.
 * The defaults are read from parlance.default.yaml itself, so that the file cannot be wrong.
 * @throws ConfigError with all that is wrong at once.
 */
export function loadConfig(sources: ConfigSources): Config {
  const { env, flags = {}, folder = process.cwd() } = sources;
  const schema = createSchema(sources.dialects, sources.dialectWords);
  const settings = settingsOf(schema);

  const environment = readEnvironment(env, settings);
  const commandLine = readFlags(flags, settings);
  const layers = [
    readYamlFile(defaultsFile, 'parlance.default.yaml'),
    ...ownersFile(sources.file, env, folder),
    environment,
    commandLine,
  ];
  const problems = [...environment.problems, ...commandLine.problems];

  const tree = overlay(schema, layers);
  const findings = { schema, layers, tree };
  const result = schema.safeParse(tree);
  if (!result.success) {
    problems.push(...result.error.issues.flatMap((issue) => explain(issue, findings)));
    throw new ConfigError(problems);
  }

  const read = readLinks(result.data, sources.transports, findings);
  problems.push(...read.problems, ...crossCheck(result.data, findings));
  problems.push(...checkMedia(result.data.routes, read.links, findings));
  if (problems.length > 0) throw new ConfigError(problems);

  const { http } = result.data;
  return {
    ...result.data,
    data: path.resolve(folder, result.data.data),
    http: { ...http, publicUrl: http.publicUrl || publicUrlOf(http.host, http.port) },
    links: read.links,
    warnings: doubtfulRoutes(result.data.routes, findings),
  };
}

function ownersFile(
  named: string | undefined,
  env: ConfigSources['env'],
  folder: string,
): ReturnType<typeof readYamlFile>[] {
  const byVariable = env['PARLANCE_CONFIG'] || undefined;
  const file = named ?? byVariable;
  if (file !== undefined) {
    const namedBy = named === undefined ? 'PARLANCE_CONFIG' : '--config';
    return [readYamlFile(path.resolve(folder, file), file, namedBy)];
  }
  const usual = path.join(folder, 'parlance.yaml');
  return existsSync(usual) ? [readYamlFile(usual, 'parlance.yaml')] : [];
}
