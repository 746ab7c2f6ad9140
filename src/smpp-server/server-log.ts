/** What the server tells the owner: one line each, never a text, a secret or a number in full. */
export interface ServerLog {
  info(more: Record<string, unknown>, what: string): void;
  warn(more: Record<string, unknown>, what: string): void;
}
