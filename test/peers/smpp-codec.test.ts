import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import smpp from 'smpp';
import { describe, expect, it } from 'vitest';
import { commandIds } from '../../src/smpp/codec/commands.ts';
import { decodePdu } from '../../src/smpp/codec/decode.ts';
import { encodePdu } from '../../src/smpp/codec/encode.ts';
import { FrameReader } from '../../src/smpp/codec/frames.ts';
import type { Pdu, PduOf, Tlv } from '../../src/smpp/codec/pdu.ts';
import { statuses } from '../../src/smpp/codec/statuses.ts';
import { pduArbitraries } from '../../src/smpp/codec/testkit/arbitraries.ts';
import { octetsOf } from '../../src/smpp/codec/testkit/fixtures.ts';
import { parseTime } from '../../src/smpp/codec/time.ts';
import { knownTlvs, numberTlv, octetsTlv, textTlv } from '../../src/smpp/codec/tlv.ts';

// The npm package `smpp` is an encoder and decoder that has nothing in common with ours but the
// specification. Texts are given to it as Buffers, since what it makes of strings is its own affair.

type Theirs = InstanceType<typeof smpp.PDU>;
type Fields = Record<string, unknown>;

const absolute = '261122093000004+';

/** TLVs that both know: ours, and the same for them. */
const shared: readonly (readonly [Tlv, string, unknown])[] = [
  [numberTlv('user_message_reference', 0x1234), 'user_message_reference', 0x1234],
  [numberTlv('sar_msg_ref_num', 0xffff), 'sar_msg_ref_num', 0xffff],
  [numberTlv('sar_total_segments', 2), 'sar_total_segments', 2],
  [numberTlv('sar_segment_seqnum', 1), 'sar_segment_seqnum', 1],
  [numberTlv('destination_port', 9200), 'dest_port', 9200],
  [numberTlv('message_state', 2), 'message_state', 2],
  [numberTlv('qos_time_to_live', 0xffff_ffff), 'qos_time_to_live', 0xffff_ffff],
  [textTlv('receipted_message_id', '7b2c5a90'), 'receipted_message_id', '7b2c5a90'],
  [textTlv('additional_status_info_text', ''), 'additional_status_info_text', ''],
  [
    octetsTlv('network_error_code', Buffer.from([3, 0, 9])),
    'network_error_code',
    Buffer.from([3, 0, 9]),
  ],
  [
    octetsTlv('source_subaddress', Buffer.from([0x80, 1])),
    'source_subaddress',
    Buffer.from([0x80, 1]),
  ],
  [
    octetsTlv('message_payload', Buffer.alloc(300, 0xfe)),
    'message_payload',
    Buffer.alloc(300, 0xfe),
  ],
];
const sharedTlvs = fc.subarray([...shared]).map((chosen) => chosen.map(([tlv]) => tlv));

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const snakeAll = (fields: object): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [snake(name), value]));

/** What to give them to make the same PDU. */
function fieldsFor(pdu: Pdu): Fields {
  const fields: Fields = { sequence_number: pdu.sequence, command_status: pdu.status };
  for (const [name, value] of Object.entries(pdu)) {
    if (['command', 'sequence', 'status'].includes(name)) continue;
    if (name === 'destinations') {
      fields['dest_address'] = (value as PduOf<'submit_multi'>['destinations']).map((each) =>
        each.kind === 'list' ? { dl_name: each.name } : snakeAll(each),
      );
    } else if (name === 'unsuccessful') {
      fields['unsuccess_sme'] = (value as object[]).map(snakeAll);
    } else if (name === 'tlvs') {
      for (const tlv of value as Tlv[]) {
        const [, theirName = '', theirValue] = shared.find(([{ tag }]) => tag === tlv.tag) ?? [];
        fields[theirName] = theirValue;
      }
    } else {
      fields[snake(name)] = value;
    }
  }
  return fields;
}

/** A PDU about which both can agree: what they do otherwise is in the second half of this file. */
function agreeable(pdu: Pdu, tlvs: Tlv[]): Pdu {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
    }
    return typeof value === 'string' ? value.replace(/[\x80-\xff]/g, '?') : value;
  };
  const agreed = plain(pdu) as Fields;
  agreed['status'] = 0;
  if ('tlvs' in pdu) agreed['tlvs'] = tlvs;
  // 4 is binary: they leave its octets as they are.
  if ('dataCoding' in pdu) agreed['dataCoding'] = 4;
  if ('esmClass' in pdu) agreed['esmClass'] = pdu.esmClass & ~0x40;
  for (const time of ['scheduleDeliveryTime', 'validityPeriod', 'finalDate']) {
    if (time in pdu) agreed[time] = agreed[time] === '' ? '' : absolute;
  }
  return agreed as unknown as Pdu;
}

/** A value of theirs in our terms: they read texts and times into objects. */
function octetsOrTime(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'object' && value !== null && 'message' in value) return value.message;
  return value;
}

