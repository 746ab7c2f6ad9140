import type { Queryable } from './dialect.ts';

/** The oldest server that has all that is used here. */
const OLDEST_VERSION = 140_000;
/** Leases are instants of the nodes' clocks: they must agree to within a small part of a lease. */
const MOST_SKEW_MS = 2_000;

/** What stands between an accepted message and the disk. */
const mustBeOn = ['fsync', 'full_page_writes'] as const;

/**
 * Takes a connection; gives sentences on what is wrong with the server and what to do about it, none
 * when all is well.
 *
 * @param now the clock of this machine; given by tests only.
 */
export async function problemsOf(queryable: Queryable, now = Date.now): Promise<string[]> {
  const askedAt = now();
  const { rows } = await queryable.query<Record<string, string>>(
    `select current_setting('server_version_num') as number,
       current_setting('server_version') as version,
       ${mustBeOn.map((name) => `current_setting('${name}') as ${name}`).join(', ')},
       (extract(epoch from clock_timestamp()) * 1000)::text as clock`,
  );
  const answeredAt = now();
  const found = rows[0] ?? {};
  const problems: string[] = [];
  if (Number(found['number']) < OLDEST_VERSION) {
    problems.push(
      `The server is PostgreSQL ${found['version']}, and 14 is the oldest that will do: update it.`,
    );
  }
  for (const name of mustBeOn) {
    if (found[name] !== 'on') {
      problems.push(
        `The server has ${name} = ${found[name]}, so a crash of its machine may lose what was accepted or ` +
          `damage the database: set ${name} = on in its postgresql.conf and reload that.`,
      );
    }
  }
  // The server looked at its clock somewhere between the two: a slow answer is no skew.
  const clock = Number(found['clock']);
  const skew = Math.max(askedAt - clock, clock - answeredAt);
  if (skew > MOST_SKEW_MS) {
    problems.push(
      `The clocks of this machine and of the server differ by ${Math.round(skew)} ms, so leases may end ` +
        'too early or too late: keep both in step, best by NTP.',
    );
  }
  return problems;
}
