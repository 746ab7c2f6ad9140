import { isDeepStrictEqual } from 'node:util';
import { decodePdu } from '../../src/smpp/codec/decode.ts';
import { describePdu } from '../../src/smpp/codec/describe.ts';
import { encodePdu } from '../../src/smpp/codec/encode.ts';
import type { BrokenFrame } from '../../src/smpp/codec/frames.ts';
import { FrameReader } from '../../src/smpp/codec/frames.ts';
import type { Pdu, Tlv } from '../../src/smpp/codec/pdu.ts';
import { parseTime } from '../../src/smpp/codec/time.ts';
import { tlvNumber, tlvOctets, tlvText } from '../../src/smpp/codec/tlv.ts';
import type { Random } from './mutate.ts';
import { withinLimits } from './within-limits.ts';

/**
 * Reads a stream as a session would and throws when something is not as it has to be:
 * - nothing throws, and nothing that is read writes into what was received;
 * - frames do not depend on where the stream is cut, and what is held is bounded by what has come;
 * - what is read as a PDU can be written, and is then read as the same PDU; what may not be written is
 *   refused with a RangeError, and is the same without what was wrong.
 *
 * Gives what came of it in words, so that a new kind of outcome can be told from an old one.
 */
export function checkStream(stream: Buffer, random: Random): string[] {
  const before = Buffer.from(stream);
  const frames = framesOf([stream]);
  const again = framesOf(chunksOf(stream, random));
  ensure(isDeepStrictEqual(frames, again), 'frames depend on where the stream is cut');
  const outcomes = frames.map((frame) =>
    Buffer.isBuffer(frame) ? checkFrame(frame) : frame.reason,
  );
  ensure(before.equals(stream), 'what was received has changed');
  return outcomes.map((outcome) => outcome.replaceAll(/0x[0-9a-f]+|\d+/g, 'n'));
}

function framesOf(chunks: Buffer[]): (Buffer | BrokenFrame)[] {
  const reader = new FrameReader();
  const frames: (Buffer | BrokenFrame)[] = [];
  let come = 0;
  for (const chunk of chunks) {
    reader.push(chunk);
    come += chunk.length;
    for (let next = reader.next(); next !== undefined; next = reader.next()) {
      frames.push(next);
      ensure(frames.length <= come / 4, 'more frames than the stream has room for');
    }
    ensure(reader.heldOctets <= Math.max(256, 2 * come), 'more is held than has come');
  }
  return frames;
}

function chunksOf(stream: Buffer, random: Random): Buffer[] {
  const chunks: Buffer[] = [];
  const most = 1 + random(random(2) === 0 ? 3 : 200);
  for (let at = 0; at < stream.length; ) {
    const size = random(most + 1);
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

function checkFrame(frame: Buffer): string {
  const pdu = decodePdu(frame);
  const line = describePdu(pdu);
  ensure(/^[\x20-\x7e]{1,250}$/.test(line), 'it is not described in one short line');
  if (pdu.command === 'broken') return pdu.reason;
  if ('validityPeriod' in pdu) parseTime(pdu.validityPeriod, 0);
  if ('tlvs' in pdu) readTlvs(pdu.tlvs);
  const allowed = withinLimits(pdu);
  const overLimits = !isDeepStrictEqual({ ...pdu }, { ...allowed });
  if (overLimits) ensure(isRefused(pdu), 'it was written though it is over the limits');
  const octets = encodePdu(allowed);
  const read = decodePdu(octets);
  ensure(isDeepStrictEqual(read, allowed), 'it is read otherwise than it was written');
  ensure(encodePdu(read as Pdu).equals(octets), 'it is written in two ways');
  const tlvs = 'tlvs' in pdu ? pdu.tlvs.length : 0;
  return `${pdu.command} ${pdu.status === 0} ${overLimits} ${octets.length === frame.length} ${Math.min(tlvs, 2)}`;
}

function readTlvs(tlvs: readonly Tlv[]): void {
  tlvNumber(tlvs, 'message_state');
  tlvNumber(tlvs, 'qos_time_to_live');
  tlvText(tlvs, 'receipted_message_id');
  tlvOctets(tlvs, 'message_payload');
}

function isRefused(pdu: Pdu): boolean {
  try {
    encodePdu(pdu);
    return false;
  } catch (error) {
    if (error instanceof RangeError) return true;
    throw error;
  }
}

function ensure(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
