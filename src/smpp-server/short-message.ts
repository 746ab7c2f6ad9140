import type { PduOf } from '../smpp/codec/pdu.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import { parseTime } from '../smpp/codec/time.ts';
import { findTlv, tlvNumber } from '../smpp/codec/tlv.ts';
import type { UserData } from '../smpp/user-data.ts';
import { alphabetOf, readUserData, UDHI } from '../smpp/user-data.ts';
import type { Alphabet } from '../text/alphabets.ts';
import type { Address, Wish } from './asked.ts';
import type { AccountSettings } from './settings.ts';

export type Submission = PduOf<'submit_sm' | 'submit_multi' | 'data_sm'>;

/** What a client asks for with a text, apart from whom it goes to. */
export interface ShortMessage extends Pick<UserData, 'concatenation' | 'placedBy'> {
  from: Address;
  alphabet: Alphabet;
  octets: Buffer;
  /** As written: what is relative counts from when the message is whole. */
  schedule: string;
  validity: string;
  /** `qos_time_to_live` of data_sm, in seconds. */
  lifeSeconds: number | null;
  priority: number;
  wish: Wish;
}

export type Reading<T> = { ok: true; value: T } | { ok: false; status: number; why: string };

/** Bits of esm_class that say what kind of message it is (SMPP 3.4, 5.2.12). */
const KIND = 0x3c;
const CONCAT_8 = 0x00;
const CONCAT_16 = 0x08;
const WANTED = 0x03;
const INTERMEDIATE = 0x10;

const receipts = ['none', 'all', 'failures', 'successes'] as const satisfies Wish['receipts'][];

const refused = (status: number, why: string) => ({ ok: false, status, why }) as const;

const IA5 = 0x01;

/** @param settings what its account says of texts. */
export function readShortMessage(
  pdu: Submission,
  settings: Pick<AccountSettings, 'alphabet' | 'dataCoding1'>,
): Reading<ShortMessage> {
  if ((pdu.esmClass & KIND) !== 0) {
    return refused(statuses.ESME_RINVESMCLASS, 'it is not a default message');
  }
  const store = pdu.command === 'data_sm' ? undefined : pdu;
  if (store && store.replaceIfPresentFlag !== 0) {
    return refused(statuses.ESME_RINVREPFLAG, 'nothing is replaced');
  }
  if (store && store.smDefaultMsgId !== 0) {
    return refused(statuses.ESME_RINVDFTMSGID, 'there are no texts of our own');
  }
  if (store && store.priorityFlag > 3) return refused(statuses.ESME_RINVPRTFLG, 'above 3');
  const alphabet =
    pdu.dataCoding === IA5 ? settings.dataCoding1 : alphabetOf(pdu.dataCoding, settings.alphabet);
  if (alphabet === undefined) return refused(statuses.ESME_RINVDCS, 'it is no text');

  const shortMessage = store?.shortMessage;
  const payload = findTlv(pdu.tlvs, 'message_payload');
  if (shortMessage && shortMessage.length > 0 && payload) {
    return refused(statuses.ESME_ROPTPARNOTALLWD, 'there are two texts');
  }
  const data = readUserData({
    esmClass: pdu.esmClass,
    tlvs: pdu.tlvs,
    ...(shortMessage && { shortMessage }),
  });
  if (data.concatenation === null && !isWholeText(data.payload, alphabet)) {
    return refused(statuses.ESME_RINVDCS, 'it ends in half a character');
  }
  const octets = payload ?? shortMessage ?? Buffer.alloc(0);
  if ((pdu.esmClass & UDHI) !== 0 && !isPlainHeader(octets.subarray(1, data.headerOctets))) {
    // Ports, ring tones, national shifts: without what it says, the text would be another one.
    return refused(statuses.ESME_RINVESMCLASS, 'its header is more than a place in a message');
  }
  const reference = tlvNumber(pdu.tlvs, 'user_message_reference');
  return {
    ok: true,
    value: {
      from: [pdu.sourceAddrTon, pdu.sourceAddrNpi, pdu.sourceAddr],
      alphabet,
      octets: data.payload,
      concatenation: data.concatenation,
      placedBy: data.placedBy,
      schedule: store?.scheduleDeliveryTime ?? '',
      validity: store?.validityPeriod ?? '',
      lifeSeconds: store ? null : (tlvNumber(pdu.tlvs, 'qos_time_to_live') ?? null),
      priority: store?.priorityFlag ?? 0,
      wish: {
        receipts: receipts[pdu.registeredDelivery & WANTED] ?? 'none',
        ...((pdu.registeredDelivery & INTERMEDIATE) !== 0 && { intermediate: true }),
        ...(reference !== undefined && { reference }),
      },
    },
  };
}

/** When it should go and when it is no use any more; null where nothing is said. */
export function readTimes(
  message: Pick<ShortMessage, 'schedule' | 'validity' | 'lifeSeconds'>,
  now: number,
): Reading<{ scheduledAt: number | null; expiresAt: number | null }> {
  const scheduledAt = message.schedule === '' ? null : parseTime(message.schedule, now);
  if (scheduledAt === undefined) return refused(statuses.ESME_RINVSCHED, 'it is no time');
  const said = message.validity === '' ? null : parseTime(message.validity, now);
  if (said === undefined) return refused(statuses.ESME_RINVEXPIRY, 'it is no time');
  const expiresAt = message.lifeSeconds ? now + message.lifeSeconds * 1_000 : said;
  if (expiresAt !== null && expiresAt <= Math.max(now, scheduledAt ?? now)) {
    return refused(statuses.ESME_RINVEXPIRY, 'it would expire before it could be sent');
  }
  return { ok: true, value: { scheduledAt, expiresAt } };
}

/** The number as the core reads it: an international one that does not say so with a plus sign gets it. */
export function destinationOf([ton, , address]: Address): string {
  return ton === 1 && /^[1-9]\d+$/.test(address) ? `+${address}` : address;
}

/** Half a UTF-16 unit at the end is no text: something was lost. A piece may be cut there. */
export function isWholeText(octets: Buffer, alphabet: Alphabet): boolean {
  return alphabet !== 'ucs2' || octets.length % 2 === 0;
}

/** Whether it says nothing but the place of a piece; false also for one that does not fit. */
function isPlainHeader(elements: Buffer): boolean {
  let at = 0;
  while (at + 2 <= elements.length) {
    if (elements[at] !== CONCAT_8 && elements[at] !== CONCAT_16) return false;
    at += 2 + (elements[at + 1] as number);
  }
  return at > 0 && at === elements.length;
}
