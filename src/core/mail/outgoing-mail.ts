import type { MailId, NodeId, UserId } from '../ids.ts';

/**
 * What is to be written to somebody. What it says, and the token in it, are made when it is sent: nothing of that is
 * ever stored.
 *
 * - `activation`, `reset`: with a link at whose end a password is chosen.
 * - `password-changed`, `two-factor-off`: that this has happened.
 */
export const mailKinds = ['activation', 'reset', 'password-changed', 'two-factor-off'] as const;
export type MailKind = (typeof mailKinds)[number];

/**
 * A mail in the outbox: written with the fact it follows from, tried again until it is taken or too old.
 *
 * ```
 * pending ──taken──▶ sent        pending ──refused for good, or too old──▶ failed
 *    └─ nobody is there to write to: sent, with no mail
 * ```
 */
export interface OutgoingMail {
  id: MailId;
  kind: MailKind;
  /** To whom; null: to whoever has the address when it is sent, be that nobody. */
  userId: UserId | null;
  email: string;
  status: 'pending' | 'sent' | 'failed';
  attempts: number;
  dueAt: number;
  lockedBy: NodeId | null;
  /** Later it is of no use. */
  expiresAt: number;
  createdAt: number;
  doneAt: number | null;
  /** What went wrong at the last try. */
  error: string | null;
}
