import type { E164 } from '../../text/phone-number.ts';
import type { Caller } from '../accounts/authenticate.ts';
import { GatewayError } from '../errors.ts';
import type { AccountId, ContactGroupId, ContactId, ContactImportId } from '../ids.ts';
import type { ContactSearch } from '../ports/audience-storage.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Page, Storage, Tx } from '../ports/storage.ts';
import type { Contact, ContactGroup, ContactImport, Identifier, Membership } from './contact.ts';
import type { ContactWish, WrittenIdentifier } from './written.ts';
import {
  bad,
  bounded,
  keyOf,
  mostIdentifiers,
  readAll,
  requireText,
  textsOf,
  tooMany,
} from './written.ts';

/** A contact with what belongs to it. */
export interface WholeContact {
  contact: Contact;
  identifiers: Identifier[];
  memberships: Membership[];
}

/** One row of a list that is brought in. */
export interface ImportRow extends ContactWish {
  identifiers: readonly WrittenIdentifier[];
}

const mostGroups = 1_000;
const faultsKept = 100;
/** Rows of one transaction. */
const importedAtOnce = 500;

/** Whom accounts know, by what, and what those have in common. */
export class Contacts {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor({ storage, clock, ids }: { storage: Storage; clock: Clock; ids: Ids }) {
    this.#storage = storage;
    this.#clock = clock;
    this.#ids = ids;
  }

