import { z } from 'zod';
import type { Gateway } from '../../core/gateway.ts';
import type { ContactGroup } from '../../core/contacts/contact.ts';
import { identifierKinds } from '../../core/contacts/contact.ts';
import type { WrittenIdentifier } from '../../core/contacts/written.ts';
import type { ContactGroupId, ContactId } from '../../core/ids.ts';
import { asE164 } from '../../text/phone-number.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { groupsOf, presentContact, presentIdentifier } from './contact-words.ts';
import { ended, found, idIn, noEntity } from './entity.ts';
import { deleted, ok } from './envelope.ts';
import { pageOf, paginator } from './paginator.ts';
import { invalid, list, missing, naming, optional, read, required } from './schema.ts';

const mostListed = 50;
const kind = z.enum(identifierKinds);
const identifier = z.object({ type: kind, value: required(400) });
const attributes = z.record(z.string(), required(400).or(z.literal(''))).optional();
const groupIds = list(mostListed, 36);

const wish = z.object({
  name: optional(400),
  mobile: optional(64),
  email: optional(400),
  external_id: optional(400),
  identifiers: z.array(identifier).max(mostListed).optional(),
  attributes,
  tags: groupIds,
  segments: groupIds,
  subscriptions: groupIds,
});

const filters = z.object({
  filter: z
    .object({ name: optional(400), identifier: optional(400), segment: optional(36) })
    .optional(),
});

/** `GET contacts` */
const listAll: Handler = async (call, { gateway }) => {
  const { filter = {} } = read(filters, call.input);
  const { caller } = call;
  const at = pageOf(call);
  const groups = await groupsOf(caller, gateway);
  const groupId = filter.segment as ContactGroupId | undefined;
  if (groupId !== undefined && !groups.has(groupId)) throw noEntity();
  // A number is kept with its plus sign, which this API does not write.
  const written = filter.identifier;
  const search = { name: filter.name, identifier: asE164(`+${written}`) ?? written, groupId };
  const { items, total } = await gateway.contacts.list(caller, search, at);
  const rows = items.map((one) => presentContact(one, groups));
  return ok('Contacts List', rows, paginator({ rows, total }, at, call));
};

/** `POST contacts` */
const create: Handler = async (call, { gateway }) => {
  const asked = read(wish, call.input);
  const identifiers = identifiersOf(asked);
  if (identifiers.length === 0) throw missing('mobile');
  const joined = await groupsNamed(asked, call, gateway);
  const { name, attributes: own } = asked;
  const { contact } = await naming(
    fieldsOf(asked),
    gateway.contacts.add(call.caller, { name, attributes: own }, identifiers),
  );
  if (joined.length > 0) await gateway.contacts.join(call.caller, contact.id, joined, 'in');
  return ok('Contact Saved Successfully', await whole(call, contact.id, gateway));
};

/** `GET contacts/{id}` */
const show: Handler = async (call, { gateway }) =>
  ok('Contact Data', await whole(call, idIn(call), gateway));

/** `PUT contacts/{id}`: its name and attributes, and groups that it joins. */
const update: Handler = async (call, { gateway }) => {
  const { caller } = call;
  const id = idIn<ContactId>(call);
  const asked = read(wish, call.input);
  const joined = await groupsNamed(asked, call, gateway);
  const { name, attributes: own } = asked;
  await found(gateway.contacts.change(caller, id, { name, attributes: own }));
  if (joined.length > 0) await gateway.contacts.join(caller, id, joined, 'in');
  return ok('Contact Updated Successfully', await whole(call, id, gateway));
};

/** `DELETE contacts/{id}` */
const remove: Handler = async (call, { gateway }) => {
  await ended(gateway.contacts.remove(call.caller, idIn(call)));
  return deleted();
};

/** `GET contacts/{id}/identifiers` */
const listIdentifiers: Handler = async (call, { gateway }) => {
  const { identifiers } = await found(gateway.contacts.find(call.caller, idIn(call)));
  return ok('Identifiers List', identifiers.map(presentIdentifier));
};

/** `POST contacts/{id}/identifiers` */
const addIdentifier: Handler = async (call, { gateway }) => {
  const { type, value } = read(identifier, call.input);
  const id = idIn<ContactId>(call);
  const adding = gateway.contacts.addIdentifier(call.caller, id, { kind: type, value });
  const added = await naming(ofOne, found(adding));
  return ok('Identifier Saved Successfully', presentIdentifier(added));
};

/** `DELETE contacts/{id}/identifiers?type=…&value=…` */
const removeIdentifier: Handler = async (call, { gateway }) => {
  const { type, value } = read(identifier, call.input);
  const id = idIn<ContactId>(call);
  const removing = gateway.contacts.removeIdentifier(call.caller, id, { kind: type, value });
  await naming(ofOne, ended(removing));
  return deleted();
};

/** `GET contacts/identifiers?type=…&value=…`: whose it is. */
const whose: Handler = async (call, { gateway }) => {
  const { type, value } = read(identifier, call.input);
  const id = await naming(ofOne, gateway.contacts.knownBy(call.caller, { kind: type, value }));
  if (!id) throw noEntity();
  return ok('Contact Data', await whole(call, id, gateway));
};

