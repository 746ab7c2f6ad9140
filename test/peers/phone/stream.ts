import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:http';

export interface StreamEvent {
  event: string;
  data: unknown;
}

/** A phone's end of the event stream. As the app's reader it drops an event without a `data:` line. */
export class EventStream {
  /** All that came, as it came. */
  bytes = '';
  readonly events: StreamEvent[] = [];
  headers: IncomingMessage['headers'] = {};
  status = 0;
  ended = false;
  #rest = '';
  readonly #request: ClientRequest;
  readonly #opened: Promise<void>;

  constructor(
    url: string,
    headers: Record<string, string>,
    onEvent: (event: StreamEvent) => void = () => {},
    { keep = true }: { keep?: boolean } = {},
  ) {
    this.#request = request(url, { headers: { accept: 'text/event-stream', ...headers } });
    this.#opened = new Promise((resolve, reject) => {
      this.#request.on('response', (response) => {
        this.status = response.statusCode ?? 0;
        this.headers = response.headers;
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (keep) this.bytes += chunk;
          for (const event of this.#read(chunk)) {
            if (keep) this.events.push(event);
            onEvent(event);
          }
        });
        response.on('close', () => {
          this.ended = true;
        });
        response.on('error', () => {});
        resolve();
      });
      this.#request.on('error', (error) => {
        this.ended = true;
        reject(error);
      });
    });
    this.#opened.catch(() => {});
    this.#request.end();
  }

  /** Resolves when the head of the answer is there. */
  opened(): Promise<void> {
    return this.#opened;
  }

  /** The phone loses its line. */
  cut(): void {
    this.ended = true;
    this.#request.destroy();
  }

  #read(chunk: string): StreamEvent[] {
    this.#rest += chunk;
    const frames = this.#rest.split('\n\n');
    this.#rest = frames.pop() ?? '';
    return frames.flatMap((frame) => {
      const lines = frame.split('\n');
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field('data');
      if (data === undefined) return [];
      return { event: field('event') ?? 'MessageEnqueued', data: JSON.parse(data) as unknown };
    });
  }
}
