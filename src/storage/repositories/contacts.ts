import type { ExpressionBuilder } from 'kysely';

import type { AccountId, ContactId } from '../../core/ids.ts';
import type { ContactReads, ContactSearch } from '../../core/ports/audience-storage.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { E164 } from '../../text/phone-number.ts';
import type { BulkReads, Insert, Select, Session, Take, WriteSession } from '../engine.ts';
import {
  contactGroupRow,
  contactImportRow,
  contactRow,
  identifierRow,
  membershipRow,
  type Tables,
} from '../tables.ts';
import { countOf } from './count-of.ts';
import { holds } from './holds.ts';
import { boundedPage } from './page.ts';
import { requireNew } from './require-new.ts';

const insertContact: Insert = { table: 'contacts', columns: contactRow.columns };
const lock: Select = {
  table: 'contacts',
  columns: contactRow.columns,
  key: ['id', 'account_id'],
  lock: 'wait',
};
const takeContact: Take = { table: 'contacts', columns: ['id'], key: ['id', 'account_id'] };
const takeIdentifiers: Take = {
  table: 'contact_identifiers',
  columns: ['value'],
  key: ['contact_id'],
};
const takeMemberships: Take = {
  table: 'contact_members',
  columns: ['group_id'],
  key: ['contact_id'],
};
const takeMembership: Take = {
  table: 'contact_members',
  columns: ['contact_id'],
  key: ['group_id', 'contact_id'],
};
const addIdentifier: Insert = {
  table: 'contact_identifiers',
  columns: identifierRow.columns,
  unlessExists: ['account_id', 'kind', 'value'],
};
const identifiersOf: Select = {
  table: 'contact_identifiers',
  columns: identifierRow.columns,
  key: ['contact_id', 'account_id'],
  orderBy: 'kind, value',
};
const knownBy: Select = {
  table: 'contact_identifiers',
  columns: ['contact_id'],
  key: ['account_id', 'kind', 'value'],
};
const membershipsOf: Select = {
  table: 'contact_members',
  columns: membershipRow.columns,
  key: ['contact_id'],
  orderBy: 'group_id',
};
const join: Insert = {
  table: 'contact_members',
  columns: membershipRow.columns,
  orUpdate: { key: ['group_id', 'contact_id'], set: ['status', 'changed_at'], where: 'true' },
};
const joinNew: Insert = {
  table: 'contact_members',
  columns: membershipRow.columns,
  unlessExists: ['group_id', 'contact_id'],
};

function known(bulk: BulkReads): ContactReads['known'] {
  return async (accountId, by) => {
    const rows = await bulk.select(
      knownBy,
      by.map(({ kind, value }) => [accountId, kind, value]),
    );
    return rows.map(([row]) => row?.[0] as ContactId | undefined);
  };
}