/**
 * `POST contacts/{id}/unsubscribe[/{sId}]`, `…/resubscribe[/{sId}]`: from one subscription, or from everything: then its
 * numbers are opted out, and all that it had subscribed to is left.
 */
const subscribe =
  (status: 'in' | 'out'): Handler =>
  async (call, { gateway }) => {
    const { caller, params } = call;
    const id = idIn<ContactId>(call);
    const { contacts } = gateway;
    const { identifiers, memberships } = await found(contacts.find(caller, id));
    if (params['sId'] !== undefined) {
      const group = await found(contacts.group(caller, 'subscription', idIn(call, 'sId')));
      await contacts.join(caller, id, [group], status);
    } else {
      const groups = await groupsOf(caller, gateway);
      const own = memberships.flatMap(({ groupId }) => groups.get(groupId) ?? []);
      const subscriptions = own.filter((group) => group.kind === 'subscription');
      await contacts.join(caller, id, subscriptions, status);
      for (const { kind: type, value } of identifiers) {
        const number = type === 'mobile' ? asE164(value) : undefined;
        if (number === undefined) continue;
        await (status === 'out' ? gateway.optOut(caller, number) : gateway.optIn(caller, number));
      }
    }
    const words = status === 'out' ? 'Unsubscribed' : 'Resubscribed';
    return ok(`Contact ${words} Successfully`, await whole(call, id, gateway));
  };

const merging = z.object({ into: required(36), from: required(36) });

/** `POST contacts/merge`: the contact `from` becomes a part of the contact `into`. */
const merge: Handler = async (call, { gateway }) => {
  const { into, from } = read(merging, call.input);
  const merged = await found(
    gateway.contacts.merge(call.caller, into as ContactId, from as ContactId),
  );
  const groups = await groupsOf(call.caller, gateway);
  return ok('Contacts Merged Successfully', presentContact(merged, groups));
};

const one = '/contacts/:id';

export const contactEndpoints: readonly Endpoint[] = [
  { path: '/contacts', methods: { GET: listAll, POST: create } },
  { path: '/contacts/merge', methods: { POST: merge } },
  { path: '/contacts/identifiers', methods: { GET: whose } },
  { path: one, methods: { GET: show, PUT: update, DELETE: remove } },
  {
    path: `${one}/identifiers`,
    methods: { GET: listIdentifiers, POST: addIdentifier, DELETE: removeIdentifier },
  },
  ...['', '/:sId'].flatMap((which): Endpoint[] => [
    { path: `${one}/unsubscribe${which}`, methods: { POST: subscribe('out') } },
    { path: `${one}/resubscribe${which}`, methods: { POST: subscribe('in') } },
  ]),
];

async function whole({ caller }: Call, id: ContactId, gateway: Gateway) {
  const [contact, groups] = await Promise.all([
    found(gateway.contacts.find(caller, id)),
    groupsOf(caller, gateway),
  ]);
  return presentContact(contact, groups);
}

/** Where the value of one identifier stands. */
const ofOne = { mobile: 'value', email: 'value', external: 'value', identifier: 'value' };

/** Where a contact's identifiers stand: in a short field, or in the list, of each kind the first. */
function fieldsOf({ identifiers = [], ...short }: z.infer<typeof wish>): Record<string, string> {
  const shortOf = { mobile: 'mobile', email: 'email', external: 'external_id' } as const;
  return Object.fromEntries(
    identifierKinds.map((name) => {
      const at = identifiers.findIndex(({ type }) => type === name);
      const inList = short[shortOf[name]] === undefined && at >= 0;
      return [name, inList ? `identifiers.${at}.value` : shortOf[name]];
    }),
  );
}

/** Those of the short fields, and of the list. */
export function identifiersOf(asked: {
  mobile?: string | undefined;
  email?: string | undefined;
  external_id?: string | undefined;
  identifiers?: readonly z.infer<typeof identifier>[] | undefined;
}): WrittenIdentifier[] {
  const short = { mobile: asked.mobile, email: asked.email, external: asked.external_id };
  return [
    ...identifierKinds.flatMap((name): WrittenIdentifier[] => {
      const value = short[name];
      return value === undefined ? [] : [{ kind: name, value }];
    }),
    ...(asked.identifiers ?? []).map(({ type, value }) => ({ kind: type, value })),
  ];
}

/** @throws GatewayError `invalid_request` for one that the account has not. */
async function groupsNamed(
  asked: z.infer<typeof wish>,
  { caller }: Call,
  gateway: Gateway,
): Promise<ContactGroup[]> {
  const wanted = (['tags', 'segments', 'subscriptions'] as const).flatMap((field) =>
    (asked[field] ?? []).map((id) => ({ field, id })),
  );
  if (wanted.length === 0) return [];
  const groups = await groupsOf(caller, gateway);
  return wanted.map(({ field, id }) => {
    const group = groups.get(id);
    if (!group || `${group.kind}s` !== field) {
      throw invalid(field, `The selected ${field} is invalid.`);
    }
    return group;
  });
}
