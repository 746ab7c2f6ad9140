import { mergeCallers } from '../core/batch.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import type { Gateway } from '../core/gateway.ts';
import type { NodeId } from '../core/ids.ts';
import type { Finished, Receiver, TryResult } from '../core/notifications/deliver.ts';
import { afterTry, receiverOf, renderTry, withoutReceiver } from '../core/notifications/deliver.ts';
import type { Notification } from '../core/notifications/notification.ts';
import type { Courier, Parcel } from '../core/ports/courier.ts';
import type { NotificationRequest } from '../core/ports/notifier.ts';
import { announcements } from '../core/ports/storage.ts';
import type { Vault } from '../core/ports/vault.ts';
import type { HttpClient } from '../net/http-client.ts';
import { parseRetryAfter } from '../net/retry-after.ts';
import { every } from './every.ts';
import { HostQueues } from './host-queues.ts';
import { insist } from './insist.ts';
import { factsOf, Troubles } from './troubles.ts';
import type { Worker, WorkerLog } from './worker.ts';

const lookPauseMs = 1_000;
const claimLimit = 100;
/** Tries at one host at a time, as long as it does not answer quickly. */
const leastAtOnce = 16;
const quickMs = 250;
const waitingPerHost = 200;
/** Claimed ones of all hosts together. */
const heldLimit = 5_000;
/** What is made here is handed over in memory up to here; the rest is for what waits in storage. */
const offeredLimit = 2_500;
const recordLimit = 500;
const rememberedUrls = 1_000;
const detailLength = 500;
/** When our own side had no room for a try, it is not counted and made again after this. */
const noRoomRestMs = 1_000;

/**
 * Delivers the outbox.
 *
 *   storage ──claim──▶ a line for each receiving host ──▶ try ──▶ written down, with others of its turn
 *   made here ──offer──▶ the same line, while nothing older waits for it in storage
 *
 * Endpoints whose host has a line are left out of the next claim: however many notifications a slow or
 * dead receiver has, the others' are claimed past them. A crash between a try and its record leaves
 * the claim to run out, and the try is made again: receivers may hear a thing twice, never not at all.
 */
export class NotifyWorker implements Courier, Worker {
  readonly #gateway: Gateway;
  readonly #vault: Vault;
  readonly #http: HttpClient;
  readonly nodeId: NodeId;
  /** Longer than the whole line of one host takes when each try runs into its time-out. */
  readonly leaseMs = 300_000;
  readonly #log: WorkerLog;
  readonly #look: Worker;
  readonly #claims: Troubles;
  readonly #lookUps: Troubles;
  readonly #record: (finished: Finished) => Promise<null>;
  readonly #queues: HostQueues<Notification>;
  /** The last claim left out somebody. */
  #leftOut = false;
  #held = 0;
  #wanted = false;
  #claiming: Promise<void> | undefined;
  #stopping = false;
  #quiet: (() => void) | undefined;

