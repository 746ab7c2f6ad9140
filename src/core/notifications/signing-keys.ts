import type { Caller } from '../accounts/authenticate.ts';
import type { Directory } from '../accounts/directory.ts';
import { GatewayError } from '../errors.ts';
import { requireAllowed } from '../rates.ts';
import type { SigningKeyId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Page, Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import type { SigningDigest, SigningKey } from './signing-key.ts';

/** Each costs some 50 ms of a core to make. */
const mostKeysOfAnAccount = 100;
const keysAnHour = 20;
const hour = 3600_000;

/** The keys with which an account has what it is told signed. */
export class SigningKeys {
  readonly #parts: {
    storage: Storage;
    directory: Directory;
    clock: Clock;
    ids: Ids;
    vault: Vault;
  };

  constructor(parts: {
    storage: Storage;
    directory: Directory;
    clock: Clock;
    ids: Ids;
    vault: Vault;
  }) {
    this.#parts = parts;
  }

  /**
   * Makes a key pair, not yet enabled. Its private half never leaves the gateway.
   * @throws GatewayError `too_many_attempts` for more than twenty an hour, `invalid_request` beyond a hundred.
   */
  async create({ view }: Caller, { digest }: { digest: SigningDigest }): Promise<SigningKey> {
    const { storage, clock, ids, vault } = this.#parts;
    const accountId = view.account.id;
    const now = clock.now();
    const rate = { most: keysAnHour, windowMs: hour };
    const waitMs = await storage.write((tx) => tx.rates.take(`keys ${accountId}`, rate, now));
    requireAllowed(waitMs, 'Too many keys were made within an hour.');
    const held = await storage.read.signingKeys.list(accountId, {
      limit: mostKeysOfAnAccount,
      offset: 0,
    });
    if (held.length >= mostKeysOfAnAccount) {
      throw new GatewayError(
        'invalid_request',
        `The account has ${mostKeysOfAnAccount} signature keys; remove one first.`,
      );
    }
    const { publicKey, privateKey } = await vault.newKeyPair();
    const key: SigningKey = {
      id: ids.next(),
      accountId,
      cipher: 'RSA',
      digest,
      publicKey,
      privateKey: vault.seal(privateKey),
      enabled: 0,
      createdAt: now,
    };
    await storage.write((tx) => tx.signingKeys.insert(key));
    return key;
  }

  /** Newest first. */
  list({ view }: Caller, page: Page): Promise<SigningKey[]> {
    return this.#parts.storage.read.signingKeys.list(view.account.id, page);
  }

  /** @returns undefined when the caller has none of that id. */
  find({ view }: Caller, id: SigningKeyId): Promise<SigningKey | undefined> {
    return this.#parts.storage.read.signingKeys.find(view.account.id, id);
  }

  /** The one that is used now. */
  enabled({ view }: Caller): Promise<SigningKey | undefined> {
    return this.#parts.storage.read.signingKeys.enabled(view.account.id);
  }

  /**
   * From now on this one is used, in place of the one before.
   * @returns undefined, and nothing has changed, when the caller has none of that id.
   */
  async enable(caller: Caller, id: SigningKeyId): Promise<SigningKey | undefined> {
    const { storage, directory } = this.#parts;
    const accountId = caller.view.account.id;
    if (!(await this.find(caller, id))) return undefined;
    await storage.write(async (tx) => {
      // Of two who enable different ones at once, the second waits: there is one at a time.
      await tx.accounts.lockBalances([accountId]);
      return tx.signingKeys.enable(accountId, id);
    });
    directory.forget(accountId);
    return this.find(caller, id);
  }

  /** From now on nothing is signed. */
  async disable({ view }: Caller): Promise<void> {
    const { storage, directory } = this.#parts;
    await storage.write((tx) => tx.signingKeys.enable(view.account.id, null));
    directory.forget(view.account.id);
  }

  /** @returns false when the caller has none of that id. */
  async remove({ view }: Caller, id: SigningKeyId): Promise<boolean> {
    const { storage, directory } = this.#parts;
    const removed = await storage.write((tx) => tx.signingKeys.remove(view.account.id, id));
    directory.forget(view.account.id);
    return removed;
  }
}
