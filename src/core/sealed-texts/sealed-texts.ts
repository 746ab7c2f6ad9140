import type { Caller } from '../accounts/authenticate.ts';
import { GatewayError } from '../errors.ts';
import type { ShortCode } from '../links/code.ts';
import { asShortCode, newCode } from '../links/code.ts';
import { Pace } from '../links/pace.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage } from '../ports/storage.ts';
import { encrypt } from './encrypt.ts';
import type { Sealed } from './sealed-text.ts';
import { Turns } from './turns.ts';

export interface SealedTextSettings {
  /** What stands in front of each code, with its last slash; asked each time, as with short links. */
  base: () => string;
}

/** A link to a text that only who has the whole link, or knows the passphrase, can read. */
export interface SealedLink {
  code: ShortCode;
  /** Without the key. */
  url: string;
  /** What must follow the URL, with its `#`; null where a passphrase was agreed. */
  secret: string | null;
}

/**
 * Texts that are stored encrypted, and whose keys are not stored at all. A link leads to a page that asks for the
 * ciphertext, which takes one of its views, and decrypts it in the browser.
 */
export class SealedTexts {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #base: () => string;
  readonly #pace = new Pace();
  /** In which keys are made from passphrases. */
  readonly #turns = new Turns();

  constructor(parts: { storage: Storage; clock: Clock; ids: Ids }, { base }: SealedTextSettings) {
    this.#storage = parts.storage;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#base = base;
  }

  /**
   * Stores a text for so long (ms from now, or from when its message is to be sent) and so many views.
   * @throws GatewayError `overloaded` when too many passphrases wait to become keys.
   */
  async seal(
    caller: Caller,
    wanted: {
      text: string;
      passphrase: string | null;
      scheduledAt: number | null;
      lifeMs: number;
      views: number;
    },
  ): Promise<SealedLink> {
    const { text, passphrase, scheduledAt, lifeMs, views } = wanted;
    const code = newCode(this.#ids);
    const work = () => encrypt(text, { code, passphrase, ids: this.#ids });
    const accountId = caller.view.account.id;
    const { sealed, key } = await (passphrase === null ? work() : this.#turns.run(accountId, work));
    const now = this.#clock.now();
    const stored = await this.#storage.write((tx) =>
      tx.sealedTexts.insert({
        code,
        accountId,
        sealed,
        viewsLeft: views,
        createdAt: now,
        expiresAt: Math.max(now, scheduledAt ?? now) + lifeMs,
      }),
    );
    // The code is another's: a new one is drawn.
    if (!stored) return this.seal(caller, wanted);
    return { code, url: this.#base() + code, secret: key === null ? null : `#${key}` };
  }

  /** What was sealed for a message that is not sent after all. */
  async discard({ code }: Pick<SealedLink, 'code'>): Promise<void> {
    await this.#storage.write((tx) => tx.sealedTexts.remove([code]));
  }

  /**
   * Takes one of its views.
   * @returns undefined when there is no such text, or no longer.
   * @throws GatewayError `too_many_attempts` for an address that asks too often, `storage_unavailable`.
   */
  async open(text: string, address: string): Promise<Sealed | undefined> {
    const now = this.#clock.now();
    const waitMs = this.#pace.take(address, now);
    if (waitMs > 0) {
      throw new GatewayError('too_many_attempts', 'Too many requests.', { retryAfterMs: waitMs });
    }
    const code = asShortCode(text);
    const found = code && (await this.#storage.write((tx) => tx.sealedTexts.open(code, now)));
    // What never was a code is no guess either.
    if (found || !code) this.#pace.hit(address);
    return found?.sealed;
  }
}