  constructor(parts: {
    gateway: Gateway;
    vault: Vault;
    http: HttpClient;
    /** Tries at one host at a time, at most. */
    atOncePerHost: number;
    nodeId: NodeId;
    log: WorkerLog;
  }) {
    const { atOncePerHost: most } = parts;
    this.#queues = new HostQueues<Notification>(
      (one) => this.#deliver(one),
      () => this.#lineGotShort(),
      { atOnce: { least: Math.min(leastAtOnce, most), most }, longest: waitingPerHost },
    );
    this.#gateway = parts.gateway;
    this.#vault = parts.vault;
    this.#http = parts.http;
    this.nodeId = parts.nodeId;
    this.#log = parts.log;
    const { storage, clock } = parts.gateway.delivery;
    const tools = { clock, log: parts.log };
    this.#claims = new Troubles(
      { fails: 'notifications could not be claimed; it is tried again', task: 'the claim' },
      { worker: 'notify' },
      tools,
    );
    this.#lookUps = new Troubles(
      { fails: 'its receiver was not found', task: 'the look-up of receivers' },
      { worker: 'notify' },
      tools,
    );
    this.#look = every(lookPauseMs, async () => this.wake(), {
      clock,
      log: parts.log,
      name: 'notify',
    });
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
    outbox.deliverBy(this);
    delivery.storage.onAnnounced((topic) => {
      if (topic === announcements.notifications) this.wake();
    });
    this.wake();
    this.#look.start();
  }

  takes(url: string): boolean {
    if (this.#stopping || this.#held >= offeredLimit) return false;
    return this.#queues.hasRoom(hostOf(url));
  }

  offer(parcels: readonly Parcel[]): void {
    if (this.#stopping) {
      this.#giveBack(
        parcels.map(({ notification }) => notification),
        0,
      ).catch((error: unknown) => {
        this.#log.warn(
          factsOf(error),
          'notifications could not be given back; they are when their claim ends',
        );
      });
      return;
    }
    this.#held += parcels.length;
    for (const { notification, endpoint, url } of parcels) {
      this.#queues.push(hostOf(url), endpoint.id, notification);
    }
  }

  /** There may be something to deliver. */
  wake(): void {
    this.#wanted = true;
    if (this.#claiming || this.#stopping) return;
    this.#claiming = this.#claim().finally(() => {
      this.#claiming = undefined;
      // Who woke it after its last look is heard now, unless there is no room.
      if (this.#wanted && this.#held < heldLimit) this.wake();
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#look.stop();
    await this.#claiming;
    const waiting = this.#queues.drain();
    this.#held -= waiting.length;
    // Tries under way end by themselves: each has a time-out.
    if (this.#held > 0) {
      await new Promise<void>((resolve) => {
        this.#quiet = resolve;
      });
    }
    await this.#giveBack(waiting, 0);
  }

  async #claim(): Promise<void> {
    const { storage, clock } = this.#gateway.delivery;
    try {
      while (this.#wanted && !this.#stopping && this.#held < heldLimit) {
        this.#wanted = false;
        const now = clock.now();
        const except = this.#queues.busyEndpoints();
        this.#leftOut = except.length > 0;
        const claimed = await storage.write((tx) =>
          tx.notifications.claim({
            nodeId: this.nodeId,
            now,
            leaseUntil: now + this.leaseMs,
            limit: claimLimit,
            except,
          }),
        );
        if (claimed.length === claimLimit) this.#wanted = true;
        else this.#queues.caughtUp(except);
        await this.#enqueue(claimed);
        this.#claims.worked();
      }
    } catch (error) {
      this.#claims.failed(error);
    }
  }

  async #enqueue(claimed: readonly Notification[]): Promise<void> {
    const tooMany: Notification[] = [];
    let receivers: (Receiver | null)[];
    try {
      receivers = await Promise.all(claimed.map((one) => receiverOf(one, this.#tools())));
    } catch (error) {
      await this.#giveBack(claimed, noRoomRestMs);
      throw error;
    }
    for (const [at, notification] of claimed.entries()) {
      const receiver = receivers[at];
      this.#held += 1;
      if (!receiver) void this.#deliver(notification);
      else if (!this.#queues.add(hostOf(receiver.url), notification.endpointId, notification)) {
        this.#held -= 1;
        tooMany.push(notification);
      }
    }
    await this.#giveBack(tooMany, 0);
  }

  async #giveBack(notifications: readonly Notification[], restMs: number): Promise<void> {
    if (notifications.length === 0) return;
    const { storage, clock } = this.#gateway.delivery;
    const ids = notifications.map((notification) => notification.id);
    const giveBack = () =>
      storage.write((tx) => tx.notifications.unclaim(ids, this.nodeId, clock.now() + restMs));
    // What is not given back lies still until its claim runs out.
    const until = Math.min(...notifications.map((notification) => notification.dueAt));
    await insist(giveBack, { clock, until, now: () => this.#stopping });
  }

  /**
   * Never rejects: what cannot be told or written down now comes again when its claim runs out.
   * @returns once the try is over, whether it was heard quickly.
   */
  async #deliver(notification: Notification): Promise<boolean> {
    try {
      // The claim ran out while it waited: another node may have it.
      const held = notification.dueAt > this.#gateway.delivery.clock.now();
      const finished = held ? await this.#try(notification) : null;
      if (finished) {
        void this.#write(finished);
        const { notification: after, attempt } = finished;
        return after.status === 'delivered' && attempt.durationMs < quickMs;
      }
    } catch (error) {
      this.#comesAgain(notification, error);
    }
    this.#letGo();
    return false;
  }

  /** Never rejects, as `#deliver`. */
  async #write(finished: Finished): Promise<void> {
    const { clock, meter } = this.#gateway.delivery;
    const { notification, claimed } = finished;
    try {
      // What a receiver has heard must not be told again because we could not write it down.
      await insist(() => this.#record(finished), {
        clock,
        until: claimed.dueAt,
        now: () => this.#stopping,
      });
      const { status, createdAt } = notification;
      meter.notified(status === 'pending' ? 'retried' : status, clock.now() - createdAt);
    } catch (error) {
      this.#comesAgain(notification, error);
    }
    this.#letGo();
  }

  #comesAgain({ id }: Notification, error: unknown): void {
    this.#log.warn(
      { ...factsOf(error), notification: id },
      'a notification could not be told; it is tried again when its claim runs out',
    );
  }

  #letGo(): void {
    this.#held -= 1;
    if (this.#stopping && this.#held === 0) this.#quiet?.();
  }

  #lineGotShort(): void {
    if (this.#leftOut) this.wake();
  }

  /** @returns null when it was not tried, for a reason of our own. */
  async #try(notification: Notification): Promise<Finished | null> {
    const { clock } = this.#gateway.delivery;
    let receiver: Receiver | null;
    try {
      receiver = await receiverOf(notification, this.#tools());
      this.#lookUps.worked();
    } catch (error) {
      this.#lookUps.failed(error, { notification: notification.id });
      await this.#giveBack([notification], noRoomRestMs);
      return null;
    }
    if (!receiver) return withoutReceiver(notification, clock.now());
    let request: NotificationRequest;
    try {
      const rendered = renderTry(notification, receiver, this.#tools());
      request = rendered instanceof Promise ? await rendered : rendered;
    } catch (error) {
      // A secret that cannot be unsealed, say. It counts as a try, so that it comes to an end.
      this.#log.warn({ err: error, notification: notification.id }, 'a notification has no form');
      const result = {
        status: null,
        detail: 'It could not be written; the log says why.',
        retryAfterMs: undefined,
        durationMs: 0,
      };
      return afterTry(notification, receiver.policy, result, clock.now());
    }
    const answer = await this.#http.request({ ...request, timeoutMs: receiver.policy.timeoutMs });
    if (answer.kind === 'failed' && (answer.reason === 'busy' || answer.reason === 'closed')) {
      await this.#giveBack([notification], noRoomRestMs);
      return null;
    }
    const result: TryResult =
      answer.kind === 'answered'
        ? {
            status: answer.status,
            detail: answer.body.slice(0, detailLength),
            retryAfterMs: parseRetryAfter(answer.headers['retry-after'], clock.now()),
            durationMs: Math.round(answer.durationMs),
          }
        : {
            status: null,
            detail: `${answer.reason}: ${answer.detail}`.slice(0, detailLength),
            retryAfterMs: undefined,
            durationMs: Math.round(answer.durationMs),
          };
    // Where each event has a URL of its own, the others are not gone.
    if (result.status === 410 && receiver.endpoint.url !== '') {
      await this.#gateway.disableEndpoint(notification.accountId, receiver.endpoint.id);
    }
    return afterTry(notification, receiver.policy, result, clock.now());
  }

  #tools() {
    const { directory, outbox, clock } = this.#gateway.delivery;
    return { directory, outbox, clock, vault: this.#vault };
  }
}

const hosts = new BoundedMap<string, string>(rememberedUrls);

/** Most URLs are an endpoint's and come again and again; where each event has its own, they are parsed. */
function hostOf(url: string): string {
  let host = hosts.get(url);
  if (host === undefined) {
    host = URL.parse(url)?.host ?? '';
    hosts.set(url, host);
  }
  return host;
}
