import type { RouteRule } from '../core/routing/rule.ts';
import { unreachable } from '../core/routing/unreachable.ts';
import { didYouMean } from './did-you-mean.ts';
import { originOf, valueAt } from './layers.ts';
import { mustBe } from './problems.ts';
import type { Findings } from './problems.ts';
import { nameOf } from './route-schema.ts';
import { alternatives } from './values.ts';

/** What must be known to tell whether the rules can be followed. */
interface Named {
  links: readonly string[];
  channels: readonly string[];
}

/** Finds rules that name what there is not. */
export function checkRoutes(
  routes: readonly RouteRule[],
  named: Named,
  findings: Findings,
): string[] {
  const [, ...owners] = findings.layers;
  const advice = owners.some(({ tree }) => valueAt(tree, ['routes']) !== undefined)
    ? ''
    : '; links of your own need routes of your own';
  return routes.flatMap(({ links, channels = [] }, rule) => [
    ...links.flatMap((one, place) => {
      const path = ['routes', rule, 'links', place, ...(typeof one === 'string' ? [] : ['link'])];
      const wrong = unknown('link', nameOf(one), named.links, path, findings);
      return wrong === undefined ? [] : wrong + advice;
    }),
    ...channels.flatMap((channel, place) => {
      const path = ['routes', rule, 'channels', place];
      return unknown('channel', channel, named.channels, path, findings) ?? [];
    }),
  ]);
}

function unknown(
  what: string,
  written: string,
  names: readonly string[],
  path: readonly PropertyKey[],
  findings: Findings,
): string | undefined {
  if (names.includes(written)) return undefined;
  const known = names.length === 0 ? 'there is none' : alternatives(names);
  const meant = didYouMean(written, names);
  return mustBe(findings, path, `the name of a ${what} (${known}${meant})`);
}

/** Rules that are in order by themselves and of which the owner should know nevertheless. */
export function doubtfulRoutes(
  routes: readonly RouteRule[],
  { schema, layers }: Pick<Findings, 'schema' | 'layers'>,
): string[] {
  return unreachable(routes).map(({ rule, by }) => {
    const origin = originOf(schema, layers, ['routes', rule]);
    return `routes[${rule}] is never reached: routes[${by}] takes all that it would (from ${origin})`;
  });
}
