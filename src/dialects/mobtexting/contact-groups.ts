import { z } from 'zod';
import type { ContactGroup } from '../../core/contacts/contact.ts';
import { groupKinds } from '../../core/contacts/contact.ts';
import type { ContactId } from '../../core/ids.ts';
import type { Endpoint, Handler } from './call.ts';
import { groupsOf, groupWords, presentContact, presentGroup } from './contact-words.ts';
import { ended, found, idIn } from './entity.ts';
import { deleted, ok } from './envelope.ts';
import { pageOf, paginator } from './paginator.ts';
import { list, missing, read, required } from './schema.ts';

const mostListed = 100;
const wish = z.object({ name: required(400) });
const members = z.object({ contacts: list(mostListed, 36) });

type Kind = ContactGroup['kind'];

/** `GET contacts/segments`, `contacts/tags`, `contacts/subscriptions` */
const listAll =
  (kind: Kind): Handler =>
  async (call, { gateway }) => {
    const at = pageOf(call);
    const { items, total } = await gateway.contacts.groups(call.caller, kind, at);
    const rows = items.map(presentGroup);
    return ok(`${groupWords[kind].title}s List`, rows, paginator({ rows, total }, at, call));
  };

const create =
  (kind: Kind): Handler =>
  async ({ caller, input }, { gateway }) => {
    const { name } = read(wish, input);
    const group = await gateway.contacts.addGroup(caller, kind, name);
    return ok(`${groupWords[kind].title} Saved Successfully`, presentGroup(group));
  };

const show =
  (kind: Kind): Handler =>
  async (call, { gateway }) => {
    const group = await found(gateway.contacts.group(call.caller, kind, idIn(call)));
    return ok(`${groupWords[kind].title} Data`, presentGroup(group));
  };

const update =
  (kind: Kind): Handler =>
  async (call, { gateway }) => {
    const { caller } = call;
    const group = await found(gateway.contacts.group(caller, kind, idIn(call)));
    const { name } = read(wish, call.input);
    const renamed = await found(gateway.contacts.renameGroup(caller, group, name));
    return ok(`${groupWords[kind].title} Updated Successfully`, presentGroup(renamed));
  };

const remove =
  (kind: Kind): Handler =>
  async (call, { gateway }) => {
    const group = await found(gateway.contacts.group(call.caller, kind, idIn(call)));
    await ended(gateway.contacts.removeGroup(call.caller, group));
    return deleted();
  };

/** `GET contacts/segments/{id}/subscribers`: the contacts in it. */
const listMembers: Handler = async (call, { gateway }) => {
  const { caller } = call;
  const group = await found(gateway.contacts.group(caller, 'segment', idIn(call)));
  const at = pageOf(call);
  const [{ items, total }, groups] = await Promise.all([
    gateway.contacts.list(caller, { groupId: group.id }, at),
    groupsOf(caller, gateway),
  ]);
  const rows = items.map((one) => presentContact(one, groups));
  return ok('Subscribers List', rows, paginator({ rows, total }, at, call));
};

/** `POST contacts/segments/{id}/subscribers`, and `DELETE` the same: contacts come into it, or go. */
const changeMembers =
  (does: 'join' | 'leave'): Handler =>
  async (call, { gateway }) => {
    const { caller } = call;
    const group = await found(gateway.contacts.group(caller, 'segment', idIn(call)));
    const { contacts: ids } = read(members, call.input);
    if (ids === undefined) throw missing('contacts');
    for (const id of ids as ContactId[]) {
      await ended(
        does === 'join'
          ? gateway.contacts.join(caller, id, [group], 'in')
          : gateway.contacts.leave(caller, id, group),
      );
    }
    return does === 'join' ? ok('Subscribers Saved Successfully', []) : deleted();
  };

export const contactGroupEndpoints: readonly Endpoint[] = [
  ...groupKinds.flatMap((kind): Endpoint[] => {
    const path = `/contacts/${groupWords[kind].path}`;
    return [
      { path, methods: { GET: listAll(kind), POST: create(kind) } },
      {
        path: `${path}/:id`,
        methods: { GET: show(kind), PUT: update(kind), DELETE: remove(kind) },
      },
    ];
  }),
  {
    path: '/contacts/segments/:id/subscribers',
    methods: {
      GET: listMembers,
      POST: changeMembers('join'),
      DELETE: changeMembers('leave'),
    },
  },
];
