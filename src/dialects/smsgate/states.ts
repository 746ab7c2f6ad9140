import type { Errand } from '../../core/devices/errand.ts';
import type { Message } from '../../core/messages/message.ts';

/** Reference §4. */
export const states = [
  'Pending',
  'Cancelling',
  'Cancelled',
  'Processed',
  'Sent',
  'Delivered',
  'Failed',
] as const;
export type State = (typeof states)[number];

const ofErrand: Record<Errand['state'], State> = {
  pending: 'Pending',
  cancelling: 'Cancelling',
  processed: 'Processed',
  sent: 'Sent',
  delivered: 'Delivered',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/**
 * The state of one recipient. For the core a message has been sent once it lies in the queue of a phone; what the
 * phone has done of it says its errand.
 */
export function stateOf(
  { status }: Pick<Message, 'status'>,
  errand: Pick<Errand, 'state'> | undefined,
): State {
  switch (status) {
    case 'scheduled':
    case 'queued':
      return errand?.state === 'cancelling' ? 'Cancelling' : 'Pending';
    case 'sending':
      return errand ? ofErrand[errand.state] : 'Processed';
    case 'sent':
      return errand ? ofErrand[errand.state] : 'Sent';
    case 'delivered':
      return 'Delivered';
    case 'cancelled':
      return 'Cancelled';
    case 'failed':
    case 'expired':
    case 'rejected':
      return 'Failed';
    case 'unknown':
      // Its client was told of a failure, unless a phone is at it.
      return errand ? ofErrand[errand.state] : 'Failed';
  }
}

const first = ['Pending', 'Cancelling', 'Cancelled', 'Processed'] as const;

/** The state of a message with these recipients (reference §4): the least that is true of all. */
export function aggregate(recipients: readonly State[]): State {
  const any = first.find((state) => recipients.includes(state));
  if (any) return any;
  const [one] = recipients;
  if (one !== undefined && recipients.every((state) => state === one)) return one;
  return 'Sent';
}
