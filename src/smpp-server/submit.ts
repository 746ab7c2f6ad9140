import type { Caller } from '../core/accounts/authenticate.ts';
import type { Gateway } from '../core/gateway.ts';
import type { MessageId } from '../core/ids.ts';
import type { Verdict } from '../core/messages/submit.ts';
import type { MultiDestination, PduOf, Unsuccessful } from '../smpp/codec/pdu.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import type { Reply } from '../smpp/session.ts';
import { decodeText } from '../text/alphabets.ts';
import type { Address, Asked } from './asked.ts';
import { extrasOf } from './asked.ts';
import { gatherPiece } from './gather.ts';
import { idAt, writeId } from './message-ids.ts';
import type { Client, Given } from './outgoing.ts';
import { channel, outgoing, submitAll } from './outgoing.ts';
import { refusalOf, Refused } from './refused.ts';
import { accountSettingsOf } from './settings.ts';
import type { ShortMessage, Submission } from './short-message.ts';
import { readShortMessage } from './short-message.ts';
import { statusOf } from './statuses.ts';

/** Takes in a message, or a piece of one. Resolves when it is on disk. @throws Refused, GatewayError. */
export async function submit(
  pdu: PduOf<'submit_sm' | 'data_sm'>,
  client: Client,
  gateway: Gateway,
): Promise<Reply> {
  const caller = await admit(client, 1, gateway);
  const message = read(pdu, caller);
  const to: Address = [pdu.destAddrTon, pdu.destAddrNpi, pdu.destinationAddr];
  const given = { to, caller, client, gateway };
  const messageId = message.concatenation
    ? await gatherPiece(message, given)
    : await submitWhole(message, given);
  return { command: `${pdu.command}_resp`, status: 0, messageId, tlvs: [] };
}

/** The same for many destinations, of which each is taken or refused for itself. */
export async function submitMulti(
  pdu: PduOf<'submit_multi'>,
  client: Client,
  gateway: Gateway,
): Promise<Reply> {
  const { destinations } = pdu;
  const multi = destinations.length;
  const caller = await admit(client, multi, gateway);
  const message = read(pdu, caller);
  if (message.concatenation) {
    // Some destinations could be taken of one piece and refused of another.
    throw new Refused(statuses.ESME_RINVESMCLASS, 'a submit_multi takes whole messages');
  }
  const addresses = destinations.map(addressOf);
  const wanted = addresses.filter((to) => to !== undefined);
  const first = idAt(gateway.delivery.ids.next<MessageId>(), 0);
  const text = decodeText(message.octets, message.alphabet);
  const verdicts = await submitAll(
    { caller, gateway },
    wanted.map((to, at) => ({
      ...outgoing(message, text, { to, caller, client, gateway }),
      id: idAt(first, at),
      extras: extrasOf({ ...asked(message, to, client), multi }),
    })),
  );
  const unsuccessful: Unsuccessful[] = [];
  const next = verdicts.values();
  addresses.forEach((to, at) => {
    const status = to ? statusOfVerdict(next.next().value as Verdict) : statuses.ESME_RINVDLNAME;
    if (status !== 0) unsuccessful.push(lineOf(destinations[at] as MultiDestination, status));
  });
  if (unsuccessful.length === multi) {
    // Nothing was taken: clients that look at the status alone must see it.
    throw new Refused((unsuccessful[0] as Unsuccessful).errorStatusCode, 'nothing was taken');
  }
  const messageId = writeId({ kind: 'multi', id: first, count: multi }, client.settings.messageIds);
  return { command: 'submit_multi_resp', status: 0, messageId, unsuccessful, tlvs: [] };
}

/**
 * The client as the core knows it. @throws Refused when it asks too fast, or is suspended.
 * @param count how many messages it asks for, or about.
 */
export async function admit(client: Client, count: number, gateway: Gateway): Promise<Caller> {
  if (!client.bucket.take(count, gateway.delivery.clock.now())) {
    throw new Refused(statuses.ESME_RTHROTTLED, 'too fast');
  }
  const view = await gateway.directory.view(client.accountId);
  if (view?.account.status !== 'active') {
    throw new Refused(statusOf.account_suspended, 'the account is suspended');
  }
  return { view, credentialId: client.credentialId, channel };
}

async function submitWhole(message: ShortMessage, given: Given): Promise<string> {
  const text = decodeText(message.octets, message.alphabet);
  const wanted = {
    ...outgoing(message, text, given),
    extras: extrasOf(asked(message, given.to, given.client)),
  };
  const [verdict] = (await submitAll(given, [wanted])) as [Verdict];
  if (!verdict.ok) throw refusalOf(verdict.error);
  return writeId({ kind: 'message', id: verdict.message.id }, given.client.settings.messageIds);
}

function asked({ from, wish }: ShortMessage, to: Address, { settings }: Client): Asked {
  return { ids: settings.messageIds, from, to, wishes: [wish] };
}

function read(pdu: Submission, { view }: Caller): ShortMessage {
  const reading = readShortMessage(pdu, accountSettingsOf(view));
  if (!reading.ok) throw new Refused(reading.status, reading.why);
  return reading.value;
}

function statusOfVerdict(verdict: Verdict): number {
  return verdict.ok ? 0 : statusOf[verdict.error.code];
}

/** Undefined for a distribution list: there are none. */
function addressOf(destination: MultiDestination): Address | undefined {
  if (destination.kind === 'list') return undefined;
  return [destination.destAddrTon, destination.destAddrNpi, destination.destinationAddr];
}

/** As long as an address may be (SMPP 3.4, 4.5.2.1). A list is named in its place, for there is no other. */
const longestAddress = 20;

function lineOf(destination: MultiDestination, errorStatusCode: number): Unsuccessful {
  const [destAddrTon, destAddrNpi, address] = addressOf(destination) ?? [0, 0, ''];
  const named = destination.kind === 'list' ? destination.name : address;
  return {
    destAddrTon,
    destAddrNpi,
    destinationAddr: named.slice(0, longestAddress),
    errorStatusCode,
  };
}
