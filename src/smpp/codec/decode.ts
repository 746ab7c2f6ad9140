import { commandOf, isAnswerId } from './commands.ts';
import { headerOctets } from './limits.ts';
import type { BrokenPdu, Command, MultiDestination, Pdu, Unsuccessful } from './pdu.ts';
import { PduReader } from './pdu-reader.ts';
import { statuses } from './statuses.ts';

/**
 * Takes one frame; gives its PDU, or why it is none. Never throws. Texts are copies, but Buffers
 * (`shortMessage`, the values of TLVs) are views of the frame and keep all of it alive, with the chunk
 * of the stream that it lies in: what is kept longer than an answer takes is worth a copy.
 *
 * What differs from SMPP 3.4 and is read nevertheless, because there are peers that send it:
 * - C-octet strings up to 255 characters, whatever their field's maximum (`pdu-reader.ts`);
 * - a `short_message` of 255 octets, which SMPP 5.0 allows;
 * - answers without their message id or system id, or without its NUL;
 * - one to three octets after the last TLV, and anything at all after the fields of a PDU that has no
 *   TLVs: both are dropped;
 * - header fields as they come: a request with a status, a sequence number of 0 or above 0x7fffffff.
 *
 * An answer whose status is an error says with it all that matters: where its body is missing or
 * cannot be read, the fields that could not are empty or 0.
 */
export function decodePdu(frame: Buffer): Pdu | BrokenPdu {
  if (frame.length < headerOctets) {
    return broken(0, 0, statuses.ESME_RINVCMDLEN, `${frame.length} octets are no header`);
  }
  const length = frame.readUInt32BE(0);
  const commandId = frame.readUInt32BE(4);
  const status = frame.readUInt32BE(8);
  const sequence = frame.readUInt32BE(12);
  if (length !== frame.length) {
    const reason = `command_length is ${length} in a frame of ${frame.length} octets`;
    return broken(commandId, sequence, statuses.ESME_RINVCMDLEN, reason);
  }
  const command = commandOf(commandId);
  if (command === undefined) {
    const reason = `command_id 0x${commandId.toString(16).padStart(8, '0')} is not known`;
    return broken(commandId, sequence, statuses.ESME_RINVCMDID, reason);
  }
  const reader = new PduReader(frame);
  const pdu = readPdu(reader, command, sequence, status);
  const { fault } = reader;
  if (fault === undefined || (status !== 0 && isAnswerId(commandId))) return pdu;
  return broken(commandId, sequence, fault.status, `${command}: ${fault.reason}`);
}

function broken(commandId: number, sequence: number, status: number, reason: string): BrokenPdu {
  return { command: 'broken', commandId, sequence, status, reason };
}

