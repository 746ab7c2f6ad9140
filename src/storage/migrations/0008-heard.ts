import type { Migration } from './migration.ts';

/**
 * Most notifications are heard at their first try. Of the try that was heard, the notification's own row
 * keeps what it does not know yet: the answer's status and how long it took. A row of
 * `notification_attempts` for it, with its index, was a seventh of all pages that a message's life wrote.
 */
export const heard: Migration = {
  number: 8,
  name: 'heard',
  async up(db, capabilities) {
    for (const column of ['heard_status', 'heard_ms']) {
      await db.schema.alterTable('notifications').addColumn(column, capabilities.integer).execute();
    }
  },
};
