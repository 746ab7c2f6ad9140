import type { AccountId, DeviceId, LinkId, MessageId } from '../ids.ts';

/**
 * What a device has of a message.
 *
 *   waiting ──pulled──▶ given ──▶ taken ──▶ sent ──▶ delivered
 *      │                  │ ▲        │        │
 *      │             cancel│ │        └────────┴──▶ failed, or waiting again at another device
 *      │                  ▼ │
 *      └──cancel──▶   cancelling ──▶ cancelled, or any of the above: it came too late
 *
 * - `waiting`: untouched. It may be moved to another device, or taken back at once.
 * - `given`: it was in an answer to the phone, which may have it; it is in every answer until the phone says
 *   something of it. It is never moved: who has it may send it.
 * - `taken`: the phone has said that it has it (`processedAt`: that it handed it to its radio). `sent`: the network
 *   has all of it. The ends: `delivered`, `failed`, `cancelled`, `expired` (it was never given, or nobody said whether it
 *   was taken back; what is said of it later still counts).
 *
 * An errand that is `cancelling` and has `sentAt` (and `doneAt`) was sent (and delivered) by an earlier attempt, of which
 * that was said late: it ends so unless the present one does.
 *
 * Phones repeat themselves, and what they say comes in any order: news never moves an errand backwards.
 */
export const errandStates = [
  'waiting',
  'given',
  'cancelling',
  'taken',
  'sent',
  'delivered',
  'failed',
  'cancelled',
  'expired',
] as const;
export type ErrandState = (typeof errandStates)[number];

/** What a phone can say of a message. */
export type Reported = 'taken' | 'sent' | 'delivered' | 'failed' | 'cancelled';

const moves: Record<ErrandState, readonly Reported[]> = {
  waiting: ['taken', 'sent', 'delivered', 'failed', 'cancelled'],
  given: ['taken', 'sent', 'delivered', 'failed', 'cancelled'],
  cancelling: ['taken', 'sent', 'delivered', 'failed', 'cancelled'],
  taken: ['sent', 'delivered', 'failed', 'cancelled'],
  sent: ['delivered', 'failed'],
  delivered: [],
  failed: [],
  cancelled: [],
  // It was to be taken back, and the phone is heard of again.
  expired: ['sent', 'delivered', 'failed', 'cancelled'],
};

/**
 * May what a phone says move an errand? What its radio has it does not take back (the app passes over the wish), and
 * that it had done so would be worth its price.
 */
export function mayBecome(
  { state, processedAt }: Pick<StoredErrand, 'state' | 'processedAt'>,
  to: Reported,
): boolean {
  return moves[state].includes(to) && (to !== 'cancelled' || processedAt === null);
}

const ends: ReadonlySet<ErrandState> = new Set(['delivered', 'failed', 'cancelled', 'expired']);

/** Nothing more is expected of it. */
export function isOver(state: ErrandState): boolean {
  return ends.has(state);
}

/**
 * What becomes of an errand whose present attempt came to nothing, where an earlier one was sent; null: none was. From
 * then on whatever is said is said of an earlier attempt.
 */
export function asEarlierSaid({
  sentAt,
  doneAt,
  attempt,
}: StoredErrand): Pick<StoredErrand, 'state' | 'attempt' | 'secret' | 'error'> | null {
  if (sentAt === null) return null;
  const state = doneAt === null ? 'sent' : 'delivered';
  return { state, attempt: attempt + 1, secret: null, error: null };
}

/** An errand as it is stored: one for each message that has entered the queue of a device. */
export interface StoredErrand {
  messageId: MessageId;
  accountId: AccountId;
  /** By which its message came. */
  linkId: LinkId;
  deviceId: DeviceId;
  /** 1: it must be this device, by its client's wish or since the number it shows is there. */
  pinned: 0 | 1;
  /** Null: the phone chooses. */
  sim: number | null;
  /** What its text falls into: what we reckon, then what the phone says. */
  parts: number;
  /** Higher goes first. */
  priority: number;
  state: ErrandState;
  /** From 1; each time it goes anew after a phone had it. */
  attempt: number;
  /** Devices that had it and did not send it. */
  tried: readonly DeviceId[];
  /** Sealed: as `Message.secret`, until it is over. */
  secret: string | null;
  queuedAt: number;
  /** When it was first given. */
  pulledAt: number | null;
  processedAt: number | null;
  sentAt: number | null;
  doneAt: number | null;
  /** 1: the phone never said that it was sent; it counts as sent all the same. */
  unconfirmed: 0 | 1;
  /** The phone's own words for what went wrong. */
  error: string | null;
  /** The phone should give up after this instant. */
  expiresAt: number;
}

/** What a device has of a message, as its client may see it. */
export interface Errand {
  messageId: MessageId;
  deviceId: DeviceId;
  sim: number | null;
  state: 'pending' | 'cancelling' | 'processed' | 'sent' | 'delivered' | 'failed' | 'cancelled';
  /** The phone never said that it was sent. */
  unconfirmed: boolean;
  queuedAt: number;
  pulledAt: number | null;
  processedAt: number | null;
  sentAt: number | null;
  doneAt: number | null;
  error: string | null;
  parts: number;
}

const shown: Record<ErrandState, Errand['state']> = {
  waiting: 'pending',
  given: 'pending',
  cancelling: 'cancelling',
  taken: 'processed',
  sent: 'sent',
  delivered: 'delivered',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'failed',
};

export function errandOf(stored: StoredErrand): Errand {
  const { messageId, deviceId, sim, queuedAt, pulledAt, processedAt, sentAt, doneAt } = stored;
  const earlier = stored.state === 'cancelling' ? asEarlierSaid(stored) : null;
  return {
    messageId,
    deviceId,
    sim,
    state: shown[earlier?.state ?? stored.state],
    unconfirmed: stored.unconfirmed === 1,
    queuedAt,
    pulledAt,
    processedAt,
    sentAt,
    doneAt,
    error: stored.error,
    parts: stored.parts,
  };
}

const bareUuid =
  /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})-([2-9]|[1-9]\d)$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The name by which a phone knows an errand, of at most 36 characters: a phone never sends what it had under the
 * same name, so each attempt has its own. The first is the message's id.
 */
export function errandName({ messageId, attempt }: Pick<StoredErrand, 'messageId' | 'attempt'>) {
  return attempt === 1 ? messageId : `${messageId.replaceAll('-', '')}-${attempt}`;
}

/** @returns undefined for what no errand is called. */
export function readErrandName(
  name: string,
): { messageId: MessageId; attempt: number } | undefined {
  if (uuid.test(name)) return { messageId: name as MessageId, attempt: 1 };
  const [, a, b, c, d, e, attempt] = bareUuid.exec(name) ?? [];
  if (attempt === undefined) return undefined;
  return { messageId: [a, b, c, d, e].join('-') as MessageId, attempt: Number(attempt) };
}
