import type { Contact, ContactGroup, ContactImport } from '../../core/contacts/contact.ts';
import type { AccountId } from '../../core/ids.ts';
import type { ScopedOptout } from '../../core/optouts/scope.ts';
import type { Storage } from '../../core/ports/storage.ts';
import type { Template, TemplateBlock } from '../../core/templates/template.ts';
import type { Verification } from '../../core/verifications/verification.ts';
import type { Fixtures } from './fixtures.ts';
import { MINUTE, number, START } from './fixtures.ts';

/** Rows of those who are written to and of what they are written. */
export class AudienceRows {
  readonly #rows: Fixtures;
  readonly #accountId: AccountId;

  constructor(rows: Fixtures, accountId: AccountId) {
    this.#rows = rows;
    this.#accountId = accountId;
  }

  scopedOptout(over: Partial<ScopedOptout> = {}): ScopedOptout {
    return {
      id: this.#rows.id(),
      accountId: this.#accountId,
      number: number(1),
      kind: 'tag',
      value: 'sale',
      source: 'api',
      createdAt: START,
      ...over,
    };
  }

  template(over: Partial<Template> = {}): Template {
    const id = this.#rows.id<Template['id']>();
    return {
      id,
      accountId: this.#accountId,
      name: 'Welcome',
      alias: `welcome-${id}`,
      body: 'Hi {{name}} – 👋',
      sender: 'Company ABC',
      externalId: '1107161521283358301',
      type: 'T',
      status: 'approved',
      createdAt: START,
      changedAt: START,
      ...over,
    };
  }

  block(over: Partial<TemplateBlock> = {}): TemplateBlock {
    return {
      id: this.#rows.id(),
      accountId: this.#accountId,
      externalId: '12',
      active: 1,
      createdAt: START,
      ...over,
    };
  }

  verification(over: Partial<Verification> = {}): Verification {
    return {
      id: this.#rows.id(),
      accountId: this.#accountId,
      number: number(1),
      sender: 'CompanyABC',
      messageId: this.#rows.id(),
      code: 'digest',
      triesLeft: 5,
      status: 'sent',
      clientRef: 'order 1',
      createdAt: START,
      expiresAt: START + 2 * MINUTE,
      doneAt: null,
      ...over,
    };
  }

  contact(over: Partial<Contact> = {}): Contact {
    return {
      id: this.#rows.id(),
      accountId: this.#accountId,
      name: 'Ana Méndez',
      attributes: { city: 'Perth', __proto__: 'x' },
      createdAt: START,
      changedAt: START,
      ...over,
    };
  }

  group(over: Partial<ContactGroup> = {}): ContactGroup {
    return {
      id: this.#rows.id(),
      accountId: this.#accountId,
      kind: 'segment',
      name: 'Customers',
      createdAt: START,
      ...over,
    };
  }

  contactImport(over: Partial<ContactImport> = {}): ContactImport {
    return {
      id: this.#rows.id(),
      accountId: this.#accountId,
      groupId: null,
      rows: 3,
      added: 1,
      known: 1,
      faults: [{ row: 3, why: 'no number' }],
      createdAt: START,
      ...over,
    };
  }
}

/** As `everyMethodOnce`, for what belongs to those who are written to. */
export async function everyAudienceMethodOnce(
  storage: Storage,
  rows: Fixtures,
  accountId: AccountId,
): Promise<void> {
  const made = new AudienceRows(rows, accountId);
  const page = { limit: 10, offset: 0 };
  const scoped = made.scopedOptout();
  const template = made.template();
  const block = made.block();
  const verification = made.verification();
  const contact = made.contact();
  const group = made.group({ name: rows.id() });
  const known = { kind: 'mobile', value: rows.id<string>() } as const;
  const member = { groupId: group.id, contactId: contact.id, status: 'in', changedAt: 1 } as const;
  await storage.write(async (tx) => {
    await tx.scopedOptouts.add([scoped]);
    await tx.scopedOptouts.of([scoped]);
    await tx.scopedOptouts.removeOf(accountId, number(1), [scoped]);
    await tx.scopedOptouts.remove(accountId, scoped.id);
    await tx.scopedOptouts.clear(accountId, 10);
    await tx.templates.insert(template);
    await tx.templates.lock(accountId, template.id);
    await tx.templates.save(template);
    await tx.templates.count(accountId);
    await tx.templates.aliasTaken(accountId, 'x');
    await tx.templates.blocks.put([block]);
    await tx.templates.blocks.count(accountId);
    await tx.templates.blocks.remove(accountId, block.id);
    await tx.templates.blocks.clear(accountId, 10);
    await tx.templates.remove(accountId, template.id);
    await tx.verifications.insert(verification);
    await tx.verifications.lock(accountId, verification.id);
    await tx.verifications.save(verification);
    await tx.verifications.remove(accountId, verification.id);
    await tx.contacts.insert([contact]);
    await tx.contacts.lock(accountId, [contact.id]);
    await tx.contacts.save(contact);
    await tx.contacts.addIdentifiers([{ accountId, contactId: contact.id, ...known }]);
    await tx.contacts.identifiers(accountId, contact.id);
    await tx.contacts.known(accountId, [known]);
    await tx.contacts.removeIdentifier(accountId, contact.id, known);
    await tx.contacts.countGroups(accountId);
    await tx.contacts.insertGroup(group);
    await tx.contacts.groupNamed(accountId, 'segment', 'x');
    await tx.contacts.renameGroup(accountId, group.id, group.name);
    await tx.contacts.join([member]);
    await tx.contacts.joinNew([member]);
    await tx.contacts.memberships(contact.id);
    await tx.contacts.leave(group.id, [contact.id]);
    await tx.contacts.removeGroup(accountId, group.id);
    await tx.contacts.remove(accountId, [contact.id]);
    await tx.contacts.insertImport(made.contactImport());
  });
  const { read } = storage;
  await read.scopedOptouts.any(accountId);
  await read.scopedOptouts.find(accountId, scoped.id);
  for (const search of [{}, { number: number(1) }, { kind: 'tag' as const, value: 'x' }]) {
    await read.scopedOptouts.search(accountId, search, page);
    await read.scopedOptouts.count(accountId, search);
  }
  await read.templates.find(accountId, template.id);
  await read.templates.findByAlias(accountId, 'x');
  for (const name of [undefined, 'x']) {
    await read.templates.list(accountId, { ...page, name });
    await read.templates.count(accountId, { name });
  }
  await read.templates.ofSender(accountId, 'x', 10);
  await read.templates.blocks.find(accountId, block.id);
  await read.templates.blocks.findExternal(accountId, 'x');
  await read.templates.blocks.list(accountId, page);
  await read.templates.blocks.count(accountId);
  await read.verifications.find(accountId, verification.id);
  await read.contacts.find(accountId, contact.id);
  for (const search of [{}, { name: 'x' }, { identifier: 'x' }, { groupId: group.id }]) {
    await read.contacts.list(accountId, search, page);
    await read.contacts.count(accountId, search);
  }
  await read.contacts.identifiers(accountId, [contact.id]);
  await read.contacts.known(accountId, [known]);
  await read.contacts.memberships([contact.id]);
  await read.contacts.group(accountId, group.id);
  await read.contacts.groups(accountId, { kind: 'segment', ...page });
  await read.contacts.countGroups(accountId, 'segment');
  for (const after of [null, contact.id]) await read.contacts.mobilesOf(group.id, after, 10);
  await read.contacts.findImport(accountId, rows.id());
  await read.contacts.imports(accountId, page);
  await read.contacts.countImports(accountId);
}
