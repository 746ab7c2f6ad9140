import type { LinkId } from '../../core/ids.ts';
import type { LinkHolding, Reads, Tx } from '../../core/ports/storage.ts';
import type { Session, Update, WriteSession } from '../engine.ts';
import { linkHoldingRow } from '../tables.ts';
import { heldBy } from './holders.ts';

/** A hundred slots of a hundred links. */
const MOST_HOLDINGS = 10_000;

/** A node has one slot of a link at most. */
const ofNode = { table: 'link_holders', key: ['link_id', 'node_id'] } as const;
const renewal: Update = { ...ofNode, set: ['until'] };
const report: Update = {
  ...ofNode,
  set: ['state', 'since', 'demoted_since', 'receipts', 'failures'],
};

/** Takes a session that reads; gives the link holders' part of `Reads`. */
export function linkHolderReads({ kysely }: Session): Reads['linkHolders'] {
  return {
    async list() {
      const records = await kysely
        .selectFrom('link_holders')
        .selectAll()
        .orderBy('link_id')
        .orderBy('slot')
        .limit(MOST_HOLDINGS)
        .execute();
      return records.map(linkHoldingRow.fromRecord);
    },
  };
}

/**
 * Takes a session that writes; gives the link holders' part of `Tx`.
 *
 * What is read here only says what to try. Whether a slot is ours the statement decides that writes
 * it: a renewal finds only rows that are still this node's, and a slot is taken by an insert whose
 * key lets one through, or by an update that looks whether the lease there has ended.
 */
export function linkHolderWrites({ kysely, bulk }: WriteSession): Tx['linkHolders'] {
  const holdingsOf = async (linkIds: readonly LinkId[]) => {
    const records = await kysely
      .selectFrom('link_holders')
      .selectAll()
      .where('link_id', 'in', linkIds)
      .limit(MOST_HOLDINGS)
      .execute();
    return Map.groupBy(records.map(linkHoldingRow.fromRecord), ({ linkId }) => linkId);
  };

  /** One slot, when it is free still. Nothing is known yet of the link behind it. */
  const take = async (
    place: Pick<LinkHolding, 'linkId' | 'slot' | 'nodeId' | 'until'>,
    now: number,
  ): Promise<boolean> => {
    const { link_id, slot, ...rest } = linkHoldingRow.toRecord({ ...place, ...nothingSaid });
    const taken = await kysely
      .insertInto('link_holders')
      .values({ link_id, slot, ...rest })
      .onConflict((clash) =>
        clash.columns(['link_id', 'slot']).doUpdateSet(rest).where('link_holders.until', '<=', now),
      )
      .returning('slot')
      .execute();
    return taken.length > 0;
  };

  return {
    async hold(wishes, { nodeId, now, until }) {
      if (wishes.length === 0) return new Set();
      const there = await holdingsOf(wishes.map(({ linkId }) => linkId));
      const renew: LinkId[] = [];
      const tooHigh: LinkId[] = [];
      for (const { linkId, slots } of wishes) {
        const own = there.get(linkId)?.find((holding) => holding.nodeId === nodeId);
        if (own) (own.slot <= slots ? renew : tooHigh).push(linkId);
      }
      if (tooHigh.length > 0) {
        await kysely
          .deleteFrom('link_holders')
          .where('node_id', '=', nodeId)
          .where('link_id', 'in', tooHigh)
          .execute();
      }
      const held = new Set<LinkId>();
      if (renew.length > 0) {
        const renewed = await bulk.update(
          renewal,
          renew.map((linkId) => [until, linkId, nodeId]),
        );
        renew.forEach((linkId, at) => {
          if (renewed[at]) held.add(linkId);
        });
      }
      // In one order on all nodes, so that two of them never wait for each other.
      for (const { linkId, slots } of wishes.toSorted(byLink)) {
        if (held.has(linkId)) continue;
        const busy = new Set(
          there
            .get(linkId)
            ?.filter((holding) => holding.until > now && holding.nodeId !== nodeId)
            .map(({ slot }) => slot),
        );
        for (let slot = 1; slot <= slots; slot++) {
          if (busy.has(slot) || !(await take({ linkId, slot, nodeId, until }, now))) continue;
          held.add(linkId);
          break;
        }
      }
      return held;
    },
    async tell(nodeId, reports) {
      await bulk.update(
        report,
        reports.map(({ linkId, state, since, demotedSince, receipts, failures }) => [
          state,
          since,
          demotedSince,
          receipts,
          failures,
          linkId,
          nodeId,
        ]),
      );
    },
    async release(from, { linkId, endedBy } = {}) {
      let query = kysely.deleteFrom('link_holders').where(heldBy(from, 'node_id'));
      if (linkId !== undefined) query = query.where('link_id', '=', linkId);
      if (endedBy !== undefined) query = query.where('until', '<=', endedBy);
      await query.execute();
    },
  };
}

const nothingSaid = {
  state: null,
  since: null,
  demotedSince: null,
  receipts: null,
  failures: null,
} as const;

function byLink(a: { linkId: LinkId }, b: { linkId: LinkId }): number {
  return a.linkId < b.linkId ? -1 : 1;
}
