import type { AccountView } from '../accounts/account.ts';
import type { Event } from '../events.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { NotificationForm } from '../ports/notifier.ts';
import type { Tx } from '../ports/storage.ts';
import type { Notification } from './notification.ts';

/**
 * Turns events into rows of the outbox, in the transaction of the fact they tell. Most accounts have
 * no endpoint for most events: that is found out before anything is built.
 */
export class Outbox {
  readonly #forms: ReadonlyMap<string, NotificationForm>;
  readonly #clock: Clock;
  readonly #ids: Ids;
  #woken: () => void;

  /** @param parts `elsewhere` tells other nodes, as long as nobody here delivers. */
  constructor(parts: {
    forms: Iterable<NotificationForm>;
    clock: Clock;
    ids: Ids;
    elsewhere: () => void;
  }) {
    this.#woken = parts.elsewhere;
    this.#forms = new Map([...parts.forms].map((form) => [form.name, form]));
    this.#clock = parts.clock;
    this.#ids = parts.ids;
  }

  form(name: string): NotificationForm | undefined {
    return this.#forms.get(name);
  }

  /** Writes down who must hear of these events. Gives how many notifications that made. */
  async tell(tx: Tx, events: readonly { event: Event; view: AccountView }[]): Promise<number> {
    const rows: Notification[] = [];
    const now = this.#clock.now();
    for (const { event, view } of events) {
      for (const endpoint of view.endpoints) {
        const form = this.#forms.get(endpoint.form);
        if (!form?.wants(event, endpoint, view)) continue;
        rows.push({
          id: this.#ids.next(),
          accountId: event.accountId,
          endpointId: endpoint.id,
          event,
          status: 'pending',
          attempts: 0,
          dueAt: now,
          lockedBy: null,
          createdAt: now,
          doneAt: null,
        });
      }
    }
    if (rows.length > 0) await tx.notifications.insert(rows);
    return rows.length;
  }

  /** Call after the commit when `tell` made any. */
  wake(): void {
    this.#woken();
  }

  /** The worker that delivers them says here how it is woken. */
  onWake(woken: () => void): void {
    this.#woken = woken;
  }
}
