import type { Command } from 'commander';
import type { LinkId } from '../core/ids.ts';
import type { NodeRecord } from '../core/ports/storage.ts';
import { ago, iso, when } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit, Session } from './shared/kit.ts';
import { storageAction } from './shared/kit.ts';

interface NodeUse extends NodeRecord {
  links: LinkId[];
}

/** `parlance node …`: the processes that serve. */
export function addNode(program: Command, kit: Kit): void {
  const group = program
    .command('node')
    .description('Nodes: the processes that serve this database.');
  const command = group
    .command('list')
    .description(
      'The nodes and the links that each holds. Each shows itself every 5 s; one that was not seen for 20 s is taken for dead by the others.',
    )
    .action(
      storageAction(kit, async (session) => {
        const nodes = await nodeUses(session);
        session.print.result({ items: nodes.map(nodeDocument) }, () =>
          nodes.length === 0 ? [] : nodeTable(session, nodes),
        );
        if (nodes.length === 0) session.print.remark('Nobody serves: start `parlance serve`.');
      }),
    );
  examples(command, [['parlance node list', 'who serves, and who does not show himself any more']]);
}

async function nodeUses({ gateway, storage }: Session): Promise<NodeUse[]> {
  const now = gateway.delivery.clock.now();
  const holdings = (await storage.read.linkHolders.list()).filter(({ until }) => until > now);
  const nodes = await storage.read.nodes.list();
  return nodes.map((node) => ({
    ...node,
    links: holdings.filter(({ nodeId }) => nodeId === node.id).map(({ linkId }) => linkId),
  }));
}

function nodeTable({ gateway, print }: Session, nodes: readonly NodeUse[]): string[] {
  const now = gateway.delivery.clock.now();
  return print.table(nodes, [
    { title: 'ID', of: ({ id }) => id },
    { title: 'NAME', of: ({ name }) => name },
    { title: 'ROLES', of: ({ roles }) => roles.join(', ') },
    { title: 'VERSION', of: ({ version }) => version },
    { title: 'STARTED (UTC)', of: ({ startedAt }) => when(startedAt) },
    {
      title: 'SEEN',
      of: ({ seenAt }) => ago(now - seenAt),
      colour: ({ seenAt }, paint) => (now - seenAt < lateMs ? paint.none : paint.doubtful),
    },
    { title: 'LINKS', of: ({ links }) => links.join(', ') },
  ]);
}

/** Two heartbeats and more are missing. */
const lateMs = 12_000;

function nodeDocument({ startedAt, seenAt, home: _home, ...node }: NodeUse) {
  return { ...node, startedAt: iso(startedAt), seenAt: iso(seenAt) };
}
