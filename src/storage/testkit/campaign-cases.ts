import { describe, expect, it } from 'vitest';

import type { Campaign, CampaignPage } from '../../core/campaigns/campaign.ts';
import type { AccountId, CampaignId } from '../../core/ids.ts';
import { millicredits } from '../../core/money.ts';
import type { Given } from './given.ts';
import { campaignOf } from './campaign-fixtures.ts';
import { cutsAt, DAY, linkA, linkB, nodeA, nodeB, START } from './fixtures.ts';

const [mine, other] = ['mine', 'other'] as [AccountId, AccountId];

/** Campaigns, the rows that wait, and the lines that were not sent. */
export function campaignCases(given: Given): void {
  const add = async (...campaigns: Campaign[]) => {
    await given.storage.write(async (tx) => {
      for (const campaign of campaigns) await tx.campaigns.insert(campaign);
    });
  };
  const make = (over: Partial<Campaign> = {}): Campaign =>
    campaignOf(given.rows.id<CampaignId>(over.createdAt ?? START), { accountId: mine, ...over });
  const page = (campaignId: CampaignId, first: number, rows: number): CampaignPage => ({
    campaignId,
    first,
    rows: Array.from({ length: rows }, (_, at) => [first + at + 2, `04${first + at}`, 'ä "1"']),
  });
  const idsOf = (campaigns: readonly (Campaign | undefined)[]) => campaigns.map((one) => one?.id);

  describe('campaigns', () => {
    it('are found and listed, the newest first', async () => {
      const { campaigns } = given.storage.read;
      const [one, two, three] = [
        make({
          extras: { a: { b: 1 } },
          tags: ['a "b"'],
          columns: ['to', 'ä'],
          product: 'T',
          reason: 'x',
          toColumn: 'to',
          keepsRefused: 1,
        }),
        make({ state: 'paused' }),
        make({ accountId: other }),
      ];
      await add(one, two, three);
      expect(await campaigns.find(one.id)).toEqual(one);
      expect(await campaigns.find('nobody' as CampaignId)).toBeUndefined();
      const all = { limit: 10, offset: 0 };
      expect(await campaigns.list(all)).toEqual([three, two, one]);
      expect(idsOf(await campaigns.list({ ...all, accountId: mine }))).toEqual([two.id, one.id]);
      expect(idsOf(await campaigns.list({ ...all, state: 'paused' }))).toEqual([two.id]);
      expect(idsOf(await campaigns.list({ limit: 1, offset: 1 }))).toEqual([two.id]);
    });

    it('are changed under a lock, but for what their client said', async () => {
      const { storage } = given;
      const campaign = make();
      await add(campaign);
      const changed: Campaign = {
        ...campaign,
        state: 'running',
        reason: 'why',
        columns: ['1'],
        rows: 9,
        broken: 1,
        stored: 8,
        cursor: 7,
        sent: 6,
        refused: 1,
        parts: 12,
        price: millicredits(12_000_000_000),
        scheduledAt: START,
        batchSize: 1_000,
        batchEveryMs: 300_000,
        batchFrom: 2,
        batchAt: START - 1,
        stretchFrom: 3,
        stretchAt: START + 1,
        dueAt: START + 2,
        lockedBy: nodeA,
        changedAt: START + 3,
        startedAt: START + 4,
        doneAt: START + 5,
      };
      await storage.write(async (tx) => {
        const ids = [campaign.id, 'gone' as CampaignId];
        expect(await tx.campaigns.lock(ids)).toEqual([campaign, undefined]);
        await tx.campaigns.save([{ ...changed, name: 'another', text: 'another' }]);
      });
      expect(await storage.read.campaigns.find(campaign.id)).toEqual(changed);
    });

    it('are due by their time, when they run or are scheduled', async () => {
      const { storage } = given;
      const [late, early, scheduled] = [
        make({ state: 'running', dueAt: START }),
        make({ state: 'running', dueAt: START - 2, lockedBy: nodeB }),
        make({ state: 'scheduled', dueAt: START - 1 }),
      ];
      await add(
        late,
        early,
        scheduled,
        make({ state: 'running', dueAt: START + 1 }),
        make({ state: 'paused', dueAt: 0 }),
        make({ state: 'importing', dueAt: 0 }),
      );
      const due = (limit: number) => storage.write((tx) => tx.campaigns.lockDue(START, limit));
      expect(idsOf(await due(10))).toEqual([early.id, scheduled.id, late.id]);
      expect(idsOf(await due(2))).toEqual([early.id, scheduled.id]);
    });

    it('of dead nodes are due now', async () => {
      const { storage } = given;
      const [dead, alive, idle] = [
        make({ state: 'running', dueAt: START + DAY, lockedBy: nodeA }),
        make({ state: 'running', dueAt: START + DAY, lockedBy: nodeB }),
        make({ state: 'running', dueAt: START + DAY }),
      ];
      await add(dead, alive, idle);
      expect(await storage.write((tx) => tx.campaigns.reclaim([nodeA], START))).toBe(1);
      expect(await storage.read.campaigns.find(dead.id)).toMatchObject({
        dueAt: START,
        lockedBy: null,
      });
      for (const one of [alive, idle]) {
        expect(await storage.read.campaigns.find(one.id)).toEqual(one);
      }
      const allBut = { allBut: nodeA };
      expect(await storage.write((tx) => tx.campaigns.reclaim(allBut, START))).toBe(1);
      expect(await storage.write((tx) => tx.campaigns.reclaim([], START))).toBe(0);
    });

    it('that nobody goes on with are known', async () => {
      const { storage } = given;
      const [old, older] = [
        make({ state: 'importing', changedAt: START }),
        make({ state: 'ready', changedAt: START - 2 }),
      ];
      await add(
        old,
        older,
        make({ state: 'importing', changedAt: START + 1 }),
        make({ state: 'ready', changedAt: START - 1 }),
        make({ state: 'failed', changedAt: START - 1, doneAt: START }),
      );
      const wanted = [
        { state: 'importing', since: START },
        { state: 'ready', since: START - 2 },
        { state: 'paused', since: START },
      ] as const;
      const of = (limit: number) =>
        storage.write((tx) => tx.campaigns.lockUnchanged(wanted, limit));
      expect(await of(10)).toEqual([old, older]);
      expect(
        (await storage.read.campaigns.counts()).toSorted((a, b) => (a.state < b.state ? 1 : -1)),
      ).toEqual([
        { state: 'ready', count: 2 },
        { state: 'importing', count: 2 },
      ]);
    });

    it('have pages, each found by its rows', async () => {
      const { storage } = given;
      const { campaigns } = storage.read;
      const [one, two] = [make(), make()];
      const pages = [page(one.id, 0, 3), page(one.id, 3, 1), page(one.id, 4, 5)];
      await storage.write((tx) => tx.campaigns.insertPages([...pages, page(two.id, 0, 1)]));
      for (const [row, at] of [
        [0, 0],
        [2, 0],
        [3, 1],
        [4, 2],
        [8, 2],
      ] as const) {
        expect(await campaigns.page(one.id, row)).toEqual(pages[at]);
      }
      expect(await campaigns.page(one.id, 9)).toBeUndefined();
      expect(await campaigns.page('nobody' as CampaignId, 0)).toBeUndefined();
      await storage.write((tx) => tx.campaigns.removePages([{ campaignId: one.id, first: 3 }]));
      expect(await campaigns.page(one.id, 3)).toBeUndefined();
      const remove = () => storage.write((tx) => tx.campaigns.removeSomePages(one.id, 1));
      expect([await remove(), await remove(), await remove()]).toEqual([1, 1, 0]);
      expect(await campaigns.page(two.id, 0)).toBeDefined();
    });

    it('have errors, a line each, in their order', async () => {
      const { storage } = given;
      const { id } = make();
      const error = (line: number) => ({
        campaignId: id,
        line,
        code: 'number_invalid' as const,
        detail: 'ä',
        number: line === 2 ? null : '12',
      });
      const insert = (...lines: number[]) =>
        storage.write((tx) => tx.campaigns.insertErrors(lines.map(error)));
      await insert(10, 2, 9);
      const { campaigns } = storage.read;
      expect(await campaigns.errors(id, 0, 10)).toEqual([2, 9, 10].map(error));
      expect(await campaigns.errors(id, 2, 1)).toEqual([error(9)]);
      expect(await campaigns.errors('nobody' as CampaignId, 0, 10)).toEqual([]);
      // A line that is told twice was handled twice.
      await expect(insert(11, 9)).rejects.toThrow();
      expect(await campaigns.errors(id, 9, 10)).toEqual([error(10)]);
    });

    it('know how many messages wait behind others', async () => {
      const { storage, rows } = given;
      const behind = rows.messages(3, () => ({ linkId: linkA, priority: -1 }));
      const others = [
        rows.message({ linkId: linkA }),
        rows.message({ linkId: linkB, priority: -1 }),
        rows.message({ linkId: linkA, priority: -1, status: 'sent' }),
      ];
      await storage.write((tx) => tx.messages.insert([...behind, ...others]));
      const { campaigns } = storage.read;
      expect(await campaigns.waitingBehind(linkA, 100)).toBe(3);
      expect(await campaigns.waitingBehind(linkA, 2)).toBe(2);
      expect(await campaigns.waitingBehind(linkB, 100)).toBe(1);
    });

    it('go when they have ended long enough, a little at a time', async () => {
      const { storage } = given;
      const createdAt = START - 2 * DAY;
      const [old, young] = [
        make({ createdAt, state: 'done', doneAt: START - DAY }),
        make({ createdAt, state: 'running' }),
      ];
      await add(old, young);
      await storage.write(async (tx) => {
        for (const { id } of [old, young]) {
          await tx.campaigns.insertPages([page(id, 0, 1)]);
          await tx.campaigns.insertErrors(
            [2, 3, 4].map((line) => ({
              campaignId: id,
              line,
              code: 'field_invalid' as const,
              detail: 'x',
              number: null,
            })),
          );
        }
      });
      const cuts = { ...cutsAt(0), campaigns: START };
      const retain = () => storage.write((tx) => tx.retain(cuts, 2));
      const { campaigns } = storage.read;
      // Its rows go as soon as it has ended.
      expect(await storage.write((tx) => tx.retain(cutsAt(0), 2))).toBe(1);
      expect(await campaigns.page(old.id, 0)).toBeUndefined();
      expect(await campaigns.errors(old.id, 0, 10)).toHaveLength(3);
      expect([await retain(), await retain(), await retain(), await retain()]).toEqual([
        2, 1, 1, 0,
      ]);
      expect(await campaigns.find(old.id)).toBeUndefined();
      expect(await campaigns.errors(old.id, 0, 10)).toEqual([]);
      expect(await campaigns.page(old.id, 0)).toBeUndefined();
      expect(await campaigns.find(young.id)).toEqual(young);
      expect(await campaigns.errors(young.id, 0, 10)).toHaveLength(3);
      expect(await campaigns.page(young.id, 0)).toBeDefined();
    });
  });
}
