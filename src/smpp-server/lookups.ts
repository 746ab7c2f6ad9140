import type { Caller } from '../core/accounts/authenticate.ts';
import type { Gateway } from '../core/gateway.ts';
import type { MessageId } from '../core/ids.ts';
import type { Message } from '../core/messages/message.ts';
import { isFinal } from '../core/messages/status.ts';
import { senderKey } from '../core/senders/sender.ts';
import type { PduOf } from '../smpp/codec/pdu.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import { formatAbsoluteTime } from '../smpp/codec/time.ts';
import type { Reply } from '../smpp/session.ts';
import { parseNumber } from '../text/phone-number.ts';
import { askedOf } from './asked.ts';
import { messageStates } from './message-states.ts';
import type { Named } from './message-ids.ts';
import { idAt, readId } from './message-ids.ts';
import type { Client } from './outgoing.ts';
import { Refused } from './refused.ts';
import { destinationOf } from './short-message.ts';
import { errorNumber } from './statuses.ts';
import { admit } from './submit.ts';

/** Messages that one cancel_sm without an id may take back. */
const mostAtOnce = 1_000;

/** What became of a message. @throws Refused when its client has none of that id and source. */
export async function query(
  pdu: PduOf<'query_sm'>,
  client: Client,
  gateway: Gateway,
): Promise<Reply> {
  const named = read(pdu.messageId);
  const caller = await admit(client, countOf(named), gateway);
  const messages = await find(named, pdu.sourceAddr, { caller, gateway });
  if (messages.length === 0 && !(await isGathering(named, client, gateway))) {
    throw new Refused(statuses.ESME_RQUERYFAIL, 'there is no such message');
  }
  const news = summaryOf(messages);
  return {
    command: 'query_sm_resp',
    status: 0,
    messageId: pdu.messageId,
    finalDate: news?.doneAt ? formatAbsoluteTime(news.doneAt) : '',
    messageState: news ? messageStates[news.status] : messageStates.queued,
    errorCode: errorNumber(news?.error ?? null),
  };
}

/**
 * Takes back what waits for its time: one message, those of a submit_multi, or, without an id, all from
 * one address to another. @throws Refused when there is nothing that could still be taken back.
 */
export async function cancel(
  pdu: PduOf<'cancel_sm'>,
  client: Client,
  gateway: Gateway,
): Promise<Reply> {
  const named = pdu.messageId === '' ? undefined : read(pdu.messageId);
  const caller = await admit(client, named ? countOf(named) : 1, gateway);
  const messages = named
    ? await find(named, pdu.sourceAddr, { caller, gateway })
    : await waiting(pdu, { caller, gateway });
  const ids = messages.map(({ id }) => id);
  if (!named && ids.length > 1) client.bucket.owe(ids.length - 1);
  const done = ids.length > 0 ? await gateway.cancel(caller, ids) : [];
  if (!done.some(({ kind }) => kind === 'cancelled')) {
    throw new Refused(statuses.ESME_RCANCELFAIL, 'there is nothing to take back');
  }
  return { command: 'cancel_sm_resp', status: 0 };
}

function read(messageId: string): Named {
  const named = readId(messageId);
  if (!named) throw new Refused(statuses.ESME_RINVMSGID, 'it is no id of ours');
  return named;
}

/** The caller's own of these; where a source is named only what was sent from there (SMPP 3.4, 4.8.1). */
async function find(
  named: Named,
  source: string,
  { caller, gateway }: { caller: Caller; gateway: Gateway },
): Promise<Message[]> {
  const messages =
    named.kind === 'multi'
      ? await findMulti(named, (ids) => gateway.findMessages(caller, ids))
      : await gateway.findMessages(caller, [named.id]);
  return messages.filter(({ sender }) => source === '' || senderKey(sender) === senderKey(source));
}

/**
 * The messages of a submit_multi, of which those that were refused are not there. How many they are stands
 * with each, too, for what the id says its client may have made up: where the first one contradicts it,
 * there is no such submit_multi.
 */
async function findMulti(
  { id, count }: Extract<Named, { kind: 'multi' }>,
  lookUp: (ids: MessageId[]) => Promise<Message[]>,
): Promise<Message[]> {
  const [first, ...others] = Array.from({ length: count }, (_, at) => idAt(id, at));
  const ofIt = ({ extras }: Message): boolean => askedOf(extras)?.multi === count;
  const found = await lookUp([first as MessageId]);
  if (!found.every(ofIt)) return [];
  return [...found, ...(await lookUp(others)).filter(ofIt)];
}

/** How many messages an id claims to name. */
function countOf(named: Named): number {
  return named.kind === 'multi' ? named.count : 1;
}

/** Have some of its pieces come, and others not? */
async function isGathering(named: Named, client: Client, gateway: Gateway): Promise<boolean> {
  if (named.kind !== 'piece') return false;
  const { gatherings } = gateway.delivery.storage.read;
  return (await gatherings.find(client.accountId, named.id)) !== undefined;
}

/** Of several the one that tells most: one that is still under way, else one that did not arrive. */
function summaryOf(messages: readonly Message[]): Message | undefined {
  return (
    messages.find(({ status }) => !isFinal(status)) ??
    messages.find(({ status }) => status !== 'delivered') ??
    messages[0]
  );
}

async function waiting(
  pdu: PduOf<'cancel_sm'>,
  { caller, gateway }: { caller: Caller; gateway: Gateway },
): Promise<Message[]> {
  const { homeCountry } = caller.view.account;
  const to = destinationOf([pdu.destAddrTon, pdu.destAddrNpi, pdu.destinationAddr]);
  const destination = parseNumber(to, homeCountry)?.e164;
  if (!destination) return [];
  const sender = senderKey(pdu.sourceAddr);
  const page = { limit: mostAtOnce, offset: 0 };
  return gateway.searchMessages(caller, { status: 'scheduled', destination, sender, ...page });
}
