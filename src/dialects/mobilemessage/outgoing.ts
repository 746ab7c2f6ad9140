import type { AccountView } from '../../core/accounts/account.ts';
import { GatewayError } from '../../core/errors.ts';
import type { MessageLimits, OutgoingMessage } from '../../core/messages/prepare.ts';
import { senderKey } from '../../core/senders/sender.ts';
import { stripToGsm7 } from '../../text/gsm7.ts';
import { parseInstant } from '../../text/instant.ts';
import type { Batch2024, Batch2026 } from './schema.ts';
import type { Settings } from './settings.ts';

/** Seed: "maximum 765 characters", GSM only. How many parts that makes follows from the text. */
const limits2024: MessageLimits = { alphabet: 'gsm7', characters: 765, parts: 255 };

/** Reference A.3: `max_parts` is 10 where it is not given, 99 at most: more no text can have. */
const usualParts = 10;
const longestText = 99 * 153;

/** What edition 2024 asks the core to send. */
export function outgoing2024({ messages }: Batch2024): OutgoingMessage[] {
  return messages.map(({ to, message, sender, custom_ref }) => ({
    to,
    text: message,
    sender,
    clientRef: custom_ref ?? null,
    limits: limits2024,
  }));
}

/**
 * What edition 2026 asks the core to send. Without `unicode` what is not GSM is taken out of the text
 * without a word, as that edition documents (reference A.3).
 * @throws GatewayError `invalid_request` for a `scheduled_for` in no known form.
 */
export function outgoing2026(
  batch: Batch2026,
  view: AccountView,
  settings: Settings,
): OutgoingMessage[] {
  const limits: MessageLimits = {
    alphabet: 'any',
    characters: longestText,
    parts: batch.max_parts ?? usualParts,
  };
  return batch.messages.map((asked, index) => {
    const { to, message, sender, custom_ref, scheduled_for } = asked;
    const unicode = asked.unicode ?? batch.enable_unicode ?? false;
    const text = withOptout(unicode ? message : stripToGsm7(message), { sender, view, settings });
    return {
      to,
      text,
      sender,
      clientRef: custom_ref ?? null,
      scheduledAt:
        scheduled_for === undefined || scheduled_for === null
          ? null
          : instantOf(scheduled_for, index),
      limits,
    };
  });
}

function instantOf(text: string, index: number): number {
  const instant = parseInstant(text.trim());
  if (instant === undefined) {
    const field = `messages[${index}].scheduled_for`;
    throw new GatewayError(
      'invalid_request',
      `${field} must be an instant such as 2026-03-09 09:00:00 (UTC) or 2026-03-09T19:00:00+10:00.`,
      { field },
    );
  }
  return instant;
}

const placeholder = '{optout}';

/** Puts the account's wording for `{optout}`; a reply to a name or an own number never reaches us. */
function withOptout(
  text: string,
  { sender, view, settings }: { sender: string; view: AccountView; settings: Settings },
): string {
  if (!text.includes(placeholder)) return text;
  const kind = view.senders.get(senderKey(sender))?.kind;
  const wording =
    kind === 'alphanumeric' || kind === 'own' ? settings.optoutTextForNames : settings.optoutText;
  return text.replaceAll(placeholder, () => wording);
}