/** Takes a session that reads; gives the contacts' part of `Reads`. */
export function contactReads({ kysely, bulk }: Session): Reads['contacts'] {
  const searched = (accountId: AccountId, { name, identifier, groupId }: ContactSearch) => {
    let query = kysely.selectFrom('contacts').where('account_id', '=', accountId);
    if (name !== undefined) query = query.where(holds('name', name));
    if (identifier !== undefined) {
      query = query.where('id', 'in', (from: ExpressionBuilder<Tables, 'contacts'>) =>
        from
          .selectFrom('contact_identifiers')
          .select('contact_id')
          .where('account_id', '=', accountId)
          .where('kind', 'in', ['mobile', 'email', 'external'])
          .where('value', '=', identifier),
      );
    }
    if (groupId !== undefined) {
      query = query.where('id', 'in', (from: ExpressionBuilder<Tables, 'contacts'>) =>
        from
          .selectFrom('contact_members')
          .select('contact_id')
          .where('group_id', '=', groupId)
          .where('status', '=', 'in'),
      );
    }
    return query;
  };
  return {
    async find(accountId, id) {
      const record = await kysely
        .selectFrom('contacts')
        .selectAll()
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return record && contactRow.fromRecord(record);
    },
    async list(accountId, search, page) {
      const { limit, offset } = boundedPage(page);
      const records = await searched(accountId, search)
        .selectAll()
        .orderBy('id', 'desc')
        .limit(limit)
        .offset(offset)
        .execute();
      return records.map(contactRow.fromRecord);
    },
    async count(accountId, search) {
      const { count } = await searched(accountId, search)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
    async identifiers(accountId, ids) {
      const rows = await bulk.select(
        identifiersOf,
        ids.map((id) => [id, accountId]),
      );
      return rows.map((found) => found.map(identifierRow.decode));
    },
    known: known(bulk),
    async memberships(ids) {
      const rows = await bulk.select(
        membershipsOf,
        ids.map((id) => [id]),
      );
      return rows.map((found) => found.map(membershipRow.decode));
    },
    async group(accountId, id) {
      const record = await kysely
        .selectFrom('contact_groups')
        .selectAll()
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return record && contactGroupRow.fromRecord(record);
    },
    async groups(accountId, { kind, ...page }) {
      const { limit, offset } = boundedPage(page);
      const records = await kysely
        .selectFrom('contact_groups')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('kind', '=', kind)
        .orderBy('name_key')
        .limit(limit)
        .offset(offset)
        .execute();
      return records.map(contactGroupRow.fromRecord);
    },
    async countGroups(accountId, kind) {
      const { count } = await kysely
        .selectFrom('contact_groups')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('account_id', '=', accountId)
        .where('kind', '=', kind)
        .executeTakeFirstOrThrow();
      return count;
    },
    async mobilesOf(groupId, after, limit) {
      let query = kysely
        .selectFrom('contact_members')
        .innerJoin(
          'contact_identifiers',
          'contact_identifiers.contact_id',
          'contact_members.contact_id',
        )
        .select(['contact_members.contact_id as contactId', 'value as number'])
        .where('group_id', '=', groupId)
        .where('status', '=', 'in')
        .where('kind', '=', 'mobile');
      if (after !== null) query = query.where('contact_members.contact_id', '>', after);
      const page = boundedPage({ limit, offset: 0 });
      const records = await query
        .orderBy('contact_members.contact_id')
        .orderBy('value')
        .limit(page.limit)
        .execute();
      return records.map(({ contactId, number }) => ({ contactId, number: number as E164 }));
    },
    async findImport(accountId, id) {
      const record = await kysely
        .selectFrom('contact_imports')
        .selectAll()
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return record && contactImportRow.fromRecord(record);
    },
    async imports(accountId, page) {
      const { limit, offset } = boundedPage(page);
      const records = await kysely
        .selectFrom('contact_imports')
        .selectAll()
        .where('account_id', '=', accountId)
        .orderBy('id', 'desc')
        .limit(limit)
        .offset(offset)
        .execute();
      return records.map(contactImportRow.fromRecord);
    },
    countImports: (accountId) => countOf({ kysely }, 'contact_imports', accountId),
  };
}

/** Takes a session that writes; gives the contacts' part of `Tx`. */
export function contactWrites({ kysely, bulk }: WriteSession): Tx['contacts'] {
  return {
    async insert(contacts) {
      await bulk.insert(insertContact, contacts.map(contactRow.encode));
    },
    async lock(accountId, ids) {
      const rows = await bulk.select(
        lock,
        // In one order, so that two who lock the same ones do not wait for each other.
        [...new Set(ids)].toSorted().map((id) => [id, accountId]),
      );
      return rows.flat().map(contactRow.decode);
    },
    async save(contact) {
      const { name, attributes, changed_at } = contactRow.toRecord(contact);
      await kysely
        .updateTable('contacts')
        .set({ name, attributes, changed_at })
        .where('id', '=', contact.id)
        .execute();
    },
    async remove(accountId, ids) {
      const taken = await bulk.take(
        takeContact,
        ids.map((id) => [id, accountId]),
      );
      const gone = taken.flat().map(([id = null]) => [id]);
      await bulk.take(takeIdentifiers, gone);
      await bulk.take(takeMemberships, gone);
      return gone.length;
    },
    async identifiers(accountId, id) {
      const [rows] = await bulk.select(identifiersOf, [[id, accountId]]);
      return (rows ?? []).map(identifierRow.decode);
    },
    known: known(bulk),
    async addIdentifiers(identifiers) {
      const added = await bulk.insert(addIdentifier, identifiers.map(identifierRow.encode));
      return identifiers.filter((_, at) => added[at]);
    },
    async removeIdentifier(accountId, id, { kind, value }) {
      const { numDeletedRows } = await kysely
        .deleteFrom('contact_identifiers')
        .where('account_id', '=', accountId)
        .where('kind', '=', kind)
        .where('value', '=', value)
        .where('contact_id', '=', id)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    async insertGroup(group) {
      const inserted = await kysely
        .insertInto('contact_groups')
        .values({ ...contactGroupRow.toRecord(group), name_key: nameKey(group.name) })
        .onConflict((clash) => clash.doNothing())
        .executeTakeFirst();
      requireNew(inserted, `There is a ${group.kind} '${group.name}' already.`);
    },
    async renameGroup(accountId, id, name) {
      const { numUpdatedRows } = await kysely
        .updateTable('contact_groups')
        .set({ name, name_key: nameKey(name) })
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async removeGroup(accountId, id) {
      const { numDeletedRows } = await kysely
        .deleteFrom('contact_groups')
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      if (numDeletedRows === 0n) return false;
      await kysely.deleteFrom('contact_members').where('group_id', '=', id).execute();
      return true;
    },
    countGroups: (accountId) => countOf({ kysely }, 'contact_groups', accountId),
    async groupNamed(accountId, kind, name) {
      const record = await kysely
        .selectFrom('contact_groups')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('kind', '=', kind)
        .where('name_key', '=', nameKey(name))
        .executeTakeFirst();
      return record && contactGroupRow.fromRecord(record);
    },
    async memberships(id) {
      const [rows] = await bulk.select(membershipsOf, [[id]]);
      return (rows ?? []).map(membershipRow.decode);
    },
    async join(memberships) {
      await bulk.insert(join, memberships.map(membershipRow.encode));
    },
    async joinNew(memberships) {
      await bulk.insert(joinNew, memberships.map(membershipRow.encode));
    },
    async leave(groupId, ids) {
      const taken = await bulk.take(
        takeMembership,
        ids.map((id) => [groupId, id]),
      );
      return taken.flat().length;
    },
    async insertImport(done) {
      await kysely.insertInto('contact_imports').values(contactImportRow.toRecord(done)).execute();
    },
  };
}

function nameKey(name: string): string {
  return name.toLowerCase();
}
