import type { Command } from 'commander';
import type { LinkId, NodeId } from '../core/ids.ts';
import type { MessageStatus } from '../core/messages/status.ts';
import { iso } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit, Session } from './shared/kit.ts';
import { storageAction } from './shared/kit.ts';
import type { LinkStanding } from './shared/link-state.ts';
import { nothingSaid, standingOf, standingText } from './shared/link-state.ts';
import type { Column } from './shared/table.ts';

/** What the storage counts: what has come to its end is too much to count. */
const underWay = ['scheduled', 'queued', 'sending', 'sent'] as const;

/** A link, or what is left of one. */
export interface LinkUse {
  /** Null: messages that were refused before they had a link. */
  id: LinkId | null;
  /** Null: the configuration names no such link. */
  transport: string | null;
  onLostAnswer: 'unknown' | 'resend' | null;
  /** What they say of it. */
  standing: LinkStanding;
  /** The nodes that hold it now. */
  heldBy: { id: NodeId; name: string | null }[];
  counts: Partial<Record<MessageStatus, number>>;
}

/** `parlance link …`: the ways out. */
export function addLink(program: Command, kit: Kit): void {
  const group = program.command('link').description('Links: the configured ways out.');
  const command = group
    .command('list')
    .description(
      'The links of the configuration, how each is, the nodes that hold it, and how many messages it has under way; `sent` waits for its receipt.',
    )
    .action(
      storageAction(kit, async (session) => {
        const links = await linkUses(session);
        session.print.result({ items: links.map(linkDocument) }, () => linkTable(session, links));
        const lost = links.filter(({ id, transport }) => id !== null && transport === null);
        if (lost.length > 0) {
          session.print.remark(
            `Not in the configuration any more: ${lost.map(({ id }) => id).join(', ')}.`,
          );
        }
      }),
    );
  examples(command, [['parlance link list', 'a queue that grows is a link in trouble']]);
}

/** The links of the configuration, then those that only stored messages name. */
export async function linkUses(session: Session): Promise<LinkUse[]> {
  const { config, storage } = session;
  const uses = new Map<LinkId | null, LinkUse>();
  for (const [id, { transport, onLostAnswer }] of config.links) {
    uses.set(id, { id, transport, onLostAnswer, heldBy: [], standing: nothingSaid, counts: {} });
  }
  for (const { linkId, status, count } of await storage.read.messages.countByLink()) {
    const use = uses.get(linkId) ?? {
      id: linkId,
      transport: null,
      onLostAnswer: null,
      heldBy: [],
      standing: nothingSaid,
      counts: {},
    };
    use.counts[status] = count;
    uses.set(linkId, use);
  }
  await addHolders(session, uses);
  return [...uses.values()];
}

async function addHolders(
  { gateway, storage }: Session,
  uses: ReadonlyMap<LinkId | null, LinkUse>,
): Promise<void> {
  const now = gateway.delivery.clock.now();
  const names = new Map((await storage.read.nodes.list()).map(({ id, name }) => [id, name]));
  const holdings = await storage.read.linkHolders.list();
  for (const { linkId, nodeId, until } of holdings) {
    if (until <= now) continue;
    uses.get(linkId)?.heldBy.push({ id: nodeId, name: names.get(nodeId) ?? null });
  }
  for (const [id, use] of uses) if (id !== null) use.standing = standingOf(id, holdings, now);
}

function linkDocument({ standing, ...use }: LinkUse) {
  const { since, demotedSince, ...rest } = standing;
  return { ...use, ...rest, since: iso(since), demotedSince: iso(demotedSince) };
}

function linkTable({ print, gateway }: Session, links: readonly LinkUse[]): string[] {
  const now = gateway.delivery.clock.now();
  return print.table(links, [
    { title: 'LINK', of: ({ id }) => id },
    {
      title: 'TRANSPORT',
      of: ({ id, transport }) => transport ?? (id === null ? '(no route)' : '(not configured)'),
      colour: ({ id, transport }, paint) =>
        transport === null && id !== null ? paint.doubtful : paint.none,
    },
    {
      title: 'STATE',
      of: ({ transport, standing }) => (transport === null ? null : standingText(standing, now)),
      colour: ({ standing }, paint) =>
        standing.state === 'up' && standing.demotedSince === null ? paint.none : paint.doubtful,
    },
    { title: 'LOST ANSWER', of: ({ onLostAnswer }) => onLostAnswer },
    { title: 'HELD BY', of: ({ heldBy }) => heldBy.map(({ id, name }) => name ?? id).join(', ') },
    ...underWay.map(
      (status): Column<LinkUse> => ({
        title: status.toUpperCase(),
        of: ({ counts }) => counts[status] ?? 0,
        align: 'right',
      }),
    ),
  ]);
}
