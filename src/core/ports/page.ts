/** A page of a list: newest first unless said otherwise. */
export interface Page {
  limit: number;
  offset: number;
}

/** What was made at `from` or later, and before `before`. */
export interface Span {
  from: number;
  before: number;
}
