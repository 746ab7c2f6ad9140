import type { LinkId } from '../core/ids.ts';
import type { RouteRule } from '../core/routing/rule.ts';
import { unreachable } from '../core/routing/unreachable.ts';
import { didYouMean } from './did-you-mean.ts';
import type { LinkConfig } from './links.ts';
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

/** Finds rules for what a link of theirs does not carry. */
export function checkMedia(
  routes: readonly RouteRule[],
  links: ReadonlyMap<LinkId, Pick<LinkConfig, 'media'>>,
  findings: Findings,
): string[] {
  return routes.flatMap(({ media = ['sms'], links: targets }, rule) =>
    targets.flatMap((target) => {
      const carried = links.get(nameOf(target))?.media;
      const wrong = carried && media.findIndex((medium) => !carried.includes(medium));
      if (carried === undefined || wrong === undefined || wrong < 0) return [];
      const what = `${alternatives(carried)}, for '${nameOf(target)}' carries nothing else`;
      return mustBe(findings, ['routes', rule, 'media', wrong], what);
    }),
  );
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
