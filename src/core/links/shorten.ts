import { findUrls } from '../../text/urls.ts';
import type { Ids } from '../ports/ids.ts';
import type { ShortCode } from './code.ts';
import { asShortCode, newCode } from './code.ts';
import type { ShortLink } from './short-link.ts';

/** A text, and the links that stand in it now. */
export interface Shortened {
  text: string;
  links: readonly Pick<ShortLink, 'code' | 'url'>[];
}

/** Of one text; further URLs stay as they are. */
const mostLinks = 10;

/** Replaces URLs in texts by short ones. */
export class Shortener {
  readonly #ids: Ids;
  readonly #base: () => string;

  /** @param base what stands in front of each code, with its last slash; asked each time. */
  constructor(ids: Ids, base: () => string) {
    this.#ids = ids;
    this.#base = base;
  }

  urlOf(code: ShortCode): string {
    return this.#base() + code;
  }

  /**
   * Each URL of the text as a short one, the same for the same URL, of the same length for all; what stands
   * around them stays as it is. URLs that are ours and short already stay, too.
   */
  shorten(text: string): Shortened {
    const codes = new Map<string, ShortCode>();
    let short = '';
    let end = 0;
    for (const { at, url } of findUrls(text)) {
      if (this.isOurs(url)) continue;
      let code = codes.get(url);
      if (code === undefined) {
        if (codes.size === mostLinks) continue;
        code = newCode(this.#ids);
        codes.set(url, code);
      }
      short += text.slice(end, at) + this.urlOf(code);
      end = at + url.length;
    }
    const links = [...codes].map(([url, code]) => ({ code, url }));
    return { text: short + text.slice(end), links };
  }

  /** Is it a short link already? */
  isOurs(url: string): boolean {
    const base = new URL(this.#base());
    const { host, pathname } = new URL(url);
    if (host !== base.host || !pathname.startsWith(base.pathname)) return false;
    return asShortCode(pathname.slice(base.pathname.length)) !== undefined;
  }
}
