import type { RequestPdu } from '../smpp/codec/pdu.ts';
import type { Reply } from '../smpp/session.ts';

/** The answer to a request that says no; undefined for those that have no answer. */
export function refusal(pdu: RequestPdu, status: number): Reply | undefined {
  switch (pdu.command) {
    case 'bind_receiver':
    case 'bind_transmitter':
    case 'bind_transceiver':
      return { command: `${pdu.command}_resp`, status, systemId: '', tlvs: [] };
    case 'submit_sm':
    case 'deliver_sm':
    case 'data_sm':
      return { command: `${pdu.command}_resp`, status, messageId: '', tlvs: [] };
    case 'submit_multi':
      return { command: 'submit_multi_resp', status, messageId: '', unsuccessful: [], tlvs: [] };
    case 'query_sm':
      return {
        command: 'query_sm_resp',
        status,
        messageId: '',
        finalDate: '',
        messageState: 0,
        errorCode: 0,
      };
    case 'cancel_sm':
    case 'replace_sm':
    case 'unbind':
    case 'enquire_link':
      return { command: `${pdu.command}_resp`, status };
    case 'outbind':
    case 'alert_notification':
      return undefined;
  }
}
