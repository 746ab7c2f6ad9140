/**
 * Time comes through this port so that tests own it: no module of the core, the workers or the
 * transports reads the system clock or sets a timer by itself.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once, no earlier than `delayMs` from now. A pending timer does not keep the process alive. */
  after(delayMs: number, task: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}
