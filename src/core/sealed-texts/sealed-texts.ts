import { parseNumber } from '../../text/phone-number.ts';
import type { Caller } from '../accounts/authenticate.ts';
import { GatewayError } from '../errors.ts';
import type { ShortCode } from '../links/code.ts';
import { asShortCode, newCode } from '../links/code.ts';
import { Pace } from '../links/pace.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
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

/** By what a text is the same as one before. */
export interface SameSealed {
  to: string;
  sender: string;
  text: string;
  passphrase: string | null;
}

/**
 * Texts that are stored encrypted, and whose keys are not stored at all. A link leads to a page that asks for the
 * ciphertext, which takes one of its views, and decrypts it in the browser.
 */
export class SealedTexts {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #vault: Pick<Vault, 'sign'>;
  readonly #base: () => string;
  readonly #pace = new Pace();
  /** In which keys are made from passphrases. */
  readonly #turns = new Turns();

  constructor(
    parts: { storage: Storage; clock: Clock; ids: Ids; vault: Pick<Vault, 'sign'> },
    { base }: SealedTextSettings,
  ) {
    this.#storage = parts.storage;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#vault = parts.vault;
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

  /**
   * Asks whether a text may be sealed, where its account is guarded against repetitions: each has another link, so
   * messages that lead to the same cannot be told by their texts. What is kept, as long as that guard looks back, is a
   * keyed digest.
   * @returns false when the same was sent a moment ago.
   */
  async isNew(caller: Caller, what: SameSealed): Promise<boolean> {
    const windowMs = caller.view.account.duplicateWindowMs;
    if (windowMs === 0) return true;
    const now = this.#clock.now();
    const mark = this.#markOf(caller, what);
    return (
      (await this.#storage.write((tx) => tx.rates.take(mark, { most: 1, windowMs }, now))) === 0
    );
  }

  /** What `isNew` has noted was not sent after all. */
  async forget(caller: Caller, what: SameSealed): Promise<void> {
    if (caller.view.account.duplicateWindowMs === 0) return;
    const now = this.#clock.now();
    await this.#storage.write((tx) => tx.rates.giveBack(this.#markOf(caller, what), now));
  }

  #markOf({ view }: Caller, { to, sender, text, passphrase }: SameSealed): string {
    const number = parseNumber(to, view.account.homeCountry)?.e164 ?? to;
    const what = JSON.stringify([view.account.id, number, sender, text, passphrase]);
    return `sealed ${this.#vault.sign(what, 'sealed text')}`;
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
