import type { Directory } from '../accounts/directory.ts';
import type { Account } from '../accounts/account.ts';
import { GatewayError } from '../errors.ts';
import type { AccountId, NumberId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { NumberSearch, Page, Storage } from '../ports/storage.ts';
import { grantSender } from './grant.ts';
import type { HeldNumber, PoolNumber } from './pool-number.ts';
import { describeNumber } from './pool-number.ts';
import type { Sender } from './sender.ts';
import { plainSender, senderKey } from './sender.ts';

/** A number that an account has, and the sender by which it has it. */
export interface Assignment {
  number: PoolNumber;
  sender: Sender;
}

/** Of all accounts together: a list of free ones looks at each in the worst case. */
const mostNumbers = 50_000;

/** The numbers that the owner offers, and whose they are. */
export class NumberPool {
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

  /** Those that anybody may take now, by id. */
  available(search: Omit<NumberSearch, 'now'>): Promise<PoolNumber[]> {
    return this.#storage.read.numbers.available({ ...search, now: this.#clock.now() });
  }

  /** @returns undefined when there is none of this id, or another account has it. */
  async find(account: Account, id: NumberId): Promise<PoolNumber | undefined> {
    const held = await this.#storage.read.numbers.find(id);
    if (held) {
      const { accountId, ...number } = held;
      return accountId === null || accountId === account.id ? number : undefined;
    }
    return (await this.assignment(account, id))?.number;
  }

  /**
   * The numbers that are an account's alone, in the order in which it got them. One that the owner gave it past
   * the pool is among them; what is said of it is what its digits tell, and its id is its sender's.
   */
  async assignments(account: Account): Promise<Assignment[]> {
    const senders = await this.#storage.read.senders.ofAccount(account.id);
    const dedicated = senders.filter(({ kind }) => kind === 'dedicated');
    const keys = dedicated.map(({ address }) => senderKey(address));
    const pool = await this.#storage.read.numbers.ofKeys(keys);
    return dedicated.flatMap((sender, at) => {
      const number = pool[at] ?? outsideThePool(sender, account);
      return number ? [{ number, sender }] : [];
    });
  }

  /** How an account has a number. @returns undefined when it has none of this id. */
  async assignment(account: Account, id: NumberId): Promise<Assignment | undefined> {
    return (await this.assignments(account)).find(({ number }) => number.id === id);
  }

  /**
   * Gives an account a number of the pool as a dedicated sender.
   * @throws GatewayError `not_found`; `already_exists` when it is not free, or the account has too many.
   */
  async assign(
    accountId: AccountId,
    id: NumberId,
    notes: Partial<Pick<Sender, 'label' | 'metadata'>> = {},
  ): Promise<Assignment> {
    const now = this.#clock.now();
    const assignment = await this.#storage.write(async (tx): Promise<Assignment> => {
      // Nobody takes it from the pool meanwhile.
      const number = await tx.numbers.lock(id);
      if (!number) throw new GatewayError('not_found', `There is no number ${id}.`);
      if (number.availableAfter > now) {
        throw new GatewayError('already_exists', `The number ${number.number} is not free yet.`);
      }
      const sender: Sender = {
        ...plainSender,
        ...notes,
        id: this.#ids.next(),
        accountId,
        address: number.number,
        kind: 'dedicated',
        createdAt: now,
        changedAt: now,
      };
      await grantSender(tx, sender);
      return { number, sender };
    });
    this.#directory.forget(accountId);
    return assignment;
  }

  /** For the owner: by id, page by page. */
  list(page: Page): Promise<HeldNumber[]> {
    return this.#storage.read.numbers.list(page);
  }

  /** For the owner: the number of the pool that is written so. */
  async findWritten(written: string): Promise<HeldNumber | undefined> {
    const [number] = await this.#storage.read.numbers.ofKeys([senderKey(written)]);
    return number && this.#storage.read.numbers.find(number.id);
  }

  /**
   * Offers numbers, all or none. One that an account has as its own already becomes that account's.
   * @throws GatewayError `already_exists` when one is offered already, `invalid_request` when there are too many.
   */
  async add(wanted: readonly Omit<PoolNumber, 'id' | 'createdAt'>[]): Promise<PoolNumber[]> {
    const createdAt = this.#clock.now();
    const numbers = wanted.map((one) => ({ ...one, id: this.#ids.next<NumberId>(), createdAt }));
    await this.#storage.write(async (tx) => {
      if ((await tx.numbers.count()) + numbers.length > mostNumbers) {
        throw new GatewayError('invalid_request', `There can be ${mostNumbers} numbers at most.`);
      }
      for (const number of numbers) await tx.numbers.insert(number);
    });
    return numbers;
  }

  /** Offers a number no more. @returns false when there is none of this id, or an account has it. */
  remove(id: NumberId): Promise<boolean> {
    // Locked first, so that who is taking it at this moment is seen.
    return this.#storage.write(
      async (tx) => (await tx.numbers.lock(id)) !== undefined && tx.numbers.remove(id),
    );
  }
}

function outsideThePool(sender: Sender, { homeCountry }: Account): PoolNumber | undefined {
  const known = describeNumber(sender.address, homeCountry);
  return (
    known && {
      ...known,
      id: sender.id as string as NumberId,
      classification: 'bronze',
      capabilities: ['sms'],
      availableAfter: sender.createdAt,
      createdAt: sender.createdAt,
    }
  );
}
