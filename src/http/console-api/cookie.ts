/**
 * The cookie of a session. Where the console is reached by https its name begins with `__Host-`, which browsers take
 * from this very host alone, with Secure, for all paths (RFC 6265bis section 4.1.3.2).
 */
export class SessionCookie {
  readonly #name: string;
  readonly #attributes: string;

  constructor(publicUrl: string) {
    const secure = publicUrl.startsWith('https:');
    this.#name = secure ? '__Host-parlance' : 'parlance';
    this.#attributes = `; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  }

  /** The header that sets it. @param lifeMs after which the browser forgets it. */
  set(token: string, lifeMs: number): string {
    const maxAge = Math.max(0, Math.ceil(lifeMs / 1000));
    return `${this.#name}=${token}${this.#attributes}; Max-Age=${maxAge}`;
  }

  /** The header that takes it away. */
  clear(): string {
    return `${this.#name}=${this.#attributes}; Max-Age=0`;
  }

  /** What a request's `Cookie` header holds of it; empty for none. */
  read(header: string | undefined): string {
    for (const pair of header?.split(';') ?? []) {
      const equals = pair.indexOf('=');
      if (equals > 0 && pair.slice(0, equals).trim() === this.#name) {
        return pair.slice(equals + 1).trim();
      }
    }
    return '';
  }
}
