import { describe, expect, it } from 'vitest';
import type { Alphabet } from '../text/alphabets.ts';
import { numberTlv, octetsTlv } from './codec/tlv.ts';
import { alphabetOf, concatenationHeader, readUserData, UDHI } from './user-data.ts';

const octets = (hex: string) => Buffer.from(hex, 'hex');
const read = (
  hex: string,
  esmClass = UDHI,
  tlvs: Parameters<typeof readUserData>[0]['tlvs'] = [],
) => readUserData({ esmClass, shortMessage: octets(hex), tlvs });

describe('user data', () => {
  it.each([
    ['no header', '414243', 0, null, '414243'],
    ['an 8-bit reference', '0500032a030141', UDHI, { reference: 42, number: 1, total: 3 }, '41'],
    ['a 16-bit reference', '060804012a030241', UDHI, { reference: 298, number: 2, total: 3 }, '41'],
    [
      'another element before it',
      '080a0102000307020141',
      UDHI,
      { reference: 7, number: 1, total: 2 },
      '41',
    ],
    ['ports only', '06050415b3000041', UDHI, null, '41'],
    ['a header longer than the text', '20000301', UDHI, null, '20000301'],
    ['an element longer than the header', '0500092a030141', UDHI, null, '41'],
    ['segment 0', '0500032a030041', UDHI, null, '41'],
    ['segment 4 of 3', '0500032a030441', UDHI, null, '41'],
    ['a whole message as segment 1 of 1', '0500032a010141', UDHI, null, '41'],
    ['nothing at all', '', UDHI, null, ''],
  ])('with %s', (_, hex, esmClass, concatenation, payload) => {
    const data = read(hex, esmClass);
    expect(data.concatenation).toEqual(concatenation);
    expect(data.payload.toString('hex')).toBe(payload);
  });

  it('are in message_payload where short_message is empty', () => {
    const tlvs = [octetsTlv('message_payload', octets('0500032a020141'))];
    expect(read('', UDHI, tlvs)).toMatchObject({
      concatenation: { reference: 42, number: 1, total: 2 },
    });
  });

  it('take their place from the sar parameters', () => {
    const tlvs = [
      numberTlv('sar_msg_ref_num', 4711),
      numberTlv('sar_total_segments', 3),
      numberTlv('sar_segment_seqnum', 2),
    ];
    expect(read('41', 0, tlvs)).toMatchObject({
      concatenation: { reference: 4711, number: 2, total: 3 },
      placedBy: 'sar',
    });
    expect(read('41', 0, tlvs.slice(1))).toMatchObject({ concatenation: null, placedBy: null });
  });

  it.each([8, 16] as const)('are read as they are written, with %i bits', (bits) => {
    const place = { reference: 200, number: 2, total: 5 };
    const header = concatenationHeader(place, bits);
    expect(read(`${header.toString('hex')}41`)).toEqual({
      concatenation: place,
      placedBy: `udh${bits}`,
      headerOctets: header.length,
      payload: octets('41'),
    });
  });
});

describe('a data coding', () => {
  const table: [number, Alphabet | undefined][] = [
    [0x00, 'gsm7'],
    [0x01, 'ascii'],
    [0x02, undefined],
    [0x03, 'latin1'],
    [0x04, undefined],
    [0x08, 'ucs2'],
    [0x10, 'gsm7'],
    [0x11, 'gsm7'],
    [0x14, undefined],
    [0x18, 'ucs2'],
    [0x19, 'ucs2'],
    [0xc8, 'gsm7'],
    [0xe0, 'ucs2'],
    [0xf0, 'gsm7'],
    [0xf1, 'gsm7'],
    [0xf5, undefined],
  ];
  it.each(table)('%i is %s', (dataCoding, alphabet) => {
    expect(alphabetOf(dataCoding, 'gsm7')).toBe(alphabet);
  });
});
