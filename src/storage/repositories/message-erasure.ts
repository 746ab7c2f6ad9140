import { sql } from 'kysely';

import type { MessageId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import type { Tx } from '../../core/ports/storage.ts';
import type { Update, WriteSession } from '../engine.ts';
import { messageRow } from '../tables.ts';

const hide: Update = { table: 'messages', key: ['id'], set: ['hidden_at'] };

/** What still waits for its network, or for its phone, needs its text. */
const mayGo = sql<boolean>`status not in ('scheduled', 'queued', 'sending') and not exists (
  select 1 from device_messages as errand where errand.message_id = messages.id
    and errand.state in ('waiting', 'given', 'cancelling'))`;

/** Takes a session that writes; gives the part of `Tx` that takes messages out of their accounts' sight. */
export function messageErasure({
  kysely,
  bulk,
}: WriteSession): Pick<Tx['messages'], 'hide' | 'erase'> {
  return {
    async hide(messages) {
      await bulk.update(
        hide,
        [...messages].map(([id, at]) => [at, id]),
      );
    },
    async erase(accountId, which, now) {
      const erase = kysely
        .updateTable('messages')
        .set({ hidden_at: now, text: '' })
        .where('account_id', '=', accountId)
        .where('hidden_at', 'is', null)
        .where(mayGo);
      const erased = async (ids: readonly MessageId[]): Promise<Message[]> => {
        if (ids.length === 0) return [];
        const records = await erase.where('id', 'in', ids).returningAll().execute();
        return records.map(messageRow.fromRecord);
      };
      if ('ids' in which) {
        return erased(which.ids);
      }
      const { span, limit } = which;
      const some = await kysely
        .selectFrom('messages')
        .select('id')
        .where('account_id', '=', accountId)
        .where('created_at', '>=', span.from)
        .where('created_at', '<', span.before)
        .where('hidden_at', 'is', null)
        .where(mayGo)
        .orderBy('created_at')
        .limit(limit)
        .execute();
      return erased(some.map(({ id }) => id));
    },
  };
}
