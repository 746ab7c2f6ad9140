/** As long as the gateway takes any URL of a client. */
const longest = 2048;
/** Of a name, RFC 1123 section 2.1 by way of RFC 1035 section 2.3.4. */
const longestHost = 253;

const form = /^https?:\/\/([^/?#:@]+)(?::\d{1,5})?(?:[/?#].*)?$/i;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
/** White space of any script, and what is not to be seen. */
const unfit = /[\s\p{Cc}]/u;

/**
 * Can clients be told there (reference §4.1, `callback_url`)? A URL of http or https, its host a name by
 * RFC 1123 (an IPv4 address has that form too), without white space and control characters. Beyond
 * what the vendor says: no user name, which nothing that leaves here may carry.
 */
export function isCallbackUrl(text: string): boolean {
  if (text.length > longest || unfit.test(text)) return false;
  const host = form.exec(text)?.[1];
  if (host === undefined || host.length > longestHost) return false;
  // The last asks what no expression can: ports up to 65535, addresses that are none.
  return host.split('.').every((part) => label.test(part)) && URL.canParse(text);
}
