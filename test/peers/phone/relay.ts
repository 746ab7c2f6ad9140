import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';

export interface Relayed {
  token: string;
  event: string;
  data: unknown;
}

/** The makers' push relay: five requests in any minute, and none with an item that is wrong. */
export class FakeRelay {
  readonly requests: { at: number; status: number; items: Relayed[] }[] = [];
  readonly #server = createServer();
  readonly #now: () => number;
  url = '';

  /** @param wrong which items it refuses. */
  constructor(now: () => number, wrong: (item: Relayed) => boolean = () => false) {
    this.#now = now;
    this.#server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const items = JSON.parse(Buffer.concat(chunks).toString()) as Relayed[];
        const at = this.#now();
        const lately = this.requests.filter((one) => at - one.at < 60_000 && one.status !== 429);
        const status = lately.length >= 5 ? 429 : items.some(wrong) ? 400 : 202;
        this.requests.push({ at, status, items });
        response.writeHead(status).end();
      });
    });
  }

  /** What phones were woken with. */
  get woken(): Relayed[] {
    return this.requests.filter(({ status }) => status === 202).flatMap(({ items }) => items);
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/upstream/v1/push`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
