import type { DeviceNews } from '../../core/devices/device-news.ts';
import type { DeviceId, LinkId } from '../../core/ids.ts';
import type { Timer } from '../../core/ports/clock.ts';
import type {
  DeviceQueues,
  Link,
  LinkHost,
  LinkState,
  OutgoingPart,
  SendOutcome,
} from '../../core/ports/transport.ts';
import { createHttpClient } from '../../net/http-client.ts';
import type { TransportContext } from '../transport.ts';
import { PushRelay } from './relay.ts';
import type { PhoneSettings } from './settings.ts';

/** So often the silence of phones is looked at. */
const sweepMs = 10_000;

/**
 * The link that stands for all phones of all accounts: a network that stores and forwards. What is handed over goes
 * into the queue of a phone, in the database, and that is its answer; what becomes of it comes by the phone's own
 * requests, to whichever node they come (`routes.ts`).
 */
export class PhoneLink implements Link {
  readonly id: LinkId;
  readonly window: number;
  readonly #settings: PhoneSettings;
  readonly #context: TransportContext;
  readonly #underWay = new Set<Promise<unknown>>();
  #state: LinkState = 'starting';
  #queues: DeviceQueues | undefined;
  #timer: Timer | undefined;
  #sweeping: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #leave: () => Promise<void> = async () => {};

  constructor(id: LinkId, settings: PhoneSettings, context: TransportContext) {
    this.id = id;
    this.window = settings.window;
    this.#settings = settings;
    this.#context = context;
  }

  state(): LinkState {
    return this.#state;
  }

  async start({ devices }: LinkHost): Promise<void> {
    if (this.#state !== 'starting') throw new Error(`link ${this.id} was started before`);
    this.#queues = devices;
    this.#relayTo(devices);
    this.#plan(devices.sweep());
    this.#state = 'up';
  }

  /** The phone cuts a text by itself. */
  split(text: string): string[] {
    return [text];
  }

  pace(): { parts: number; waitMs: number } {
    return { parts: Number.MAX_SAFE_INTEGER, waitMs: 0 };
  }

  async send(part: OutgoingPart): Promise<SendOutcome> {
    if (this.#state !== 'up' || !this.#queues) {
      const detail = `phones: the link is ${this.#state}`;
      return { kind: 'retryable', code: 'link_unavailable', again: 'elsewhere', detail };
    }
    const taken = this.#queues.take(part, this.id);
    this.#underWay.add(taken);
    try {
      return await taken;
    } catch {
      // It may be there. Brought again it is known by its id.
      return { kind: 'unknown', detail: 'phones: the queue did not answer' };
    } finally {
      this.#underWay.delete(taken);
    }
  }

  stop(): Promise<void> {
    this.#state = 'stopped';
    this.#stopped ??= this.#letGo();
    return this.#stopped;
  }

  async #letGo(): Promise<void> {
    this.#timer?.cancel();
    await Promise.allSettled([...this.#underWay, this.#sweeping]);
    await this.#leave();
  }

  #plan(sweep: ReturnType<DeviceQueues['sweep']>): void {
    this.#timer = this.#context.clock.after(sweepMs, () => {
      this.#sweeping = this.#sweep(sweep).then(() => {
        if (this.#state === 'up') this.#plan(sweep);
      });
    });
  }

  /** Never rejects: what it did not do now it does the next time. */
  async #sweep(sweep: ReturnType<DeviceQueues['sweep']>): Promise<void> {
    try {
      const { silent, moved, expired, unconfirmed } = await sweep.run();
      for (const { device, waiting, given } of silent) {
        const more = { phone: device.id, waiting, given };
        this.#log('warn', 'a phone has fallen silent with messages in its queue', more);
      }
      if (moved + expired + unconfirmed > 0) {
        const more = { moved, expired, unconfirmed };
        this.#log('info', 'messages that phones did not take were moved or ended', more);
      }
    } catch (error) {
      const more = { error: String(error) };
      this.#log('warn', 'the queues of phones could not be looked at; it is tried again', more);
    }
  }

  /** Wakes phones that have no stream, where the owner wants that. */
  #relayTo(devices: DeviceQueues): void {
    const { push } = this.#settings;
    if (push === null) return;
    const { clock } = this.#context;
    const http = createHttpClient({
      allow: push.allow,
      userAgent: 'Parlance',
      connectionsPerHost: 1,
    });
    const relay = new PushRelay({
      url: push.url,
      http,
      clock,
      log: (level, what, more) => this.#log(level, what, more),
    });
    const wake = async (id: DeviceId, news: DeviceNews): Promise<void> => {
      const found = await devices.pushTokenOf(id);
      if (found) relay.wake(found.token, news, found.accountId);
    };
    const end = devices.wakes.on((id, news) => {
      wake(id, news).catch((error: unknown) => {
        this.#log('warn', 'a phone could not be woken', { error: String(error) });
      });
    });
    this.#leave = async () => {
      end();
      await Promise.all([relay.close(), http.destroy()]);
    };
  }

  #log(level: 'info' | 'warn', what: string, more: Record<string, unknown> = {}): void {
    this.#context.log(level, what, { link: this.id, ...more });
  }
}
