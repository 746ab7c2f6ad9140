import { z } from 'zod';
import type { SimNews } from '../../core/devices/sims.ts';
import { GatewayError } from '../../core/errors.ts';
import { asE164 } from '../../text/phone-number.ts';
import { parseJson } from '../../dialects/shared/json.ts';

/** Fields that are null may be left out, and are by the app. */
const optionalText = (most: number) => z.string().max(most).nullish();

/** Strings in it are redacted to their last four characters, but at the start of the app. */
const simCard = z.looseObject({
  slotIndex: z.int().nullish(),
  simNumber: z.int().nullish(),
  phoneNumber: optionalText(64),
  carrierName: optionalText(128),
});
const simCards = z.array(simCard).max(16).nullish();

export const registration = z.looseObject({
  name: z.string().max(128).nullish(),
  pushToken: optionalText(256),
  simCards,
});

export const devicePatch = z.looseObject({ pushToken: optionalText(256), simCards });

export const passwordChange = z.looseObject({
  currentPassword: z.string().max(256),
  newPassword: z.string().min(14).max(256),
});

/** What a phone says of a message. What it says beside that, or wrongly, must not make it say it again. */
const statePatch = z.looseObject({
  id: z.string(),
  state: z.string(),
  recipients: z
    .array(z.looseObject({ state: z.string().nullish(), error: z.string().nullish() }))
    .nullish()
    .catch(null),
  states: z.record(z.string(), z.unknown()).nullish().catch(null),
});
export type StatePatch = z.infer<typeof statePatch>;
const mostPatches = 1_000;

/** @throws GatewayError `invalid_json`, `invalid_request` for what is no list. */
export function readStatePatches(body: Buffer | undefined): StatePatch[] {
  return readList(body, mostPatches).flatMap((one) => {
    const read = statePatch.safeParse(one);
    return read.success ? read.data : [];
  });
}

const event = z.looseObject({
  event: z.string().max(64),
  payload: z.record(z.string(), z.unknown()).nullish(),
});
export type HookEvent = z.infer<typeof event>;

/** What a phone tells at its hook. @throws GatewayError, ZodError. */
export function readHookEvent(body: Buffer | undefined): HookEvent {
  return event.parse(parseJson(body));
}

const inboxItem = z.looseObject({
  id: z.string().max(256),
  type: z.string().max(32),
  sender: z.string().max(256),
  recipient: optionalText(256),
  simNumber: z.int().nullish(),
  content: z.string(),
  isEncrypted: z.boolean().nullish(),
  createdAt: z.string().max(64).nullish(),
});
export type InboxItem = z.infer<typeof inboxItem>;
const mostInboxItems = 500;

/** @throws GatewayError as `readStatePatches`. */
export function readInbox(body: Buffer | undefined): InboxItem[] {
  return readList(body, mostInboxItems).flatMap((one) => {
    const read = inboxItem.safeParse(one);
    return read.success ? read.data : [];
  });
}

/** @throws GatewayError `invalid_json`, ZodError. */
export function readBody<Schema extends z.ZodType>(
  schema: Schema,
  body: Buffer | undefined,
): z.output<Schema> {
  return schema.parse(parseJson(body));
}

function readList(body: Buffer | undefined, most: number): unknown[] {
  const list = parseJson(body);
  if (!Array.isArray(list)) {
    throw new GatewayError('invalid_request', 'The body must be a list.');
  }
  if (list.length > most) {
    throw new GatewayError('invalid_request', `The list may have ${most} entries.`);
  }
  return list;
}

/** What a phone says of its SIMs; a number that it shows whole has its plus sign. */
export function simsOf(cards: z.output<typeof simCards>): SimNews[] | undefined {
  return cards?.map(({ slotIndex, simNumber, phoneNumber, carrierName }, at) => {
    const number = asE164(phoneNumber ?? '') ?? null;
    const ending = /^\*+(\d{4})$/.exec(phoneNumber ?? '')?.[1] ?? number?.slice(-4) ?? null;
    const carrier = carrierName && !carrierName.includes('*') ? carrierName : null;
    return { slot: slotIndex ?? at, sim: simNumber ?? at + 1, number, ending, carrier };
  });
}
