import type { E164 } from '../../text/phone-number.ts';
import type { AccountView } from '../accounts/account.ts';
import type { Caller } from '../accounts/authenticate.ts';
import type { Consequences } from '../delivery/consequences.ts';
import type { DeliveryContext } from '../delivery/context.ts';
import { GatewayError } from '../errors.ts';
import type { ScopedOptoutId } from '../ids.ts';
import { cancelAll } from '../messages/cancel.ts';
import type { ListedOptout, OptoutSearch } from '../ports/audience-storage.ts';
import type { Page, Tx } from '../ports/storage.ts';
import { addOptout, inOneWrite } from './manage.ts';
import type { Optout } from './optout.ts';
import type { Scope, ScopedOptout } from './scope.ts';
import { isInScope, scopeKey } from './scope.ts';

/** Of one number; a handset that wants none of all that wants nothing. */
const mostOfANumber = 100;
/** Of a value: as long as a tag may be. */
const longestValue = 400;
/** Opt-outs that are cleared by one transaction. */
const clearedAtOnce = 1_000;

/** Numbers that must not be sent what is in a scope, and lists of them beside those that must not be sent anything. */
export class ScopedOptouts {
  readonly #context: DeliveryContext;

  constructor(context: DeliveryContext) {
    this.#context = context;
  }

