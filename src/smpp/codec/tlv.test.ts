import { describe, expect, it } from 'vitest';
import type { Tlv } from './pdu.ts';
import {
  findTlv,
  knownTlvs,
  numberTlv,
  octetsTlv,
  textTlv,
  tlvNumber,
  tlvOctets,
  tlvText,
} from './tlv.ts';

const of = (tag: number, hex: string): Tlv[] => [{ tag, value: Buffer.from(hex, 'hex') }];

describe('findTlv', () => {
  const tlvs = [...of(0x1400, '01'), ...of(0x0427, '02'), ...of(0x1400, '03')];

  it('finds by name, and by tag what has none', () => {
    expect(findTlv(tlvs, 'message_state')).toEqual(Buffer.from([2]));
    expect(findTlv(tlvs, 0x0427)).toEqual(Buffer.from([2]));
    expect(findTlv(tlvs, 0x1400)).toEqual(Buffer.from([1]));
  });

  it('finds nothing where nothing is', () => {
    expect(findTlv(tlvs, 'message_payload')).toBeUndefined();
    expect(findTlv([], 0x1400)).toBeUndefined();
  });
});

describe('reading', () => {
  it.each<[string, number | undefined]>([
    ['1234', 0x1234],
    ['0000', 0],
    ['ffff', 0xffff],
    ['12', undefined],
    ['001234', undefined],
    ['', undefined],
  ])('sar_msg_ref_num of %s is %s', (hex, number) => {
    expect(tlvNumber(of(0x020c, hex), 'sar_msg_ref_num')).toBe(number);
  });

  it('reads numbers of four octets without a sign', () => {
    expect(tlvNumber(of(0x0017, 'ffffffff'), 'qos_time_to_live')).toBe(0xffff_ffff);
  });

  it.each<[string, string, string | undefined]>([
    ['as it should be', '373700', '77'],
    ['without its NUL', '3737', '77'],
    ['filled up with NULs', '37370000', '77'],
    ['empty', '00', ''],
    ['without anything', '', ''],
    ['in Latin-1', 'e9ff00', 'éÿ'],
    ['longer than it may be', `${'37'.repeat(255)}00`, '7'.repeat(255)],
    ['far longer', '37'.repeat(257), undefined],
  ])('reads a text that is %s', (_how, hex, text) => {
    expect(tlvText(of(0x001e, hex), 'receipted_message_id')).toBe(text);
  });

  it.each<[string, string | undefined]>([
    ['030000', '030000'],
    ['0300', undefined],
    ['03000000', undefined],
  ])('network_error_code of %s is %s', (hex, octets) => {
    expect(tlvOctets(of(0x0423, hex), 'network_error_code')?.toString('hex')).toBe(octets);
  });

  it('knows nothing of what is not there', () => {
    expect(tlvNumber([], 'message_state')).toBeUndefined();
    expect(tlvText([], 'receipted_message_id')).toBeUndefined();
    expect(tlvOctets([], 'message_payload')).toBeUndefined();
  });
});

describe('making', () => {
  it('makes what is read again', () => {
    const made = [
      numberTlv('user_message_reference', 0x1234),
      textTlv('receipted_message_id', '7b2c5a90'),
      octetsTlv('message_payload', Buffer.from('Hello')),
      octetsTlv('alert_on_message_delivery', Buffer.alloc(0)),
    ];
    expect(made.map(({ tag, value }) => [tag, value.toString('hex')])).toEqual([
      [0x0204, '1234'],
      [0x001e, '376232633561393000'],
      [0x0424, '48656c6c6f'],
      [0x130c, ''],
    ]);
    expect(tlvNumber(made, 'user_message_reference')).toBe(0x1234);
    expect(tlvText(made, 'receipted_message_id')).toBe('7b2c5a90');
    expect(tlvOctets(made, 'message_payload')).toEqual(Buffer.from('Hello'));
  });

  it.each<[string, () => Tlv]>([
    ['a number of two octets in one', () => numberTlv('message_state', 256)],
    ['a number below 0', () => numberTlv('message_state', -1)],
    ['half a number', () => numberTlv('message_state', 1.5)],
    ['no number', () => numberTlv('message_state', Number.NaN)],
    ['a text of 65', () => textTlv('receipted_message_id', '7'.repeat(65))],
    ['a NUL', () => textTlv('receipted_message_id', '7\u00007')],
    ['what Latin-1 has not', () => textTlv('receipted_message_id', '€')],
    ['too few octets', () => octetsTlv('network_error_code', Buffer.alloc(2))],
    ['too many', () => octetsTlv('message_payload', Buffer.alloc(0x10000))],
  ])('refuses %s', (_what, make) => {
    expect(make).toThrow(RangeError);
  });
});

it('gives no tag to two names', () => {
  const tags = Object.values(knownTlvs).map(({ tag }) => tag);
  expect(new Set(tags).size).toBe(tags.length);
});
