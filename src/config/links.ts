import type { ZodType } from 'zod';
import type { LinkId } from '../core/ids.ts';
import type { DemotionLimits } from '../core/routing/demotion.ts';
import { explainForeign, mustBe } from './problems.ts';
import type { Findings } from './problems.ts';
import type { Settings } from './schema.ts';
import { alternatives } from './values.ts';

const minute = 60_000;

export interface LinkConfig {
  transport: string;
  onLostAnswer: 'unknown' | 'resend';
  /** How many nodes may hold it at once. */
  nodes: number;
  demote: DemotionLimits;
  /** What the transport's schema made of them. */
  settings: unknown;
}

/**
 * Lets each transport read the settings of its links.
 * @param transports the schema of each, by name.
 */
export function readLinks(
  settings: Settings,
  transports: ReadonlyMap<string, ZodType>,
  findings: Findings,
): { links: Map<LinkId, LinkConfig>; problems: string[] } {
  const links = new Map<LinkId, LinkConfig>();
  const problems: string[] = [];
  for (const [id, link] of Object.entries(settings.links)) {
    const schema = transports.get(link.transport);
    if (schema === undefined) {
      const known = alternatives([...transports.keys()]);
      problems.push(mustBe(findings, ['links', id, 'transport'], known));
      continue;
    }
    const read = schema.safeParse(link.settings ?? {});
    if (read.success) {
      links.set(id as LinkId, { ...link, demote: limitsOf(link), settings: read.data });
      continue;
    }
    const at = ['links', id, 'settings'];
    for (const issue of read.error.issues) {
      problems.push(...explainForeign(issue, findings, at, schema));
    }
  }
  return { links, problems };
}

function limitsOf({ demote }: Settings['links'][LinkId]): DemotionLimits {
  const { failures, receipts, windowMinutes, restMinutes } = demote;
  return {
    failures,
    receipts,
    windowMs: windowMinutes * minute,
    restMs: restMinutes * minute,
  };
}