function expectTheyRead(theirs: Theirs, pdu: Pdu): void {
  expect(theirs.command).toBe(pdu.command);
  for (const [name, value] of Object.entries(fieldsFor(pdu))) {
    const wanted = value === absolute ? parseTime(absolute, Date.now()) : value;
    // Destinations come without their flag and names without their kind.
    if (name === 'dest_address') expect(value).toMatchObject(theirs[name] as object);
    else expect([name, octetsOrTime(theirs[name])]).toEqual([name, wanted]);
  }
}

describe('the tables', () => {
  it('have the same commands', () => {
    const theirs = Object.entries(smpp.commands).filter(([name]) => !name.includes('broadcast'));
    expect(Object.fromEntries(theirs.map(([name, { id }]) => [name, id]))).toEqual(commandIds);
  });

  it('have the same statuses, where 5.0 did not give them another name', () => {
    const renamed = {
      ESME_RINVTLVSTREAM: statuses.ESME_RINVOPTPARSTREAM,
      ESME_RTLVNOTALLWD: statuses.ESME_ROPTPARNOTALLWD,
      ESME_RINVTLVLEN: statuses.ESME_RINVPARLEN,
      ESME_RMISSINGTLV: statuses.ESME_RMISSINGOPTPARAM,
      ESME_RINVTLVVAL: statuses.ESME_RINVOPTPARAMVAL,
    };
    const ours = Object.entries(statuses).filter(([, n]) => n < 0xc0 || n > 0xc4);
    expect(smpp.errors).toEqual({ ...Object.fromEntries(ours), ...renamed });
  });

  it('have the same tags, for names that differ in two cases', () => {
    const theirs = new Map(Object.entries(smpp.tlvs).map(([name, { id }]) => [id, name]));
    const renamed = Object.entries(knownTlvs).filter(([name, { tag }]) => theirs.get(tag) !== name);
    expect(renamed.map(([name, { tag }]) => [name, theirs.get(tag)])).toEqual([
      ['destination_port', 'dest_port'],
      ['alert_on_message_delivery', 'alert_on_msg_delivery'],
    ]);
  });

  it('have the same lengths of numbers, but for one', () => {
    const differ = Object.entries(knownTlvs).filter(([name, tlv]) => {
      const theirs = smpp.tlvs[name === 'destination_port' ? 'dest_port' : name];
      return tlv.type === 'number' && theirs?.type.size(0) !== tlv.octets;
    });
    // SMPP 3.4, 5.3.2.8: one octet, while dest_telematics_id (5.3.2.7) has two.
    expect(differ.map(([name]) => name)).toEqual(['source_telematics_id']);
  });
});

describe.each(pduArbitraries)('%s', (_command, arbitrary) => {
  const pdus = fc.tuple(arbitrary, sharedTlvs).map(([pdu, tlvs]) => agreeable(pdu, tlvs));

  it('is written in the same octets, and read by us as they wrote it', () => {
    fc.assert(
      fc.property(pdus, (pdu) => {
        const theirs = new smpp.PDU(pdu.command, fieldsFor(pdu)).toBuffer();
        expect(encodePdu(pdu).toString('hex')).toBe(theirs.toString('hex'));
        expect(decodePdu(theirs)).toEqual(pdu);
      }),
    );
  });

  it('is read by them as we wrote it', () => {
    fc.assert(fc.property(pdus, (pdu) => expectTheyRead(new smpp.PDU(encodePdu(pdu)), pdu)));
  });
});

