import type { ServerResponse } from 'node:http';
import type { DeviceNews } from '../../core/devices/device-news.ts';
import type { DeviceId } from '../../core/ids.ts';
import type { Clock, Timer } from '../../core/ports/clock.ts';
import { presentNews } from './present.ts';

/** So often something is written into a stream, and it is looked whether its phone is still enrolled. */
const keepAliveMs = 15_000;
/** Each wake-up cancels a pull of the app that is under way: so not more often. */
const quietMs = 2_000;
/** Reconnecting, a phone has several for a while. */
const streamsOfDevice = 4;
/** Who does not read for so long is not there. */
const mostUnread = 64 * 1024;

interface Station {
  streams: ServerResponse[];
  /** Runs after a wake-up; what came meanwhile is told at its end. */
  quiet: Timer | undefined;
  again: boolean;
}

/**
 * The streams that phones keep open to be woken (server-sent events). They are a wake-up and nothing else: what
 * there is to know the phone asks for then, and it asks whenever a stream begins, so that nothing is lost between two.
 *
 *   idle ──messages──▶ told now, quiet for 2 s ──more came──▶ told at the end of it
 */
export class Streams {
  readonly #clock: Clock;
  readonly #present: (ids: readonly DeviceId[]) => Promise<ReadonlySet<DeviceId>>;
  readonly #stations = new Map<DeviceId, Station>();
  #keepAlive: Timer | undefined;
  #closed = false;

  constructor(clock: Clock, present: (ids: readonly DeviceId[]) => Promise<ReadonlySet<DeviceId>>) {
    this.#clock = clock;
    this.#present = present;
  }

  /** How many are open. */
  get size(): number {
    let size = 0;
    for (const { streams } of this.#stations.values()) size += streams.length;
    return size;
  }

  /** A phone opens one: its head goes out at once. */
  open(id: DeviceId, response: ServerResponse): void {
    if (this.#closed) {
      response.end();
      return;
    }
    const station = this.#stations.get(id) ?? { streams: [], quiet: undefined, again: false };
    this.#stations.set(id, station);
    while (station.streams.length >= streamsOfDevice) this.#end(id, station.streams[0]);
    this.#stations.set(id, station);
    station.streams.push(response);
    response.once('close', () => this.#left(id, response));
    response.on('error', () => response.destroy());
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      connection: 'keep-alive',
    });
    response.flushHeaders();
    this.#keepAlive ??= this.#clock.after(keepAliveMs, () => this.#beat());
  }

  /** Tells a phone, if it has a stream here. */
  tell(id: DeviceId, news: DeviceNews): void {
    const station = this.#stations.get(id);
    if (!station) return;
    if (news.kind === 'gone' || news.kind === 'push') {
      this.#endAll(id, station);
    } else if (news.kind === 'messages') {
      if (station.quiet) station.again = true;
      else this.#wake(id, station);
    } else {
      this.#write(id, station, frameOf(news));
    }
  }

  /** Ends all of them; phones come back by themselves. */
  close(): void {
    this.#closed = true;
    this.#keepAlive?.cancel();
    for (const [id, station] of this.#stations) this.#endAll(id, station);
  }

  #wake(id: DeviceId, station: Station): void {
    this.#write(id, station, frameOf({ kind: 'messages' }));
    station.quiet = this.#clock.after(quietMs, () => {
      station.quiet = undefined;
      const { again } = station;
      station.again = false;
      if (again && this.#stations.get(id) === station) this.#wake(id, station);
    });
  }

  #write(id: DeviceId, station: Station, frame: string): void {
    for (const response of station.streams) {
      if (response.writableLength > mostUnread) this.#end(id, response);
      else response.write(frame);
    }
  }

  #beat(): void {
    for (const [id, station] of this.#stations) this.#write(id, station, ':keepalive\n\n');
    this.#keepAlive =
      this.#stations.size > 0 ? this.#clock.after(keepAliveMs, () => this.#beat()) : undefined;
    void this.#endThoseGone();
  }

  /** On one machine a command that removes a phone cannot tell us. Never rejects. */
  async #endThoseGone(): Promise<void> {
    try {
      const ids = [...this.#stations.keys()];
      const present = await this.#present(ids);
      for (const id of ids) {
        const station = this.#stations.get(id);
        if (station && !present.has(id)) this.#endAll(id, station);
      }
    } catch {
      // The storage does not answer: the next beat asks again.
    }
  }

  #endAll(id: DeviceId, { streams }: Station): void {
    for (const response of streams) this.#end(id, response);
  }

  #end(id: DeviceId, response: ServerResponse | undefined): void {
    if (!response) return;
    this.#left(id, response);
    // A client that does not read would never let it end.
    if (response.writableLength > mostUnread) response.destroy();
    else response.end();
  }

  #left(id: DeviceId, response: ServerResponse): void {
    const station = this.#stations.get(id);
    if (!station) return;
    station.streams = station.streams.filter((one) => one !== response);
    if (station.streams.length > 0) return;
    station.quiet?.cancel();
    this.#stations.delete(id);
    if (this.#stations.size > 0) return;
    this.#keepAlive?.cancel();
    this.#keepAlive = undefined;
  }
}

/** The app passes over an event without a `data:` line. */
function frameOf(news: DeviceNews): string {
  const shown = presentNews(news);
  return shown ? `event: ${shown.event}\ndata: ${JSON.stringify(shown.data)}\n\n` : '';
}
