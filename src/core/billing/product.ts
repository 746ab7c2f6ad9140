import type { AccountId, ProductId } from '../ids.ts';
import type { Millicredits } from '../money.ts';

/**
 * A class of traffic that an account is offered apart from the rest: with a price and credits of its own, and, by
 * rules that ask for its code, a route of its own.
 */
export interface Product {
  id: ProductId;
  accountId: AccountId;
  /** What a client calls it; once in an account. */
  code: string;
  /** For people. */
  name: string;
  pricePerPart: Millicredits;
  createdAt: number;
  /** Since when it is not offered any more; what is left in its purse stays there. */
  removedAt: number | null;
}

/** Stands before its UUID; see `ProductId`. */
export const productIdPrefix = 'product:';
