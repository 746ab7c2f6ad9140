import type { Caller } from '../accounts/authenticate.ts';
import { audit } from '../audit/audit.ts';
import { clientActor } from '../audit/entry.ts';
import type { Directory } from '../accounts/directory.ts';
import { GatewayError } from '../errors.ts';
import type { AccountId, ProductId, PurseId } from '../ids.ts';
import type { Millicredits } from '../money.ts';
import { millicredits } from '../money.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage, Tx } from '../ports/storage.ts';
import { moveMoney } from './move-money.ts';
import type { Product } from './product.ts';
import { productIdPrefix } from './product.ts';

/** What the audit log says of a change, written with it. */
type Note = (tx: Tx) => Promise<void>;

/** Of one account. */
const mostProducts = 50;

/** What accounts are offered apart from the rest, and what they have of it. */
export class Products {
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

  /** An account's, by code, with what is in their purses. */
  async list(accountId: AccountId): Promise<{ product: Product; balance: Millicredits }[]> {
    const { products } = this.#storage.read;
    return (await products.ofAccount(accountId)).filter(
      ({ product }) => product.removedAt === null,
    );
  }

  /**
   * Offers an account a product, or changes its name and price. One that was removed comes back with its purse.
   * @throws GatewayError `invalid_request` for a code or name that cannot be, or when it has too many.
   */
  async set(
    accountId: AccountId,
    wanted: Pick<Product, 'code' | 'name' | 'pricePerPart'>,
    note?: Note,
  ): Promise<Product> {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/.test(wanted.code)) {
      throw new GatewayError(
        'invalid_request',
        `'${wanted.code}' is no product code: use letters, digits, dots, dashes and underscores, 32 at most.`,
        { field: 'code' },
      );
    }
    if (!/^[^\p{C}]{1,100}$/u.test(wanted.name)) {
      throw new GatewayError('invalid_request', 'A product has a name of 1 to 100 characters.', {
        field: 'name',
      });
    }
    const made: Product = {
      id: `${productIdPrefix}${this.#ids.next<AccountId>()}` as ProductId,
      accountId,
      ...wanted,
      createdAt: this.#clock.now(),
      removedAt: null,
    };
    const product = await this.#storage.write(async (tx) => {
      await tx.accounts.lockBalances([accountId]);
      const held = await tx.products.ofAccount(accountId);
      const before = held.find(({ code }) => code === wanted.code);
      if (before) {
        const changed = { ...before, ...wanted, removedAt: null };
        await tx.products.update(changed);
        await note?.(tx);
        return changed;
      }
      if (held.length >= mostProducts) {
        throw new GatewayError(
          'invalid_request',
          `An account has at most ${mostProducts} products.`,
        );
      }
      await tx.products.insert(made);
      await note?.(tx);
      return made;
    });
    this.#directory.forget(accountId);
    return product;
  }

  /**
   * Offers it no more: messages of its code are the account's own from then on.
   * @throws GatewayError `not_found`.
   */
  async remove(accountId: AccountId, code: string, note?: Note): Promise<void> {
    const removedAt = this.#clock.now();
    await this.#storage.write(async (tx) => {
      await tx.accounts.lockBalances([accountId]);
      await tx.products.update({ ...(await offered(tx, accountId, code)), removedAt });
      await note?.(tx);
    });
    this.#directory.forget(accountId);
  }

  /**
   * Gives credit, or with a negative amount takes some. May not bring a balance below zero.
   * @param code of a product; null: the account's own.
   * @throws GatewayError `insufficient_credit`, `not_found` when it has no such product.
   */
  async topUp(
    accountId: AccountId,
    amount: Millicredits,
    note: string | null,
    code: string | null,
    logged?: Note,
  ): Promise<void> {
    await this.#storage.write(async (tx) => {
      const purse = await purseOf(tx, accountId, code);
      await requireLeft(tx, purse, amount);
      await moveMoney(tx, [
        {
          id: this.#ids.next(),
          accountId,
          productId: productIn(purse),
          at: this.#clock.now(),
          amount,
          kind: amount >= 0 ? 'topup' : 'correction',
          submissionId: null,
          messageId: null,
          note,
          orderRef: null,
        },
      ]);
      await logged?.(tx);
    });
  }

  /**
   * Moves credit from a caller to a sub-account of his, between purses of one code. Of one order, as the caller calls it,
   * a sub-account is given once, for as long as the ledger is kept.
   * @throws GatewayError `not_found` when he has no such sub-account, or one of them no such product;
   * `already_exists` when it was given of that order; `insufficient_credit`; `invalid_request` for an amount that is not
   * above zero.
   */
  async give(
    caller: Caller,
    gift: {
      subAccount: string;
      product: string | null;
      amount: Millicredits;
      note: string | null;
      orderRef?: string | null | undefined;
    },
  ): Promise<void> {
    const { subAccount, product, amount, note, orderRef = null } = gift;
    if (amount <= 0) {
      throw new GatewayError('invalid_request', 'The amount must be above zero.', {
        field: 'amount',
      });
    }
    const from = caller.view.account.id;
    const to = await this.#storage.read.accounts.findByName(subAccount);
    if (to?.parentId !== from) {
      throw new GatewayError('not_found', `There is no sub-account '${subAccount}'.`);
    }
    const at = this.#clock.now();
    await this.#storage.write(async (tx) => {
      const [giver, taker] = [await purseOf(tx, from, product), await purseOf(tx, to.id, product)];
      // All at once: who locked one after the other would wait for a neighbour that goes the other way. The taker's own
      // balance, too, whichever purse it is: an order is given of once.
      await tx.accounts.lockBalances([...new Set([giver, taker, to.id])]);
      if (orderRef !== null && (await tx.ledger.orderTaken(to.id, orderRef))) {
        throw new GatewayError('already_exists', `It was given of the order '${orderRef}'.`, {
          field: 'order',
        });
      }
      const taken = millicredits(0 - amount);
      await requireLeft(tx, giver, taken);
      const entry = { at, kind: 'transfer', submissionId: null, messageId: null, note } as const;
      await moveMoney(tx, [
        {
          ...entry,
          id: this.#ids.next(),
          accountId: from,
          productId: productIn(giver),
          amount: taken,
          orderRef: null,
        },
        {
          ...entry,
          id: this.#ids.next(),
          accountId: to.id,
          productId: productIn(taker),
          amount,
          orderRef,
        },
      ]);
      await audit(tx, { ids: this.#ids, now: at }, clientActor(caller), {
        accountId: from,
        action: 'account.credit',
        subject: to.id,
        details: { amount, product },
      });
    });
  }
}

async function offered(tx: Tx, accountId: AccountId, code: string): Promise<Product> {
  const held = await tx.products.ofAccount(accountId);
  const found = held.find((one) => one.code === code && one.removedAt === null);
  if (!found) throw new GatewayError('not_found', `The account has no product '${code}'.`);
  return found;
}

async function purseOf(tx: Tx, accountId: AccountId, code: string | null): Promise<PurseId> {
  return code === null ? accountId : (await offered(tx, accountId, code)).id;
}

function productIn(purse: PurseId): ProductId | null {
  return purse.startsWith(productIdPrefix) ? (purse as ProductId) : null;
}

async function requireLeft(tx: Tx, purse: PurseId, amount: Millicredits): Promise<void> {
  const balance = (await tx.accounts.lockBalances([purse])).get(purse) ?? 0;
  if (balance + amount < 0) {
    throw new GatewayError('insufficient_credit', 'The balance would fall below zero.');
  }
}
