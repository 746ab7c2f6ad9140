import { z } from 'zod';
import type { TemplateBlock } from '../../core/templates/template.ts';
import type { Endpoint, Handler } from './call.ts';
import { ended, found, idIn } from './entity.ts';
import { deleted, ok } from './envelope.ts';
import { pageOf, paginator } from './paginator.ts';
import { flag, read, required } from './schema.ts';

const wish = z.object({ template_id: required(200), status: flag });

/** `GET sms/suppressions/templates` */
const listAll: Handler = async (call, { gateway }) => {
  const at = pageOf(call);
  const { items, total } = await gateway.templates.blocks(call.caller, at);
  const rows = items.map(present);
  return ok('Block templates list', rows, paginator({ rows, total }, at, call));
};

/** `POST sms/suppressions/templates`: with `status` 0 it is on the list and blocks nothing. */
const create: Handler = async ({ caller, input }, { gateway }) => {
  const { template_id: externalId, status = true } = read(wish, input);
  const wished = [{ externalId, active: status ? (1 as const) : (0 as const) }];
  const [block] = await gateway.templates.block(caller, wished);
  if (!block) throw new Error('a template was not blocked');
  return ok('Block template added successfully', present(block));
};

/** `GET sms/suppressions/templates/{id}` */
const show: Handler = async (call, { gateway }) =>
  ok(
    'Block template data',
    present(await found(gateway.templates.findBlock(call.caller, idIn(call)))),
  );

/** `DELETE sms/suppressions/templates/{id}` */
const remove: Handler = async (call, { gateway }) => {
  await ended(gateway.templates.unblock(call.caller, idIn(call)));
  return deleted();
};

/** `DELETE sms/suppressions/templates`: all of them. */
const cleanUp: Handler = async ({ caller }, { gateway }) => {
  await gateway.templates.clearBlocks(caller);
  return deleted();
};

const path = '/sms/suppressions/templates';

export const blockedTemplateEndpoints: readonly Endpoint[] = [
  { path, methods: { GET: listAll, POST: create, DELETE: cleanUp } },
  { path: `${path}/:id`, methods: { GET: show, DELETE: remove } },
];

function present({ id, externalId, active }: TemplateBlock) {
  return { id, template_id: externalId, status: active };
}
