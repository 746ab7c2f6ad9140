import { Worker } from 'node:worker_threads';
import type { HttpAnswer, HttpRequest } from './http-answer.ts';
import type { HttpClient, HttpClientOptions } from './http-client.ts';
import { checkOptions, unsent } from './http-client.ts';

/** What a thread can be given: a resolver of one's own cannot go there. */
export type HttpThreadOptions = Omit<HttpClientOptions, 'lookup'>;

/** To the thread: requests in the order in which they were made, or how it should end. */
export type ToThread =
  | readonly (readonly [id: number, request: HttpRequest])[]
  | 'close'
  | 'destroy';

/** From the thread: answers in the order in which they came. */
export type FromThread = readonly (readonly [id: number, answer: HttpAnswer])[];

/**
 * The client of `createHttpClient` on a thread of its own, which begins with the first request: sockets, TLS and
 * the reading of answers cost the gateway's one main thread nothing but a share of a message for all that
 * is asked in a turn. The owner of a thousand slow receivers has their handshakes there, and not between a
 * request and its answer (ADR 20).
 *
 * A fault in the thread is thrown here, and so ends the process, as it would if it had no thread: what was under
 * way is in the outbox, and is told when its claim runs out.
 *
 * Throws when the allow list or the User-Agent cannot be used.
 */
export function createHttpThread(options: HttpThreadOptions): HttpClient {
  checkOptions(options);
  const underWay = new Map<number, (answer: HttpAnswer) => void>();
  let asked: [id: number, request: HttpRequest][] = [];
  let lastId = 0;
  let thread: Worker | undefined;
  let ending: Promise<void> | undefined;

  function start(): Worker {
    const started = new Worker(new URL('./http-thread-entry.ts', import.meta.url), {
      workerData: options,
      name: 'http client',
    });
    started.on('message', (message: FromThread) => {
      for (const [id, answer] of message) {
        const resolve = underWay.get(id);
        underWay.delete(id);
        resolve?.(withBuffer(answer));
      }
    });
    started.on('error', (error) => {
      throw error;
    });
    return started;
  }

  function send(): void {
    thread ??= start();
    thread.postMessage(asked satisfies ToThread);
    asked = [];
  }

  async function end(how: 'close' | 'destroy'): Promise<void> {
    if (asked.length > 0) send();
    if (!thread) return;
    const ended = thread;
    const over = new Promise<void>((resolve) => {
      ended.once('exit', () => resolve());
    });
    ended.postMessage(how satisfies ToThread);
    await over;
  }

  return {
    request(input) {
      if (ending) return Promise.resolve(unsent('closed', 'this client is closed'));
      return new Promise((resolve) => {
        lastId += 1;
        underWay.set(lastId, resolve);
        // What is asked for in one turn goes together: a message to a thread costs as much as ten requests in it.
        if (asked.length === 0)
          setImmediate(() => {
            if (asked.length > 0) send();
          });
        asked.push([lastId, input]);
      });
    },
    async close() {
      ending ??= end('close');
      await ending;
    },
    async destroy() {
      if (ending) thread?.postMessage('destroy' satisfies ToThread);
      ending ??= end('destroy');
      await ending;
    },
  };
}

/** Between threads a buffer becomes the array that it is made of. */
function withBuffer(answer: HttpAnswer): HttpAnswer {
  if (answer.kind === 'failed' || !answer.bytes) return answer;
  const { buffer, byteOffset, byteLength } = answer.bytes;
  return { ...answer, bytes: Buffer.from(buffer, byteOffset, byteLength) };
}
