import { ownChannels } from '../core/accounts/authenticate.ts';
import { mustBe } from './problems.ts';
import type { Findings } from './problems.ts';
import { checkRoutes } from './routes.ts';
import type { Settings } from './schema.ts';

/** Finds what is wrong between settings that are right by themselves. */
export function crossCheck(settings: Settings, findings: Findings): string[] {
  const { routes, links, dialects } = settings;
  const named = {
    links: Object.keys(links),
    channels: [...Object.keys(dialects), ...ownChannels],
  };
  return [
    ...checkRoutes(routes, named, findings),
    ...checkDialects(settings, findings),
    ...checkShortLinks(settings, findings),
    ...checkArchive(settings, findings),
    ...checkSmppServer(settings, findings),
  ];
}

/** A bucket is reached by its URL, with a key. */
function checkArchive({ retention }: Settings, findings: Findings): string[] {
  const { archive, archiveBucket, archiveKeyId, archiveSecret } = retention;
  if (archive !== 's3') return [];
  return Object.entries({ archiveBucket, archiveKeyId, archiveSecret })
    .filter(([, value]) => value === '')
    .map(([key]) => mustBe(findings, ['retention', key], 'set where retention.archive is s3'));
}

/** TLS needs a certificate with its key; and two that listen on one port are one too many. */
function checkSmppServer({ smppServer, http }: Settings, findings: Findings): string[] {
  const { port, tlsPort, tlsCert, tlsKey } = smppServer;
  const problems: string[] = [];
  if (tlsPort !== null) {
    for (const [key, file] of Object.entries({ tlsCert, tlsKey })) {
      if (file !== '') continue;
      problems.push(mustBe(findings, ['smppServer', key], 'a file where there is a tlsPort'));
    }
    if (tlsPort !== 0 && tlsPort === port) {
      const expected = 'a port of its own, not that of smppServer.port';
      problems.push(mustBe(findings, ['smppServer', 'tlsPort'], expected));
    }
  }
  for (const [key, taken] of Object.entries({ port, tlsPort })) {
    if (taken === null || taken === 0 || taken !== http.port) continue;
    const expected = 'a port of its own, not that of http.port';
    problems.push(mustBe(findings, ['smppServer', key], expected));
  }
  return problems;
}

/** All that is asked of their host is a short link: nothing else could be found there. */
function checkShortLinks({ shortLinks, http, dialects }: Settings, findings: Findings): string[] {
  const host = hostOf(shortLinks.url);
  if (host === undefined) return [];
  const takenBy = new Map([
    [http.host.toLowerCase(), 'http.host'],
    [hostOf(http.publicUrl), 'http.publicUrl'],
    ...Object.entries(dialects).flatMap(([name, { hosts }]) =>
      hosts.map((one) => [one, `dialects.${name}`] as const),
    ),
  ]);
  const other = takenBy.get(host);
  if (other === undefined) return [];
  return [mustBe(findings, ['shortLinks', 'url'], `a host name of its own, not that of ${other}`)];
}

function hostOf(url: string): string | undefined {
  return URL.parse(url)?.hostname;
}

/** Of two dialects under one host name or port, only one could be heard. */
function checkDialects({ dialects, http }: Settings, findings: Findings): string[] {
  const problems: string[] = [];
  const takenBy = new Map<string | number, string>();
  if (http.port !== 0) takenBy.set(http.port, 'http.port');
  for (const [name, { hosts, port }] of Object.entries(dialects)) {
    const claims = hosts.map((host, index) => ({ what: host, path: ['hosts', index] }));
    for (const { what, path } of [...claims, { what: port, path: ['port'] }]) {
      if (what === null) continue;
      const other = takenBy.get(what);
      takenBy.set(what, `dialects.${name}`);
      if (other === undefined) continue;
      const kind = typeof what === 'number' ? 'port' : 'host name';
      const expected = `a ${kind} of its own, not that of ${other}`;
      problems.push(mustBe(findings, ['dialects', name, ...path], expected));
    }
  }
  return problems;
}
