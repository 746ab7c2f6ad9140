import type { AccountView } from '../accounts/account.ts';
import type { Event } from '../events.ts';
import type { EndpointId, NotificationId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Courier, Parcel } from '../ports/courier.ts';
import type { Ids } from '../ports/ids.ts';
import type { NotificationForm, SessionForm } from '../ports/notifier.ts';
import type { Tx } from '../ports/storage.ts';
import type { Endpoint, Via } from './endpoint.ts';
import type { Notification } from './notification.ts';

/** What `tell` has written down: for `wake`, after the commit. */
export interface Told {
  /** Those that were inserted under the lease of this node's courier. */
  parcels: readonly Parcel[];
  /** Others that are told by requests: they wait in storage. */
  requests: number;
  /** Endpoints of those that are told over sessions. */
  sessions: ReadonlySet<EndpointId>;
}

export const nothingTold: Told = { parcels: [], requests: 0, sessions: new Set() };

/**
 * Turns events into rows of the outbox, in the transaction of the fact they tell. Most accounts have
 * no endpoint for most events: that is found out before anything is built.
 */
export class Outbox {
  readonly #forms: ReadonlyMap<string, NotificationForm>;
  readonly #sessionForms: ReadonlyMap<string, SessionForm>;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #elsewhere: { requests(): void; session(endpoint: EndpointId): void };
  #courier: Courier | undefined;
  #sessionWoken: (endpoint: EndpointId) => void = () => {};

  /**
   * @param parts `elsewhere` tells other nodes: of requests as long as nobody here delivers them, of
   * sessions always, since the client may have opened his to any node.
   */
  constructor(parts: {
    forms: Iterable<NotificationForm>;
    sessionForms: Iterable<SessionForm>;
    clock: Clock;
    ids: Ids;
    elsewhere: { requests(): void; session(endpoint: EndpointId): void };
  }) {
    this.#elsewhere = parts.elsewhere;
    this.#forms = byName(parts.forms);
    this.#sessionForms = byName(parts.sessionForms);
    this.#clock = parts.clock;
    this.#ids = parts.ids;
  }

  form(name: string): NotificationForm | undefined {
    return this.#forms.get(name);
  }

  /** Writes down who must hear of these events. */
  async tell(tx: Tx, events: readonly { event: Event; view: AccountView }[]): Promise<Told> {
    const rows: Notification[] = [];
    const parcels: Parcel[] = [];
    const sessions = new Set<EndpointId>();
    const now = this.#clock.now();
    const courier = this.#courier;
    const add = (
      event: Event,
      { id: endpointId }: Endpoint,
      via: Via,
      leasedTo: Courier | null,
      id: NotificationId = this.#ids.next(),
    ): Notification => {
      const notification: Notification = {
        id,
        accountId: event.accountId,
        endpointId,
        via,
        event,
        status: 'pending',
        attempts: 0,
        dueAt: leasedTo ? now + leasedTo.leaseMs : now,
        lockedBy: leasedTo && leasedTo.nodeId,
        createdAt: now,
        doneAt: null,
      };
      rows.push(notification);
      return notification;
    };
    let requests = 0;
    for (const { event: fact, view } of events) {
      let event = fact;
      let polled = false;
      for (const endpoint of view.endpoints) {
        const form = this.#forms.get(endpoint.form);
        if (form?.wants(event, endpoint, view)) {
          if (event.id === undefined) event = { ...event, id: this.#ids.next() };
          if (endpoint.via === 'poll') {
            // Who polls and who is told by a request know the same thing under the same id.
            add(event, endpoint, 'poll', null, polled ? undefined : event.id);
            polled = true;
            continue;
          }
          const url = courier ? urlOf(form, event, endpoint) : '';
          if (courier?.takes(url)) {
            parcels.push({ notification: add(event, endpoint, 'request', courier), endpoint, url });
          } else {
            add(event, endpoint, 'request', null);
            requests += 1;
          }
        }
        for (const telling of this.#tellings(event, endpoint, view)) {
          add(telling, endpoint, 'session', null);
          sessions.add(endpoint.id);
        }
      }
    }
    if (rows.length > 0) await tx.notifications.insert(rows);
    return { parcels, requests, sessions };
  }

  /** Call after the commit. */
  wake({ parcels, requests, sessions }: Told): void {
    if (parcels.length > 0) this.#courier?.offer(parcels);
    if (requests > 0) {
      if (this.#courier) this.#courier.wake();
      else this.#elsewhere.requests();
    }
    for (const endpoint of sessions) {
      this.#sessionWoken(endpoint);
      this.#elsewhere.session(endpoint);
    }
  }

  /** The worker that delivers by requests says here that it is there. */
  deliverBy(courier: Courier): void {
    this.#courier = courier;
  }

  /** Whoever holds sessions of this node says here how he is woken. */
  onSessionWake(woken: (endpoint: EndpointId) => void): void {
    this.#sessionWoken = woken;
  }

  #tellings(event: Event, endpoint: Endpoint, view: AccountView): readonly Event[] {
    return this.#sessionForms.get(endpoint.form)?.tellings(event, endpoint, view) ?? [];
  }
}

/** Where an event is told. */
export function urlOf(form: NotificationForm, event: Event, endpoint: Endpoint): string {
  return form.urlOf && endpoint.url === '' ? form.urlOf(event, endpoint) : endpoint.url;
}

function byName<Form extends { name: string }>(forms: Iterable<Form>): ReadonlyMap<string, Form> {
  return new Map([...forms].map((form) => [form.name, form]));
}
