import type { Directory } from '../accounts/directory.ts';
import { releaseLearnt } from '../devices/numbers.ts';
import type { AccountId, SenderId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage } from '../ports/storage.ts';
import { checkAddress, grantSender } from './grant.ts';
import type { Sender, SenderKind } from './sender.ts';
import { plainSender, senderKey } from './sender.ts';

/** The addresses that accounts may show. */
export class SenderBook {
  readonly #storage: Storage;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(parts: { storage: Storage; directory: Directory; clock: Clock; ids: Ids }) {
    this.#storage = parts.storage;
    this.#directory = parts.directory;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
  }

  /** All of an account's, in the order in which they came; expired ones too. */
  list(accountId: AccountId): Promise<Sender[]> {
    return this.#storage.read.senders.ofAccount(accountId);
  }

  /** @returns undefined when the account has none of this id. */
  async find(accountId: AccountId, id: SenderId): Promise<Sender | undefined> {
    return (await this.list(accountId)).find((one) => one.id === id);
  }

  /**
   * Registers an address for an account, ready for use: the owner's word, before which that of a phone gives way.
   * @throws GatewayError `invalid_request` for an address no network would show, `already_exists`
   * when the account has it, or another account holds that number as its own.
   */
  async add(
    accountId: AccountId,
    address: string,
    more: { kind?: SenderKind; label?: string | null } = {},
  ): Promise<Sender> {
    checkAddress(address);
    const now = this.#clock.now();
    const sender: Sender = {
      ...plainSender,
      id: this.#ids.next(),
      accountId,
      address,
      kind: more.kind ?? (/^\+?\d+$/.test(address) ? 'dedicated' : 'alphanumeric'),
      label: more.label ?? null,
      createdAt: now,
      changedAt: now,
    };
    const lost = await this.#storage.write(async (tx) => {
      const holder = await releaseLearnt(tx, sender, this.#storage);
      await grantSender(tx, sender);
      return holder;
    });
    if (lost !== undefined) this.#directory.forget(lost);
    this.#directory.forget(accountId);
    return sender;
  }

  /** Writes what an account notes of a sender. @returns undefined when it has no such sender. */
  async change(
    accountId: AccountId,
    id: SenderId,
    changes: Partial<Pick<Sender, 'label' | 'metadata'>>,
  ): Promise<Sender | undefined> {
    const sender = await this.find(accountId, id);
    if (!sender) return undefined;
    const changed = { ...changes, changedAt: this.#clock.now() };
    await this.#storage.write((tx) => tx.senders.change(id, changed));
    this.#directory.forget(accountId);
    return { ...sender, ...changed };
  }

  /**
   * Takes an address from an account, by its id or as it is written; a number of the pool is free again.
   * @returns false when the account has no such sender.
   */
  async remove(accountId: AccountId, which: string | { id: SenderId }): Promise<boolean> {
    const sender = (await this.list(accountId)).find((one) =>
      typeof which === 'string' ? senderKey(one.address) === senderKey(which) : one.id === which.id,
    );
    if (!sender) return false;
    await this.#storage.write((tx) => tx.senders.remove(sender.id));
    this.#directory.forget(accountId);
    return true;
  }
}
