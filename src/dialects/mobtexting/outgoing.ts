import { z } from 'zod';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { MessageLimits, OutgoingMessage } from '../../core/messages/prepare.ts';
import type { Verdict } from '../../core/messages/submit.ts';
import { isGsm7 } from '../../text/gsm7.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call } from './call.ts';
import { storedExtras } from './extras.ts';
import { noService } from './finance.ts';
import { requireLinks, withOptoutLinks } from './optout-links.ts';
import { productsOf } from './products.ts';
import { referencesOf } from './reference.ts';
import { flag, invalid, list, oneOf, optional, required, requiredList, whole } from './schema.ts';
import { dayMs, readTime } from './times.ts';
import { isWebhook } from './webhook-settings.ts';

/**
 * The most numbers of one request: what is read and inserted at once, in some 100 ms in which nobody else is served.
 * More are for `sms/bulk`.
 */
export const mostNumbers = 1_000;
/** Of a text: some 26 parts. */
export const longestText = 4_000;
const mostTags = 3;
/** "API schedule ≤ 30 days" (reference C.4). */
const furthestDays = 30;

const meta = z
  .object({ tags: list(mostTags, 100), webhook_id: optional(), foreign_id: optional() })
  .partial()
  .optional();

/** A text as it is, with the spaces at its ends: they are the client's. */
const message = z.preprocess(
  (value) =>
    typeof value === 'number' ? String(value) : value === '' ? undefined : (value ?? undefined),
  z
    .string()
    .max(longestText)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'format'),
);

/** What may be said of a message, wherever: `sms/send`, a node of JSON or XML, one of the other tools. */
export const sendFields = z.object({
  to: requiredList(mostNumbers, 64),
  message,
  sender: required(32),
  service: required(32),
  webhook_id: optional(),
  time: optional(40),
  type: oneOf(['U', 'N', 'A', 'u', 'n', 'a']),
  flash: flag,
  custom: optional(),
  custom1: optional(),
  foreign_id: optional(),
  port: whole(0, 65_535),
  entity_id: optional(),
  template_id: optional(),
  max_units: whole(0, 255),
  tags: list(mostTags, 100),
  meta,
});
export type SendFields = z.infer<typeof sendFields>;

/** One text to one number, as the core is asked for it, and what this API keeps of it. */
export interface Wanted {
  outgoing: OutgoingMessage;
  custom?: string | undefined;
  /** Of the template in a register that its client says it is of. */
  templateId?: string | undefined;
}

/**
 * What the core is asked to send for some fields: one message for each number.
 * @throws GatewayError `invalid_request` for a product, webhook or time that there is not, and for what this gateway
 * cannot carry.
 */
export function outgoing(
  fields: SendFields,
  { caller, settings }: Pick<Call, 'caller' | 'settings'>,
  { clock, at = '' }: Pick<DialectContext, 'clock'> & { at?: string },
): Wanted[] {
  const { to, sender, type, custom, custom1, flash, meta: more } = fields;
  const product = productsOf(caller.view).get(fields.service);
  if (!product) throw noService();
  const webhookId = fields.webhook_id ?? more?.webhook_id;
  if (webhookId !== undefined) requireWebhook(caller, webhookId);
  if (fields.port) throw invalid(`${at}port`, 'Messages to a port cannot be carried.');
  const scheduledAt =
    fields.time === undefined ? null : timeOf(fields.time, settings.timeZone, clock.now());
  const text = type?.toUpperCase() === 'N' ? inGsm7(fields.message) : fields.message;
  requireLinks(text, `${at}message`);
  const tags = fields.tags ?? more?.tags ?? null;
  const own = custom ?? fields.foreign_id ?? more?.foreign_id;
  const extras = storedExtras({
    service: product.code,
    ...(own !== undefined && { custom: own }),
    ...(custom1 !== undefined && { custom1 }),
    ...(webhookId !== undefined && { webhookId }),
  });
  const limits: MessageLimits = {
    alphabet: 'any',
    characters: longestText,
    parts: fields.max_units || 255,
  };
  return to.map((number) => ({
    outgoing: {
      to: plainNumber(number),
      text,
      sender,
      product: product.code,
      medium: product.medium,
      tags,
      scheduledAt,
      flash: flash === true,
      extras,
      limits,
    },
    custom: own,
    templateId: fields.template_id,
  }));
}

/** Without what people write between digits. */
function plainNumber(written: string): string {
  const bare = written.replace(/[\s().-]+/g, '');
  return /^\+?\d+$/.test(bare) ? bare : written;
}

/** Whether a number can be kept as one that failed: it has the form of one. */
function hasForm({ outgoing: { to } }: Wanted): boolean {
  return /^\+?\d{1,20}$/.test(to);
}

/** "Characters outside their GSM list become `?`" (reference C.4). */
function inGsm7(text: string): string {
  return isGsm7(text) ? text : [...text].map((one) => (isGsm7(one) ? one : '?')).join('');
}

function timeOf(text: string, zone: string, now: number): number {
  const at = readTime(text, zone);
  if (at === undefined) throw invalid('time', 'The time does not match the format Y-m-d H:i:s.');
  if (at > now + furthestDays * dayMs) {
    throw invalid('time', `The time must be at most ${furthestDays} days ahead.`);
  }
  return at;
}

function requireWebhook({ view }: Caller, id: string): void {
  if (view.endpoints.some((one) => isWebhook(one) && one.id === id)) return;
  throw invalid('webhook_id', 'The selected webhook id is invalid.');
}

/** @throws GatewayError `too_many_messages`. */
export function requireFew({ length }: readonly Wanted[]): void {
  if (length <= mostNumbers) return;
  throw new GatewayError('too_many_messages', `At most ${mostNumbers} numbers are taken at once.`);
}

/** What became of a message, or of a number that could not even be kept: it has no row. */
export interface Accepted {
  wanted: Wanted;
  verdict: Verdict;
}

/**
 * Takes messages in. What is wrong with one of them alone (its number, its sender, too little credit) makes it fail as
 * a delivery does, and refuses nothing (reference C.6).
 * @throws GatewayError `invalid_request` when there is not one number among them, `too_many_messages`.
 */
export async function submitAll(
  gateway: Gateway,
  caller: Caller,
  wanted: readonly Wanted[],
): Promise<{ group: string; accepted: Accepted[] }> {
  requireFew(wanted);
  if (!wanted.some(hasForm)) throw invalid('to', 'The to format is invalid.');
  for (const id of new Set(wanted.map(({ templateId }) => templateId))) {
    if (id !== undefined && (await gateway.templates.isBlocked(caller, id))) {
      throw invalid('template_id', 'The selected template id is blocked.');
    }
  }
  const filled = wanted.map(
    (one): Wanted => ({
      ...one,
      outgoing: withOptoutLinks(gateway, caller, one.outgoing),
    }),
  );
  const outcome = await gateway.submit({
    caller,
    messages: filled.map((one) => one.outgoing),
    refused: 'keep',
    refs: referencesOf(filled),
  });
  if (outcome.kind === 'replayed') throw new Error('replayed without an idempotency key');
  const { submissionId, verdicts } = outcome.result;
  return {
    group: submissionId,
    accepted: verdicts.map((verdict, at) => ({ wanted: filled[at] as Wanted, verdict })),
  };
}
