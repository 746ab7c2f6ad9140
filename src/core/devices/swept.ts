import type { StoredDevice } from './device.ts';

/** What one sweep has found. */
export interface Swept {
  /** Phones that have fallen silent with messages in their queues, since the last sweep, and how many they have. */
  silent: { device: StoredDevice; waiting: number; given: number }[];
  moved: number;
  expired: number;
  unconfirmed: number;
}
