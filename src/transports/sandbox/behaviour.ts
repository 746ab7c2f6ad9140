import type { E164 } from '../../text/phone-number.ts';
import type { Simulation } from '../../core/messages/message.ts';
import type { OutgoingPart, ReceiptNews } from '../../core/ports/transport.ts';

/** What the sandbox does with a message, from the hand-over to the handset's answer. */
export interface Behaviour {
  /** For people; `docs/transports/sandbox.md` has the same words. */
  title: string;
  /** `throttled-first`: each part is sent back once for now, then taken. */
  handOver: 'taken' | 'refused' | 'throttled-first';
  /** Null: the network never says what became of it. */
  receipt: {
    status: ReceiptNews['status'];
    detail: string | null;
    /** When; without it after the link's `receiptDelayMs`, "at once". */
    afterMs?: number;
  } | null;
  /** What the handset writes back once it has the message. */
  reply: string | null;
}

/** How long after the delivery of a message its handset answers. */
export const replyDelayMs = 1_000;

const delivered = { status: 'delivered', detail: null } as const;

/**
 * By the last digit of the destination. The sample numbers of the vendors' own documents (0412345678,
 * 0412345699, 0491570156, 9876543210) are pasted before anyone reads this: they are all delivered.
 */
const behaviours: readonly Behaviour[] = [
  { title: 'delivered, replies "Yes"', handOver: 'taken', receipt: delivered, reply: 'Yes' },
  { title: 'delivered, replies STOP', handOver: 'taken', receipt: delivered, reply: 'STOP' },
  {
    title: 'failed',
    handOver: 'taken',
    receipt: { status: 'failed', detail: 'sandbox: the handset is out of reach' },
    reply: null,
  },
  {
    title: 'expired',
    handOver: 'taken',
    receipt: { status: 'expired', detail: 'sandbox: the handset stayed switched off' },
    reply: null,
  },
  { title: 'rejected', handOver: 'refused', receipt: null, reply: null },
  { title: 'no receipt ever', handOver: 'taken', receipt: null, reply: null },
  {
    title: 'delivered after 5 s',
    handOver: 'taken',
    receipt: { ...delivered, afterMs: 5_000 },
    reply: null,
  },
  {
    title: 'throttled first, then delivered',
    handOver: 'throttled-first',
    receipt: delivered,
    reply: null,
  },
  { title: 'delivered', handOver: 'taken', receipt: delivered, reply: null },
  { title: 'delivered', handOver: 'taken', receipt: delivered, reply: null },
];

/** What is to be played whatever the number. */
const simulated: Record<Simulation, Behaviour> = {
  delivered: { title: 'delivered', handOver: 'taken', receipt: delivered, reply: null },
  failed: {
    title: 'failed',
    handOver: 'taken',
    receipt: { status: 'failed', detail: 'sandbox: it was to fail' },
    reply: null,
  },
};

/** What the sandbox does with a message: as it says itself, or by its destination. */
export function behaviourFor({
  destination,
  simulate,
}: Pick<OutgoingPart, 'destination' | 'simulate'>): Behaviour {
  return simulate ? simulated[simulate] : behaviourOf(destination);
}

/** Takes a destination; gives what the sandbox does with messages to it. */
export function behaviourOf(destination: E164): Behaviour {
  return behaviours[Number(destination.at(-1))] as Behaviour;
}
