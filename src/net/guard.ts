import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Networks the owner permits although they are not public: the result of `parseAllowList`. */
export type AllowList = readonly (readonly [network: Address, prefixLength: number])[];

/** `range` is the name of the special range (`private`, `loopback`, …) that speaks against it. */
export type Verdict = { allowed: true } | { allowed: false; range: string };

/** All that IANA has given out as global unicast. */
const GLOBAL_UNICAST_V6: readonly [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/** Azure's host agent answers every virtual machine here, without credentials. */
const AZURE_HOST_AGENT = '168.63.129.16';

/**
 * Reads the CIDRs of the setting that lets requests go to special addresses.
 * Takes `10.0.0.0/8`, `fd00::/8` or a bare address, which means itself alone.
 * Gives the list that `judgeAddress` takes. Throws an Error naming the first entry it cannot read.
 * Follows DESIGN.md §6.
 */
export function parseAllowList(cidrs: readonly string[]): AllowList {
  return cidrs.map(parseNetwork);
}

/**
 * Decides whether a connection may be opened to an address. Pure: resolves nothing.
 * Takes an address in the canonical text form (what a resolver or `URL.hostname` gives, without
 * brackets) and the allow list. Everything that is not an address is denied. Never throws.
 * Follows DESIGN.md §6: private and special addresses are refused unless allowed.
 */
export function judgeAddress(text: string, allow: AllowList): Verdict {
  // ipaddr.js also reads `0177.1` and `2130706433`, and may read them unlike the system does. What
  // is judged must be what is connected to, so only what Node itself calls an address passes.
  if (isIP(text) === 0 || !ipaddr.isValid(text)) return { allowed: false, range: 'not an address' };

  // `process` unwraps ::ffff:a.b.c.d, which reaches the very same host as a.b.c.d.
  const address = ipaddr.process(text);
  if (allow.some((network) => contains(network, address))) return { allowed: true };

  const range = specialRange(address);
  return range === undefined ? { allowed: true } : { allowed: false, range };
}

function specialRange(address: Address): string | undefined {
  const range = address.range();
  if (range !== 'unicast') return range;
  // `range()` says unicast of whatever it does not list, such as ::127.0.0.1 (::/96).
  if (address.kind() === 'ipv6' && !contains(GLOBAL_UNICAST_V6, address)) return 'unassigned';
  if (address.toString() === AZURE_HOST_AGENT) return 'cloudHost';
  return undefined;
}

/** `match` throws when the kinds differ, and an IPv4 network never holds an IPv6 address. */
function contains([network, prefixLength]: AllowList[number], address: Address): boolean {
  return network.kind() === address.kind() && address.match(network, prefixLength);
}

function parseNetwork(entry: string): AllowList[number] {
  const [, base = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry.trim()) ?? [];
  const family = isIP(base);
  const bits = family === 4 ? 32 : 128;
  const prefixLength = prefix === undefined ? bits : Number(prefix);
  if (family === 0 || !ipaddr.isValid(base) || prefixLength > bits) {
    throw new Error(
      `allow list: ${JSON.stringify(entry)} is not a network; write it like 10.0.0.0/8 or fd00::/8`,
    );
  }
  const network = ipaddr.parse(base);
  // Mapped addresses are judged as IPv4, so such an entry would silently allow nothing.
  if (network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress()) {
    throw new Error(`allow list: ${JSON.stringify(entry)} is a mapped address; write it as IPv4`);
  }
  return [network, prefixLength];
}
