import type { DeviceNews } from '../../core/devices/device-news.ts';
import type { Clock, Timer } from '../../core/ports/clock.ts';
import type { HttpClient } from '../../net/http-client.ts';
import { presentNews } from './present.ts';

/** The relay lets five requests a minute through from one address, in any minute. */
const spacingMs = 12_500;
/** After it said that there were too many. */
const restMs = 60_000;
const timeoutMs = 10_000;
/** Wake-ups of one request, and those that wait for theirs. */
const mostOfRequest = 500;
const mostWaiting = 20_000;
const mostTries = 3;
/** A token that the relay refuses is not used for so long. */
const refusedForMs = 15 * 60_000;
const mostRefused = 10_000;

interface Item {
  token: string;
  event: string;
  data: Readonly<Record<string, string>> | null;
}

type Log = (level: 'info' | 'warn', what: string, more?: Record<string, unknown>) => void;

/**
 * Wakes phones through the public relay of the app's makers, to whose push service no other server has the key.
 *
 *   idle ──a wake-up──▶ sent at once ──12.5 s──▶ what came meanwhile in one request, or idle
 *
 * Equal wake-ups of one phone are one. A request that is refused as a whole (400) is cut in halves until the item is
 * found that it was refused for; one that the relay's release does not know (`MessageCancelled`) becomes
 * `MessageEnqueued`, which makes the phone ask as well. A wake-up that is lost costs time and no message: phones ask
 * every quarter of an hour.
 */
export class PushRelay {
  readonly #url: string;
  readonly #http: Pick<HttpClient, 'request'>;
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting = new Map<string, Item>();
  /** Parts of requests that were refused, which go before all others. */
  #halves: Item[][] = [];
  readonly #refused = new Map<string, number>();
  #timer: Timer | undefined;
  #under: Promise<void> | undefined;
  #tries = 0;
  #closed = false;

  constructor(parts: {
    url: string;
    http: Pick<HttpClient, 'request'>;
    clock: Clock;
    log: Log;
  }) {
    this.#url = parts.url;
    this.#http = parts.http;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  wake(token: string, news: DeviceNews): void {
    const shown = presentNews(news);
    if (!shown || this.#closed) return;
    const until = this.#refused.get(token);
    if (until !== undefined && this.#clock.now() < until) return;
    this.#refused.delete(token);
    this.#add({ token, ...shown });
    if (!this.#timer && !this.#under) this.#send();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#under;
  }

  #add(item: Item): void {
    const key = `${item.event}\0${JSON.stringify(item.data)}\0${item.token}`;
    if (this.#waiting.size >= mostWaiting && !this.#waiting.has(key)) return;
    this.#waiting.set(key, item);
  }

  #send(): void {
    this.#timer = undefined;
    const items = this.#take();
    if (items.length === 0 || this.#closed) return;
    this.#under = this.#request(items).then((pauseMs) => {
      this.#under = undefined;
      if (!this.#closed) this.#timer = this.#clock.after(pauseMs, () => this.#send());
    });
  }

  #take(): Item[] {
    const half = this.#halves.shift();
    if (half) return half;
    // An event that some releases of the relay do not know would have all others refused.
    const [first] = this.#waiting.values();
    const doubtful = first?.event === 'MessageCancelled';
    const taken: Item[] = [];
    for (const [key, item] of this.#waiting) {
      if ((item.event === 'MessageCancelled') !== doubtful) continue;
      if (taken.length === mostOfRequest) break;
      taken.push(item);
      this.#waiting.delete(key);
    }
    return taken;
  }

  /** @returns how long to wait before the next. Never rejects. */
  async #request(items: Item[]): Promise<number> {
    const answer = await this.#http.request({
      method: 'POST',
      url: this.#url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(items),
      timeoutMs,
    });
    const status = answer.kind === 'answered' ? answer.status : null;
    if (status !== null && status >= 200 && status < 300) {
      this.#tries = 0;
      return spacingMs;
    }
    if (status === 400) {
      this.#divide(items);
      return spacingMs;
    }
    const why = answer.kind === 'answered' ? `it answered ${answer.status}` : answer.detail;
    this.#tries += 1;
    if (status === 429 || this.#tries < mostTries) {
      for (const item of items) this.#add(item);
      if (status === 429) this.#log('info', 'the push relay asks for a rest');
      return status === 429 ? restMs : spacingMs;
    }
    this.#tries = 0;
    const more = { why, phones: items.length };
    this.#log('warn', 'the push relay did not take wake-ups: phones come by themselves', more);
    return spacingMs;
  }

  #divide(items: Item[]): void {
    const [only] = items;
    if (items.every(({ event }) => event === 'MessageCancelled')) {
      for (const { token } of items) this.#add({ token, event: 'MessageEnqueued', data: null });
    } else if (items.length > 1) {
      const middle = Math.ceil(items.length / 2);
      this.#halves.push(items.slice(0, middle), items.slice(middle));
    } else if (only) {
      const [oldest] = this.#refused.keys();
      if (this.#refused.size >= mostRefused && oldest !== undefined) this.#refused.delete(oldest);
      this.#refused.set(only.token, this.#clock.now() + refusedForMs);
      this.#log('info', 'the push relay refuses the token of a phone');
    }
  }
}
