import type { Pdu } from '../pdu.ts';

interface Fixture {
  name: string;
  /** A line for each field, in the order of its table in SMPP 3.4, chapter 4; `octetsOf` reads it. */
  hex: string;
  pdu: Pdu;
}

/** The octets of a text in hex, with spaces and lines wherever one likes and remarks after `#`. */
export function octetsOf(hex: string): Buffer {
  const digits = hex.replaceAll(/#.*|\s/g, '');
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error(`not octets in hex: ${hex}`);
  return Buffer.from(digits, 'hex');
}

/** Every PDU of SMPP 3.4, in octets put together by hand, and what it says. */
export const fixtures: readonly Fixture[] = [
  {
    name: 'bind_receiver',
    hex: `
      0000002f 00000001 00000000 00000001  # 47 octets, bind_receiver, status 0, number 1
      7061726c616e636500  # system_id "parlance"
      736563726574303800  # password "secret08"
      534d505000  # system_type "SMPP"
      34  # interface_version
      01  # addr_ton
      01  # addr_npi
      5e36313400  # address_range "^614"
    `,
    pdu: {
      command: 'bind_receiver',
      sequence: 1,
      status: 0,
      systemId: 'parlance',
      password: 'secret08',
      systemType: 'SMPP',
      interfaceVersion: 0x34,
      addrTon: 1,
      addrNpi: 1,
      addressRange: '^614',
    },
  },
  {
    name: 'bind_transmitter',
    hex: `
      0000002f 00000002 00000000 00000002  # 47 octets, bind_transmitter, status 0, number 2
      7061726c616e636500  # system_id "parlance"
      736563726574303800  # password "secret08"
      534d505000  # system_type "SMPP"
      33  # interface_version
      01  # addr_ton
      01  # addr_npi
      5e36313400  # address_range "^614"
    `,
    pdu: {
      command: 'bind_transmitter',
      sequence: 2,
      status: 0,
      systemId: 'parlance',
      password: 'secret08',
      systemType: 'SMPP',
      interfaceVersion: 0x33,
      addrTon: 1,
      addrNpi: 1,
      addressRange: '^614',
    },
  },
  {
    name: 'bind_transceiver',
    hex: `
      0000002f 00000009 00000000 00000003  # 47 octets, bind_transceiver, status 0, number 3
      7061726c616e636500  # system_id "parlance"
      736563726574303800  # password "secret08"
      534d505000  # system_type "SMPP"
      34  # interface_version
      01  # addr_ton
      01  # addr_npi
      5e36313400  # address_range "^614"
    `,
    pdu: {
      command: 'bind_transceiver',
      sequence: 3,
      status: 0,
      systemId: 'parlance',
      password: 'secret08',
      systemType: 'SMPP',
      interfaceVersion: 0x34,
      addrTon: 1,
      addrNpi: 1,
      addressRange: '^614',
    },
  },
  {
    name: 'bind_receiver_resp',
    hex: `
      0000001a 80000001 00000000 00000001  # 26 octets, bind_receiver_resp, status 0, number 1
      534d534300  # system_id "SMSC"
      0210000134  # sc_interface_version 0x34
    `,
    pdu: {
      command: 'bind_receiver_resp',
      sequence: 1,
      status: 0,
      systemId: 'SMSC',
      tlvs: [{ tag: 0x0210, value: Buffer.from([0x34]) }],
    },
  },
  {
    name: 'bind_transmitter_resp',
    hex: `
      0000001a 80000002 00000000 00000002  # 26 octets, bind_transmitter_resp, status 0, number 2
      534d534300  # system_id "SMSC"
      0210000134  # sc_interface_version 0x34
    `,
    pdu: {
      command: 'bind_transmitter_resp',
      sequence: 2,
      status: 0,
      systemId: 'SMSC',
      tlvs: [{ tag: 0x0210, value: Buffer.from([0x34]) }],
    },
  },
  {
    name: 'bind_transceiver_resp',
    hex: `
      0000001a 80000009 00000000 00000003  # 26 octets, bind_transceiver_resp, status 0, number 3
      534d534300  # system_id "SMSC"
      0210000134  # sc_interface_version 0x34
    `,
    pdu: {
      command: 'bind_transceiver_resp',
      sequence: 3,
      status: 0,
      systemId: 'SMSC',
      tlvs: [{ tag: 0x0210, value: Buffer.from([0x34]) }],
    },
  },
  {
    name: 'bind_transmitter_resp of a peer of SMPP 3.3: no TLV',
    hex: `
      00000015 80000002 00000000 00000002  # 21 octets, bind_transmitter_resp, status 0, number 2
      534d534300  # system_id "SMSC"
    `,
    pdu: {
      command: 'bind_transmitter_resp',
      sequence: 2,
      status: 0,
      systemId: 'SMSC',
      tlvs: [],
    },
  },
  {
    name: 'bind_transceiver_resp that is an error: no body',
    hex: `
      00000010 80000009 0000000e 00000003  # 16 octets, bind_transceiver_resp, status 14, number 3
    `,
    pdu: {
      command: 'bind_transceiver_resp',
      sequence: 3,
      status: 14,
      systemId: '',
      tlvs: [],
    },
  },
  {
    name: 'outbind',
    hex: `
      0000001c 0000000b 00000000 00000004  # 28 octets, outbind, status 0, number 4
      534d534300  # system_id "SMSC"
      73656372657400  # password "secret"
    `,
    pdu: {
      command: 'outbind',
      sequence: 4,
      status: 0,
      systemId: 'SMSC',
      password: 'secret',
    },
  },
  {
    name: 'unbind',
    hex: `
      00000010 00000006 00000000 00000005  # 16 octets, unbind, status 0, number 5
    `,
    pdu: {
      command: 'unbind',
      sequence: 5,
      status: 0,
    },
  },
  {
    name: 'unbind_resp',
    hex: `
      00000010 80000006 00000000 00000005  # 16 octets, unbind_resp, status 0, number 5
    `,
    pdu: {
      command: 'unbind_resp',
      sequence: 5,
      status: 0,
    },
  },
  {
    name: 'enquire_link',
    hex: `
      00000010 00000015 00000000 7fffffff  # 16 octets, enquire_link, status 0, number 2147483647
    `,
    pdu: {
      command: 'enquire_link',
      sequence: 2147483647,
      status: 0,
    },
  },
  {
    name: 'enquire_link_resp',
    hex: `
      00000010 80000015 00000000 ffffffff  # 16 octets, enquire_link_resp, status 0, number 4294967295
    `,
    pdu: {
      command: 'enquire_link_resp',
      sequence: 4294967295,
      status: 0,
    },
  },
  {
    name: 'generic_nack',
    hex: `
      00000010 80000000 00000003 00000000  # 16 octets, generic_nack, status 3, number 0
    `,
    pdu: {
      command: 'generic_nack',
      sequence: 0,
      status: 3,
    },
  },
  {
    name: 'submit_sm',
    hex: `
      00000049 00000004 00000000 00000009  # 73 octets, submit_sm, status 0, number 9
      00  # service_type, empty
      05  # source_addr_ton
      00  # source_addr_npi
      5061726c616e636500  # source_addr "Parlance"
      01  # dest_addr_ton
      01  # dest_addr_npi
      363134313233343536373800  # destination_addr "61412345678"
      00  # esm_class
      00  # protocol_id
      00  # priority_flag
      00  # schedule_delivery_time, empty
      3030303030323030303030303030305200  # validity_period "000002000000000R"
      01  # registered_delivery
      00  # replace_if_present_flag
      00  # data_coding
      00  # sm_default_msg_id
      05  # sm_length
      48656c6c6f  # short_message "Hello"
    `,
    pdu: {
      command: 'submit_sm',
      sequence: 9,
      status: 0,
      serviceType: '',
      sourceAddrTon: 5,
      sourceAddrNpi: 0,
      sourceAddr: 'Parlance',
      destAddrTon: 1,
      destAddrNpi: 1,
      destinationAddr: '61412345678',
      esmClass: 0,
      protocolId: 0,
      priorityFlag: 0,
      scheduleDeliveryTime: '',
      validityPeriod: '000002000000000R',
      registeredDelivery: 1,
      replaceIfPresentFlag: 0,
      dataCoding: 0,
      smDefaultMsgId: 0,
      shortMessage: Buffer.from('Hello'),
      tlvs: [],
    },
  },
  {
    name: 'submit_sm with everything',
    hex: `
      0000007f 00000004 00000000 0000000a  # 127 octets, submit_sm, status 0, number 10
      434d5400  # service_type "CMT"
      03  # source_addr_ton
      01  # source_addr_npi
      313233343500  # source_addr "12345"
      01  # dest_addr_ton
      01  # dest_addr_npi
      363134313233343536373800  # destination_addr "61412345678"
      40  # esm_class
      41  # protocol_id
      03  # priority_flag
      3236313132323039333030303030342b00  # schedule_delivery_time "261122093000004+"
      3236313132333039333030303030342b00  # validity_period "261123093000004+"
      11  # registered_delivery
      01  # replace_if_present_flag
      08  # data_coding
      07  # sm_default_msg_id
      0a  # sm_length
      050003cc0201d83dde00  # short_message "part 1 of 2: an emoji"
      020400021234  # user_message_reference
      1400001331313037313635343039313533303935343135  # a carrier’s own
      02040000  # the same tag again, empty
    `,
    pdu: {
      command: 'submit_sm',
      sequence: 10,
      status: 0,
      serviceType: 'CMT',
      sourceAddrTon: 3,
      sourceAddrNpi: 1,
      sourceAddr: '12345',
      destAddrTon: 1,
      destAddrNpi: 1,
      destinationAddr: '61412345678',
      esmClass: 0x40,
      protocolId: 0x41,
      priorityFlag: 3,
      scheduleDeliveryTime: '261122093000004+',
      validityPeriod: '261123093000004+',
      registeredDelivery: 0x11,
      replaceIfPresentFlag: 1,
      dataCoding: 8,
      smDefaultMsgId: 7,
      shortMessage: Buffer.from('050003cc0201d83dde00', 'hex'),
      tlvs: [
        { tag: 0x0204, value: Buffer.from([0x12, 0x34]) },
        { tag: 0x1400, value: Buffer.from('1107165409153095415') },
        { tag: 0x0204, value: Buffer.alloc(0) },
      ],
    },
  },
  {
    name: 'submit_sm in a message_payload',
    hex: `
      0000003c 00000004 00000000 0000000b  # 60 octets, submit_sm, status 0, number 11
      00  # service_type, empty
      05  # source_addr_ton
      00  # source_addr_npi
      5061726c616e636500  # source_addr "Parlance"
      01  # dest_addr_ton
      01  # dest_addr_npi
      363134313233343536373800  # destination_addr "61412345678"
      00  # esm_class
      00  # protocol_id
      00  # priority_flag
      00  # schedule_delivery_time, empty
      00  # validity_period, empty
      00  # registered_delivery
      00  # replace_if_present_flag
      f5  # data_coding
      00  # sm_default_msg_id
      00  # sm_length
      0424000400ff1b65  # message_payload
    `,
    pdu: {
      command: 'submit_sm',
      sequence: 11,
      status: 0,
      serviceType: '',
      sourceAddrTon: 5,
      sourceAddrNpi: 0,
      sourceAddr: 'Parlance',
      destAddrTon: 1,
      destAddrNpi: 1,
      destinationAddr: '61412345678',
      esmClass: 0,
      protocolId: 0,
      priorityFlag: 0,
      scheduleDeliveryTime: '',
      validityPeriod: '',
      registeredDelivery: 0,
      replaceIfPresentFlag: 0,
      dataCoding: 0xf5,
      smDefaultMsgId: 0,
      shortMessage: Buffer.alloc(0),
      tlvs: [{ tag: 0x0424, value: Buffer.from([0x00, 0xff, 0x1b, 0x65]) }],
    },
  },
  {
    name: 'submit_sm_resp',
    hex: `
      00000019 80000004 00000000 00000009  # 25 octets, submit_sm_resp, status 0, number 9
      376232633561393000  # message_id "7b2c5a90"
    `,
    pdu: {
      command: 'submit_sm_resp',
      sequence: 9,
      status: 0,
      messageId: '7b2c5a90',
      tlvs: [],
    },
  },
  {
    name: 'submit_sm_resp that is an error: no body',
    hex: `
      00000010 80000004 00000058 00000009  # 16 octets, submit_sm_resp, status 88, number 9
    `,
    pdu: {
      command: 'submit_sm_resp',
      sequence: 9,
      status: 88,
      messageId: '',
      tlvs: [],
    },
  },
  {
    name: 'submit_sm_resp that is an error and has a body',
    hex: `
      00000026 80000004 0000000b 0000000a  # 38 octets, submit_sm_resp, status 11, number 10
      3041303030303030413344333233413100  # message_id "0A000000A3D323A1"
      0425000102  # delivery_failure_reason
    `,
    pdu: {
      command: 'submit_sm_resp',
      sequence: 10,
      status: 11,
      messageId: '0A000000A3D323A1',
      tlvs: [{ tag: 0x0425, value: Buffer.from([2]) }],
    },
  },
  {
    name: 'deliver_sm: a receipt',
    hex: `
      000000b6 00000005 00000000 0000000c  # 182 octets, deliver_sm, status 0, number 12
      00  # service_type, empty
      01  # source_addr_ton
      01  # source_addr_npi
      363134313233343536373800  # source_addr "61412345678"
      05  # dest_addr_ton
      00  # dest_addr_npi
      5061726c616e636500  # destination_addr "Parlance"
      04  # esm_class
      00  # protocol_id
      00  # priority_flag
      00  # schedule_delivery_time, empty
      00  # validity_period, empty
      00  # registered_delivery
      00  # replace_if_present_flag
      00  # data_coding
      00  # sm_default_msg_id
      69  # sm_length
      69643a3762326335613930207375623a30303120646c7672643a303031207375626d697420646174653a3236313132323039333020646f6e6520646174653a3236313132323039333120737461743a44454c49565244206572723a30303020746578743a48656c6c6f  # short_message "id:7b2c5a90 sub:001 dlvrd:001 submit date:2611220930 done date:2611220931 stat:DELIVRD err:000 text:Hello"
      001e0009376232633561393000  # receipted_message_id
      0427000102  # message_state
      04230003030000  # network_error_code
    `,
    pdu: {
      command: 'deliver_sm',
      sequence: 12,
      status: 0,
      serviceType: '',
      sourceAddrTon: 1,
      sourceAddrNpi: 1,
      sourceAddr: '61412345678',
      destAddrTon: 5,
      destAddrNpi: 0,
      destinationAddr: 'Parlance',
      esmClass: 0x04,
      protocolId: 0,
      priorityFlag: 0,
      scheduleDeliveryTime: '',
      validityPeriod: '',
      registeredDelivery: 0,
      replaceIfPresentFlag: 0,
      dataCoding: 0,
      smDefaultMsgId: 0,
      shortMessage: Buffer.from(
        'id:7b2c5a90 sub:001 dlvrd:001 submit date:2611220930 done date:2611220931 stat:DELIVRD err:000 text:Hello',
      ),
      tlvs: [
        { tag: 0x001e, value: Buffer.from('7b2c5a90\0') },
        { tag: 0x0427, value: Buffer.from([2]) },
        { tag: 0x0423, value: Buffer.from([3, 0, 0]) },
      ],
    },
  },
  {
    name: 'deliver_sm: a reply',
    hex: `
      0000003f 00000005 00000000 0000000d  # 63 octets, deliver_sm, status 0, number 13
      00  # service_type, empty
      01  # source_addr_ton
      01  # source_addr_npi
      363134313233343536373800  # source_addr "61412345678"
      03  # dest_addr_ton
      00  # dest_addr_npi
      313233343500  # destination_addr "12345"
      00  # esm_class
      00  # protocol_id
      00  # priority_flag
      00  # schedule_delivery_time, empty
      00  # validity_period, empty
      00  # registered_delivery
      00  # replace_if_present_flag
      08  # data_coding
      00  # sm_default_msg_id
      0e  # sm_length
      0047007200f600df0065002020ac  # short_message "Größe €"
    `,
    pdu: {
      command: 'deliver_sm',
      sequence: 13,
      status: 0,
      serviceType: '',
      sourceAddrTon: 1,
      sourceAddrNpi: 1,
      sourceAddr: '61412345678',
      destAddrTon: 3,
      destAddrNpi: 0,
      destinationAddr: '12345',
      esmClass: 0,
      protocolId: 0,
      priorityFlag: 0,
      scheduleDeliveryTime: '',
      validityPeriod: '',
      registeredDelivery: 0,
      replaceIfPresentFlag: 0,
      dataCoding: 8,
      smDefaultMsgId: 0,
      shortMessage: Buffer.from('0047007200f600df0065002020ac', 'hex'),
      tlvs: [],
    },
  },
  {
    name: 'deliver_sm_resp',
    hex: `
      00000011 80000005 00000000 0000000c  # 17 octets, deliver_sm_resp, status 0, number 12
      00  # message_id, empty
    `,
    pdu: {
      command: 'deliver_sm_resp',
      sequence: 12,
      status: 0,
      messageId: '',
      tlvs: [],
    },
  },
  {
    name: 'submit_multi',
    hex: `
      00000049 00000021 00000000 0000000e  # 73 octets, submit_multi, status 0, number 14
      00  # service_type, empty
      05  # source_addr_ton
      00  # source_addr_npi
      5061726c616e636500  # source_addr "Parlance"
      03  # number_of_dests
      01  # dest_flag: an address
      01  # dest_addr_ton
      01  # dest_addr_npi
      363134313233343536373800  # destination_addr "61412345678"
      02  # dest_flag: a list
      737461666600  # dl_name "staff"
      01  # dest_flag: an address
      00  # dest_addr_ton
      00  # dest_addr_npi
      39313100  # destination_addr "911"
      00  # esm_class
      00  # protocol_id
      00  # priority_flag
      00  # schedule_delivery_time, empty
      00  # validity_period, empty
      00  # registered_delivery
      00  # replace_if_present_flag
      00  # data_coding
      00  # sm_default_msg_id
      05  # sm_length
      48656c6c6f  # short_message "Hello"
    `,
    pdu: {
      command: 'submit_multi',
      sequence: 14,
      status: 0,
      serviceType: '',
      sourceAddrTon: 5,
      sourceAddrNpi: 0,
      sourceAddr: 'Parlance',
      destinations: [
        { kind: 'address', destAddrTon: 1, destAddrNpi: 1, destinationAddr: '61412345678' },
        { kind: 'list', name: 'staff' },
        { kind: 'address', destAddrTon: 0, destAddrNpi: 0, destinationAddr: '911' },
      ],
      esmClass: 0,
      protocolId: 0,
      priorityFlag: 0,
      scheduleDeliveryTime: '',
      validityPeriod: '',
      registeredDelivery: 0,
      replaceIfPresentFlag: 0,
      dataCoding: 0,
      smDefaultMsgId: 0,
      shortMessage: Buffer.from('Hello'),
      tlvs: [],
    },
  },
  {
    name: 'submit_multi_resp',
    hex: `
      00000036 80000021 00000000 0000000e  # 54 octets, submit_multi_resp, status 0, number 14
      376232633561393100  # message_id "7b2c5a91"
      02  # no_unsuccess
      01  # dest_addr_ton
      01  # dest_addr_npi
      363134313233343536373800  # destination_addr "61412345678"
      0000000b  # error_status_code
      00  # dest_addr_ton
      00  # dest_addr_npi
      39313100  # destination_addr "911"
      00000400  # error_status_code
    `,
    pdu: {
      command: 'submit_multi_resp',
      sequence: 14,
      status: 0,
      messageId: '7b2c5a91',
      unsuccessful: [
        { destAddrTon: 1, destAddrNpi: 1, destinationAddr: '61412345678', errorStatusCode: 0x0b },
        { destAddrTon: 0, destAddrNpi: 0, destinationAddr: '911', errorStatusCode: 0x400 },
      ],
      tlvs: [],
    },
  },
  {
    name: 'data_sm',
    hex: `
      00000060 00000103 00000000 0000000f  # 96 octets, data_sm, status 0, number 15
      5553534400  # service_type "USSD"
      01  # source_addr_ton
      01  # source_addr_npi
      363134313233343536373800  # source_addr "61412345678"
      00  # dest_addr_ton
      0e  # dest_addr_npi
      676174657761792e6578616d706c652e6e65742f612d6e616d652d6c6f6e6765722d7468616e2d323100  # destination_addr "gateway.example.net/a-name-longer-than-21"
      04  # esm_class
      01  # registered_delivery
      00  # data_coding
      0424000548656c6c6f  # message_payload
      0501000102  # ussd_service_op
    `,
    pdu: {
      command: 'data_sm',
      sequence: 15,
      status: 0,
      serviceType: 'USSD',
      sourceAddrTon: 1,
      sourceAddrNpi: 1,
      sourceAddr: '61412345678',
      destAddrTon: 0,
      destAddrNpi: 14,
      destinationAddr: 'gateway.example.net/a-name-longer-than-21',
      esmClass: 0x04,
      registeredDelivery: 1,
      dataCoding: 0,
      tlvs: [
        { tag: 0x0424, value: Buffer.from('Hello') },
        { tag: 0x0501, value: Buffer.from([2]) },
      ],
    },
  },
  {
    name: 'data_sm_resp',
    hex: `
      00000019 80000103 00000000 0000000f  # 25 octets, data_sm_resp, status 0, number 15
      376232633561393200  # message_id "7b2c5a92"
    `,
    pdu: {
      command: 'data_sm_resp',
      sequence: 15,
      status: 0,
      messageId: '7b2c5a92',
      tlvs: [],
    },
  },
  {
    name: 'data_sm_resp that is an error',
    hex: `
      00000023 80000103 000000fe 00000010  # 35 octets, data_sm_resp, status 254, number 16
      00  # message_id, empty
      0425000101  # delivery_failure_reason
      001d00094e6f20726f75746500  # additional_status_info_text
    `,
    pdu: {
      command: 'data_sm_resp',
      sequence: 16,
      status: 254,
      messageId: '',
      tlvs: [
        { tag: 0x0425, value: Buffer.from([1]) },
        { tag: 0x001d, value: Buffer.from('No route\0') },
      ],
    },
  },
  {
    name: 'query_sm',
    hex: `
      00000024 00000003 00000000 00000011  # 36 octets, query_sm, status 0, number 17
      376232633561393000  # message_id "7b2c5a90"
      05  # source_addr_ton
      00  # source_addr_npi
      5061726c616e636500  # source_addr "Parlance"
    `,
    pdu: {
      command: 'query_sm',
      sequence: 17,
      status: 0,
      messageId: '7b2c5a90',
      sourceAddrTon: 5,
      sourceAddrNpi: 0,
      sourceAddr: 'Parlance',
    },
  },
  {
    name: 'query_sm_resp',
    hex: `
      0000002c 80000003 00000000 00000011  # 44 octets, query_sm_resp, status 0, number 17
      376232633561393000  # message_id "7b2c5a90"
      3236313132323039333130303030302b00  # final_date "261122093100000+"
      02  # message_state
      00  # error_code
    `,
    pdu: {
      command: 'query_sm_resp',
      sequence: 17,
      status: 0,
      messageId: '7b2c5a90',
      finalDate: '261122093100000+',
      messageState: 2,
      errorCode: 0,
    },
  },
  {
    name: 'query_sm_resp of a message under way',
    hex: `
      0000001c 80000003 00000000 00000012  # 28 octets, query_sm_resp, status 0, number 18
      376232633561393000  # message_id "7b2c5a90"
      00  # final_date, empty
      01  # message_state
      00  # error_code
    `,
    pdu: {
      command: 'query_sm_resp',
      sequence: 18,
      status: 0,
      messageId: '7b2c5a90',
      finalDate: '',
      messageState: 1,
      errorCode: 0,
    },
  },
  {
    name: 'cancel_sm',
    hex: `
      00000033 00000008 00000000 00000013  # 51 octets, cancel_sm, status 0, number 19
      00  # service_type, empty
      376232633561393000  # message_id "7b2c5a90"
      05  # source_addr_ton
      00  # source_addr_npi
      5061726c616e636500  # source_addr "Parlance"
      01  # dest_addr_ton
      01  # dest_addr_npi
      363134313233343536373800  # destination_addr "61412345678"
    `,
    pdu: {
      command: 'cancel_sm',
      sequence: 19,
      status: 0,
      serviceType: '',
      messageId: '7b2c5a90',
      sourceAddrTon: 5,
      sourceAddrNpi: 0,
      sourceAddr: 'Parlance',
      destAddrTon: 1,
      destAddrNpi: 1,
      destinationAddr: '61412345678',
    },
  },
  {
    name: 'cancel_sm_resp',
    hex: `
      00000010 80000008 00000000 00000013  # 16 octets, cancel_sm_resp, status 0, number 19
    `,
    pdu: {
      command: 'cancel_sm_resp',
      sequence: 19,
      status: 0,
    },
  },
  {
    name: 'replace_sm',
    hex: `
      0000003c 00000007 00000000 00000014  # 60 octets, replace_sm, status 0, number 20
      376232633561393000  # message_id "7b2c5a90"
      05  # source_addr_ton
      00  # source_addr_npi
      5061726c616e636500  # source_addr "Parlance"
      00  # schedule_delivery_time, empty
      3030303030303031303030303030305200  # validity_period "000000010000000R"
      01  # registered_delivery
      00  # sm_default_msg_id
      03  # sm_length
      427965  # short_message "Bye"
    `,
    pdu: {
      command: 'replace_sm',
      sequence: 20,
      status: 0,
      messageId: '7b2c5a90',
      sourceAddrTon: 5,
      sourceAddrNpi: 0,
      sourceAddr: 'Parlance',
      scheduleDeliveryTime: '',
      validityPeriod: '000000010000000R',
      registeredDelivery: 1,
      smDefaultMsgId: 0,
      shortMessage: Buffer.from('Bye'),
      tlvs: [],
    },
  },
  {
    name: 'replace_sm_resp that is an error',
    hex: `
      00000010 80000007 00000013 00000014  # 16 octets, replace_sm_resp, status 19, number 20
    `,
    pdu: {
      command: 'replace_sm_resp',
      sequence: 20,
      status: 19,
    },
  },
  {
    name: 'alert_notification',
    hex: `
      0000002e 00000102 00000000 00000015  # 46 octets, alert_notification, status 0, number 21
      01  # source_addr_ton
      01  # source_addr_npi
      363134313233343536373800  # source_addr "61412345678"
      05  # esme_addr_ton
      00  # esme_addr_npi
      5061726c616e636500  # esme_addr "Parlance"
      0422000100  # ms_availability_status: there
    `,
    pdu: {
      command: 'alert_notification',
      sequence: 21,
      status: 0,
      sourceAddrTon: 1,
      sourceAddrNpi: 1,
      sourceAddr: '61412345678',
      esmeAddrTon: 5,
      esmeAddrNpi: 0,
      esmeAddr: 'Parlance',
      tlvs: [{ tag: 0x0422, value: Buffer.from([0]) }],
    },
  },
];
