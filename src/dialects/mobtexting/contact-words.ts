import type { Gateway } from '../../core/gateway.ts';
import type { Caller } from '../../core/accounts/authenticate.ts';
import type { ContactGroup, ContactImport, Identifier } from '../../core/contacts/contact.ts';
import type { WholeContact } from '../../core/contacts/contacts.ts';
import { mobile } from './present.ts';
import { resourceTime } from './times.ts';

/** What groups are called in paths, and in sentences. */
export const groupWords: Record<ContactGroup['kind'], { path: string; title: string }> = {
  tag: { path: 'tags', title: 'Tag' },
  segment: { path: 'segments', title: 'Segment' },
  subscription: { path: 'subscriptions', title: 'Subscription' },
};

export type Groups = ReadonlyMap<string, ContactGroup>;

/** More of one kind no account has. */
const all = { limit: 1_000, offset: 0 };

/** All groups of an account, by their ids. */
export async function groupsOf(caller: Caller, gateway: Gateway): Promise<Groups> {
  const kinds = ['tag', 'segment', 'subscription'] as const;
  const found = await Promise.all(kinds.map((kind) => gateway.contacts.groups(caller, kind, all)));
  return new Map(found.flatMap(({ items }) => items.map((group) => [group.id, group])));
}

export function presentIdentifier({ kind, value, contactId }: Identifier) {
  return { contact_id: contactId, type: kind, value: kind === 'mobile' ? mobile(value) : value };
}

export function presentGroup({ id, name, createdAt }: ContactGroup) {
  return { id, name, created_at: resourceTime(createdAt) };
}

/** No answer about contacts is published (reference, "Unknowns"): the form is ours. */
export function presentContact(whole: WholeContact, groups: Groups) {
  const { contact, identifiers, memberships } = whole;
  const of = (kind: ContactGroup['kind']) =>
    memberships.flatMap(({ groupId, status }) => {
      const group = groups.get(groupId);
      return group?.kind === kind ? [{ id: group.id, name: group.name, status }] : [];
    });
  const within = (kind: ContactGroup['kind']) =>
    of(kind).flatMap(({ status, ...group }) => (status === 'in' ? [group] : []));
  return {
    id: contact.id,
    name: contact.name,
    attributes: contact.attributes,
    identifiers: identifiers.map(presentIdentifier).map(({ type, value }) => ({ type, value })),
    tags: within('tag'),
    segments: within('segment'),
    subscriptions: of('subscription').map(({ status, ...group }) => ({
      ...group,
      subscribed: status === 'in' ? 1 : 0,
    })),
    created_at: resourceTime(contact.createdAt),
    updated_at: resourceTime(contact.changedAt),
  };
}

export function presentImport({
  id,
  groupId,
  rows,
  added,
  known,
  faults,
  createdAt,
}: ContactImport) {
  return {
    id,
    segment_id: groupId,
    rows,
    added,
    updated: known,
    failed: rows - added - known,
    errors: faults.map(({ row, why }) => ({ row, message: why })),
    created_at: resourceTime(createdAt),
  };
}
