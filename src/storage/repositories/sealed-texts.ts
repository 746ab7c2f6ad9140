import { sql } from 'kysely';

import type { ShortCode } from '../../core/links/code.ts';
import type { Tx } from '../../core/ports/storage.ts';
import type { WriteSession } from '../engine.ts';
import { sealedTextRow } from '../tables.ts';

/** Takes a session that writes; gives the sealed texts' part of `Tx`. */
export function sealedTextWrites({ kysely }: WriteSession): Tx['sealedTexts'] {
  return {
    async insert(text) {
      const { numInsertedOrUpdatedRows } = await kysely
        .insertInto('sealed_texts')
        .values(sealedTextRow.toRecord(text))
        .onConflict((clash) => clash.doNothing())
        .executeTakeFirst();
      return (numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    async open(code, now) {
      // In one statement, so that of two who open the last view one comes too late.
      const record = await kysely
        .updateTable('sealed_texts')
        .set({ views_left: sql<number>`views_left - 1` })
        .where('code', '=', code)
        .where('views_left', '>', 0)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst();
      const text = record && sealedTextRow.fromRecord(record);
      if (text?.viewsLeft === 0) await remove([code]);
      return text;
    },
    remove,
  };

  async function remove(codes: readonly ShortCode[]): Promise<void> {
    if (codes.length === 0) return;
    await kysely.deleteFrom('sealed_texts').where('code', 'in', codes).execute();
  }
}
