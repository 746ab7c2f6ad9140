/**
 * The one state machine of a message.
 *
 *   scheduled ──▶ queued ──▶ sending ──▶ sent ──▶ delivered
 *                   ▲           │
 *                   └─ retry ───┘
 *
 * - `scheduled`: accepted for a later time. `queued`: may be claimed by a node that holds its link.
 * - `sending`: the hand-over is on disk and the bytes may have left. Back to `queued` only when the
 *   link said no for now, or, after a crash, when the link's policy is `resend`.
 * - `sent`: the network took every part and gave an id.
 * - Ends: `delivered`, `failed` (the network gave up), `expired` (its validity passed), `rejected` (the
 *   link or the network refused it), `cancelled` (by its owner: also when it lay in the queue of a phone, which
 *   gave it back), `unknown` (handed to the network,
 *   its answer or its receipt lost).
 *
 * `unknown` is an end only until better news comes: a late receipt still tells the truth.
 * Late, repeated and out-of-order news never move a message backwards: what is not listed here is
 * ignored.
 */
export const messageStatuses = [
  'scheduled',
  'queued',
  'sending',
  'sent',
  'delivered',
  'failed',
  'expired',
  'rejected',
  'cancelled',
  'unknown',
] as const;
export type MessageStatus = (typeof messageStatuses)[number];

const moves: Record<MessageStatus, readonly MessageStatus[]> = {
  scheduled: ['queued', 'cancelled', 'expired'],
  // `sent`: the lost answer came after all, before it was sent again.
  queued: ['sending', 'sent', 'cancelled', 'expired', 'failed', 'rejected'],
  sending: ['queued', 'sent', 'failed', 'rejected', 'expired', 'unknown'],
  sent: ['delivered', 'failed', 'expired', 'rejected', 'cancelled', 'unknown'],
  unknown: ['sent', 'delivered', 'failed', 'expired', 'rejected', 'cancelled'],
  delivered: [],
  failed: [],
  expired: [],
  rejected: [],
  cancelled: [],
};

/** May a message go from one status to the other? */
export function mayMove(from: MessageStatus, to: MessageStatus): boolean {
  return moves[from].includes(to);
}

/** Nothing more is expected of it. */
export function isFinal(status: MessageStatus): boolean {
  return moves[status].length === 0;
}

/** It did not arrive, as far as is known. */
export function endedBadly(status: MessageStatus): boolean {
  return (
    status === 'failed' || status === 'expired' || status === 'rejected' || status === 'unknown'
  );
}

/** Something of it may still be handed over to a network. */
export function mayBeHandedOver(status: MessageStatus): boolean {
  return status === 'scheduled' || status === 'queued' || status === 'sending';
}

/** What is known of one part once it was handed over. */
export type PartStatus =
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'failed'
  | 'expired'
  | 'rejected'
  | 'unknown';

const partMoves: Record<PartStatus, readonly PartStatus[]> = {
  sending: ['sent', 'failed', 'rejected', 'unknown', 'delivered', 'expired'],
  sent: ['delivered', 'failed', 'expired', 'rejected', 'unknown'],
  unknown: ['sent', 'delivered', 'failed', 'expired', 'rejected'],
  delivered: [],
  failed: [],
  expired: [],
  rejected: [],
};

/** May a part go from one status to the other? */
export function mayMovePart(from: PartStatus, to: PartStatus): boolean {
  return partMoves[from].includes(to);
}

/**
 * What the parts together say of their message: delivered when all are, an unhappy end when one has
 * it, otherwise no news (`sent`).
 */
export function messageStatusOf(
  parts: readonly PartStatus[],
): Extract<MessageStatus, 'sent' | 'delivered' | 'failed' | 'expired' | 'rejected'> {
  let delivered = 0;
  for (const part of parts) {
    if (part === 'failed' || part === 'expired' || part === 'rejected') return part;
    if (part === 'delivered') delivered++;
  }
  return delivered === parts.length ? 'delivered' : 'sent';
}
