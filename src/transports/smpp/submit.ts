import type { OutgoingPart } from '../../core/ports/transport.ts';
import type { Tlv } from '../../smpp/codec/pdu.ts';
import { formatAbsoluteTime, formatRelativeTime } from '../../smpp/codec/time.ts';
import { numberTlv, octetsTlv } from '../../smpp/codec/tlv.ts';
import type { Outgoing } from '../../smpp/session.ts';
import { concatenationHeader, UDHI } from '../../smpp/user-data.ts';
import { destinationAddress, sourceAddress } from './addresses.ts';
import type { References } from './references.ts';
import type { SmppSettings } from './settings.ts';
import type { VendorTlvs } from './vendor-tlvs.ts';
import { dataCodingOf, fitsOneMessage, formOf, writeText } from './wire-parts.ts';

export type Submit = Extract<Outgoing, { command: 'submit_sm' }>;

/** Longer than this no carrier keeps trying, and a relative time cannot say it. */
const longestValidityMs = 30 * 86_400_000;
const shortestValidityMs = 60_000;
/**
 * What `short_message` holds; beyond it a text goes as `message_payload` (SMPP 3.4, 4.4.1). A whole long text does so
 * as soon as one short message on the air does not hold it: what a carrier makes of 161 characters without a header
 * in `short_message` nobody says.
 */
const longestShortMessage = 254;

const registeredDelivery: Record<SmppSettings['receipts']['ask'], number> = {
  none: 0,
  all: 1,
  failures: 2,
};

/**
 * The PDU that hands a part over.
 * @param more what is made once for a link, and the present.
 */
export function submitOf(
  part: OutgoingPart,
  settings: SmppSettings,
  more: { references: References; vendorTlvs: VendorTlvs; now: number },
): Submit {
  const form = formOf(part.wholeText, part.encoding, settings);
  const source = sourceAddress(part.sender, settings);
  const destination = destinationAddress(part.destination, settings);
  const tlvs: Tlv[] = [...more.vendorTlvs.of(part.sender)];

  let header: Buffer | null = null;
  if (part.total > 1) {
    const place = {
      reference: more.references.of(part.messageId, part.destination),
      number: part.number,
      total: part.total,
    };
    if (settings.longMessages === 'sar') {
      tlvs.push(
        numberTlv('sar_msg_ref_num', place.reference),
        numberTlv('sar_total_segments', place.total),
        numberTlv('sar_segment_seqnum', place.number),
      );
    } else header = concatenationHeader(place, settings.longMessages === 'udh16' ? 16 : 8);
  }
  const text = writeText(part.text, form, header?.length ?? 0);
  let shortMessage = header ? Buffer.concat([header, text]) : text;
  const isWhole = settings.longMessages !== 'payload' || fitsOneMessage(part.text, form);
  if (!isWhole || shortMessage.length > longestShortMessage) {
    tlvs.push(octetsTlv('message_payload', shortMessage));
    shortMessage = Buffer.alloc(0);
  }

  return {
    command: 'submit_sm',
    serviceType: settings.serviceType,
    sourceAddrTon: source.ton,
    sourceAddrNpi: source.npi,
    sourceAddr: source.address,
    destAddrTon: destination.ton,
    destAddrNpi: destination.npi,
    destinationAddr: destination.address,
    esmClass: header ? UDHI : 0,
    protocolId: settings.protocolId,
    priorityFlag: 0,
    scheduleDeliveryTime: '',
    validityPeriod: validityPeriod(part.expiresAt, more.now, settings.validity),
    registeredDelivery: registeredDelivery[settings.receipts.ask],
    replaceIfPresentFlag: 0,
    dataCoding: dataCodingOf(form, settings.flash || part.flash),
    smDefaultMsgId: 0,
    shortMessage,
    tlvs,
  };
}

/** Empty, the carrier's own, where the message may wait longer than a carrier keeps trying. */
function validityPeriod(expiresAt: number, now: number, how: SmppSettings['validity']): string {
  const left = expiresAt - now;
  if (how === 'none' || left > longestValidityMs) return '';
  const period = Math.max(shortestValidityMs, left);
  return how === 'relative' ? formatRelativeTime(period) : formatAbsoluteTime(now + period);
}
