import type { Message } from '../core/messages/message.ts';
import type { IdForm, Named } from './message-ids.ts';
import { idAt } from './message-ids.ts';

/** An address as its client wrote it: type of number, numbering plan, digits or name. */
export type Address = readonly [ton: number, npi: number, address: string];

/** Which receipts are wanted (`registered_delivery`, SMPP 3.4, 5.2.17; `successes` is of 5.0). */
export interface Wish {
  receipts: 'none' | 'all' | 'failures' | 'successes';
  /** That the network has it, too. */
  intermediate?: true;
  /** The client's `user_message_reference`, which is told again. */
  reference?: number;
}

/**
 * What is kept with a message that came by SMPP (`Message.extras`), to tell of it in the words in which it was
 * asked for.
 */
export interface Asked {
  ids: IdForm;
  from: Address;
  to: Address;
  /** One for each answer that was given: a message that came whole has one, without a number. */
  wishes: readonly (Wish & { number?: number })[];
  /** How many destinations its submit_multi had: their messages share one id. */
  multi?: number;
}

export function extrasOf(asked: Asked): NonNullable<Message['extras']> {
  return { smpp: asked };
}

/** What `extrasOf` wrote; undefined for a message that came in another way. */
export function askedOf(extras: Message['extras'] | undefined): Asked | undefined {
  return extras?.['smpp'] as Asked | undefined;
}

/** What a message's client knows it by: one of its pieces, it, or all of its submit_multi. */
export function namedBy(id: Message['id'], { multi }: Asked, piece: number | undefined): Named {
  if (multi !== undefined) return { kind: 'multi', id: idAt(id, 0), count: multi };
  return piece === undefined ? { kind: 'message', id } : { kind: 'piece', id, number: piece };
}
