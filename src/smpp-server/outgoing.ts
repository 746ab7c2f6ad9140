import type { Caller } from '../core/accounts/authenticate.ts';
import type { Gateway } from '../core/gateway.ts';
import type { AccountId, CredentialId, MessageId } from '../core/ids.ts';
import type { Gathered } from '../core/messages/gathering.ts';
import type { OutgoingMessage } from '../core/messages/prepare.ts';
import type { Verdict } from '../core/messages/submit.ts';
import type { Address } from './asked.ts';
import type { Bucket } from './bucket.ts';
import { Refused } from './refused.ts';
import type { CredentialSettings } from './settings.ts';
import type { ShortMessage } from './short-message.ts';
import { destinationOf, readTimes } from './short-message.ts';

/** Who asks: a client that is bound. */
export interface Client {
  accountId: AccountId;
  credentialId: CredentialId;
  settings: CredentialSettings;
  /** Of all sessions of its credential on this node. */
  bucket: Bucket;
}

/** What a request is judged and carried out with. */
export interface Given {
  to: Address;
  caller: Caller;
  client: Client;
  gateway: Gateway;
}

/** The channel that routes know it by, the `dialect` of its credentials, and the form that tells it of things. */
export const channel = 'smpp';

/** Parts that a text may be cut into, and pieces that a client may cut one into. */
export const mostParts = 20;
const limits = { alphabet: 'any', characters: mostParts * 153, parts: mostParts } as const;

/** What the core is asked for, of a message that is whole. @throws Refused. */
export function outgoing(
  message: ShortMessage,
  text: string,
  { to, client, gateway }: Given,
): OutgoingMessage {
  const times = readTimes(message, gateway.delivery.clock.now());
  if (!times.ok) throw new Refused(times.status, times.why);
  return {
    to: destinationOf(to),
    text,
    sender: message.from[2],
    ...times.value,
    priority: Math.min(message.priority, client.settings.priority),
    limits,
  };
}

/**
 * @param gathered where the one message came in pieces.
 * @throws GatewayError as `Gateway.submit`.
 */
export async function submitAll(
  { caller, gateway }: Pick<Given, 'caller' | 'gateway'>,
  messages: readonly OutgoingMessage[],
  gathered?: { key: string; id: MessageId; pieces: readonly Gathered[] },
): Promise<Verdict[]> {
  const outcome = await gateway.submit({ caller, messages, ...(gathered && { gathered }) });
  if (outcome.kind === 'replayed') throw new Error('replayed without an idempotency key');
  return outcome.result.verdicts;
}
