/** A URL in a text: where it begins, and how it is written there. */
export interface FoundUrl {
  at: number;
  url: string;
}

/** Beyond this browsers and servers differ in what they take. */
const longest = 2048;

/**
 * Letters of languages that put no space between words, or none before a particle: a URL ends where they
 * begin, or it would swallow the sentence that goes on behind it.
 */
const unspaced =
  String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}` +
  String.raw`\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}`;
/** What RFC 3986 lets stand in a URL, and letters as people paste them. */
const character = String.raw`[[[\p{L}\p{N}\p{M}]--[${unspaced}]][%\-._~:\/?#\[\]@!$&'\(\)*+,;=]]`;
const candidates = new RegExp(String.raw`(?<![A-Za-z0-9+])https?:\/\/${character}+`, 'giv');

/**
 * The `http://` and `https://` URLs of a text, in order. What stands around one is not part of it: the stop
 * at the end of the sentence, a bracket that was opened before it. Those with a user name or a password, which
 * are mostly meant to deceive, and what no browser could open are left out.
 */
export function findUrls(text: string): FoundUrl[] {
  const found: FoundUrl[] = [];
  for (const { 0: candidate, index } of text.matchAll(candidates)) {
    for (const { at, part } of listed(candidate)) {
      const url = trimmed(part);
      if (isWebUrl(url)) found.push({ at: index + at, url });
    }
  }
  return found;
}

/** Can a browser open it, and without telling a password to anybody? */
export function isWebUrl(written: string): boolean {
  if (written.length > longest) return false;
  const url = URL.parse(written);
  return (
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === '' &&
    /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9])?$|^\[[0-9a-f:.]+\]$/.test(url.hostname)
  );
}

/** URLs that only a comma or a semicolon keeps apart. */
function listed(candidate: string): { at: number; part: string }[] {
  let at = 0;
  return candidate.split(/[,;](?=https?:\/\/)/i).map((part) => {
    const here = { at, part };
    at += part.length + 1;
    return here;
  });
}

/** Without the marks at its end, and without brackets there that it does not open itself. */
function trimmed(candidate: string): string {
  const unopened = {
    ')': excess(candidate, '(', ')'),
    ']': excess(candidate, '[', ']'),
  };
  let end = candidate.length;
  for (; end > 0; end--) {
    const last = candidate.charAt(end - 1);
    if (last === ')' || last === ']') {
      if (unopened[last] <= 0) break;
      unopened[last] -= 1;
    } else if (last === '(') unopened[')'] += 1;
    else if (last === '[') unopened[']'] += 1;
    else if (!/[.,;:!?']/.test(last)) break;
  }
  return candidate.slice(0, end);
}

function excess(text: string, opening: string, closing: string): number {
  let count = 0;
  for (const one of text) count += one === closing ? 1 : one === opening ? -1 : 0;
  return count;
}
