import type { ShortCode } from '../../core/links/code.ts';
import { asShortCode } from '../../core/links/code.ts';
import type { Message } from '../../core/messages/message.ts';

/**
 * What is kept with a message that leads to an encrypted text.
 * @param code of that text; null: there is none, since the message was refused.
 */
export function encryptedExtras(code: ShortCode | null): Message['extras'] {
  return { encrypted: true, ...(code !== null && { sealed: code }) };
}

export function isEncrypted({ extras }: Pick<Message, 'extras'>): boolean {
  return extras?.['encrypted'] === true;
}

/** The encrypted text that a message leads to. */
export function sealedOf({ extras }: Pick<Message, 'extras'>): ShortCode | null {
  const sealed = extras?.['sealed'];
  return (typeof sealed === 'string' && asShortCode(sealed)) || null;
}
