import { sql } from 'kysely';

import type { CampaignReads, CampaignTx } from '../../core/ports/campaign-storage.ts';
import { campaignErrorRow, campaignPageRow, campaignRow } from '../campaign-tables.ts';
import type { Insert, Select, Session, Take, Update, WriteSession } from '../engine.ts';
import type { Row, SqlValue } from '../row.ts';
import { heldBy } from './holders.ts';
import { boundedPage } from './page.ts';

const { columns } = campaignRow;

const insert: Insert = { table: 'campaigns', columns };
const lock: Select = { table: 'campaigns', columns, key: ['id'], lock: 'wait' };
const due: Select = {
  table: 'campaigns',
  columns,
  key: [],
  until: ['due_at'],
  where: "state = 'running' or state = 'scheduled'",
  orderBy: 'due_at',
  limited: true,
  lock: 'skip',
};
const unchanged: Select = {
  table: 'campaigns',
  columns,
  key: ['state'],
  until: ['changed_at'],
  where: 'done_at is null',
  orderBy: 'changed_at',
  limited: true,
  lock: 'skip',
};
/** All but what its client said of it. */
const save: Update = {
  table: 'campaigns',
  key: ['id'],
  set: [
    'state',
    'reason',
    'columns',
    'rows',
    'broken',
    'stored',
    'cursor',
    'sent',
    'refused',
    'parts',
    'price',
    'scheduled_at',
    'batch_size',
    'batch_every_ms',
    'batch_from',
    'batch_at',
    'stretch_from',
    'stretch_at',
    'due_at',
    'locked_by',
    'changed_at',
    'started_at',
    'done_at',
  ],
};
const saved = save.set.map((column) => columns.indexOf(column));
const idAt = columns.indexOf('id');

const pageOf: Select = {
  table: 'campaign_pages',
  columns: campaignPageRow.columns,
  key: ['campaign_id'],
  until: ['first'],
  orderBy: 'first desc',
  limited: true,
};
const insertPages: Insert = { table: 'campaign_pages', columns: campaignPageRow.columns };
const removePages: Take = {
  table: 'campaign_pages',
  columns: ['first'],
  key: ['campaign_id', 'first'],
};
const firsts: Select = {
  table: 'campaign_pages',
  columns: ['campaign_id', 'first'],
  key: ['campaign_id'],
  orderBy: 'first',
  limited: true,
};
const insertErrors: Insert = { table: 'campaign_errors', columns: campaignErrorRow.columns };
const errorsAfter: Select = {
  table: 'campaign_errors',
  columns: campaignErrorRow.columns,
  key: ['campaign_id'],
  from: 'line',
  orderBy: 'line',
  limited: true,
};

/** Takes a session that reads; gives the campaigns' part of `Reads`. */
export function campaignReads({ kysely, bulk }: Session): CampaignReads {
  return {
    async find(id) {
      const record = await kysely
        .selectFrom('campaigns')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return record && campaignRow.fromRecord(record);
    },
    async list({ accountId, state, ...page }) {
      const { limit, offset } = boundedPage(page);
      let query = kysely.selectFrom('campaigns').selectAll();
      if (accountId !== undefined) query = query.where('account_id', '=', accountId);
      if (state !== undefined) query = query.where('state', '=', state);
      const records = await query.orderBy('id', 'desc').limit(limit).offset(offset).execute();
      return records.map(campaignRow.fromRecord);
    },
    async page(id, row) {
      const [found] = await bulk.select(pageOf, [[id, row, 1]]);
      const page = found?.[0] && campaignPageRow.decode(found[0]);
      return page && row < page.first + page.rows.length ? page : undefined;
    },
    async errors(id, after, limit) {
      const [rows] = await bulk.select(errorsAfter, [[id, after + 1, limit]]);
      return (rows ?? []).map(campaignErrorRow.decode);
    },
    async waitingBehind(linkId, atMost) {
      const { rows } = await sql<{ count: number | string }>`
        select count(*) as count from (
          select 1 from messages
          where status = 'queued' and link_id = ${linkId} and priority < 0 limit ${atMost}
        ) as few`.execute(kysely);
      return Number(rows[0]?.count ?? 0);
    },
    async counts() {
      const rows = await kysely
        .selectFrom('campaigns')
        .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
        .where('done_at', 'is', null)
        .groupBy('state')
        .execute();
      return rows.map(({ state, count }) => ({ state, count }));
    },
  };
}

/** Takes a session that writes; gives the campaigns' part of `Tx`. */
export function campaignWrites({ bulk, kysely }: WriteSession): CampaignTx {
  return {
    async insert(campaign) {
      await bulk.insert(insert, [campaignRow.encode(campaign)]);
    },
    async lock(ids) {
      const rows = await bulk.select(
        lock,
        ids.map((id) => [id]),
      );
      return rows.map(([row]) => row && campaignRow.decode(row));
    },
    async save(campaigns) {
      await bulk.update(
        save,
        campaigns.map((campaign) => {
          const row = campaignRow.encode(campaign);
          return [...saved, idAt].map((at) => row[at] ?? null);
        }),
      );
    },
    async insertPages(pages) {
      await bulk.insert(insertPages, pages.map(campaignPageRow.encode));
    },
    async removePages(pages) {
      await bulk.take(
        removePages,
        pages.map(({ campaignId, first }) => [campaignId, first]),
      );
    },
    async removeSomePages(id, limit) {
      const [rows] = await bulk.select(firsts, [[id, limit]]);
      const keys = (rows ?? []).map(
        ([campaignId, first]): Row => [campaignId as SqlValue, first as SqlValue],
      );
      await bulk.take(removePages, keys);
      return keys.length;
    },
    async insertErrors(errors) {
      await bulk.insert(insertErrors, errors.map(campaignErrorRow.encode));
    },
    async lockDue(now, limit) {
      const [rows] = await bulk.select(due, [[now, limit]]);
      return (rows ?? []).map(campaignRow.decode);
    },
    async lockUnchanged(wanted, limit) {
      const keys = wanted.map(({ state, since }): Row => [state, since, limit]);
      return (await bulk.select(unchanged, keys)).flatMap((rows) => rows.map(campaignRow.decode));
    },
    async reclaim(holders, now) {
      const { numUpdatedRows } = await kysely
        .updateTable('campaigns')
        .set({ locked_by: null, due_at: now })
        .where('state', '=', 'running')
        .where('done_at', 'is', null)
        .where('locked_by', 'is not', null)
        .where(heldBy(holders, 'locked_by'))
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
  };
}
