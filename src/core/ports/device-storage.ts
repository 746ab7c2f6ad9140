import type { EnrolmentCode } from '../devices/enrolment-code.ts';
import type { StoredDevice } from '../devices/device.ts';
import type { StoredErrand } from '../devices/errand.ts';
import type { AccountId, DeviceId, MessageId } from '../ids.ts';

/** What is kept of phones and of the messages in their queues: parts of `Reads` and `Tx`. */

/** In which order a phone wants what waits, beside its priority: the oldest first, or the newest. */
export type QueueOrder = 'fifo' | 'lifo';

export interface DeviceReads {
  /** In the order in which they came. */
  ofAccount(accountId: AccountId): Promise<StoredDevice[]>;
  /** Whosever it is. */
  find(id: DeviceId): Promise<StoredDevice | undefined>;
  findByToken(digest: string): Promise<StoredDevice | undefined>;
  findByHook(digest: string): Promise<StoredDevice | undefined>;
  /** Those of the ids that there still are. */
  present(ids: readonly DeviceId[]): Promise<Set<DeviceId>>;
  /** Whosever they are, by id: for the owner's tools. */
  list(page: { limit: number; offset: number }): Promise<StoredDevice[]>;
}

export interface DeviceTx {
  insert(device: StoredDevice): Promise<void>;
  /** The rows as they are, which nobody else changes until the commit. */
  lock(ids: readonly DeviceId[]): Promise<StoredDevice[]>;
  /** Writes what a device, its account or its owner says of it; not what `seen` and `rest` write. */
  save(device: StoredDevice): Promise<void>;
  seen(
    sightings: readonly Pick<
      StoredDevice,
      'id' | 'lastSeenAt' | 'version' | 'battery' | 'health'
    >[],
  ): Promise<void>;
  rest(rests: readonly Pick<StoredDevice, 'id' | 'restUntil'>[]): Promise<void>;
  remove(id: DeviceId): Promise<boolean>;
  count(accountId: AccountId): Promise<number>;
}

export interface ErrandReads {
  /** Those of the messages that are this account's. */
  find(accountId: AccountId, ids: readonly MessageId[]): Promise<StoredErrand[]>;
  /**
   * What a device was given and has not answered yet, by priority, then in this order; with what is to be taken back
   * where it `takesBack`.
   */
  given(
    deviceId: DeviceId,
    wish: { order: QueueOrder; limit: number; takesBack: boolean },
  ): Promise<StoredErrand[]>;
  hasWaiting(deviceId: DeviceId): Promise<boolean>;
  /** How many wait at each device that any wait at, or that it was given, is to send and has not answered. */
  loads(which: 'waiting' | 'given'): Promise<Map<DeviceId, number>>;
}

export interface ErrandTx {
  /** Gives back those that were not there before. */
  insert(errands: readonly StoredErrand[]): Promise<StoredErrand[]>;
  /** The rows as they are, which nobody else changes until the commit. */
  lock(ids: readonly MessageId[]): Promise<StoredErrand[]>;
  /** Writes what changes in an errand's life. */
  save(errands: readonly StoredErrand[]): Promise<void>;
  /** What waits at a device, likewise locked, by priority, then in this order. */
  lockWaiting(deviceId: DeviceId, order: QueueOrder, limit: number): Promise<StoredErrand[]>;
  /** How many `given` would give, counted up to the limit. */
  countGiven(deviceId: DeviceId, wish: { limit: number; takesBack: boolean }): Promise<number>;
  /** What a device was given since an instant, the newest first: when, and how many parts. */
  pulled(
    deviceId: DeviceId,
    since: number,
    limit: number,
  ): Promise<{ at: number; parts: number }[]>;
  /** What waits although its time is over, locked. */
  expired(now: number, limit: number): Promise<StoredErrand[]>;
  /** What was to be taken back and of which no phone spoke until its time was over, locked. */
  unanswered(now: number, limit: number): Promise<StoredErrand[]>;
  /** What phones began to send before an instant and never said more of, locked. */
  unconfirmed(before: number, limit: number): Promise<StoredErrand[]>;
}

export interface EnrolmentCodeTx {
  /** @returns false when there is one like it: another must be drawn. */
  insert(code: EnrolmentCode): Promise<boolean>;
  /** Whoever takes it has it, and nobody after him. */
  take(digest: string): Promise<EnrolmentCode | undefined>;
}
