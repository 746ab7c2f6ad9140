import { isIP } from 'node:net';

/**
 * Is this an address, or a network in CIDR notation? What it takes, the guard of outgoing requests
 * takes as well, so that a bad entry is found here, where its place in the configuration is known.
 */
export function isNetwork(written: string): boolean {
  const [, address = '', prefix = '0'] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(written) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(prefix) > (family === 4 ? 32 : 128)) return false;
  // IPv4 addresses in the clothes of IPv6 are judged as IPv4: such an entry would match nothing.
  return family === 4 || !URL.parse(`http://[${address}]`)?.hostname.startsWith('[::ffff:');
}
