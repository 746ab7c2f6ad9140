import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import type { Edition } from './settings.ts';

/** The most messages of one request: seed; reference A.3. */
const mostMessages: Record<Edition, number> = { '2024': 100, '2026': 10_000 };

const longestRef = 255;

const message = z.object({
  to: z.string(),
  message: z.string(),
  sender: z.string(),
  custom_ref: z
    .string()
    .max(longestRef)
    .refine(isPlainText, { error: 'must be text without U+0000 and without half characters' })
    .nullish(),
});

/** What can be kept and given back as it is: no engine keeps half a surrogate pair, PostgreSQL no U+0000. */
function isPlainText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** `POST /v1/messages` as the seed has it; keys it does not name are passed over. */
const batch2024 = z.object({ messages: z.array(message).min(1) });

/** The same with what the reference lists as newer (A.3). */
const batch2026 = z.object({
  messages: z
    .array(
      message.extend({
        unicode: z.boolean().nullish(),
        scheduled_for: z.string().nullish(),
      }),
    )
    .min(1),
  enable_unicode: z.boolean().nullish(),
  max_parts: z.int().min(1).max(99).nullish(),
});

export type WireMessage = z.infer<typeof message>;
export type Batch2024 = z.infer<typeof batch2024>;
export type Batch2026 = z.infer<typeof batch2026>;

/** @throws GatewayError `too_many_messages`; ZodError. */
export function readBatch2024(body: unknown): Batch2024 {
  return batch2024.parse(checked(body, '2024'));
}

/** @throws GatewayError `too_many_messages`; ZodError. */
export function readBatch2026(body: unknown): Batch2026 {
  return batch2026.parse(checked(body, '2026'));
}

/** How many there are is asked before each is looked at. */
function checked(body: unknown, edition: Edition): unknown {
  const most = mostMessages[edition];
  const messages =
    typeof body === 'object' && body !== null ? (body as { messages?: unknown }).messages : null;
  if (Array.isArray(messages) && messages.length > most) {
    throw new GatewayError(
      'too_many_messages',
      `messages has ${messages.length} entries; at most ${most} are allowed in one request.`,
      { field: 'messages' },
    );
  }
  return body ?? {};
}

const ids = z.union([z.string(), z.array(z.string()).max(10_000)]).nullish();
const refs = z.union([z.string(), z.array(z.string()).max(100)]).nullish();

/** `DELETE /v1/messages` (place and form of the parameters are not published; reference A.2). */
export const cancellation = z.object({ message_id: ids, custom_ref: refs });

/** `POST /v1/senders` (reference A.7). */
export const newSender = z.object({ number: z.string(), label: z.string().max(100).nullish() });

/** `POST` and `DELETE /v1/unsubscribes`. */
export const unsubscribe = z.object({ number: z.string() });

/** `/simple/send-sms` (reference A.2). */
export const simpleMessage = message;
