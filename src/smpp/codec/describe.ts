import type { BrokenPdu, Pdu } from './pdu.ts';
import { statusName } from './statuses.ts';

/** Of what a peer chose, this much is shown. */
const mostShown = 65;

/**
 * One short line about a PDU for logs: command, sequence number, status, and what of it helps to find
 * a message again. Never a password, a text or an address: those are not for logs, or only masked.
 */
export function describePdu(pdu: Pdu | BrokenPdu): string {
  const name = `${pdu.command} #${pdu.sequence}`;
  switch (pdu.command) {
    case 'broken':
      return `${name} ${statusName(pdu.status)}: ${pdu.reason}`;
    case 'submit_sm':
    case 'deliver_sm':
    case 'submit_multi': {
      const { esmClass, dataCoding, shortMessage, tlvs } = pdu;
      return `${name} esm_class=${hex(esmClass)} data_coding=${hex(dataCoding)} octets=${shortMessage.length} tlvs=${tlvs.length}`;
    }
    case 'data_sm':
      return `${name} esm_class=${hex(pdu.esmClass)} data_coding=${hex(pdu.dataCoding)} tlvs=${pdu.tlvs.length}`;
    case 'submit_sm_resp':
    case 'deliver_sm_resp':
    case 'data_sm_resp':
      return `${name} ${statusName(pdu.status)}${id(pdu.messageId)}`;
    case 'submit_multi_resp':
      return `${name} ${statusName(pdu.status)}${id(pdu.messageId)} unsuccessful=${pdu.unsuccessful.length}`;
    case 'query_sm_resp':
      return `${name} ${statusName(pdu.status)}${id(pdu.messageId)} message_state=${pdu.messageState}`;
    case 'query_sm':
    case 'cancel_sm':
    case 'replace_sm':
      return `${name}${id(pdu.messageId)}`;
    case 'bind_receiver':
    case 'bind_transmitter':
    case 'bind_transceiver':
      return `${name} interface_version=${hex(pdu.interfaceVersion)}`;
    case 'outbind':
    case 'unbind':
    case 'enquire_link':
    case 'alert_notification':
      return name;
    case 'bind_receiver_resp':
    case 'bind_transmitter_resp':
    case 'bind_transceiver_resp':
    case 'unbind_resp':
    case 'enquire_link_resp':
    case 'cancel_sm_resp':
    case 'replace_sm_resp':
    case 'generic_nack':
      return `${name} ${statusName(pdu.status)}`;
  }
}

function hex(octet: number): string {
  return `0x${octet.toString(16).padStart(2, '0')}`;
}

/** A peer may put anything into an id: what would break the line or hide in it becomes a question mark. */
function id(messageId: string): string {
  if (messageId === '') return '';
  return ` id=${messageId.slice(0, mostShown).replace(/[^\x21-\x7e]/g, '?')}`;
}
