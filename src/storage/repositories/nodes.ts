import type { NodeId } from '../../core/ids.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Session, Take, WriteSession } from '../engine.ts';
import { nodeRow } from '../tables.ts';
import { heldBy } from './holders.ts';

/** Far more than one database could bear. */
const MOST_NODES = 1_000;

/** By the heartbeat too: one that came meanwhile, from whom was only slow, keeps its row. */
const bury: Take = { table: 'nodes', columns: ['id'], key: ['id', 'seen_at'] };

/** Takes a session that reads; gives the nodes' part of `Reads`. */
export function nodeReads({ kysely }: Session): Reads['nodes'] {
  return {
    async list() {
      const records = await kysely
        .selectFrom('nodes')
        .selectAll()
        .orderBy('started_at')
        .orderBy('id')
        .limit(MOST_NODES)
        .execute();
      return records.map(nodeRow.fromRecord);
    },
  };
}

/** Takes a session that writes; gives the nodes' part of `Tx`. */
export function nodeWrites({ kysely, bulk }: WriteSession): Tx['nodes'] {
  return {
    async seen(node) {
      await kysely
        .insertInto('nodes')
        .values(nodeRow.toRecord(node))
        .onConflict((clash) => clash.column('id').doUpdateSet({ seen_at: node.seenAt }))
        .execute();
    },
    async bury(dead) {
      const taken = await bulk.take(
        bury,
        dead.map(({ id, seenAt }) => [id, seenAt]),
      );
      return taken.flat().map(([id]) => id as NodeId);
    },
    async remove(nodes) {
      await kysely.deleteFrom('nodes').where(heldBy(nodes, 'id')).execute();
    },
  };
}
