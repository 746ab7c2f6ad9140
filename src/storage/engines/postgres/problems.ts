import type { Queryable } from './dialect.ts';

/** The oldest server that has all that is used here. */
const OLDEST_VERSION = 140_000;
/** Leases are instants of the nodes' clocks: they must agree to within a small part of a lease. */
const MOST_SKEW_MS = 2_000;

/** What stands between an accepted message and the disk. */
const mustBeOn = ['fsync', 'full_page_writes'] as const;

/** Takes a connection; gives sentences on what is wrong with the server, none when all is well. */
export async function problemsOf(queryable: Queryable): Promise<string[]> {
  const { rows } = await queryable.query<Record<string, string>>(
    `select current_setting('server_version_num') as version,
       ${mustBeOn.map((name) => `current_setting('${name}') as ${name}`).join(', ')},
       (extract(epoch from clock_timestamp()) * 1000)::text as clock`,
  );
  const found = rows[0] ?? {};
  const problems: string[] = [];
  if (Number(found['version']) < OLDEST_VERSION) {
    problems.push(`The server's version is ${found['version']}; 14 is the oldest that will do.`);
  }
  for (const name of mustBeOn) {
    if (found[name] !== 'on') {
      problems.push(`The server has ${name} = ${found[name]}: a crash may lose what was accepted.`);
    }
  }
  const skew = Math.abs(Number(found['clock']) - Date.now());
  if (skew > MOST_SKEW_MS) {
    problems.push(
      `The clocks of this machine and of the server differ by ${Math.round(skew)} ms: keep them in step (NTP).`,
    );
  }
  return problems;
}
