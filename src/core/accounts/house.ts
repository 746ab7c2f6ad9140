import type { Country } from '../../text/phone-number.ts';
import type { AccountId } from '../ids.ts';
import { millicredits } from '../money.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage } from '../ports/storage.ts';
import type { Account } from './account.ts';

/** No owner can give this name to an account of his: `createAccount` wants a letter or digit first. */
const houseName = '~gateway';

/**
 * The gateway's own account: what the gateway itself sends is kept under it. It has no credentials, so
 * no client reads it, and no credit, since what it sends is free. It is made when first needed.
 */
export class House {
  readonly #parts: { storage: Storage; clock: Clock; ids: Ids };
  #id: AccountId | undefined;

  constructor(parts: { storage: Storage; clock: Clock; ids: Ids }) {
    this.#parts = parts;
  }

  async id(): Promise<AccountId> {
    this.#id ??= (await this.#find()) ?? (await this.#make());
    return this.#id;
  }

  async #find(): Promise<AccountId | undefined> {
    return (await this.#parts.storage.read.accounts.findByName(houseName))?.id;
  }

  async #make(): Promise<AccountId> {
    const { storage, clock, ids } = this.#parts;
    const account: Account = {
      id: ids.next(),
      parentId: null,
      name: houseName,
      status: 'active',
      homeCountry: 'AU' as Country,
      allowedCountries: [],
      pricePerPart: millicredits(0),
      refundPolicy: 'never',
      duplicateWindowMs: 0,
      settings: {},
      createdAt: clock.now(),
    };
    try {
      await storage.write((tx) => tx.accounts.insert(account));
      return account.id;
    } catch (error) {
      // Another process made it at the same moment: names are unique.
      const made = await this.#find();
      if (made === undefined) throw error;
      return made;
    }
  }
}
