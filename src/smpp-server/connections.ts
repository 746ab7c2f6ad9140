import { networkOf } from '../core/network-of.ts';
import type { ServerSettings } from './settings.ts';

/** How many connections there are, TLS handshakes among them, in all and from one network (`networkOf`). */
export class Connections {
  readonly #limits: Pick<ServerSettings, 'maxConnections' | 'maxConnectionsPerAddress'>;
  readonly #ofNetwork = new Map<string, number>();
  #all = 0;

  constructor(limits: Pick<ServerSettings, 'maxConnections' | 'maxConnectionsPerAddress'>) {
    this.#limits = limits;
  }

  /** @returns what is called once when it has ended, or why it is one too many. */
  enter(address: string): { leave: () => void } | { refused: string } {
    const network = networkOf(address);
    const same = this.#ofNetwork.get(network) ?? 0;
    const { maxConnections, maxConnectionsPerAddress } = this.#limits;
    const tooMany = 'as many connections as allowed are open';
    if (same >= maxConnectionsPerAddress) return { refused: `${tooMany} of this address` };
    if (this.#all >= maxConnections) return { refused: `${tooMany} in all` };
    this.#all += 1;
    this.#ofNetwork.set(network, same + 1);
    return {
      leave: () => {
        this.#all -= 1;
        const left = (this.#ofNetwork.get(network) ?? 1) - 1;
        if (left > 0) this.#ofNetwork.set(network, left);
        else this.#ofNetwork.delete(network);
      },
    };
  }
}
