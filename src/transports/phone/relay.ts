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
/** Of requests that were refused; the oldest are let go. */
const mostHalves = 64;

interface Item {
  /** Whose phone it is. */
  account: string;
  token: string;
  event: string;
  data: Readonly<Record<string, string>> | null;
}

type Log = (level: 'info' | 'warn', what: string, more?: Record<string, unknown>) => void;

/** An account of whose tokens one was refused. */
interface Suspect {
  /** As long as nothing more of it is refused. */
  until: number;
  /** Parts of requests that were refused. */
  pieces: Item[][];
  waiting: Map<string, Item>;
}

/**
 * Wakes phones through the public relay of the app's makers, to whose push service no other server has the key.
 *
 *   idle ──a wake-up──▶ sent at once ──12.5 s──▶ what came meanwhile in one request, or idle
 *
 * Equal wake-ups of one phone are one. A request that is refused as a whole (400) is cut in halves, first between accounts,
 * then within the one that is left, until the item is found that it was refused for. Such an account's wake-ups go in
 * requests of their own for a while; these, and what is cut, take turns with everything else, so that nobody's refused
 * tokens hold up other accounts. A wake-up that the relay's release does not know (`MessageCancelled`) becomes
 * `MessageEnqueued`, which makes the phone ask as well. A wake-up that is lost costs time and no message: phones ask
 * every quarter of an hour.
 */
export class PushRelay {
  readonly #url: string;
  readonly #http: Pick<HttpClient, 'request'>;
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting = new Map<string, Item>();
  /** Parts of requests that were refused, of several accounts. */
  readonly #halves: Item[][] = [];
  /** By account, in the order in which they have their turns. */
  readonly #suspects = new Map<string, Suspect>();
  /** Whose turn it is. */
  #doubtfulNext = false;
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

  /** @param account whose phone it is. */
  wake(token: string, news: DeviceNews, account: string): void {
    const shown = presentNews(news);
    if (!shown || this.#closed) return;
    if (this.#isRefused(token)) return;
    this.#refused.delete(token);
    this.#add({ account, token, ...shown });
    if (!this.#timer && !this.#under) this.#send();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#under;
  }

  #isRefused(token: string): boolean {
    const until = this.#refused.get(token);
    return until !== undefined && this.#clock.now() < until;
  }

  #add(item: Item): void {
    const key = `${item.event}\0${JSON.stringify(item.data)}\0${item.token}`;
    const suspect = this.#suspects.get(item.account);
    const [waiting, most] = suspect
      ? [suspect.waiting, mostOfRequest]
      : [this.#waiting, mostWaiting];
    if (waiting.size < most || waiting.has(key)) waiting.set(key, item);
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
    const doubtful = this.#doubtfulNext;
    this.#doubtfulNext = !doubtful;
    const taken = doubtful ? this.#takeDoubtful() : takeFrom(this.#waiting);
    if (taken.length > 0) return taken;
    this.#doubtfulNext = doubtful;
    return doubtful ? takeFrom(this.#waiting) : this.#takeDoubtful();
  }

  #takeDoubtful(): Item[] {
    for (let half = this.#halves.shift(); half; half = this.#halves.shift()) {
      const [apart, rest] = parted(half, ({ account }) => this.#suspects.has(account));
      for (const item of apart) this.#add(item);
      if (rest.length > 0) return rest;
    }
    // As they are now: whoever had his turn is put at the end.
    const inTurn = [...this.#suspects];
    for (const [account, suspect] of inTurn) {
      const { pieces, waiting, until } = suspect;
      // The same phone may have been found out by another of its wake-ups.
      const taken = (pieces.shift() ?? takeFrom(waiting)).filter(
        ({ token }) => !this.#isRefused(token),
      );
      this.#suspects.delete(account);
      if (taken.length > 0 || pieces.length > 0 || this.#clock.now() < until) {
        this.#suspects.set(account, suspect);
      }
      if (taken.length > 0) return taken;
    }
    return [];
  }

  /** @returns how long to wait before the next. Never rejects. */
  async #request(items: Item[]): Promise<number> {
    const answer = await this.#http.request({
      method: 'POST',
      url: this.#url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(items.map(({ token, event, data }) => ({ token, event, data }))),
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
      for (const item of items) this.#add({ ...item, event: 'MessageEnqueued', data: null });
      return;
    }
    const ofAccounts = [...Map.groupBy(items, ({ account }) => account).values()];
    if (ofAccounts.length > 1) {
      for (const half of halvesOf(ofAccounts)) this.#halves.push(half.flat());
      while (this.#halves.length > mostHalves) this.#halves.shift();
      return;
    }
    if (!only) return;
    const suspect = this.#suspect(only.account);
    if (items.length > 1) {
      suspect.pieces.push(...halvesOf(items));
    } else {
      const [oldest] = this.#refused.keys();
      if (this.#refused.size >= mostRefused && oldest !== undefined) this.#refused.delete(oldest);
      this.#refused.set(only.token, this.#clock.now() + refusedForMs);
      this.#log('info', 'the push relay refuses the token of a phone');
    }
  }

  #suspect(account: string): Suspect {
    const until = this.#clock.now() + refusedForMs;
    const known = this.#suspects.get(account);
    const suspect = known ?? { until, pieces: [], waiting: new Map<string, Item>() };
    suspect.until = until;
    this.#suspects.set(account, suspect);
    if (known) return known;
    // What waits of it among the others.
    for (const [key, item] of this.#waiting) {
      if (item.account !== account) continue;
      this.#waiting.delete(key);
      this.#add(item);
    }
    return suspect;
  }
}

function parted<One>(items: readonly One[], is: (one: One) => boolean): [One[], One[]] {
  return [items.filter(is), items.filter((one) => !is(one))];
}

function halvesOf<One>(items: readonly One[]): [One[], One[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

function takeFrom(waiting: Map<string, Item>): Item[] {
  // An event that some releases of the relay do not know would have all others refused.
  const [first] = waiting.values();
  const doubtful = first?.event === 'MessageCancelled';
  const taken: Item[] = [];
  for (const [key, item] of waiting) {
    if ((item.event === 'MessageCancelled') !== doubtful) continue;
    if (taken.length === mostOfRequest) break;
    taken.push(item);
    waiting.delete(key);
  }
  return taken;
}
