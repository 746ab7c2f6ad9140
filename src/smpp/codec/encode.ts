import { commandIds, isAnswerId } from './commands.ts';
import type {
  BindFields,
  DestinationFields,
  MultiDestination,
  Pdu,
  SourceFields,
  Unsuccessful,
} from './pdu.ts';
import { PduWriter } from './pdu-writer.ts';

const writer = new PduWriter();

/**
 * Takes a PDU; gives its octets, which are the caller's. Throws RangeError, which names the field and
 * not its value, when one does not fit: SMPP 3.4 says how long each may be (chapter 4), and what its
 * header holds (3.2): a request has a sequence number from 1 to 0x7fffffff and no status, while an
 * answer repeats whatever number its request had.
 *
 * An answer to a bind or a submit_sm that is an error and has nothing to tell besides has no body, as
 * 4.1.2 and 4.4.2 want it.
 */
export function encodePdu(pdu: Pdu): Buffer {
  const commandId = commandIds[pdu.command];
  if (!isAnswerId(commandId)) {
    if (pdu.status !== 0) throw new RangeError('a request has no command_status');
    if (!(pdu.sequence >= 1 && pdu.sequence <= 0x7fff_ffff)) {
      throw new RangeError('the sequence_number of a request is 1 to 0x7fffffff');
    }
  }
  writer.begin(commandId, pdu.status, pdu.sequence);
  writeBody(pdu);
  return writer.end();
}

function writeBody(pdu: Pdu): void {
  switch (pdu.command) {
    case 'submit_sm':
    case 'deliver_sm':
      writer.text('service_type', pdu.serviceType, 6);
      writeSource(pdu, 21);
      writeDestination(pdu, 21);
      writer.octet('esm_class', pdu.esmClass);
      writer.octet('protocol_id', pdu.protocolId);
      writer.octet('priority_flag', pdu.priorityFlag);
      writer.time('schedule_delivery_time', pdu.scheduleDeliveryTime);
      writer.time('validity_period', pdu.validityPeriod);
      writer.octet('registered_delivery', pdu.registeredDelivery);
      writer.octet('replace_if_present_flag', pdu.replaceIfPresentFlag);
      writer.octet('data_coding', pdu.dataCoding);
      writer.octet('sm_default_msg_id', pdu.smDefaultMsgId);
      writer.shortMessage(pdu.shortMessage);
      writer.tlvs(pdu.tlvs);
      return;
    case 'submit_sm_resp':
      if (pdu.status !== 0 && pdu.messageId === '' && pdu.tlvs.length === 0) return;
      writer.text('message_id', pdu.messageId, 65);
      writer.tlvs(pdu.tlvs);
      return;
    case 'deliver_sm_resp':
    case 'data_sm_resp':
      writer.text('message_id', pdu.messageId, 65);
      writer.tlvs(pdu.tlvs);
      return;
    case 'enquire_link':
    case 'enquire_link_resp':
    case 'unbind':
    case 'unbind_resp':
    case 'generic_nack':
    case 'cancel_sm_resp':
    case 'replace_sm_resp':
      return;
    case 'bind_receiver':
    case 'bind_transmitter':
    case 'bind_transceiver':
      writeBind(pdu);
      return;
    case 'bind_receiver_resp':
    case 'bind_transmitter_resp':
    case 'bind_transceiver_resp':
      if (pdu.status !== 0 && pdu.systemId === '' && pdu.tlvs.length === 0) return;
      writer.text('system_id', pdu.systemId, 16);
      writer.tlvs(pdu.tlvs);
      return;
    case 'outbind':
      writer.text('system_id', pdu.systemId, 16);
      writer.text('password', pdu.password, 9);
      return;
    case 'submit_multi':
      writer.text('service_type', pdu.serviceType, 6);
      writeSource(pdu, 21);
      writeDestinations(pdu.destinations);
      writer.octet('esm_class', pdu.esmClass);
      writer.octet('protocol_id', pdu.protocolId);
      writer.octet('priority_flag', pdu.priorityFlag);
      writer.time('schedule_delivery_time', pdu.scheduleDeliveryTime);
      writer.time('validity_period', pdu.validityPeriod);
      writer.octet('registered_delivery', pdu.registeredDelivery);
      writer.octet('replace_if_present_flag', pdu.replaceIfPresentFlag);
      writer.octet('data_coding', pdu.dataCoding);
      writer.octet('sm_default_msg_id', pdu.smDefaultMsgId);
      writer.shortMessage(pdu.shortMessage);
      writer.tlvs(pdu.tlvs);
      return;
    case 'submit_multi_resp':
      writer.text('message_id', pdu.messageId, 65);
      writeUnsuccessful(pdu.unsuccessful);
      writer.tlvs(pdu.tlvs);
      return;
    case 'data_sm':
      writer.text('service_type', pdu.serviceType, 6);
      writeSource(pdu, 65);
      writeDestination(pdu, 65);
      writer.octet('esm_class', pdu.esmClass);
      writer.octet('registered_delivery', pdu.registeredDelivery);
      writer.octet('data_coding', pdu.dataCoding);
      writer.tlvs(pdu.tlvs);
      return;
    case 'query_sm':
      writer.text('message_id', pdu.messageId, 65);
      writeSource(pdu, 21);
      return;
    case 'query_sm_resp':
      writer.text('message_id', pdu.messageId, 65);
      writer.time('final_date', pdu.finalDate);
      writer.octet('message_state', pdu.messageState);
      writer.octet('error_code', pdu.errorCode);
      return;
    case 'cancel_sm':
      writer.text('service_type', pdu.serviceType, 6);
      writer.text('message_id', pdu.messageId, 65);
      writeSource(pdu, 21);
      writeDestination(pdu, 21);
      return;
    case 'replace_sm':
      writer.text('message_id', pdu.messageId, 65);
      writeSource(pdu, 21);
      writer.time('schedule_delivery_time', pdu.scheduleDeliveryTime);
      writer.time('validity_period', pdu.validityPeriod);
      writer.octet('registered_delivery', pdu.registeredDelivery);
      writer.octet('sm_default_msg_id', pdu.smDefaultMsgId);
      writer.shortMessage(pdu.shortMessage);
      writer.tlvs(pdu.tlvs);
      return;
    case 'alert_notification':
      writeSource(pdu, 65);
      writer.octet('esme_addr_ton', pdu.esmeAddrTon);
      writer.octet('esme_addr_npi', pdu.esmeAddrNpi);
      writer.text('esme_addr', pdu.esmeAddr, 65);
      writer.tlvs(pdu.tlvs);
      return;
  }
}

