import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePdu } from './decode.ts';
import { encodePdu } from './encode.ts';
import type { Pdu, PduOf } from './pdu.ts';
import { anyPdu, pduArbitraries } from './testkit/arbitraries.ts';
import { fixtures, octetsOf } from './testkit/fixtures.ts';

const submit: PduOf<'submit_sm'> = {
  command: 'submit_sm',
  sequence: 1,
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
  dataCoding: 0,
  smDefaultMsgId: 0,
  shortMessage: Buffer.from('Hello'),
  tlvs: [],
};
const bind: PduOf<'bind_transceiver'> = {
  command: 'bind_transceiver',
  sequence: 1,
  status: 0,
  systemId: 'parlance',
  password: 'secret',
  systemType: '',
  interfaceVersion: 0x34,
  addrTon: 0,
  addrNpi: 0,
  addressRange: '',
};
const address = { kind: 'address', destAddrTon: 1, destAddrNpi: 1, destinationAddr: '1' } as const;
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
const submitMulti = (destinations: PduOf<'submit_multi'>['destinations']): Pdu => ({
  ...submit,
  command: 'submit_multi',
  destinations,
});

describe('encodePdu', () => {
  it.each(fixtures)('writes $name as the specification has it', ({ hex, pdu }) => {
    expect(encodePdu(pdu).toString('hex')).toBe(octetsOf(hex).toString('hex'));
  });

  it.each(pduArbitraries)('%s is read as it was written', (_command, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (pdu) => {
        expect(decodePdu(encodePdu(pdu))).toEqual(pdu);
      }),
    );
  });

  it('gives octets that the next PDU leaves alone', () => {
    fc.assert(
      fc.property(anyPdu, anyPdu, (one, other) => {
        const octets = encodePdu(one);
        const before = Buffer.from(octets);
        encodePdu(other);
        expect(octets.equals(before)).toBe(true);
      }),
    );
  });

  it.each<[string, Pdu, RegExp]>([
    ['a service type of 6', { ...submit, serviceType: 'abcdef' }, /^service_type has 6/],
    ['an address of 21', { ...submit, sourceAddr: '1'.repeat(21) }, /^source_addr has 21/],
    ['a NUL in an address', { ...submit, destinationAddr: '614\u00001' }, /^destination_addr.*NUL/],
    ['a character that Latin-1 has not', { ...submit, sourceAddr: 'Ψ' }, /^source_addr.*Latin-1/],
    ['a time of 15', { ...submit, validityPeriod: '00000200000000R' }, /^validity_period has 15/],
    [
      'a time of 17',
      { ...submit, scheduleDeliveryTime: '1'.repeat(17) },
      /^schedule_delivery_time/,
    ],
    ['an octet of 256', { ...submit, dataCoding: 256 }, /^data_coding/],
    ['an octet below 0', { ...submit, esmClass: -1 }, /^esm_class/],
    ['half an octet', { ...submit, protocolId: 0.5 }, /^protocol_id/],
    ['no number', { ...submit, priorityFlag: Number.NaN }, /^priority_flag/],
    ['255 octets', { ...submit, shortMessage: Buffer.alloc(255) }, /^short_message has 255/],
    ['a tag of 3 octets', { ...submit, tlvs: [{ tag: 0x10000, value: Buffer.alloc(1) }] }, /tag/],
    [
      'a TLV of 64 KiB',
      { ...submit, tlvs: [{ tag: 0x0424, value: Buffer.alloc(0x10000) }] },
      /TLV has 65536/,
    ],
    [
      'more than 128 KiB of TLVs',
      { ...submit, tlvs: times(3, { tag: 0x0424, value: Buffer.alloc(0xffff) }) },
      /at most 131072/,
    ],
    ['nobody to send to', submitMulti([]), /^number_of_dests is 0/],
    ['255 to send to', submitMulti(times(255, address)), /^number_of_dests is 255/],
    ['a list of 21', submitMulti([{ kind: 'list', name: 'l'.repeat(21) }]), /^dl_name/],
    ['a system id of 16', { ...bind, systemId: 'p'.repeat(16) }, /^system_id has 16/],
    ['a request with a status', { ...submit, status: 8 }, /command_status/],
    ['a request without a number', { ...submit, sequence: 0 }, /sequence_number/],
    ['a request with an answer’s number', { ...submit, sequence: 0x8000_0000 }, /sequence_number/],
    ['a number that is none', { ...submit, sequence: 1.5 }, /^sequence_number/],
    [
      'an answer with a number of 5 octets',
      { command: 'unbind_resp', sequence: 2 ** 32, status: 0 },
      /^sequence_number/,
    ],
    ['a status below 0', { command: 'generic_nack', sequence: 1, status: -1 }, /^command_status/],
    [
      '256 that could not be reached',
      {
        command: 'submit_multi_resp',
        sequence: 1,
        status: 0,
        messageId: '',
        unsuccessful: times(256, { ...address, errorStatusCode: 11 }),
        tlvs: [],
      },
      /^no_unsuccess/,
    ],
  ])('lets nothing leave that is malformed: %s', (_what, pdu, message) => {
    expect(() => encodePdu(pdu)).toThrow(RangeError);
    expect(() => encodePdu(pdu)).toThrow(message);
    // What was written before it was noticed is in no later PDU.
    expect(decodePdu(encodePdu(submit))).toEqual(submit);
  });

  it('keeps a password out of the error about it', () => {
    expect(() => encodePdu({ ...bind, password: 'secret-and-long' })).toThrow(
      /^password has 15 characters: at most 8 fit$/,
    );
  });

  it('takes the most that fits', () => {
    const most: Pdu = {
      ...submit,
      sourceAddr: 'ÿ'.repeat(20),
      shortMessage: Buffer.alloc(254, 0xff),
      tlvs: [{ tag: 0xffff, value: Buffer.alloc(0xffff, 1) }],
    };
    expect(decodePdu(encodePdu(most))).toEqual(most);
  });
});
