import { z } from 'zod';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { senderKey } from '../../core/senders/sender.ts';
import type { Template } from '../../core/templates/template.ts';
import { isGsm7 } from '../../text/gsm7.ts';
import type { Endpoint, Handler } from './call.ts';
import { ended, found, idIn } from './entity.ts';
import { deleted, ok } from './envelope.ts';
import { pageOf, paginator } from './paginator.ts';
import { flag, invalid, missing, oneOf, optional, read, required } from './schema.ts';
import { resourceTime } from './times.ts';

const longestBody = 2_000;
/** As the vendor's table of template types has them. */
const typeNames: Record<string, string> = {
  T: 'Transactional',
  P: 'Promotional',
  SI: 'Service Implicit',
  SE: 'Service Explicit',
};
const types = ['T', 'P', 'SI', 'SE'] as const;
const statuses: Record<Template['status'], number> = { pending: 0, approved: 1, rejected: 2 };

const wish = z.object({
  sender: required(32),
  name: required(200),
  body: required(longestBody),
  template_id: optional(200),
  type: oneOf(types),
});

const change = z.object({
  name: optional(200),
  body: optional(longestBody),
  template_id: optional(200),
  type: oneOf(types),
  // What a text is written in is seen by the text.
  is_english: flag,
});

const filters = z.object({ filter: z.object({ name: optional() }).optional() });

/** `GET sms/templates` */
const listAll: Handler = async (call, { gateway }) => {
  const { filter } = read(filters, call.input);
  const at = pageOf(call);
  const { items, total } = await gateway.templates.list(call.caller, { ...at, name: filter?.name });
  const rows = items.map((template) => present(template, call.caller));
  return ok('Templates List', rows, paginator({ rows, total }, at, call));
};

/** `POST sms/templates`: good at once. Whether a register has it is known to who gives the id. */
const create: Handler = async ({ caller, input }, { gateway }) => {
  const { sender, name, body, template_id: externalId, type } = read(wish, input);
  if (!caller.view.senders.has(senderKey(sender))) {
    throw invalid('sender', 'The selected sender is invalid.');
  }
  // "Required for India."
  if (caller.view.account.homeCountry === 'IN') {
    if (externalId === undefined) throw missing('template_id');
    if (type === undefined) throw missing('type');
  }
  const template = await gateway.templates.add(caller, {
    sender,
    name,
    body,
    externalId: externalId ?? null,
    type: type ?? null,
  });
  return ok('Template Saved Successfully', present(template, caller));
};

/** `GET sms/templates/{id}` */
const show: Handler = async (call, { gateway }) => {
  const template = await found(gateway.templates.find(call.caller, { id: idIn(call) }));
  return ok('Template Data', present(template, call.caller));
};

/** `PUT sms/templates/{id}`: what is left out stays as it is. */
const update: Handler = async (call, { gateway }) => {
  const { name, body, template_id: externalId, type } = read(change, call.input);
  const to = {
    ...(name !== undefined && { name }),
    ...(body !== undefined && { body }),
    ...(externalId !== undefined && { externalId }),
    ...(type !== undefined && { type }),
  };
  const template = await found(gateway.templates.change(call.caller, idIn(call), to));
  return ok('Template Updated Successfully', present(template, call.caller));
};

/** `DELETE sms/templates/{id}` */
const remove: Handler = async (call, { gateway }) => {
  await ended(gateway.templates.remove(call.caller, idIn(call)));
  return deleted();
};

export const templateEndpoints: readonly Endpoint[] = [
  { path: '/sms/templates', methods: { GET: listAll, POST: create } },
  { path: '/sms/templates/:id', methods: { GET: show, PUT: update, DELETE: remove } },
];

/** `content`, `match_count`, `percentage` and `is_complete` are of the vendor's own check of texts, which is not done. */
function present(template: Template, { view }: Caller) {
  const { id, externalId, type, sender, name, alias, body, status } = template;
  return {
    id,
    sender_id: view.senders.get(senderKey(sender))?.id ?? null,
    template_id: externalId,
    template_type: type === null ? 'Global' : (typeNames[type] ?? type),
    sender,
    name,
    alias,
    body,
    content: null,
    body_length: [...body].length,
    match_count: 0,
    percentage: 0,
    is_complete: 0,
    is_english: isGsm7(body) ? 1 : 0,
    status: statuses[status],
    created_at: resourceTime(template.createdAt),
    updated_at: resourceTime(template.changedAt),
  };
}
