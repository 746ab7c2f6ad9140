import type { E164 } from '../../text/phone-number.ts';
import type { AccountId, ScopedOptoutId } from '../ids.ts';
import type { Message } from '../messages/message.ts';
import { senderKey } from '../senders/sender.ts';
import type { Optout } from './optout.ts';

export const scopeKinds = ['tag', 'product', 'sender'] as const;

/** What a handset wants no more of: what carries a tag, is of a product, or shows a sender. */
export interface Scope {
  kind: (typeof scopeKinds)[number];
  value: string;
}

/** A number that must not be sent what is in a scope. */
export interface ScopedOptout extends Scope {
  id: ScopedOptoutId;
  accountId: AccountId;
  number: E164;
  source: Optout['source'];
  createdAt: number;
}

/** Whether scopes are the same: of two ways to write a sender they are. */
export function scopeKey({ kind, value }: Scope): string {
  return kind === 'sender' ? senderKey(value) : value;
}

/** Whether a message is in a scope. */
export function isInScope(
  { tags, product, sender }: Pick<Message, 'tags' | 'product' | 'sender'>,
  scope: Scope,
): boolean {
  switch (scope.kind) {
    case 'tag':
      return tags?.includes(scope.value) ?? false;
    case 'product':
      return product === scope.value;
    case 'sender':
      return senderKey(sender) === scopeKey(scope);
  }
}
