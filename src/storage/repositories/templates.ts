import type { AccountId } from '../../core/ids.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import { senderKey } from '../../core/senders/sender.ts';
import type { Insert, Select, Session, WriteSession } from '../engine.ts';
import { templateBlockRow, templateRow } from '../tables.ts';
import { countOf } from './count-of.ts';
import { holds } from './holds.ts';
import { boundedPage } from './page.ts';
import { requireNew } from './require-new.ts';

const locked: Select = {
  table: 'templates',
  columns: templateRow.columns,
  key: ['id', 'account_id'],
  lock: 'wait',
};
const putBlock: Insert = {
  table: 'template_blocks',
  columns: templateBlockRow.columns,
  orUpdate: { key: ['account_id', 'external_id'], set: ['active'], where: 'true' },
};
const blockOf: Select = {
  table: 'template_blocks',
  columns: templateBlockRow.columns,
  key: ['account_id', 'external_id'],
};

/** Takes a session that reads; gives the templates' part of `Reads`. */
export function templateReads({ kysely }: Session): Reads['templates'] {
  const named = (accountId: AccountId, name: string | undefined) => {
    const query = kysely.selectFrom('templates').where('account_id', '=', accountId);
    return name === undefined ? query : query.where(holds('name', name));
  };
  return {
    async find(accountId, id) {
      const record = await kysely
        .selectFrom('templates')
        .selectAll()
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return record && templateRow.fromRecord(record);
    },
    async findByAlias(accountId, alias) {
      const record = await kysely
        .selectFrom('templates')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('alias', '=', alias)
        .executeTakeFirst();
      return record && templateRow.fromRecord(record);
    },
    async list(accountId, { name, ...page }) {
      const { limit, offset } = boundedPage(page);
      const records = await named(accountId, name)
        .selectAll()
        .orderBy('id', 'desc')
        .limit(limit)
        .offset(offset)
        .execute();
      return records.map(templateRow.fromRecord);
    },
    async count(accountId, { name }) {
      const { count } = await named(accountId, name)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
    async ofSender(accountId, key, limit) {
      const records = await kysely
        .selectFrom('templates')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('sender_key', '=', key)
        .where('status', '=', 'approved')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return records.map(templateRow.fromRecord);
    },
    blocks: {
      async find(accountId, id) {
        const record = await kysely
          .selectFrom('template_blocks')
          .selectAll()
          .where('id', '=', id)
          .where('account_id', '=', accountId)
          .executeTakeFirst();
        return record && templateBlockRow.fromRecord(record);
      },
      async findExternal(accountId, externalId) {
        const record = await kysely
          .selectFrom('template_blocks')
          .selectAll()
          .where('account_id', '=', accountId)
          .where('external_id', '=', externalId)
          .executeTakeFirst();
        return record && templateBlockRow.fromRecord(record);
      },
      async list(accountId, page) {
        const { limit, offset } = boundedPage(page);
        const records = await kysely
          .selectFrom('template_blocks')
          .selectAll()
          .where('account_id', '=', accountId)
          .orderBy('id', 'desc')
          .limit(limit)
          .offset(offset)
          .execute();
        return records.map(templateBlockRow.fromRecord);
      },
      count: (accountId) => countOf({ kysely }, 'template_blocks', accountId),
    },
  };
}

/** Takes a session that writes; gives the templates' part of `Tx`. */
export function templateWrites({ kysely, bulk }: WriteSession): Tx['templates'] {
  return {
    async insert(template) {
      const values = { ...templateRow.toRecord(template), sender_key: senderKey(template.sender) };
      const inserted = await kysely
        .insertInto('templates')
        .values(values)
        .onConflict((clash) => clash.doNothing())
        .executeTakeFirst();
      requireNew(inserted, `There is a template '${template.alias}' already.`);
    },
    async lock(accountId, id) {
      const [rows] = await bulk.select(locked, [[id, accountId]]);
      const row = rows?.[0];
      return row && templateRow.decode(row);
    },
    async save(template) {
      const { id, name, body, external_id, type, status, changed_at, sender } =
        templateRow.toRecord(template);
      await kysely
        .updateTable('templates')
        .set({
          name,
          body,
          sender,
          sender_key: senderKey(sender),
          external_id,
          type,
          status,
          changed_at,
        })
        .where('id', '=', id)
        .execute();
    },
    async remove(accountId, id) {
      const { numDeletedRows } = await kysely
        .deleteFrom('templates')
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    count: (accountId) => countOf({ kysely }, 'templates', accountId),
    async aliasTaken(accountId, alias) {
      const record = await kysely
        .selectFrom('templates')
        .select('id')
        .where('account_id', '=', accountId)
        .where('alias', '=', alias)
        .executeTakeFirst();
      return record !== undefined;
    },
    blocks: {
      async put(blocks) {
        await bulk.insert(putBlock, blocks.map(templateBlockRow.encode));
        const rows = await bulk.select(
          blockOf,
          blocks.map(({ accountId, externalId }) => [accountId, externalId]),
        );
        return rows.flat().map(templateBlockRow.decode);
      },
      async remove(accountId, id) {
        const { numDeletedRows } = await kysely
          .deleteFrom('template_blocks')
          .where('id', '=', id)
          .where('account_id', '=', accountId)
          .executeTakeFirst();
        return numDeletedRows > 0n;
      },
      async clear(accountId, limit) {
        const { numDeletedRows } = await kysely
          .deleteFrom('template_blocks')
          .where('id', 'in', (from) =>
            from
              .selectFrom('template_blocks')
              .select('id')
              .where('account_id', '=', accountId)
              .limit(limit),
          )
          .executeTakeFirst();
        return Number(numDeletedRows);
      },
      count: (accountId) => countOf({ kysely }, 'template_blocks', accountId),
    },
  };
}
