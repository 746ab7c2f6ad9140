import { expect, vi } from 'vitest';
import type { FakeClock } from '../../../test/support/fake-clock.ts';
import type { LinkId } from '../../core/ids.ts';
import type { Link, OutgoingPart, SendOutcome } from '../../core/ports/transport.ts';
import type { Transport, TransportContext } from '../transport.ts';
import { RecordingHost } from './recording-host.ts';

/** What a transport's tests bring along for each test: a network to talk to. */
export interface NetworkSide {
  /** The link's settings, as an owner would write them. */
  settings: Record<string, unknown>;
  clock: FakeClock;
  /** Default: a folder that does not exist. */
  dataFolder?: string;
  close?(): Promise<void> | void;
  /** What no log line may show. */
  secrets?: readonly string[];
}

export interface LogLine {
  level: 'info' | 'warn' | 'error';
  what: string;
  more: Record<string, unknown> | undefined;
}

/** One link of the transport under test, with all that stands around it. */
export class Rig {
  readonly link: Link;
  readonly clock: FakeClock;
  readonly host = new RecordingHost();
  readonly log: LogLine[] = [];
  readonly side: NetworkSide;

  /** Throws when the settings are wrong. */
  constructor(transport: Transport, side: NetworkSide, more: Record<string, unknown> = {}) {
    this.side = side;
    this.clock = side.clock;
    const context: TransportContext = {
      clock: side.clock,
      dataFolder: side.dataFolder ?? '/nonexistent',
      log: (level, what, more) => this.log.push({ level, what, more }),
    };
    const settings = transport.settings.parse({ ...side.settings, ...more });
    this.link = transport.create('link-under-test' as LinkId, settings, context);
  }

  async start(): Promise<void> {
    await this.ends(this.link.start(this.host), 'start()');
    await this.eventually(() => expect(this.link.state()).toBe('up'));
  }

  /** Hands one part over and waits for the answer, letting time pass where it takes time. */
  send(part: OutgoingPart): Promise<SendOutcome> {
    return this.ends(this.host.send(this.link, part), 'send()');
  }

  stop(): Promise<void> {
    return this.ends(this.link.stop(), 'stop()');
  }

  /** Gives what the promise does; fails when that takes more than an hour of the link's time. */
  async ends<T>(promise: Promise<T>, what: string): Promise<T> {
    const waiting = { open: true };
    const end = () => {
      waiting.open = false;
    };
    promise.then(end, end);
    await this.clock.settle();
    // In growing steps, each with a moment of real time for what comes over a socket.
    for (let step = 1; waiting.open && step < 3_600_000; step *= 2) {
      await vi
        .waitFor(() => expect(waiting.open).toBe(false), { timeout: 20, interval: 2 })
        .catch(() => {});
      if (waiting.open) await this.clock.advance(step);
    }
    if (waiting.open) throw new Error(`${what} does not end`);
    return promise;
  }

  /** Waits until the check holds: at once where nothing leaves the process. */
  async eventually(check: () => void): Promise<void> {
    await this.clock.settle();
    await vi.waitFor(check, { timeout: 5_000, interval: 5 });
  }

  /** Ends a test: stops the link, closes the network, and looks at what every link must have kept. */
  async close(): Promise<void> {
    try {
      await this.stop();
      expect(this.link.state()).toBe('stopped');
      expect({ timersAfterStop: this.clock.pending }).toEqual({ timersAfterStop: 0 });
    } finally {
      await this.side.close?.();
    }
  }
}
