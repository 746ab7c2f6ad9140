import { z } from 'zod';
import { inCredits } from '../../core/money.ts';
import type { Template } from '../../core/templates/template.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { isId } from './entity.ts';
import { noService } from './finance.ts';
import { outgoing, sendFields, submitAll } from './outgoing.ts';
import { mobile } from './present.ts';
import { productFor } from './products.ts';
import { numbersOf, recipient } from './recipients.ts';
import { invalid, missing, optional, read } from './schema.ts';
import { timeText } from './times.ts';

const wish = z.object({
  alias: optional(200),
  id: optional(64),
  recipient,
  data: z.record(z.string(), z.unknown()).default({}),
  meta: z.record(z.string(), z.unknown()).default({}),
});

/** `POST sms/send/template`: the text of a template, with data in its places, from the sender that it is for. */
const send: Handler = async (call, context) => {
  const asked = read(wish, call.input);
  const { gateway, clock } = context;
  const template = await templateOf(asked, call, context);
  const text = textOf(template, asked.data, context);
  const to = await numbersOf(gateway, call.caller, [asked.recipient]);
  const usual = productFor(call.caller.view, 'sms');
  const fields = read(
    sendFields,
    {
      service: usual?.code,
      ...asked.meta,
      ...(template.externalId !== null && { template_id: template.externalId }),
      sender: template.sender,
      message: text,
      to,
    },
    'meta.',
  );
  const wanted = outgoing(fields, call, { ...context, at: 'meta.' });
  if (wanted.some((one) => one.outgoing.medium !== 'sms')) throw noService();
  const { group, accepted } = await submitAll(gateway, call.caller, wanted);
  const zone = call.settings.timeZone;
  const data = accepted.map(({ wanted: one, verdict: { message } }, position) => ({
    id: `${group}:${position + 1}`,
    channel: 'sms',
    from: template.sender,
    to: mobile(message?.destination ?? one.outgoing.to),
    credits: String(message ? inCredits(message.price) : 0),
    created_at: timeText(message?.createdAt ?? clock.now(), zone),
    status: message ? 'AWAITING-DLR' : 'INV-NUMBER',
    foreign_id: one.custom ?? '',
  }));
  return { body: { status: 'OK', message: 'Message(s) Queued successfully', data } };
};

export const sendTemplateEndpoints: readonly Endpoint[] = [
  { path: '/sms/send/template', methods: { POST: send } },
];

/** One that may be sent by. */
async function templateOf(
  { alias, id }: z.infer<typeof wish>,
  { caller }: Call,
  { gateway }: DialectContext,
): Promise<Template> {
  if (alias === undefined && id === undefined) throw missing('alias');
  const found =
    alias !== undefined
      ? await gateway.templates.find(caller, { alias })
      : id !== undefined && isId(id) && (await gateway.templates.find(caller, { id }));
  const field = alias === undefined ? 'id' : 'alias';
  if (!found) throw invalid(field, `The selected ${field} is invalid.`);
  if (found.status !== 'approved') throw invalid(field, 'The template is not approved.');
  return found;
}

function textOf(
  template: Template,
  data: Readonly<Record<string, unknown>>,
  { gateway }: DialectContext,
): string {
  const texts = Object.entries(data).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [[name, String(value)] as const] : [],
  );
  const rendered = gateway.templates.render(template, Object.fromEntries(texts));
  if ('text' in rendered) return rendered.text;
  throw missing(`data.${rendered.missing[0] ?? ''}`);
}
