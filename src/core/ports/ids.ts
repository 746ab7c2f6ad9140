/** Where new identifiers come from. Tests give a seeded source. */
export interface Ids {
  /** A new UUID, version 7: later ones sort after earlier ones of the same process. */
  next<T extends string>(): T;
  /** `bytes` of unguessable randomness as base64url text, for keys and tokens. */
  secret(bytes: number): string;
}
