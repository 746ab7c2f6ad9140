import type { AccountId, TemplateId } from '../ids.ts';

/**
 * A text of an account with places for data (`text/template.ts`), and what those who must know of it were told:
 * in some countries a network carries only what its register has.
 */
export interface Template {
  id: TemplateId;
  accountId: AccountId;
  name: string;
  /** By which it is sent: one of an account's has it. */
  alias: string;
  body: string;
  /** The address it is for, as it was written. */
  sender: string;
  /** Its id in a register of others. */
  externalId: string | null;
  /** What kind of text it is, in the words of its dialect. */
  type: string | null;
  status: 'pending' | 'approved' | 'rejected';
  createdAt: number;
  changedAt: number;
}

/** A template of a register that an account must not send by, as long as it is `active`. */
export interface TemplateBlock {
  id: TemplateId;
  accountId: AccountId;
  externalId: string;
  active: 0 | 1;
  createdAt: number;
}
