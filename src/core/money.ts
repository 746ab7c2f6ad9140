/**
 * Money is counted in whole millicredits: a thousandth of what a dialect shows as one credit.
 * Integers only, so that the ledger's sum is exact on every engine.
 */
declare const brand: unique symbol;
export type Millicredits = number & { readonly [brand]: 'millicredits' };

/** @throws RangeError when the number is not a whole, safe integer. */
export function millicredits(amount: number): Millicredits {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`not a whole amount: ${amount}`);
  return amount as Millicredits;
}

/** Credits as an owner types them (may have up to three decimals) into millicredits. */
export function fromCredits(credits: number): Millicredits {
  return millicredits(Math.round(credits * 1000));
}

/** Millicredits into whole credits, rounded down: nobody is shown a credit that is not there. */
export function wholeCredits(amount: Millicredits): number {
  return Math.floor(amount / 1000);
}

/** Millicredits into credits with their decimals, for people. */
export function inCredits(amount: Millicredits): number {
  return amount / 1000;
}
