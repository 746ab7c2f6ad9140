import { describe, expect, it } from 'vitest';

import type { LinkId, NodeId } from '../../core/ids.ts';
import type { Holders, NodeRecord, Storage } from '../../core/ports/storage.ts';
import type { Given } from './given.ts';
import { MINUTE, START, linkA, linkB, nodeA, nodeB } from './fixtures.ts';

const nodeC = 'node-c' as NodeId;

/** Who serves, and who holds which link. */
export function nodeCases(given: Given): void {
  const node = (over: Partial<NodeRecord> = {}): NodeRecord => ({
    id: nodeA,
    name: 'host ünï',
    roles: ['api', 'dispatch'],
    home: 'a data folder',
    version: '1.2.3',
    startedAt: START,
    seenAt: START,
    ...over,
  });
  const seen = (...nodes: NodeRecord[]) =>
    given.storage.write(async (tx) => {
      for (const one of nodes) await tx.nodes.seen(one);
    });
  const hold = (
    nodeId: NodeId,
    over: { links?: LinkId[]; slots?: number; now?: number; storage?: Storage } = {},
  ) => {
    const { links = [linkA], slots = 1, now = START, storage = given.storage } = over;
    const wishes = links.map((linkId) => ({ linkId, slots }));
    return storage.write(async (tx) => [
      ...(await tx.linkHolders.hold(wishes, { nodeId, now, until: now + MINUTE })),
    ]);
  };
  const holders = async () =>
    (await given.storage.read.linkHolders.list()).map(
      ({ linkId, slot, nodeId }) => `${linkId} ${slot} ${nodeId}`,
    );

  describe('nodes', () => {
    it('come back as they were, the oldest first, with their last heartbeat', async () => {
      const { storage } = given;
      const old = node({ id: nodeB, startedAt: START - 1, roles: [] });
      await seen(node(), old);
      await seen(node({ seenAt: START + 5 }));
      expect(await storage.read.nodes.list()).toEqual([old, node({ seenAt: START + 5 })]);
    });

    it('are removed by name, or all but one', async () => {
      const { storage } = given;
      await seen(node(), node({ id: nodeB }), node({ id: nodeC }));
      await storage.write((tx) => tx.nodes.remove([nodeB]));
      expect(await storage.read.nodes.list()).toHaveLength(2);
      await storage.write((tx) => tx.nodes.remove([]));
      expect(await storage.read.nodes.list()).toHaveLength(2);
      await storage.write((tx) => tx.nodes.remove({ allBut: nodeC }));
      expect(await storage.read.nodes.list()).toEqual([node({ id: nodeC })]);
    });

    it('are buried once, and only those that were not seen again', async () => {
      const { storage } = given;
      const other = await given.another();
      const [dead, slow] = [node(), node({ id: nodeB })];
      await seen(dead, { ...slow, seenAt: START + 1 });
      const bury = (by: Storage) => by.write((tx) => tx.nodes.bury([dead, slow]));
      const buried = await Promise.all([bury(storage), bury(other)]);
      expect(buried.flat()).toEqual([nodeA]);
      expect(await storage.read.nodes.list()).toEqual([{ ...slow, seenAt: START + 1 }]);
    });
  });

  describe('link holders', () => {
    it('as many as there are slots, each once', async () => {
      expect(await hold(nodeA, { slots: 2 })).toEqual([linkA]);
      expect(await hold(nodeA, { slots: 2 })).toEqual([linkA]);
      expect(await hold(nodeB, { slots: 2 })).toEqual([linkA]);
      expect(await hold(nodeC, { slots: 2 })).toEqual([]);
      expect(await holders()).toEqual(['link-a 1 node-a', 'link-a 2 node-b']);
      expect(await given.storage.read.linkHolders.list()).toContainEqual({
        linkId: linkA,
        slot: 2,
        nodeId: nodeB,
        until: START + MINUTE,
        state: null,
        since: null,
        demotedSince: null,
        receipts: null,
        failures: null,
      });
    });

    it('of several links at once', async () => {
      await hold(nodeB, { links: [linkB] });
      const links = [linkB, linkA, 'link-c' as LinkId];
      expect((await hold(nodeA, { links })).toSorted()).toEqual(['link-a', 'link-c']);
      expect(await hold(nodeA, { links: [] })).toEqual([]);
    });

    it('hold on while they renew, and are followed when their lease has ended', async () => {
      await hold(nodeA);
      await hold(nodeA, { now: START + 1_000 });
      expect(await hold(nodeB, { now: START + MINUTE + 999 })).toEqual([]);
      expect(await hold(nodeB, { now: START + MINUTE + 1_000 })).toEqual([linkA]);
      expect(await hold(nodeA, { now: START + MINUTE + 1_001 })).toEqual([]);
      expect(await holders()).toEqual(['link-a 1 node-b']);
    });

    it('keep what is theirs when their lease has ended and nobody came', async () => {
      await hold(nodeA);
      expect(await hold(nodeA, { now: START + 5 * MINUTE })).toEqual([linkA]);
      expect(await hold(nodeB, { now: START + 5 * MINUTE })).toEqual([]);
    });

    it('let go of a slot that there is not any more, or take a lower one', async () => {
      for (const one of [nodeA, nodeB, nodeC]) await hold(one, { slots: 3 });
      expect(await hold(nodeC, { slots: 2 })).toEqual([]);
      expect(await holders()).toEqual(['link-a 1 node-a', 'link-a 2 node-b']);
      await given.storage.write((tx) => tx.linkHolders.release([nodeA]));
      expect(await hold(nodeB, { slots: 1 })).toEqual([linkA]);
      expect(await holders()).toEqual(['link-a 1 node-b']);
    });

    it('never one too many, when many ask at once', async () => {
      const other = await given.another();
      const got = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          hold(`node-${at}` as NodeId, {
            slots: 3,
            links: at % 3 === 0 ? [linkB, linkA] : [linkA, linkB],
            storage: at % 2 === 0 ? given.storage : other,
          }),
        ),
      );
      expect(got.flat().filter((linkId) => linkId === linkA)).toHaveLength(3);
      expect(got.flat().filter((linkId) => linkId === linkB)).toHaveLength(3);
      expect(await holders()).toHaveLength(6);
    });

    it('are released: of a link, of all links, those that have ended, everybody else', async () => {
      const release = async (from: Holders, only?: { linkId?: LinkId; endedBy?: number }) => {
        await given.storage.write((tx) => tx.linkHolders.release(from, only));
        return holders();
      };
      for (const one of [nodeA, nodeB]) await hold(one, { links: [linkA, linkB], slots: 2 });
      const [a1, a2] = ['link-a 1 node-a', 'link-a 2 node-b'];
      expect(await release([nodeA], { linkId: linkB })).toEqual([a1, a2, 'link-b 2 node-b']);
      expect(await release([nodeA], { endedBy: START + MINUTE - 1 })).toContain(a1);
      expect(await release([nodeA], { endedBy: START + MINUTE })).toEqual([a2, 'link-b 2 node-b']);
      expect(await release([])).toHaveLength(2);
      expect(await release({ allBut: nodeB })).toHaveLength(2);
      expect(await release({ allBut: nodeA })).toEqual([]);
    });
  });
}
