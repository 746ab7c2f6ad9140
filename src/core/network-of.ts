/**
 * What addresses are counted by: one of IPv4 as it is, of IPv6 the first four groups. With IPv6 everybody has
 * a /64 to himself, and as many addresses in it as he likes.
 */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const first = head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  return [...first, ...new Array<string>(zeros).fill('0'), ...last].slice(0, 4).join(':');
}
