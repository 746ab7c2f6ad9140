import { BoundedMap } from '../bounded-map.ts';
import type { AccountId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Storage } from '../ports/storage.ts';
import type { Sender } from '../senders/sender.ts';
import { isUsable, senderKey } from '../senders/sender.ts';
import type { AccountView } from './account.ts';

/**
 * How long a change that another process made (the CLI, another node) may take to be seen here.
 * Changes made in this process are seen at once.
 */
const freshForMs = 1000;
const keptViews = 10_000;

/**
 * Accounts with their senders and endpoints, kept for a moment: they are needed for every message
 * and change rarely. Reading one costs seven selects, keeping one costs nothing.
 */
export class Directory {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #views = new BoundedMap<
    AccountId,
    { loadedAt: number; view: Promise<AccountView | undefined> }
  >(keptViews);

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** @returns undefined when there is no such account. */
  view(id: AccountId): Promise<AccountView | undefined> {
    const now = this.#clock.now();
    const kept = this.#views.get(id);
    // A clock that was set back makes everything look new: then nothing is.
    const age = kept ? now - kept.loadedAt : 0;
    if (kept && age >= 0 && age < freshForMs) return kept.view;
    const view = this.#load(id);
    this.#views.set(id, { loadedAt: now, view });
    // A failed read must not be remembered as an answer.
    view.catch(() => this.#views.delete(id));
    return view;
  }

  /** The views of several accounts; those that do not exist are left out. */
  async views(ids: Iterable<AccountId>): Promise<Map<AccountId, AccountView>> {
    const found = new Map<AccountId, AccountView>();
    await Promise.all(
      [...new Set(ids)].map(async (id) => {
        const view = await this.view(id);
        if (view) found.set(id, view);
      }),
    );
    return found;
  }

  /** Call after every change of an account, its senders or its endpoints. */
  forget(id: AccountId): void {
    this.#views.delete(id);
  }

  async #load(id: AccountId): Promise<AccountView | undefined> {
    const { read } = this.#storage;
    const [account, senders, endpoints, signingKey, products, scoped, devices] = await Promise.all([
      read.accounts.find(id),
      read.senders.ofAccount(id),
      read.endpoints.ofAccount(id),
      read.signingKeys.enabled(id),
      read.products.ofAccount(id),
      read.scopedOptouts.any(id),
      read.devices.ofAccount(id),
    ]);
    if (!account) return undefined;
    const now = this.#clock.now();
    const byKey = new Map<string, Sender>();
    for (const sender of senders) {
      if (isUsable(sender, now)) byKey.set(senderKey(sender.address), sender);
    }
    return {
      account,
      senders: byKey,
      endpoints: endpoints.filter((endpoint) => endpoint.disabledAt === null),
      signingKey: signingKey ?? null,
      products: new Map(
        products.flatMap(({ product }) =>
          product.removedAt === null ? [[product.code, product] as const] : [],
        ),
      ),
      hasScopedOptouts: scoped,
      devices: devices.map(({ id: device, number, sims }) => ({ id: device, number, sims })),
    };
  }
}
