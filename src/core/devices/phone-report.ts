import type { Reported } from './errand.ts';

/** What a phone says of an errand. */
export interface Report {
  /** As `errandName`. */
  name: string;
  became: Reported;
  /** Of `taken` and `failed`: it is, or was, with the phone's radio, not only in its memory. */
  processed?: boolean;
  /** When, by the phone's clock; null: it does not say. */
  at: number | null;
  failure?: Failure;
  /** What its text fell into. */
  parts?: number | null;
  sim?: number | null;
}

/** Why a phone could not send. */
export interface Failure {
  /** In the phone's own words. */
  text: string;
  /**
   * - `limit`: it may send no more for now; `radio`: it has no network. Nothing has left: it can be tried again.
   * - `late`: it thinks that the message's time is over. Nothing has left either, and another phone's clock may be right.
   * - `other`: something of it may have left.
   */
  kind: 'limit' | 'radio' | 'late' | 'other';
}
