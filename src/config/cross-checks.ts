import { valueAt } from './layers.ts';
import { mustBe } from './problems.ts';
import type { Findings } from './problems.ts';
import type { Settings } from './schema.ts';
import { alternatives } from './values.ts';

/** Finds what is wrong between settings that are right by themselves. */
export function crossCheck(settings: Settings, findings: Findings): string[] {
  return [...checkRoutes(settings, findings), ...checkDialects(settings, findings)];
}

function checkRoutes({ routes, links }: Settings, findings: Findings): string[] {
  const names = Object.keys(links);
  const known = names.length === 0 ? 'there is none' : alternatives(names);
  const [, ...owners] = findings.layers;
  const advice = owners.some(({ tree }) => valueAt(tree, ['routes']) !== undefined)
    ? ''
    : '; links of your own need routes of your own';
  const problems: string[] = [];
  for (const [rule, route] of routes.entries()) {
    for (const [choice, id] of route.links.entries()) {
      if (Object.hasOwn(links, id)) continue;
      const path = ['routes', rule, 'links', choice];
      problems.push(mustBe(findings, path, `the name of a link (${known})`) + advice);
    }
  }
  return problems;
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
