import { BlockList, isIP } from 'node:net';

/** Is this an address, or a network in CIDR notation? */
export function isNetwork(text: string): boolean {
  return parse(text) !== undefined;
}

/** Addresses from which somebody may come. */
export class AllowList {
  readonly #networks = new BlockList();
  readonly #anywhere: boolean;

  /** @param networks as `isNetwork` takes them; none of them is from anywhere. */
  constructor(networks: readonly string[]) {
    this.#anywhere = networks.length === 0;
    for (const text of networks) {
      const network = parse(text);
      if (network) this.#networks.addSubnet(network.address, network.bits, network.family);
    }
  }

  allows(address: string): boolean {
    if (this.#anywhere) return true;
    const bare = plainAddress(address);
    const family = familyOf(bare);
    return family !== undefined && this.#networks.check(bare, family);
  }
}

/** A socket that listens on :: sees an IPv4 address in the clothes of IPv6. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

function parse(
  text: string,
): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [, address = '', prefix] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const most = family === 'ipv4' ? 32 : 128;
  const bits = prefix === undefined ? most : Number(prefix);
  return bits <= most ? { address, bits, family } : undefined;
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  return ({ 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address)];
}