  /**
   * @throws GatewayError `already_exists` when another contact is known by one of these; `invalid_request` for what
   * is no identifier, is too long, or when there is none.
   */
  async add(
    { view: { account } }: Caller,
    wish: ContactWish,
    written: readonly WrittenIdentifier[],
  ): Promise<WholeContact> {
    const identifiers = readAll(written, account.homeCountry);
    const contact = this.#contact(account.id, wish);
    return this.#storage.write(async (tx) => {
      await requireUnknown(tx, account.id, identifiers);
      await tx.contacts.insert([contact]);
      const added = await tx.contacts.addIdentifiers(ownedBy(contact, identifiers));
      return { contact, identifiers: added.toSorted(byKind), memberships: [] };
    });
  }

  /** @throws GatewayError `not_found`, `invalid_request`. */
  async change({ view }: Caller, id: ContactId, wish: ContactWish): Promise<Contact> {
    const now = this.#clock.now();
    return this.#storage.write(async (tx) => {
      const contact = await locked(tx, view.account.id, id);
      const changed = { ...contact, ...textsOf(wish, contact), changedAt: now };
      await tx.contacts.save(changed);
      return changed;
    });
  }

  /** @throws GatewayError `not_found`. */
  async remove({ view }: Caller, id: ContactId): Promise<void> {
    const removed = await this.#storage.write((tx) => tx.contacts.remove(view.account.id, [id]));
    if (removed === 0) throw unknown('contact');
  }

  /** @throws GatewayError `not_found`. */
  async find({ view }: Caller, id: ContactId): Promise<WholeContact> {
    const contact = await this.#storage.read.contacts.find(view.account.id, id);
    const [whole] = contact ? await this.#whole(view.account.id, [contact]) : [];
    if (!whole) throw unknown('contact');
    return whole;
  }

  /** Newest first. */
  async list(
    { view }: Caller,
    search: ContactSearch,
    page: Page,
  ): Promise<{ items: WholeContact[]; total: number }> {
    const { contacts } = this.#storage.read;
    const { id } = view.account;
    const [found, total] = await Promise.all([
      contacts.list(id, search, page),
      contacts.count(id, search),
    ]);
    return { items: await this.#whole(id, found), total };
  }

  /** @returns the contact that is known by it. */
  async knownBy(
    { view: { account } }: Caller,
    written: WrittenIdentifier,
  ): Promise<ContactId | undefined> {
    const [identifier] = readAll([written], account.homeCountry);
    if (!identifier) return undefined;
    const [id] = await this.#storage.read.contacts.known(account.id, [identifier]);
    return id;
  }

  /** @throws GatewayError `not_found`, and as `add`. */
  async addIdentifier(
    { view: { account } }: Caller,
    id: ContactId,
    written: WrittenIdentifier,
  ): Promise<Identifier> {
    const identifiers = readAll([written], account.homeCountry);
    return this.#storage.write(async (tx) => {
      const contact = await locked(tx, account.id, id);
      const before = await tx.contacts.identifiers(account.id, id);
      if (before.length >= mostIdentifiers) throw tooMany(mostIdentifiers, 'identifiers');
      await requireUnknown(tx, account.id, identifiers);
      const [added] = await tx.contacts.addIdentifiers(ownedBy(contact, identifiers));
      if (!added) throw taken();
      return added;
    });
  }

  /** @throws GatewayError `not_found`; `invalid_request` for the last one that it has. */
  async removeIdentifier(
    { view: { account } }: Caller,
    id: ContactId,
    written: WrittenIdentifier,
  ): Promise<void> {
    const [identifier] = readAll([written], account.homeCountry);
    await this.#storage.write(async (tx) => {
      await locked(tx, account.id, id);
      const before = await tx.contacts.identifiers(account.id, id);
      const found = before.find(
        ({ kind, value }) => kind === identifier?.kind && value === identifier.value,
      );
      if (!found) throw unknown('identifier');
      if (before.length === 1) throw bad('identifier', 'A contact must be known by something.');
      await tx.contacts.removeIdentifier(account.id, id, found);
    });
  }

  /**
   * Makes one contact of two: the first keeps its name and what it says of itself, gets what it did not have, and is
   * in all groups that either was in; who has left one has left it.
   * @throws GatewayError `not_found`, `invalid_request` when it would have too many identifiers.
   */
  async merge({ view }: Caller, into: ContactId, from: ContactId): Promise<WholeContact> {
    const { id: accountId } = view.account;
    const now = this.#clock.now();
    if (into === from) throw bad('from', 'These are one contact already.');
    await this.#storage.write(async (tx) => {
      const both = await tx.contacts.lock(accountId, [into, from]);
      const kept = both.find(({ id }) => id === into);
      const gone = both.find(({ id }) => id === from);
      if (!kept || !gone) throw unknown('contact');
      const theirs = await tx.contacts.identifiers(accountId, from);
      const ours = await tx.contacts.identifiers(accountId, into);
      if (ours.length + theirs.length > mostIdentifiers)
        throw tooMany(mostIdentifiers, 'identifiers');
      const left = await tx.contacts.memberships(from);
      const before = new Map(
        (await tx.contacts.memberships(into)).map((one) => [one.groupId, one]),
      );
      await tx.contacts.remove(accountId, [from]);
      await tx.contacts.addIdentifiers(ownedBy(kept, theirs));
      await tx.contacts.join(
        left.flatMap((one): Membership[] => {
          const own = before.get(one.groupId);
          const isNews = !own || (own.status === 'in' && one.status === 'out');
          return isNews ? [{ ...one, contactId: into, changedAt: now }] : [];
        }),
      );
      await tx.contacts.save({
        ...kept,
        name: kept.name ?? gone.name,
        attributes: bounded({ ...gone.attributes, ...kept.attributes }),
        changedAt: now,
      });
    });
    return this.find({ view } as Caller, into);
  }

  /** @throws GatewayError `already_exists`, `invalid_request`. */
  async addGroup(
    { view }: Caller,
    kind: ContactGroup['kind'],
    name: string,
  ): Promise<ContactGroup> {
    const { id: accountId } = view.account;
    requireText(name, 'name');
    const group = this.#group(accountId, kind, name);
    await this.#storage.write(async (tx) => {
      if ((await tx.contacts.countGroups(accountId)) >= mostGroups) {
        throw tooMany(mostGroups, 'tags, segments and subscriptions');
      }
      await tx.contacts.insertGroup(group);
    });
    return group;
  }

  /** @throws GatewayError `not_found`, `already_exists`, `invalid_request`. */
  async renameGroup({ view }: Caller, group: ContactGroup, name: string): Promise<ContactGroup> {
    const { id: accountId } = view.account;
    requireText(name, 'name');
    await this.#storage.write(async (tx) => {
      const same = await tx.contacts.groupNamed(accountId, group.kind, name);
      if (same && same.id !== group.id) {
        throw new GatewayError('already_exists', `There is a ${group.kind} '${name}' already.`);
      }
      if (!(await tx.contacts.renameGroup(accountId, group.id, name))) throw unknown(group.kind);
    });
    return { ...group, name };
  }

  /** Its contacts stay. @throws GatewayError `not_found`. */
  async removeGroup({ view }: Caller, { id, kind }: ContactGroup): Promise<void> {
    const removed = await this.#storage.write((tx) => tx.contacts.removeGroup(view.account.id, id));
    if (!removed) throw unknown(kind);
  }

  /** @throws GatewayError `not_found`. */
  async group({ view }: Caller, kind: ContactGroup['kind'], id: string): Promise<ContactGroup> {
    const { contacts } = this.#storage.read;
    const found = await contacts.group(view.account.id, id as ContactGroupId);
    if (found?.kind !== kind) throw unknown(kind);
    return found;
  }

  /** By name. */
  async groups(
    { view }: Caller,
    kind: ContactGroup['kind'],
    page: Page,
  ): Promise<{ items: ContactGroup[]; total: number }> {
    const { contacts } = this.#storage.read;
    const { id } = view.account;
    const [items, total] = await Promise.all([
      contacts.groups(id, { kind, ...page }),
      contacts.countGroups(id, kind),
    ]);
    return { items, total };
  }

  /**
   * Puts a contact into groups, or notes that it has left them.
   * @throws GatewayError `not_found`.
   */
  async join(
    { view }: Caller,
    id: ContactId,
    groups: readonly ContactGroup[],
    status: Membership['status'],
  ): Promise<void> {
    const changedAt = this.#clock.now();
    await this.#storage.write(async (tx) => {
      await locked(tx, view.account.id, id);
      const unique = [...new Set(groups.map((group) => group.id))];
      await tx.contacts.join(
        unique.map((groupId) => ({ groupId, contactId: id, status, changedAt })),
      );
    });
  }

  /** Takes a contact out of a group as if it had never been in it. @throws GatewayError `not_found`. */
  async leave({ view }: Caller, id: ContactId, group: ContactGroup): Promise<void> {
    await this.#storage.write(async (tx) => {
      await locked(tx, view.account.id, id);
      await tx.contacts.leave(group.id, [id]);
    });
  }

  /** Those in a group to whom messages can be sent, by contact: the ones that follow one. */
  mobilesOf(
    group: ContactGroup,
    after: ContactId | null,
    limit: number,
  ): Promise<{ contactId: ContactId; number: E164 }[]> {
    return this.#storage.read.contacts.mobilesOf(group.id, after, limit);
  }

  /**
   * Brings in a list, row by row: who is known already is changed by what his row says. What cannot be read is
   * refused with its reason, the rest is taken; who has left the group stays out of it.
   */
  async bringIn(
    { view: { account } }: Caller,
    rows: AsyncIterable<ImportRow> | Iterable<ImportRow>,
    group: ContactGroup | null,
  ): Promise<ContactImport> {
    const sums = { rows: 0, added: 0, known: 0 };
    const faults: { row: number; why: string }[] = [];
    let waiting: { wish: ContactWish; identifiers: WrittenIdentifier[] }[] = [];
    const flush = async () => {
      const batch = waiting;
      waiting = [];
      const added = await this.#bringIn(account.id, batch, group);
      sums.added += added;
      sums.known += batch.length - added;
    };
    for await (const { identifiers: written, ...wish } of rows) {
      sums.rows += 1;
      try {
        const identifiers = readAll(written, account.homeCountry);
        textsOf(wish, null);
        waiting.push({ wish, identifiers });
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        if (faults.length < faultsKept) faults.push({ row: sums.rows, why: error.detail });
      }
      if (waiting.length === importedAtOnce) await flush();
    }
    if (waiting.length > 0) await flush();
    const done: ContactImport = {
      id: this.#ids.next<ContactImportId>(),
      accountId: account.id,
      groupId: group?.id ?? null,
      ...sums,
      faults,
      createdAt: this.#clock.now(),
    };
    await this.#storage.write((tx) => tx.contacts.insertImport(done));
    return done;
  }

  /** @throws GatewayError `not_found`. */
  async findImport({ view }: Caller, id: string): Promise<ContactImport> {
    const { contacts } = this.#storage.read;
    const found = await contacts.findImport(view.account.id, id as ContactImportId);
    if (!found) throw unknown('import');
    return found;
  }

  /** Newest first. */
  async imports({ view }: Caller, page: Page): Promise<{ items: ContactImport[]; total: number }> {
    const { contacts } = this.#storage.read;
    const { id } = view.account;
    const [items, total] = await Promise.all([
      contacts.imports(id, page),
      contacts.countImports(id),
    ]);
    return { items, total };
  }

  /** One transaction of it. @returns how many contacts are new. */
  #bringIn(
    accountId: AccountId,
    batch: readonly { wish: ContactWish; identifiers: WrittenIdentifier[] }[],
    group: ContactGroup | null,
  ): Promise<number> {
    const now = this.#clock.now();
    const fresh = batch.map(({ wish }) => this.#contact(accountId, wish));
    return this.#storage.write(async (tx) => {
      const all = batch.flatMap(({ identifiers }) => identifiers);
      const known = await tx.contacts.known(accountId, all);
      const owners = new Map<string, ContactId>();
      all.forEach((one, at) => {
        const id = known[at];
        if (id) owners.set(keyOf(one), id);
      });
      const inserts: Contact[] = [];
      const members: ContactId[] = [];
      const changes = new Map<ContactId, ContactWish[]>();
      const given: Identifier[] = [];
      batch.forEach(({ wish, identifiers }, at) => {
        const before = identifiers.map((one) => owners.get(keyOf(one))).find((id) => id);
        const contact = fresh[at] as Contact;
        const id = before ?? contact.id;
        if (before) changes.set(before, [...(changes.get(before) ?? []), wish]);
        else inserts.push(contact);
        for (const one of identifiers) {
          if (owners.has(keyOf(one))) continue;
          owners.set(keyOf(one), id);
          given.push({ ...one, accountId, contactId: id });
        }
        members.push(id);
      });
      await tx.contacts.insert(inserts);
      await tx.contacts.addIdentifiers(given);
      for (const contact of await tx.contacts.lock(accountId, [...changes.keys()])) {
        let changed = contact;
        for (const wish of changes.get(contact.id) ?? []) {
          const attributes = bounded({ ...changed.attributes, ...wish.attributes });
          changed = { ...changed, name: wish.name ?? changed.name, attributes, changedAt: now };
        }
        await tx.contacts.save(changed);
      }
      if (group) {
        await tx.contacts.joinNew(
          [...new Set(members)].map((contactId) => ({
            groupId: group.id,
            contactId,
            status: 'in',
            changedAt: now,
          })),
        );
      }
      return inserts.length;
    });
  }

  async #whole(accountId: AccountId, contacts: readonly Contact[]): Promise<WholeContact[]> {
    const { read } = this.#storage;
    const ids = contacts.map(({ id }) => id);
    const [identifiers, memberships] = await Promise.all([
      read.contacts.identifiers(accountId, ids),
      read.contacts.memberships(ids),
    ]);
    return contacts.map((contact, at) => ({
      contact,
      identifiers: identifiers[at] ?? [],
      memberships: memberships[at] ?? [],
    }));
  }

  #contact(accountId: AccountId, wish: ContactWish): Contact {
    const now = this.#clock.now();
    const texts = textsOf(wish, null);
    return { id: this.#ids.next(), accountId, ...texts, createdAt: now, changedAt: now };
  }

  #group(accountId: AccountId, kind: ContactGroup['kind'], name: string): ContactGroup {
    return { id: this.#ids.next(), accountId, kind, name, createdAt: this.#clock.now() };
  }
}

async function requireUnknown(
  tx: Tx,
  accountId: AccountId,
  identifiers: readonly WrittenIdentifier[],
): Promise<void> {
  const known = await tx.contacts.known(accountId, identifiers);
  if (known.some((id) => id !== undefined)) throw taken();
}

function ownedBy(
  { id: contactId, accountId }: Contact,
  identifiers: readonly WrittenIdentifier[],
): Identifier[] {
  return identifiers.map(({ kind, value }) => ({ accountId, kind, value, contactId }));
}

async function locked(tx: Tx, accountId: AccountId, id: ContactId): Promise<Contact> {
  const [contact] = await tx.contacts.lock(accountId, [id]);
  if (!contact) throw unknown('contact');
  return contact;
}

const byKind = (one: Identifier, other: Identifier): number => (keyOf(one) < keyOf(other) ? -1 : 1);
const taken = () => new GatewayError('already_exists', 'Another contact is known by this.');
const unknown = (what: string) => new GatewayError('not_found', `There is no such ${what}.`);