// The fields of a literal are evaluated in their order, so each case reads like its table in chapter 4.
function readPdu(reader: PduReader, command: Command, sequence: number, status: number): Pdu {
  switch (command) {
    case 'submit_sm':
    case 'deliver_sm':
      return {
        command,
        sequence,
        status,
        serviceType: reader.text('service_type'),
        sourceAddrTon: reader.octet('source_addr_ton'),
        sourceAddrNpi: reader.octet('source_addr_npi'),
        sourceAddr: reader.text('source_addr'),
        destAddrTon: reader.octet('dest_addr_ton'),
        destAddrNpi: reader.octet('dest_addr_npi'),
        destinationAddr: reader.text('destination_addr'),
        esmClass: reader.octet('esm_class'),
        protocolId: reader.octet('protocol_id'),
        priorityFlag: reader.octet('priority_flag'),
        scheduleDeliveryTime: reader.text('schedule_delivery_time'),
        validityPeriod: reader.text('validity_period'),
        registeredDelivery: reader.octet('registered_delivery'),
        replaceIfPresentFlag: reader.octet('replace_if_present_flag'),
        dataCoding: reader.octet('data_coding'),
        smDefaultMsgId: reader.octet('sm_default_msg_id'),
        shortMessage: reader.shortMessage(),
        tlvs: reader.tlvs(),
      };
    case 'submit_sm_resp':
    case 'deliver_sm_resp':
    case 'data_sm_resp':
      return {
        command,
        sequence,
        status,
        messageId: reader.answerId('message_id'),
        tlvs: reader.tlvs(),
      };
    case 'enquire_link':
    case 'enquire_link_resp':
    case 'unbind':
    case 'unbind_resp':
    case 'generic_nack':
    case 'cancel_sm_resp':
    case 'replace_sm_resp':
      return { command, sequence, status };
    case 'bind_receiver':
    case 'bind_transmitter':
    case 'bind_transceiver':
      return {
        command,
        sequence,
        status,
        systemId: reader.text('system_id'),
        password: reader.text('password'),
        systemType: reader.text('system_type'),
        interfaceVersion: reader.octet('interface_version'),
        addrTon: reader.octet('addr_ton'),
        addrNpi: reader.octet('addr_npi'),
        addressRange: reader.text('address_range'),
      };
    case 'bind_receiver_resp':
    case 'bind_transmitter_resp':
    case 'bind_transceiver_resp':
      return {
        command,
        sequence,
        status,
        systemId: reader.answerId('system_id'),
        tlvs: reader.tlvs(),
      };
    case 'outbind':
      return {
        command,
        sequence,
        status,
        systemId: reader.text('system_id'),
        password: reader.text('password'),
      };
    case 'submit_multi':
      return {
        command,
        sequence,
        status,
        serviceType: reader.text('service_type'),
        sourceAddrTon: reader.octet('source_addr_ton'),
        sourceAddrNpi: reader.octet('source_addr_npi'),
        sourceAddr: reader.text('source_addr'),
        destinations: readDestinations(reader),
        esmClass: reader.octet('esm_class'),
        protocolId: reader.octet('protocol_id'),
        priorityFlag: reader.octet('priority_flag'),
        scheduleDeliveryTime: reader.text('schedule_delivery_time'),
        validityPeriod: reader.text('validity_period'),
        registeredDelivery: reader.octet('registered_delivery'),
        replaceIfPresentFlag: reader.octet('replace_if_present_flag'),
        dataCoding: reader.octet('data_coding'),
        smDefaultMsgId: reader.octet('sm_default_msg_id'),
        shortMessage: reader.shortMessage(),
        tlvs: reader.tlvs(),
      };
    case 'submit_multi_resp':
      return {
        command,
        sequence,
        status,
        messageId: reader.text('message_id'),
        unsuccessful: readUnsuccessful(reader),
        tlvs: reader.tlvs(),
      };
    case 'data_sm':
      return {
        command,
        sequence,
        status,
        serviceType: reader.text('service_type'),
        sourceAddrTon: reader.octet('source_addr_ton'),
        sourceAddrNpi: reader.octet('source_addr_npi'),
        sourceAddr: reader.text('source_addr'),
        destAddrTon: reader.octet('dest_addr_ton'),
        destAddrNpi: reader.octet('dest_addr_npi'),
        destinationAddr: reader.text('destination_addr'),
        esmClass: reader.octet('esm_class'),
        registeredDelivery: reader.octet('registered_delivery'),
        dataCoding: reader.octet('data_coding'),
        tlvs: reader.tlvs(),
      };
    case 'query_sm':
      return {
        command,
        sequence,
        status,
        messageId: reader.text('message_id'),
        sourceAddrTon: reader.octet('source_addr_ton'),
        sourceAddrNpi: reader.octet('source_addr_npi'),
        sourceAddr: reader.text('source_addr'),
      };
    case 'query_sm_resp':
      return {
        command,
        sequence,
        status,
        messageId: reader.text('message_id'),
        finalDate: reader.text('final_date'),
        messageState: reader.octet('message_state'),
        errorCode: reader.octet('error_code'),
      };
    case 'cancel_sm':
      return {
        command,
        sequence,
        status,
        serviceType: reader.text('service_type'),
        messageId: reader.text('message_id'),
        sourceAddrTon: reader.octet('source_addr_ton'),
        sourceAddrNpi: reader.octet('source_addr_npi'),
        sourceAddr: reader.text('source_addr'),
        destAddrTon: reader.octet('dest_addr_ton'),
        destAddrNpi: reader.octet('dest_addr_npi'),
        destinationAddr: reader.text('destination_addr'),
      };
    case 'replace_sm':
      return {
        command,
        sequence,
        status,
        messageId: reader.text('message_id'),
        sourceAddrTon: reader.octet('source_addr_ton'),
        sourceAddrNpi: reader.octet('source_addr_npi'),
        sourceAddr: reader.text('source_addr'),
        scheduleDeliveryTime: reader.text('schedule_delivery_time'),
        validityPeriod: reader.text('validity_period'),
        registeredDelivery: reader.octet('registered_delivery'),
        smDefaultMsgId: reader.octet('sm_default_msg_id'),
        shortMessage: reader.shortMessage(),
        tlvs: reader.tlvs(),
      };
    case 'alert_notification':
      return {
        command,
        sequence,
        status,
        sourceAddrTon: reader.octet('source_addr_ton'),
        sourceAddrNpi: reader.octet('source_addr_npi'),
        sourceAddr: reader.text('source_addr'),
        esmeAddrTon: reader.octet('esme_addr_ton'),
        esmeAddrNpi: reader.octet('esme_addr_npi'),
        esmeAddr: reader.text('esme_addr'),
        tlvs: reader.tlvs(),
      };
  }
}

function readDestinations(reader: PduReader): MultiDestination[] {
  const count = reader.octet('number_of_dests');
  if (count === 0 || count === 255) {
    reader.fail(statuses.ESME_RINVNUMDESTS, `number_of_dests is ${count}`);
  }
  const destinations: MultiDestination[] = [];
  while (destinations.length < count && reader.fault === undefined) {
    const flag = reader.octet('dest_flag');
    if (flag === 1) {
      destinations.push({
        kind: 'address',
        destAddrTon: reader.octet('dest_addr_ton'),
        destAddrNpi: reader.octet('dest_addr_npi'),
        destinationAddr: reader.text('destination_addr'),
      });
    } else if (flag === 2) {
      destinations.push({ kind: 'list', name: reader.text('dl_name') });
    } else {
      reader.fail(statuses.ESME_RINVDESTFLAG, `dest_flag is ${flag}`);
    }
  }
  return destinations;
}

function readUnsuccessful(reader: PduReader): Unsuccessful[] {
  const count = reader.octet('no_unsuccess');
  const unsuccessful: Unsuccessful[] = [];
  while (unsuccessful.length < count && reader.fault === undefined) {
    unsuccessful.push({
      destAddrTon: reader.octet('dest_addr_ton'),
      destAddrNpi: reader.octet('dest_addr_npi'),
      destinationAddr: reader.text('destination_addr'),
      errorStatusCode: reader.quad('error_status_code'),
    });
  }
  return unsuccessful;
}
