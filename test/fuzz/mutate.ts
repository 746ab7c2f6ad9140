import { commandIds } from '../../src/smpp/codec/commands.ts';

/** Whole numbers from 0 to below its argument (`test/support/seeded-random.ts`). */
export type Random = (below: number) => number;

const ids = Object.values(commandIds);
const edges = [0, 1, 2, 3, 0x10, 0x7f, 0x80, 0xfe, 0xff];
const lengths = [0, 4, 15, 16, 17, 1 << 17, (1 << 17) + 1, 1 << 20, (1 << 20) + 1, 0xffff_ffff];
const mostOctets = 4_096;

function pick<T>(random: Random, from: readonly T[]): T {
  return from[random(from.length)] as T;
}

/** Each takes octets and gives others, or writes into them. None is ever given fewer than one. */
const mutations: readonly ((octets: Buffer, random: Random, other: Buffer) => Buffer)[] = [
  function flipBit(octets, random) {
    const at = random(octets.length);
    octets[at] = (octets[at] as number) ^ (1 << random(8));
    return octets;
  },
  function anyOctet(octets, random) {
    octets[random(octets.length)] = random(256);
    return octets;
  },
  function edgeOctet(octets, random) {
    octets[random(octets.length)] = pick(random, edges);
    return octets;
  },
  function remove(octets, random) {
    const at = random(octets.length);
    return Buffer.concat([octets.subarray(0, at), octets.subarray(at + 1 + random(8))]);
  },
  function insert(octets, random) {
    const at = random(octets.length + 1);
    const run = Buffer.alloc(1 + random(random(20) === 0 ? 400 : 8), pick(random, edges));
    return Buffer.concat([octets.subarray(0, at), run, octets.subarray(at)]);
  },
  function repeat(octets, random) {
    const from = random(octets.length);
    const part = octets.subarray(from, from + 1 + random(40));
    const at = random(octets.length + 1);
    return Buffer.concat([octets.subarray(0, at), part, octets.subarray(at)]);
  },
  function cut(octets, random) {
    return octets.subarray(0, random(octets.length + 1));
  },
  function splice(octets, random, other) {
    return Buffer.concat([
      octets.subarray(0, random(octets.length + 1)),
      other.subarray(random(other.length + 1)),
    ]);
  },
  function otherCommand(octets, random) {
    if (octets.length >= 8) octets.writeUInt32BE(pick(random, ids), 4);
    return octets;
  },
  function otherStatus(octets, random) {
    if (octets.length >= 12) octets.writeUInt32BE(pick(random, [0, 8, 0xffff_ffff]), 8);
    return octets;
  },
  function addTlv(octets, random) {
    const value = Buffer.alloc(random(12), random(256));
    const header = Buffer.alloc(4);
    header.writeUInt16BE(pick(random, [0, 0x1e, 0x0424, 0x0427, 0x1400, 0xffff]), 0);
    header.writeUInt16BE(random(6) === 0 ? random(0x1_0000) : value.length, 2);
    return Buffer.concat([octets, header, value]);
  },
];

/**
 * A PDU with some things changed, of at most 4 KiB. Its length is mostly put right again: otherwise
 * nearly all that would be tried is whether lengths are looked at.
 */
export function mutate(pdu: Buffer, other: Buffer, random: Random): Buffer {
  let octets = Buffer.from(pdu);
  for (let times = 1 + random(4); times > 0 && octets.length > 0; times--) {
    octets = Buffer.from(pick(random, mutations)(octets, random, other).subarray(0, mostOctets));
  }
  if (octets.length < 4) return octets;
  const kind = random(20);
  if (kind === 0) octets.writeUInt32BE(pick(random, lengths), 0);
  else if (kind > 2) octets.writeUInt32BE(octets.length, 0);
  return octets;
}
