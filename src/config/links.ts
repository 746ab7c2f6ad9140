import type { ZodType } from 'zod';
import type { LinkId } from '../core/ids.ts';
import type { Medium } from '../core/messages/medium.ts';
import type { DemotionLimits } from '../core/routing/demotion.ts';
import { explainForeign, mustBe } from './problems.ts';
import type { Findings } from './problems.ts';
import type { Settings } from './schema.ts';
import { alternatives } from './values.ts';

const minute = 60_000;
/** A receipt is looked up under each of them. */
const mostInGroup = 8;

export interface LinkConfig {
  transport: string;
  onLostAnswer: 'unknown' | 'resend';
  /** How many nodes may hold it at once. */
  nodes: number;
  /** Links of one name: one carrier's ids, so a receipt may come by any of them. */
  receiptGroup?: string | undefined;
  demote: DemotionLimits;
  /** What its transport carries … */
  media: readonly Medium[];
  /** … and whether it only plays. */
  simulator: boolean;
  /** … and whether it goes by accounts' own phones. */
  devices: boolean;
  /** What the transport's schema made of them. */
  settings: unknown;
}

/** What must be known of a transport. */
export interface TransportFacts {
  settings: ZodType;
  media: readonly Medium[];
  simulator?: boolean;
  devices?: boolean;
  /** Its network calls us: there can be one link of it. */
  routes?: unknown;
}

/**
 * Lets each transport read the settings of its links.
 * @param transports by name.
 */
export function readLinks(
  settings: Settings,
  transports: ReadonlyMap<string, TransportFacts>,
  findings: Findings,
): { links: Map<LinkId, LinkConfig>; problems: string[] } {
  const links = new Map<LinkId, LinkConfig>();
  const problems: string[] = [];
  for (const [id, link] of Object.entries(settings.links)) {
    const transport = transports.get(link.transport);
    if (transport === undefined) {
      const known = alternatives([...transports.keys()]);
      problems.push(mustBe(findings, ['links', id, 'transport'], known));
      continue;
    }
    const { settings: schema, media, simulator = false, devices = false } = transport;
    const other = [...links].find(([, one]) => one.transport === link.transport);
    if (other && transport.routes !== undefined) {
      const expected = `another one, since ${other[0]} is of this transport, of which there can be one link`;
      problems.push(mustBe(findings, ['links', id, 'transport'], expected));
      continue;
    }
    const read = schema.safeParse(link.settings ?? {});
    if (read.success) {
      const demote = limitsOf(link);
      links.set(id as LinkId, { ...link, demote, media, simulator, devices, settings: read.data });
      continue;
    }
    const at = ['links', id, 'settings'];
    for (const issue of read.error.issues) {
      problems.push(...explainForeign(issue, findings, at, schema));
    }
  }
  const groups = Map.groupBy(links, ([, { receiptGroup }]) => receiptGroup);
  groups.delete(undefined);
  for (const [id] of [...groups.values()].flatMap((group) => group.slice(mostInGroup))) {
    const expected = `a group of at most ${mostInGroup} links`;
    problems.push(mustBe(findings, ['links', id, 'receiptGroup'], expected));
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
