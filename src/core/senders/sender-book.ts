import type { Directory } from '../accounts/directory.ts';
import { GatewayError } from '../errors.ts';
import type { AccountId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import type { Sender, SenderKind } from './sender.ts';
import { senderKey } from './sender.ts';

/** An alphanumeric sender is at most this long on the air (GSM 03.40 §9.1.2.5: 11 septets). */
const longestName = 11;
const mostSendersOfAnAccount = 1000;
/** How long the code of a pending sender can be used. */
const codeLifeMs = 24 * 3600_000;

/** The addresses that accounts may show. */
export class SenderBook {
  readonly #storage: Storage;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #vault: Vault;

  constructor(parts: {
    storage: Storage;
    directory: Directory;
    clock: Clock;
    ids: Ids;
    vault: Vault;
  }) {
    this.#storage = parts.storage;
    this.#directory = parts.directory;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#vault = parts.vault;
  }

  /** All of an account's, pending ones too. */
  list(accountId: AccountId): Promise<Sender[]> {
    return this.#storage.read.senders.ofAccount(accountId);
  }

  /**
   * Registers an address for an account, ready for use.
   * @throws GatewayError `invalid_request` for an address no network would show, `already_exists`
   * when the account has it, or another account holds that number as its own.
   */
  async add(
    accountId: AccountId,
    address: string,
    more: { kind?: SenderKind; label?: string | null } = {},
  ): Promise<Sender> {
    const kind = more.kind ?? (/^\+?\d+$/.test(address) ? 'dedicated' : 'alphanumeric');
    return this.#insert(accountId, address, { kind, label: more.label ?? null, code: null });
  }

  /**
   * Registers the owner's own handset number; it becomes usable when `confirm` gets the code that is
   * sent to it.
   * @returns the code, which is shown to nobody but that handset.
   * @throws GatewayError as `add`.
   */
  async addPending(
    accountId: AccountId,
    address: string,
    label: string | null,
  ): Promise<{ sender: Sender; code: string }> {
    const code = this.#ids.secret(18);
    const sender = await this.#insert(accountId, address, { kind: 'own', label, code });
    return { sender, code };
  }

  /**
   * Makes the pending sender active that this code was sent to; again and again for the same code.
   * @returns undefined for a wrong code, or one that was not used within a day.
   */
  async confirm(code: string): Promise<Sender | undefined> {
    const sender = await this.#storage.read.senders.findByProof(this.#vault.digest(code));
    if (!sender) return undefined;
    if (sender.status === 'active') return sender;
    if (this.#clock.now() - sender.createdAt > codeLifeMs) return undefined;
    await this.#storage.write((tx) => tx.senders.activate(sender.id));
    this.#directory.forget(sender.accountId);
    return { ...sender, status: 'active' };
  }

  /** @returns false when the account has no such sender. */
  async remove(accountId: AccountId, address: string): Promise<boolean> {
    const key = senderKey(address);
    const sender = (await this.list(accountId)).find((one) => senderKey(one.address) === key);
    if (!sender) return false;
    await this.#storage.write((tx) => tx.senders.remove(sender.id));
    this.#directory.forget(accountId);
    return true;
  }

  async #insert(
    accountId: AccountId,
    address: string,
    more: { kind: SenderKind; label: string | null; code: string | null },
  ): Promise<Sender> {
    checkAddress(address);
    const key = senderKey(address);
    const held = await this.list(accountId);
    if (held.some((one) => senderKey(one.address) === key)) {
      throw new GatewayError('already_exists', `The account has the sender '${address}' already.`);
    }
    if (held.length >= mostSendersOfAnAccount) {
      throw new GatewayError(
        'invalid_request',
        `The account has ${mostSendersOfAnAccount} senders; remove one first.`,
      );
    }
    const sender: Sender = {
      id: this.#ids.next(),
      accountId,
      address,
      kind: more.kind,
      status: more.code === null ? 'active' : 'pending',
      label: more.label,
      proof: more.code === null ? null : this.#vault.digest(more.code),
      createdAt: this.#clock.now(),
    };
    await this.#storage.write(async (tx) => {
      const holder = (await tx.senders.owners([key])).get(key);
      if (holder !== undefined && holder !== accountId) {
        // A pending one is asked for by a client, whom it does not concern whose it is.
        throw more.code === null
          ? new GatewayError('already_exists', `Another account holds '${address}' as its own.`)
          : new GatewayError('invalid_request', `'${address}' cannot be registered.`, {
              field: 'sender',
            });
      }
      await tx.senders.insert(sender);
    });
    this.#directory.forget(accountId);
    return sender;
  }
}

function checkAddress(address: string): void {
  if (/^\+?\d{3,15}$/.test(address)) return;
  const printable = /^[\x20-\x7e]+$/.test(address) && address.trim() === address;
  if (address.length > 0 && address.length <= longestName && printable) return;
  throw new GatewayError(
    'invalid_request',
    `'${address.slice(0, 40)}' is no sender: it must be a number of 3 to 15 digits or a name of 1 to ${longestName} plain characters.`,
    { field: 'sender' },
  );
}
