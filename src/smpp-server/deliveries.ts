import type { AccountView } from '../core/accounts/account.ts';
import { mergeCallers } from '../core/batch.ts';
import type { Gateway } from '../core/gateway.ts';
import type { AccountId, EndpointId, NodeId } from '../core/ids.ts';
import type { Finished } from '../core/notifications/deliver.ts';
import type { Notification } from '../core/notifications/notification.ts';
import type { Timer } from '../core/ports/clock.ts';
import { announcements } from '../core/ports/storage.ts';
import type { DeliverSm } from './deliver-sm.ts';
import { deliverSm } from './deliver-sm.ts';
import type { Hearing } from './heard.ts';
import { afterHearing } from './heard.ts';
import { channel } from './outgoing.ts';
import type { ServerLog } from './server-log.ts';

/** A session whose client listens. */
export interface Listener {
  readonly accountId: AccountId;
  /** Its interface_version. */
  readonly version: number;
  /** How many more deliver_sm it may be given at this moment. */
  readonly free: number;
  /**
   * Takes a place in the window at once, until it resolves. Never rejects.
   * @param onLate told when the answer of one that was `lost` comes after all.
   */
  deliver(pdu: DeliverSm, onLate: (hearing: Hearing) => void): Promise<Hearing>;
}

const lookPauseMs = 1_000;
/** What it takes to write down what was heard, beyond the time for an answer. */
const leaseMarginMs = 60_000;
const recordLimit = 500;
/** Of one endpoint at a time. */
const claimLimit = 200;

/**
 * Tells clients over their sessions what is in the outbox for them.
 *
 *   storage ──claim: no more than sessions here have room for──▶ deliver_sm ──answer──▶ written down
 *
 * What nobody here could be told is not claimed: it waits for a session, on whichever node. A node that dies
 * between an answer and its record leaves the claim to run out, and the client is told again.
 */
export class Deliveries {
  readonly #gateway: Gateway;
  readonly #nodeId: NodeId;
  readonly #log: ServerLog;
  readonly #times: { answerTimeoutMs: number; keepMs: number };
  readonly #endpoints = new Map<EndpointId, Set<Listener>>();
  readonly #wanted = new Set<EndpointId>();
  readonly #record: (finished: Finished) => Promise<null>;
  #claiming: Promise<void> | undefined;
  #look: Timer | undefined;
  #failing = false;
  #stopping = false;
  #underWay = 0;
  #quiet: (() => void) | undefined;