describe('where it is wrong', () => {
  const submit = (fields: Partial<PduOf<'submit_sm'>>): PduOf<'submit_sm'> => ({
    command: 'submit_sm',
    sequence: 1,
    status: 0,
    serviceType: '',
    sourceAddrTon: 1,
    sourceAddrNpi: 1,
    sourceAddr: '61412345678',
    destAddrTon: 1,
    destAddrNpi: 1,
    destinationAddr: '61487654321',
    esmClass: 0,
    protocolId: 0,
    priorityFlag: 0,
    scheduleDeliveryTime: '',
    validityPeriod: '',
    registeredDelivery: 0,
    replaceIfPresentFlag: 0,
    dataCoding: 4,
    smDefaultMsgId: 0,
    shortMessage: Buffer.from('Hello'),
    tlvs: [],
    ...fields,
  });
  /** Through them and back: read, and written again. */
  const relayed = (pdu: Pdu) => decodePdu(new smpp.PDU(encodePdu(pdu)).toBuffer());
  const ourselves = (pdu: Pdu) => decodePdu(encodePdu(decodePdu(encodePdu(pdu)) as Pdu));

  it('drops TLVs that it does not know when it writes: a carrier’s own would not arrive', () => {
    const pdu = submit({ tlvs: [{ tag: 0x1400, value: Buffer.from('1107165409153095415') }] });
    expect(relayed(pdu)).toEqual({ ...pdu, tlvs: [] });
    expect(ourselves(pdu)).toEqual(pdu);
  });

  it('keeps the last of several TLVs with one tag: what a carrier repeats has a reason', () => {
    const refs = [numberTlv('user_message_reference', 1), numberTlv('user_message_reference', 2)];
    const pdu = submit({ tlvs: refs });
    expect(relayed(pdu)).toEqual({ ...pdu, tlvs: refs.slice(1) });
    expect(ourselves(pdu)).toEqual(pdu);
  });

  it('reads the text by four bits of data_coding: 0xc8 is GSM 7 bit (3GPP TS 23.038 §4), not UCS-2', () => {
    const pdu = submit({ dataCoding: 0xc8, shortMessage: Buffer.from('Voicemail!') });
    const theirs = new smpp.PDU(encodePdu(pdu));
    expect(octetsOrTime(theirs['short_message'])).toBe('噯楣敭慩氡');
    expect(ourselves(pdu)).toEqual(pdu);
  });

  it('leaves the body out of every error: why it failed would not arrive', () => {
    const pdu: Pdu = {
      command: 'data_sm_resp',
      sequence: 1,
      status: statuses.ESME_RDELIVERYFAILURE,
      messageId: '',
      tlvs: [numberTlv('delivery_failure_reason', 1)],
    };
    expect(relayed(pdu)).toEqual({ ...pdu, tlvs: [] });
    expect(ourselves(pdu)).toEqual(pdu);
  });

  it('reads texts in seven bits: addresses and ids are octets, and Latin-1 loses none', () => {
    const pdu = submit({ sourceAddrTon: 5, sourceAddr: 'Café' });
    expect(new smpp.PDU(encodePdu(pdu))['source_addr']).toBe('Cafi');
    expect(ourselves(pdu)).toEqual(pdu);
  });

  it('writes what no field holds: a C-octet string with a NUL shifts all that comes after it', () => {
    const fields = fieldsFor(submit({ sourceAddr: '614\u00001', sourceAddrTon: 1 }));
    const read = decodePdu(new smpp.PDU('submit_sm', fields).toBuffer());
    expect(read).toMatchObject({ sourceAddr: '614', destAddrTon: 0x31 });
    expect(() => encodePdu(submit({ sourceAddr: '614\u00001' }))).toThrow(RangeError);
    const long = fieldsFor(submit({ sourceAddr: '6'.repeat(300) }));
    expect(new smpp.PDU('submit_sm', long).toBuffer().length).toBeGreaterThan(300);
    expect(() => encodePdu(submit({ sourceAddr: '6'.repeat(300) }))).toThrow(RangeError);
  });

  it('takes a request cut short for a whole one: what it lacks is undefined', () => {
    const cut = Buffer.from(encodePdu(submit({})).subarray(0, 32));
    cut.writeUInt32BE(cut.length, 0);
    const theirs = new smpp.PDU(cut);
    expect([theirs['source_addr'], theirs['short_message']]).toEqual(['61412345678', undefined]);
    expect(decodePdu(cut)).toMatchObject({ command: 'broken', sequence: 1, status: 2 });
  });

  it('is deaf after one that it cannot read: the next ones have done nothing wrong', async () => {
    const enquiry = encodePdu({ command: 'enquire_link', sequence: 8, status: 0 });
    const cut = octetsOf('00000019 00000021 00000000 00000007 00 010100 05 01 010141');

    const socket = new PassThrough();
    const session = new smpp.Session({ socket });
    const heard: string[] = [];
    session.on('pdu', (pdu) => heard.push(pdu.command));
    const error = once(session, 'error');
    socket.write(cut);
    expect(await error).toEqual([expect.any(RangeError)]);
    const readable = once(socket, 'readable');
    socket.write(enquiry);
    await readable;
    expect(heard).toEqual([]);
    expect(socket.readableLength).toBe(enquiry.length);

    const reader = new FrameReader();
    reader.push(Buffer.concat([cut, enquiry]));
    const ours = [reader.next(), reader.next()].map((frame) => decodePdu(frame as Buffer));
    expect(ours).toMatchObject([
      { command: 'broken', sequence: 7, status: statuses.ESME_RINVCMDLEN },
      { command: 'enquire_link', sequence: 8 },
    ]);
  });

  it('takes a TLV that was cut short for a whole one: the next PDU is not its rest', () => {
    const cut = octetsOf('00000017 80000004 00000000 00000007 00 0424 0009 4142');
    cut.writeUInt32BE(cut.length, 0);
    expect(octetsOrTime(new smpp.PDU(cut)['message_payload'])).toEqual(Buffer.from('AB'));
    expect(decodePdu(cut)).toMatchObject({
      command: 'broken',
      status: statuses.ESME_RINVOPTPARSTREAM,
    });
  });

  it('gives up at 16 KiB: a message_payload may have 64', () => {
    const pdu = submit({
      shortMessage: Buffer.alloc(0),
      tlvs: [octetsTlv('message_payload', Buffer.alloc(20_000, 65))],
    });
    expect(() => new smpp.PDU(encodePdu(pdu))).toThrow(/too large/);
    expect(ourselves(pdu)).toEqual(pdu);
  });

  it('makes a time of each text: what a carrier sends instead is lost', () => {
    const pdu = submit({ validityPeriod: 'about noon, or so' });
    const octets = new smpp.PDU('submit_sm', fieldsFor(pdu)).toBuffer();
    expect(new smpp.PDU(octets)['validity_period']).toEqual(new Date(Number.NaN));
    expect(decodePdu(octets)).toEqual(pdu);
  });
});
