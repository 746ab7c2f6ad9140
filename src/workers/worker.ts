/** A loop around the core. */
export interface Worker {
  start(): void;
  /** Finishes what is under way, gives back what was claimed, and ends. */
  stop(): Promise<void>;
}

/** What workers tell the owner: one line each, never a text or a number in full. */
export interface WorkerLog {
  info(more: Record<string, unknown>, what: string): void;
  warn(more: Record<string, unknown>, what: string): void;
}