function writeBind(bind: BindFields): void {
  writer.text('system_id', bind.systemId, 16);
  writer.text('password', bind.password, 9);
  writer.text('system_type', bind.systemType, 13);
  writer.octet('interface_version', bind.interfaceVersion);
  writer.octet('addr_ton', bind.addrTon);
  writer.octet('addr_npi', bind.addrNpi);
  writer.text('address_range', bind.addressRange, 41);
}

function writeSource(fields: SourceFields, most: number): void {
  writer.octet('source_addr_ton', fields.sourceAddrTon);
  writer.octet('source_addr_npi', fields.sourceAddrNpi);
  writer.text('source_addr', fields.sourceAddr, most);
}

function writeDestination(fields: DestinationFields, most: number): void {
  writer.octet('dest_addr_ton', fields.destAddrTon);
  writer.octet('dest_addr_npi', fields.destAddrNpi);
  writer.text('destination_addr', fields.destinationAddr, most);
}

function writeDestinations(destinations: readonly MultiDestination[]): void {
  const { length } = destinations;
  if (length < 1 || length > 254) {
    throw new RangeError(`number_of_dests is ${length}: a submit_multi has 1 to 254`);
  }
  writer.octet('number_of_dests', length);
  for (const destination of destinations) {
    switch (destination.kind) {
      case 'address':
        writer.octet('dest_flag', 1);
        writeDestination(destination, 21);
        break;
      case 'list':
        writer.octet('dest_flag', 2);
        writer.text('dl_name', destination.name, 21);
        break;
    }
  }
}

function writeUnsuccessful(unsuccessful: readonly Unsuccessful[]): void {
  writer.octet('no_unsuccess', unsuccessful.length);
  for (const address of unsuccessful) {
    writeDestination(address, 21);
    writer.quad('error_status_code', address.errorStatusCode);
  }
}
