import type { Stat } from './receipts.ts';
import type { ShortMessage } from './wire.ts';

/** A submit_sm as it came, and what became of it. */
export interface Submit extends ShortMessage {
  /** The number of its session. */
  session: number;
  sequence: number;
  /** Its number among the parts of one message; 1 for a message of one part. */
  part: number;
  /** The carrier has it: its handset gets it. */
  taken: boolean;
  /** As the answer writes it; empty when it was not taken. */
  id: string;
  /** As receipts write it. */
  receiptId: string;
  /** Of the answer that has left; null while none has. */
  status: number | null;
  /** When it came, in milliseconds since the epoch. */
  at: number;
}

/** A receipt, or a handset's message, on its way to the client. */
export interface Delivery {
  kind: 'receipt' | 'message';
  /** What a receipt is about; null of a handset's message. */
  submit: Submit | null;
  stat: Stat | null;
  /** The number of the session it was last sent on; null while there was none. */
  session: number | null;
  /** Of the last answer; null while there is none. */
  status: number | null;
  /** How often it was sent. */
  tries: number;
}
