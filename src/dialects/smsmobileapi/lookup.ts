import type { Caller } from '../../core/accounts/authenticate.ts';
import type { Errand } from '../../core/devices/errand.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { MessageId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import { gatewaySid, messageOfGuid, guidOf } from './guid.ts';

/**
 * The message of a guid. One that was sent again has the guid of the first, as its reference.
 * @returns undefined when the caller has none.
 */
export async function messageBy(
  gateway: Gateway,
  caller: Caller,
  guid: string,
): Promise<Message | undefined> {
  const id = messageOfGuid(guid);
  if (id === undefined) return undefined;
  const [message] = await gateway.findMessages(caller, [id]);
  if (message) return message;
  const [again] = await gateway.searchMessages(caller, {
    clientRef: guidOf(id),
    limit: 1,
    offset: 0,
  });
  return again;
}

/** The guid under which its client knows a message. */
export function shownGuid({ id, clientRef, extras }: Pick<Message, 'id' | 'clientRef' | 'extras'>) {
  return attemptOf({ extras }) > 0 && clientRef !== null ? clientRef : guidOf(id);
}

/** How often a message was sent again. */
export function attemptOf({ extras }: Pick<Message, 'extras'>): number {
  const attempt = extras?.['attempt'];
  return typeof attempt === 'number' ? attempt : 0;
}

/** What a phone has done with a message, as far as is known; of one that went another way, what the network did. */
export interface Handling {
  /** Which phone, as this API names it; empty when none has it yet. */
  sid: string;
  /** 0: not chosen. */
  port: number;
  /** Epoch milliseconds; null: not sent yet. */
  sentAt: number | null;
  /** As the phone says it. */
  error: string | null;
}

/** What became of each of these messages. */
export async function handlingsOf(
  gateway: Gateway,
  caller: Caller,
  messages: readonly Message[],
): Promise<(message: Message) => Handling> {
  const byPhone = messages.filter(({ device }) => device !== null).map(({ id }) => id);
  const errands: ReadonlyMap<MessageId, Errand> =
    byPhone.length > 0 ? await gateway.devices.errandsOf(caller, byPhone) : new Map();
  const self = gatewaySid(caller.view.account.id);
  return (message) => {
    if (message.device === null) {
      return { sid: self, port: 0, sentAt: message.sentAt, error: null };
    }
    const errand = errands.get(message.id);
    return {
      sid: errand?.deviceId ?? message.device.id ?? '',
      port: errand?.sim ?? message.device.sim ?? 0,
      sentAt: errand?.sentAt ?? null,
      error: errand?.error ?? null,
    };
  };
}