  constructor(
    parts: { gateway: Gateway; nodeId: NodeId; log: ServerLog },
    times: { answerTimeoutMs: number; keepMs: number },
  ) {
    this.#gateway = parts.gateway;
    this.#nodeId = parts.nodeId;
    this.#log = parts.log;
    this.#times = times;
    const { storage } = parts.gateway.delivery;
    this.#record = mergeCallers(
      (take: () => Finished[]) =>
        storage.write(async (tx) => {
          const finished = take();
          await tx.notifications.finish(finished);
          return finished.map(() => null);
        }),
      recordLimit,
    );
  }

  start(): void {
    const { outbox, delivery } = this.#gateway;
    outbox.onSessionWake((endpoint) => this.#wake(endpoint));
    const prefix = announcements.session('' as EndpointId);
    delivery.storage.onAnnounced((topic) => {
      if (topic.startsWith(prefix)) this.#wake(topic.slice(prefix.length) as EndpointId);
    });
    this.#lookLater();
  }

  /** From now on this session is told what there is to tell. */
  async attend(listener: Listener): Promise<void> {
    const view = await this.#gateway.directory.view(listener.accountId);
    for (const { id, form } of view?.endpoints ?? []) {
      if (form !== channel) continue;
      const listeners = this.#endpoints.get(id);
      if (listeners) listeners.add(listener);
      else this.#endpoints.set(id, new Set([listener]));
      this.#wake(id);
    }
  }

  leave(listener: Listener): void {
    for (const [endpoint, listeners] of this.#endpoints) {
      if (listeners.delete(listener) && listeners.size === 0) this.#endpoints.delete(endpoint);
    }
  }

  /** Takes nothing more; resolves when what was told is written down, which sessions that end hasten. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#look?.cancel();
    await this.#claiming;
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => {
      this.#quiet = resolve;
    });
  }

  #wake(endpoint: EndpointId): void {
    if (!this.#endpoints.has(endpoint)) return;
    this.#wanted.add(endpoint);
    this.#claimWanted();
  }

  #claimWanted(): void {
    if (this.#claiming || this.#stopping || this.#wanted.size === 0) return;
    this.#claiming = this.#claimAll().finally(() => {
      this.#claiming = undefined;
      if (!this.#failing) this.#claimWanted();
    });
  }

  async #claimAll(): Promise<void> {
    try {
      while (!this.#stopping) {
        const wishes = this.#wishes();
        if (wishes.length === 0) return;
        await this.#claim(wishes);
        this.#failing = false;
      }
    } catch (error) {
      // The next look tries again.
      if (!this.#failing) this.#log.warn({ err: error }, 'nothing can be claimed for sessions');
      this.#failing = true;
    }
  }

  #wishes(): { endpointId: EndpointId; limit: number }[] {
    const wishes: { endpointId: EndpointId; limit: number }[] = [];
    for (const endpointId of this.#wanted) {
      this.#wanted.delete(endpointId);
      let limit = 0;
      for (const { free } of this.#endpoints.get(endpointId) ?? []) limit += free;
      if (limit > 0) wishes.push({ endpointId, limit: Math.min(limit, claimLimit) });
    }
    return wishes;
  }

  async #claim(wishes: { endpointId: EndpointId; limit: number }[]): Promise<void> {
    const { storage, clock } = this.#gateway.delivery;
    const now = clock.now();
    const leaseUntil = now + this.#times.answerTimeoutMs + leaseMarginMs;
    const claimed = await storage.write((tx) =>
      tx.notifications.claimForSessions({ nodeId: this.#nodeId, now, leaseUntil, wishes }),
    );
    const unheard: Notification[] = [];
    let views: Map<AccountId, AccountView>;
    try {
      views = await this.#gateway.directory.views(claimed.map(({ accountId }) => accountId));
    } catch (error) {
      await this.#giveBack(claimed);
      throw error;
    }
    for (const notification of claimed) {
      const listener = this.#freest(notification.endpointId);
      const view = views.get(notification.accountId);
      if (listener && view && !this.#stopping) void this.#tell(notification, { listener, view });
      else unheard.push(notification);
    }
    // Its session ended while it was claimed.
    if (unheard.length > 0) await this.#giveBack(unheard);
  }

  #freest(endpoint: EndpointId): Listener | undefined {
    let freest: Listener | undefined;
    for (const listener of this.#endpoints.get(endpoint) ?? []) {
      if (listener.free > (freest?.free ?? 0)) freest = listener;
    }
    return freest;
  }

  async #giveBack(notifications: readonly Notification[]): Promise<void> {
    const { storage, clock } = this.#gateway.delivery;
    const ids = notifications.map(({ id }) => id);
    await storage.write((tx) => tx.notifications.unclaim(ids, this.#nodeId, clock.now()));
  }

  /** Never rejects: what cannot be written down is told again when the claim has run out. */
  async #tell(
    claimed: Notification,
    { listener, view }: { listener: Listener; view: AccountView },
  ): Promise<void> {
    this.#underWay += 1;
    const { clock, meter } = this.#gateway.delivery;
    const begun = clock.now();
    const finish = async (hearing: Hearing): Promise<void> => {
      const now = clock.now();
      const at = { now, durationMs: now - begun, keepMs: this.#times.keepMs };
      const finished = afterHearing(claimed, hearing, at);
      await this.#insist(finished, claimed.dueAt);
      const { status } = finished.notification;
      meter.notified(status === 'pending' ? 'retried' : status, now - claimed.createdAt);
    };
    const attempt = async (task: () => Promise<void>): Promise<void> => {
      try {
        await task();
      } catch (error) {
        const more = { err: error, notification: claimed.id };
        this.#log.warn(more, 'what a session was told could not be written down; it is told again');
      }
    };
    await attempt(async () => {
      // One whose answer comes late was heard, and need not be told again.
      const onLate = (late: Hearing): void => void attempt(() => finish(late));
      const pdu = this.#render(claimed, view, listener.version);
      await finish('kind' in pdu ? pdu : await listener.deliver(pdu, onLate));
    });
    this.#underWay -= 1;
    if (this.#underWay === 0 && this.#stopping) this.#quiet?.();
    else this.#wake(claimed.endpointId);
  }

  #render({ event, id }: Notification, view: AccountView, version: number): DeliverSm | Hearing {
    try {
      const pdu = deliverSm(event, view, version);
      return pdu ?? { kind: 'void', detail: 'There is nothing to tell any more.' };
    } catch (error) {
      this.#log.warn({ err: error, notification: id }, 'a notification has no form');
      return { kind: 'void', detail: 'It could not be written; the log says why.' };
    }
  }

  /** What was heard must not be told again because it could not be written down at once. */
  async #insist(finished: Finished, until: number): Promise<void> {
    const { clock } = this.#gateway.delivery;
    for (;;) {
      try {
        await this.#record(finished);
        return;
      } catch (error) {
        if (this.#stopping || clock.now() + lookPauseMs >= until) throw error;
        await new Promise<void>((resolve) => {
          clock.after(lookPauseMs, resolve);
        });
      }
    }
  }

  /** What became due meanwhile, and what nobody was woken for. */
  #lookLater(): void {
    this.#look = this.#gateway.delivery.clock.after(lookPauseMs, () => {
      for (const endpoint of this.#endpoints.keys()) this.#wanted.add(endpoint);
      this.#claimWanted();
      this.#lookLater();
    });
  }
}