  /**
   * Puts a number on the caller's list for a scope. What is scheduled to it there is taken back with a refund.
   * @returns the opt-out as it is now, and whether it is new.
   * @throws GatewayError `invalid_request` for a value that is none, or when the number has too many.
   */
  async add(
    { view }: Pick<Caller, 'view'>,
    number: E164,
    scope: Scope,
    source: Exclude<Optout['source'], 'reply'> = 'api',
  ): Promise<{ optout: ScopedOptout; isNew: boolean }> {
    requireValue(scope);
    const { ids, directory } = this.#context;
    const { id: accountId } = view.account;
    const id = ids.next<ScopedOptoutId>();
    const done = await inOneWrite(this.#context, view, async (tx, consequences, now) => {
      // As with those of everything: who schedules at this moment holds the same lock.
      await tx.accounts.lockBalances([accountId]);
      const optout: ScopedOptout = { ...scope, id, accountId, number, source, createdAt: now };
      return this.#put(tx, optout, consequences, now);
    });
    if (!done) {
      throw new GatewayError('invalid_request', `${number} has ${mostOfANumber} opt-outs already.`);
    }
    if (done.isNew) directory.forget(accountId);
    return done;
  }

  /**
   * Puts many numbers on the caller's list in one transaction, each for a scope or (null) for everything. A number that
   * has too many scopes gets no more.
   */
  async addAll(
    { view }: Caller,
    wishes: readonly { number: E164; scope: Scope | null }[],
  ): Promise<void> {
    const { ids, directory } = this.#context;
    const { id: accountId } = view.account;
    for (const { scope } of wishes) if (scope) requireValue(scope);
    await inOneWrite(this.#context, view, async (tx, consequences, now) => {
      await tx.accounts.lockBalances([accountId]);
      for (const { number, scope } of wishes) {
        const common = { accountId, number, source: 'api' as const, createdAt: now };
        if (scope === null) await addOptout(tx, { ...common, replyId: null }, consequences, now);
        else await this.#put(tx, { ...scope, id: ids.next(), ...common }, consequences, now);
      }
    });
    directory.forget(accountId);
  }

  /** Within a transaction that holds the account's lock. @returns undefined when the number has too many. */
  async #put(
    tx: Tx,
    optout: ScopedOptout,
    consequences: Consequences,
    now: number,
  ): Promise<{ optout: ScopedOptout; isNew: boolean } | undefined> {
    const { accountId, number } = optout;
    const [before = []] = await tx.scopedOptouts.of([optout]);
    const same = before.find((one) => isSame(one, optout));
    if (same) return { optout: same, isNew: false };
    if (before.length >= mostOfANumber) return undefined;
    await tx.scopedOptouts.add([optout]);
    consequences.happened({ type: 'optout.added', ...newsOf(optout), at: now });
    const scheduled = await tx.messages.lockScheduledTo(accountId, number);
    const inScope = scheduled.filter((message) => isInScope(message, optout));
    await cancelAll(tx, inScope, 'recipient_opted_out', consequences, now);
    return { optout, isNew: true };
  }

  /**
   * Makes another of one of the caller's: it keeps its id and its time. One that is there already takes its place.
   * @returns undefined when he has none of this id.
   * @throws GatewayError `invalid_request` for a value that is none.
   */
  async change(
    { view }: Caller,
    id: ScopedOptoutId,
    number: E164,
    scope: Scope,
  ): Promise<ScopedOptout | undefined> {
    requireValue(scope);
    const { id: accountId } = view.account;
    return inOneWrite(this.#context, view, async (tx, consequences, now) => {
      await tx.accounts.lockBalances([accountId]);
      const before = await tx.scopedOptouts.remove(accountId, id);
      if (!before) return undefined;
      const [others = []] = await tx.scopedOptouts.of([{ accountId, number }]);
      const same = others.find((one) => isSame(one, scope));
      const after: ScopedOptout = same ?? { ...before, ...scope, number };
      if (!same) await tx.scopedOptouts.add([after]);
      if (before.number === number && isSame(before, scope)) return after;
      consequences.happened({ type: 'optout.removed', ...newsOf(before), at: now });
      if (same) return after;
      consequences.happened({ type: 'optout.added', ...newsOf(after), at: now });
      const scheduled = await tx.messages.lockScheduledTo(accountId, number);
      const inScope = scheduled.filter((message) => isInScope(message, scope));
      await cancelAll(tx, inScope, 'recipient_opted_out', consequences, now);
      return after;
    });
  }

  /** Takes one off the caller's list. @returns false when he has none of this id. */
  remove(caller: Pick<Caller, 'view'>, id: ScopedOptoutId): Promise<boolean> {
    const { id: accountId } = caller.view.account;
    return this.#remove(caller.view, async (tx) => {
      const removed = await tx.scopedOptouts.remove(accountId, id);
      return removed ? [removed] : [];
    });
  }

  /** Takes a number off the caller's list for these scopes. @returns false when it was on it for none. */
  removeOf(caller: Pick<Caller, 'view'>, number: E164, scopes: readonly Scope[]): Promise<boolean> {
    return this.#remove(caller.view, (tx) =>
      tx.scopedOptouts.removeOf(caller.view.account.id, number, scopes),
    );
  }

  /** The caller's, with those of everything, newest first, and how many there are in all. */
  async search(
    { view }: Caller,
    search: OptoutSearch,
    page: Page,
  ): Promise<{ items: ListedOptout[]; total: number }> {
    const { scopedOptouts } = this.#context.storage.read;
    const [items, total] = await Promise.all([
      scopedOptouts.search(view.account.id, search, page),
      scopedOptouts.count(view.account.id, search),
    ]);
    return { items, total };
  }

  /** @returns undefined when the caller has none of this id. */
  find({ view }: Caller, id: ScopedOptoutId): Promise<ScopedOptout | undefined> {
    return this.#context.storage.read.scopedOptouts.find(view.account.id, id);
  }

  /** Takes everybody off the caller's list, of everything and of scopes. Nobody is told of each. */
  async clear({ view }: Caller): Promise<void> {
    const { storage, directory } = this.#context;
    const { id: accountId } = view.account;
    const some = () => storage.write((tx) => tx.scopedOptouts.clear(accountId, clearedAtOnce));
    while ((await some()) === clearedAtOnce);
    directory.forget(accountId);
  }

  async #remove(view: AccountView, remove: (tx: Tx) => Promise<ScopedOptout[]>): Promise<boolean> {
    const removed = await inOneWrite(this.#context, view, async (tx, consequences, at) => {
      const gone = await remove(tx);
      for (const one of gone) {
        consequences.happened({ type: 'optout.removed', ...newsOf(one), at });
      }
      return gone.length > 0;
    });
    if (removed) this.#context.directory.forget(view.account.id);
    return removed;
  }
}

/** What is told of one. */
function newsOf({ id, accountId, number, kind, value }: ScopedOptout) {
  return { accountId, number, scope: { id, kind, value } };
}

function requireValue({ value }: Scope): void {
  const isValue =
    value !== '' && value.length <= longestValue && value.isWellFormed() && !value.includes('\0');
  if (isValue) return;
  throw new GatewayError('invalid_request', 'The opt-out has no value, or one that is too long.', {
    field: 'value',
  });
}

function isSame(one: Scope, other: Scope): boolean {
  return one.kind === other.kind && scopeKey(one) === scopeKey(other);
}
