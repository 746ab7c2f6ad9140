import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandIds } from './commands.ts';
import { decodePdu } from './decode.ts';
import { encodePdu } from './encode.ts';
import type { Pdu } from './pdu.ts';
import { statuses } from './statuses.ts';
import { anyPdu } from './testkit/arbitraries.ts';
import { fixtures, octetsOf } from './testkit/fixtures.ts';

/** A frame with the length that it has: command id, status, number, body. */
function frame(commandId: number, status: number, body: string | Buffer): Buffer {
  const octets = typeof body === 'string' ? octetsOf(body) : body;
  const header = Buffer.alloc(16);
  header.writeUInt32BE(16 + octets.length, 0);
  header.writeUInt32BE(commandId, 4);
  header.writeUInt32BE(status, 8);
  header.writeUInt32BE(7, 12);
  return Buffer.concat([header, octets]);
}

function fixture(name: string): Buffer {
  const found = fixtures.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no fixture ${name}`);
  return octetsOf(found.hex);
}

/** The same PDU with other octets after it. */
function followedBy(pdu: Buffer, tail: string): Buffer {
  const longer = Buffer.concat([pdu, octetsOf(tail)]);
  longer.writeUInt32BE(longer.length, 0);
  return longer;
}

const A = '41';
/** The fields of a submit_sm before its sm_length, as short as they may be. */
const mandatory = '00 010100 010100 000000 00 00 00000000';

describe('decodePdu', () => {
  it.each(fixtures)('reads $name as the specification has it', ({ hex, pdu }) => {
    expect(decodePdu(octetsOf(hex))).toEqual(pdu);
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        expect(decodePdu(Buffer.from(octets))).toHaveProperty('command');
      }),
    );
  });

  it('never throws, whatever body follows a good header', () => {
    const ids = fixtures.map(({ hex }) => octetsOf(hex).readUInt32BE(4));
    const body = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })));
    fc.assert(
      fc.property(fc.constantFrom(...ids), fc.constantFrom(0, 8), body, (id, status, octets) => {
        expect(decodePdu(frame(id, status, Buffer.from(octets)))).toHaveProperty('command');
      }),
      { numRuns: 2_000 },
    );
  });

  it('never takes a request cut short for a whole one', () => {
    const requests = anyPdu.filter((pdu) => commandIds[pdu.command] < 0x8000_0000);
    fc.assert(
      fc.property(requests, fc.nat(), (pdu, where) => {
        const whole = encodePdu('tlvs' in pdu ? { ...pdu, tlvs: [] } : pdu);
        if (whole.length === 16) return;
        const cut = Buffer.from(whole.subarray(0, 16 + (where % (whole.length - 16))));
        cut.writeUInt32BE(cut.length, 0);
        expect(decodePdu(cut)).toMatchObject({ command: 'broken', sequence: pdu.sequence });
      }),
    );
  });

  const long = A.repeat(255);
  it.each<[string, Buffer, Partial<Pdu>]>([
    [
      'a NUL after the short message',
      followedBy(fixture('submit_sm'), '00'),
      { command: 'submit_sm', tlvs: [] },
    ],
    [
      'three octets after the last TLV',
      followedBy(fixture('data_sm_resp'), '000000'),
      { command: 'data_sm_resp', messageId: '7b2c5a92', tlvs: [] },
    ],
    [
      'octets after what has no TLVs',
      followedBy(fixture('unbind'), '0210000134ff'),
      { command: 'unbind' },
    ],
    [
      'TLVs after a bind',
      followedBy(fixture('bind_receiver'), '14000002abcd'),
      { command: 'bind_receiver', addressRange: '^614' },
    ],
    ['a message id of 255', frame(0x80000004, 0, `${long}00`), { messageId: 'A'.repeat(255) }],
    [
      'a message id without its NUL',
      frame(0x80000004, 0, '373733'),
      { messageId: '773', tlvs: [] },
    ],
    ['a deliver_sm_resp of 16 octets', frame(0x80000005, 0, ''), { messageId: '', tlvs: [] }],
    ['a deliver_sm_resp with an id', frame(0x80000005, 0, '373700'), { messageId: '77' }],
    ['a submit_sm_resp of 16 octets', frame(0x80000004, 0, ''), { status: 0, messageId: '' }],
    ['a bind_transceiver_resp of 16 octets', frame(0x80000009, 0, ''), { systemId: '', tlvs: [] }],
    [
      'addresses of 255',
      frame(5, 0, `00 0101${long}00 0101${long}00 ${'00'.repeat(10)}`),
      { sourceAddr: 'A'.repeat(255), destinationAddr: 'A'.repeat(255) },
    ],
    [
      'a short message of 255',
      frame(5, 0, `${mandatory} ff ${long}`),
      { shortMessage: Buffer.alloc(255, 0x41) },
    ],
    ['an address in Latin-1', frame(3, 0, '00 0500 e9ff00'), { sourceAddr: 'éÿ' }],
    [
      'an error with half a body',
      frame(0x80000003, 0x67, '373700'),
      { status: 0x67, messageId: '77', finalDate: '', messageState: 0 },
    ],
    [
      'an error without any',
      frame(0x80000021, 0x45, ''),
      { status: 0x45, messageId: '', unsuccessful: [], tlvs: [] },
    ],
    [
      'an error with a broken TLV',
      frame(0x80000004, 8, '00 0425 0009 01'),
      { status: 8, messageId: '', tlvs: [] },
    ],
    [
      'an error with an id of 300',
      frame(0x80000003, 0x67, `${A.repeat(300)}00 00 0202`),
      { messageId: '', finalDate: '', messageState: 0, errorCode: 0 },
    ],
    [
      'a TLV of no octets',
      frame(0x80000103, 0, '00 130c0000'),
      { tlvs: [{ tag: 0x130c, value: Buffer.alloc(0) }] },
    ],
    [
      'both texts',
      frame(4, 0, `${mandatory} 0141 0424000142`),
      { shortMessage: Buffer.from('A'), tlvs: [{ tag: 0x0424, value: Buffer.from('B') }] },
    ],
  ])('reads what is not quite right: %s', (_what, octets, expected) => {
    expect(decodePdu(octets)).toMatchObject(expected);
  });

  it('keeps header fields as they come', () => {
    const odd = Buffer.from(fixture('enquire_link'));
    odd.writeUInt32BE(0xffff_ffff, 8);
    odd.writeUInt32BE(0, 12);
    expect(decodePdu(odd)).toEqual({ command: 'enquire_link', status: 0xffff_ffff, sequence: 0 });
  });

  it.each<[string, Buffer, keyof typeof statuses, RegExp]>([
    ['a command that nobody knows', frame(0x0000_0200, 0, ''), 'ESME_RINVCMDID', /0x00000200/],
    ['an answer that nobody knows', frame(0x8000_0200, 0, ''), 'ESME_RINVCMDID', /0x80000200/],
    ['a body cut short', frame(4, 0, '00 01'), 'ESME_RINVCMDLEN', /^submit_sm: .*source_addr_npi/],
    ['no body', frame(9, 0, ''), 'ESME_RINVCMDLEN', /^bind_transceiver: .*system_id/],
    ['a text without an end', frame(2, 0, A.repeat(20)), 'ESME_RINVCMDLEN', /system_id/],
    ['a text of 256', frame(2, 0, `${A.repeat(256)}00`), 'ESME_RINVPARLEN', /system_id/],
    ['a message id of 256', frame(0x80000004, 0, A.repeat(256)), 'ESME_RINVPARLEN', /message_id/],
    [
      'a short message that lacks one octet',
      frame(4, 0, `${mandatory} 03 4142`),
      'ESME_RINVMSGLEN',
      /sm_length is 3 and 2/,
    ],
    [
      'a request with a status, cut short',
      frame(4, 8, '00 01'),
      'ESME_RINVCMDLEN',
      /source_addr_npi/,
    ],
    [
      'a short message that is not there',
      frame(4, 0, `${mandatory} 05 4142`),
      'ESME_RINVMSGLEN',
      /sm_length is 5 and 2/,
    ],
    ['no sm_length', frame(4, 0, mandatory), 'ESME_RINVCMDLEN', /sm_length/],
    [
      'a TLV cut short',
      frame(4, 0, `${mandatory} 00 0424 0003 4142`),
      'ESME_RINVOPTPARSTREAM',
      /0x0424 claims 3/,
    ],
    [
      'a good TLV and one cut short',
      frame(0x80000004, 0, '00 0427000102 001e ffff 41'),
      'ESME_RINVOPTPARSTREAM',
      /0x001e claims 65535/,
    ],
    [
      'nobody to send to',
      frame(0x21, 0, '00 010100 00'),
      'ESME_RINVNUMDESTS',
      /number_of_dests is 0/,
    ],
    [
      '255 to send to',
      frame(0x21, 0, `00 010100 ff ${'024100'.repeat(255)}`),
      'ESME_RINVNUMDESTS',
      /255/,
    ],
    [
      'fewer than were promised',
      frame(0x21, 0, '00 010100 fe 024100'),
      'ESME_RINVCMDLEN',
      /dest_flag/,
    ],
    [
      'neither address nor list',
      frame(0x21, 0, '00 010100 01 03 4100'),
      'ESME_RINVDESTFLAG',
      /dest_flag is 3/,
    ],
    [
      'fewer failures than were promised',
      frame(0x80000021, 0, '4100 ff 01014100 0000000b'),
      'ESME_RINVCMDLEN',
      /dest_addr_ton/,
    ],
    [
      'a status code cut short',
      frame(0x80000021, 0, '4100 01 01014100 0000'),
      'ESME_RINVCMDLEN',
      /error_status_code/,
    ],
    ['a query_sm_resp of 16 octets', frame(0x80000003, 0, ''), 'ESME_RINVCMDLEN', /message_id/],
    ['a submit_multi_resp of 16 octets', frame(0x80000021, 0, ''), 'ESME_RINVCMDLEN', /message_id/],
  ])('does not read %s', (_what, octets, status, reason) => {
    expect(decodePdu(octets)).toEqual({
      command: 'broken',
      commandId: octets.readUInt32BE(4),
      sequence: 7,
      status: statuses[status],
      reason: expect.stringMatching(reason),
    });
  });

  it.each([-1, 1])('does not read a frame that says it has %i octets more', (more) => {
    const octets = fixture('submit_sm');
    octets.writeUInt32BE(octets.length + more, 0);
    expect(decodePdu(octets)).toMatchObject({
      command: 'broken',
      commandId: 4,
      sequence: 9,
      status: 2,
    });
  });

  it.each([0, 15])('does not read %i octets', (length) => {
    expect(decodePdu(Buffer.alloc(length))).toMatchObject({
      command: 'broken',
      sequence: 0,
      status: 2,
    });
  });
});
