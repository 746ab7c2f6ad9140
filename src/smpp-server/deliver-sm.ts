import type { AccountView } from '../core/accounts/account.ts';
import type { Event, MessageFacts, Piece, ReplyFacts } from '../core/events.ts';
import type { PduOf, Tlv } from '../smpp/codec/pdu.ts';
import { numberTlv, octetsTlv, textTlv } from '../smpp/codec/tlv.ts';
import type { Outgoing } from '../smpp/session.ts';
import { concatenationHeader, UDHI } from '../smpp/user-data.ts';
import { encodeText } from '../text/alphabets.ts';
import type { Address } from './asked.ts';
import { askedOf, namedBy } from './asked.ts';
import { instantOf, writeId } from './message-ids.ts';
import { messageStates, stats } from './message-states.ts';
import { partsOf } from './reply-parts.ts';
import type { AccountSettings } from './settings.ts';
import { accountSettingsOf } from './settings.ts';
import { errorNumber } from './statuses.ts';

export type DeliverSm = Outgoing<PduOf<'deliver_sm'>>;

/** Bits of esm_class (SMPP 3.4, 5.2.12). */
const RECEIPT = 0x04;
const INTERMEDIATE = 0x20;
/** The kind of network in network_error_code: GSM (SMPP 3.4, 5.3.2.31). */
const GSM = 3;
/** Of the text, in a receipt (SMPP 3.4, appendix B). */
const textShown = 20;
const mostOctets = 254;
/** Numbers of so many digits are short codes: network specific. */
const longestShortCode = 8;
/** The first interface version that has optional parameters. */
const withTlvs = 0x34;

const nothing = {
  serviceType: '',
  protocolId: 0,
  priorityFlag: 0,
  scheduleDeliveryTime: '',
  validityPeriod: '',
  registeredDelivery: 0,
  replaceIfPresentFlag: 0,
  smDefaultMsgId: 0,
} as const;

/**
 * What tells an event of `form` to a client.
 * @param version its interface_version: before 3.4 there are no optional parameters but what a long text
 * needs.
 * @returns undefined where there is nothing to tell any more.
 */
export function deliverSm(event: Event, view: AccountView, version: number): DeliverSm | undefined {
  const settings = accountSettingsOf(view);
  if (event.type === 'reply.received') return replyPdu(event.reply, event.piece, settings);
  if (!('message' in event) || 'part' in event) return undefined;
  const intermediate = event.type === 'message.sent';
  const pdu = receiptPdu(event, event.piece?.number, settings);
  if (!pdu) return undefined;
  return {
    ...pdu,
    esmClass: intermediate ? INTERMEDIATE : RECEIPT,
    tlvs: version >= withTlvs ? pdu.tlvs : [],
  };
}

function receiptPdu(
  { message, at }: { message: MessageFacts; at: number },
  piece: number | undefined,
  settings: AccountSettings,
): DeliverSm | undefined {
  const asked = askedOf(message.extras);
  if (!asked) return undefined;
  const wish = asked.wishes.find(({ number }) => number === piece);
  const id = writeId(namedBy(message.id, asked, piece), asked.ids);
  const network = networkCode(message);
  const tlvs: Tlv[] = [
    textTlv('receipted_message_id', id),
    numberTlv('message_state', messageStates[message.status]),
  ];
  if (network !== undefined) {
    tlvs.push(octetsTlv('network_error_code', Buffer.from([GSM, network >> 8, network & 0xff])));
  }
  if (wish?.reference !== undefined) {
    tlvs.push(numberTlv('user_message_reference', wish.reference));
  }
  const text = [
    `id:${id}`,
    'sub:001',
    `dlvrd:${message.status === 'delivered' ? '001' : '000'}`,
    `submit date:${minuteOf(instantOf(message.id))}`,
    `done date:${minuteOf(at)}`,
    `stat:${stats[message.status]}`,
    `err:${threeDigits(network ?? errorNumber(message.error))}`,
    `text:${[...message.text].slice(0, textShown).join('')}`,
  ].join(' ');
  return {
    command: 'deliver_sm',
    ...nothing,
    ...addressed(asked.to, asked.from),
    esmClass: RECEIPT,
    dataCoding: 0,
    shortMessage: encodeText(text, settings.alphabet).subarray(0, mostOctets),
    tlvs,
  };
}

function replyPdu(
  { id, from, to, text }: ReplyFacts,
  piece: Piece | undefined,
  settings: AccountSettings,
): DeliverSm | undefined {
  const { alphabet, dataCoding, texts } = partsOf(text, settings);
  const fields = {
    command: 'deliver_sm',
    ...nothing,
    ...addressed(addressOf(from), addressOf(to)),
    dataCoding,
  } as const;
  const cutSo = texts.length === (piece?.total ?? 1);
  // Its account's settings have changed since it was cut: all of it goes with the first.
  if (!cutSo && piece && piece.number > 1) return undefined;
  if (piece && cutSo) {
    const header = concatenationHeader({ reference: referenceOf(id), ...piece }, 8);
    const octets = encodeText(texts[piece.number - 1] as string, alphabet);
    return { ...fields, esmClass: UDHI, shortMessage: Buffer.concat([header, octets]), tlvs: [] };
  }
  const octets = encodeText(text, alphabet);
  if (octets.length <= mostOctets) {
    return { ...fields, esmClass: 0, shortMessage: octets, tlvs: [] };
  }
  const payload = octetsTlv('message_payload', octets);
  return { ...fields, esmClass: 0, shortMessage: Buffer.alloc(0), tlvs: [payload] };
}

function addressed(from: Address, to: Address) {
  return {
    sourceAddrTon: from[0],
    sourceAddrNpi: from[1],
    sourceAddr: from[2].slice(0, 20),
    destAddrTon: to[0],
    destAddrNpi: to[1],
    destinationAddr: to[2].slice(0, 20),
  };
}

/** International numbers without their plus sign, short codes, names. */
function addressOf(address: string): Address {
  if (!/^\+?\d+$/.test(address)) return [5, 0, address];
  const digits = address.replace('+', '');
  const short = digits.length <= longestShortCode && digits === address;
  return short ? [3, 0, digits] : [1, 1, digits];
}

/** What joins the parts of one reply: eight bits of its id, of which all are random. */
function referenceOf(id: ReplyFacts['id']): number {
  return Number.parseInt(id.slice(-2), 16);
}

/** The network's own number for why it failed, where it named one: links write it as `UNDELIV err:045`. */
function networkCode({ errorDetail = '' }: MessageFacts): number | undefined {
  const digits = /\berr:(\d{1,3})$/.exec(errorDetail)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** YYMMDDhhmm, in UTC. */
function minuteOf(instant: number): string {
  return new Date(instant).toISOString().replace(/\D/g, '').slice(2, 12);
}

function threeDigits(number: number): string {
  return String(number).padStart(3, '0');
}
