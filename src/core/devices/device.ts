import type { E164 } from '../../text/phone-number.ts';
import type { AccountId, CredentialId, DeviceId, SenderId } from '../ids.ts';

/** A phone that serves as a way out for its account. */
export interface Device {
  /** At most 21 characters. */
  id: DeviceId;
  accountId: AccountId;
  /** As the phone calls itself. */
  name: string;
  /** As its account calls it. */
  label: string | null;
  /** The number it sends from, where one is known: what its account says, or that of its first SIM. */
  number: E164 | null;
  sims: readonly Sim[];
  /** Percent, as it last said. */
  battery: number | null;
  /** What it last said of its own health. */
  health: Health | null;
  /** Of its app. */
  version: string | null;
  /** When it was last heard of. */
  lastSeenAt: number;
  createdAt: number;
  /** It was heard of lately, by the policy of the link. */
  online: boolean;
  settings: DeviceSettings;
}

export interface Sim {
  /** Its place in the phone, from 0. */
  slot: number;
  /** How messages name it: from 1. */
  sim: number;
  number: E164 | null;
  carrier: string | null;
}

export const healths = ['pass', 'warn', 'fail'] as const;
export type Health = (typeof healths)[number];

/** What a phone is told, and how much it is given. */
export interface DeviceSettings {
  /** At most so many parts in so many minutes; null: as fast as the phone takes them. */
  pace: { parts: number; minutes: number } | null;
  /** At most so many parts a day, of its time zone. */
  dailyParts: number | null;
  /** When it may send; null: always. */
  hours: WorkingHours | null;
  /** In which its days and hours are reckoned (IANA). */
  timeZone: string;
  /** Which SIM sends what names none. */
  sims: SimChoice;
  /** The phone waits between two messages, so many seconds, drawn anew each time. */
  pause: { least: number; most: number } | null;
  /** How often the phone says by itself that it is there, in seconds; null: only when it asks for messages. */
  pingSeconds: number | null;
}

/** `phone`: as it is set there. `rotation`, `random`: the phone takes one after the other, or draws. */
export type SimChoice = 'phone' | 'rotation' | 'random' | { fixed: number };

export interface WorkingHours {
  /** Minutes since midnight; where the end is not after the beginning it is that of the next day. */
  from: number;
  until: number;
  /** On which days they begin: 1 is Monday, 7 Sunday. */
  days: readonly number[];
}

/**
 * For a phone of which nothing was said: Android itself lets an app send 30 parts in 30 minutes, and asks its
 * user about further ones (`SmsUsageMonitor`).
 */
export const usualSettings: DeviceSettings = {
  pace: { parts: 30, minutes: 30 },
  dailyParts: null,
  hours: null,
  timeZone: 'UTC',
  sims: 'phone',
  pause: null,
  pingSeconds: null,
};

/** What a phone keeps once it was told it, until it is told otherwise. */
export type Kept = 'pause' | 'sims';

export interface StoredSettings extends DeviceSettings {
  /** Of these it was told something at some time: when nothing is set any more it must be told that, too. */
  told?: readonly Kept[];
}

/** A device as it is stored. What is not of interest outside stands here. */
export interface StoredDevice extends Omit<Device, 'online'> {
  settings: StoredSettings;
  /** What its account says of its number; `sims` has those of its cards. */
  number: E164 | null;
  /** Digest of the token by which it is known. */
  token: string;
  /** Sealed: with which it signs what it tells. */
  secret: string;
  /** Digest of the path at which it tells it. */
  hook: string;
  /** Sealed: where it can be woken through its maker's push service; null: it is not to be. */
  pushToken: string | null;
  /** The log-in by which it came; null: it came with an enrolment token. */
  credentialId: CredentialId | null;
  /** Senders that its account has because of this device. */
  senders: readonly SenderId[];
  /** Before then it is given nothing new. */
  restUntil: number;
}

/** What is looked at of a device for every message: whose numbers are those of a phone. */
export type DeviceAddress = Pick<StoredDevice, 'id' | 'number' | 'sims'>;

/** Which phone a message goes by: any of its account's where `id` is null; and by which SIM, the phone's choice where it is null. */
export interface MessageDevice {
  id: DeviceId | null;
  sim: number | null;
}

/** The sender of accounts whose phones have no known number: whichever number the phone has is shown. */
export const phoneSender = 'phone';
/** More of them are not enrolled. */
export const mostDevicesOfAnAccount = 1_000;
/** SIMs are counted from 1; no phone has more. */
export const mostSims = 3;

/** How phones are dealt with, as the configuration of their link has it. */
export interface DevicePolicy {
  /** Of a phone that is enrolled. */
  pace: DeviceSettings['pace'];
  /** Not heard of for so long, a phone is silent. */
  silentAfterMs: number;
  /**
   * Where all phones of an account are silent, or it has none: `wait` puts a message into the queue of the one
   * that was heard of last (without any it is refused), `elsewhere` gives it to the next link of its route.
   */
  whenSilent: 'wait' | 'elsewhere';
  /** So long after a phone began to send, a message of which it said no more counts as sent. */
  unconfirmedAfterMs: number;
}

export const usualPolicy: DevicePolicy = {
  pace: usualSettings.pace,
  silentAfterMs: 30 * 60_000,
  whenSilent: 'wait',
  unconfirmedAfterMs: 15 * 60_000,
};

/** When a phone was last heard of that has not asked for anything by its token yet. */
export const neverSeen = 0;

export function isOnline(
  { lastSeenAt }: Pick<StoredDevice, 'lastSeenAt'>,
  { silentAfterMs }: Pick<DevicePolicy, 'silentAfterMs'>,
  now: number,
): boolean {
  return now - lastSeenAt < silentAfterMs;
}
