import type { ClientConfig } from 'pg';
import { Client } from 'pg';

type Connected = ((error: Error) => void) | ((error: null, client: Client) => void);

/**
 * The driver's client, but for one thing: when it cannot log in it hangs up. The driver tells of what
 * it finds out by itself (it was given no password, say) and leaves the connection open, which keeps
 * the process until the server's patience ends after a minute.
 */
export class OwnClient extends Client {
  override connect(): Promise<Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<Client> | void {
    if (!callback) {
      return new Promise((resolve, reject) => {
        this.connect((error: Error | null) => {
          if (error) reject(error);
          else resolve(this);
        });
      });
    }
    super.connect((error: Error | null) => {
      if (error) this.connection.stream.destroy();
      (callback as (error: Error | null, client: Client) => void)(error, this);
    });
  }
}

/** What connections of all kinds have in common. */
export function connectionTo(url: string): ClientConfig {
  return {
    connectionString: withPlainMode(url),
    keepAlive: true,
  };
}

/**
 * To this driver `prefer`, `require` and `verify-ca` are other words for `verify-full`, of which it
 * warns in seven lines. Here the owner's word becomes that one: what is checked stays the same, also
 * when a later driver means less by it. Who wants less says so with `uselibpqcompat=true`.
 */
function withPlainMode(url: string): string {
  if (/[?&]uselibpqcompat=true(?=&|#|$)/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|#|$)/, '$1verify-full');
}
