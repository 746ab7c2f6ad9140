import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePdu } from './encode.ts';
import type { BrokenFrame } from './frames.ts';
import { FrameReader } from './frames.ts';
import { anyPdu } from './testkit/arbitraries.ts';

/** The header of a frame that says it is so long. */
function header(length: number, commandId = 4, sequence = 7): Buffer {
  const octets = Buffer.alloc(16);
  octets.writeUInt32BE(length, 0);
  octets.writeUInt32BE(commandId, 4);
  octets.writeUInt32BE(sequence, 12);
  return octets;
}

const enquiry = encodePdu({ command: 'enquire_link', sequence: 1, status: 0 });

/** All that comes out of a reader, until nothing more does. */
function drain(reader: FrameReader): (Buffer | BrokenFrame)[] {
  const out: (Buffer | BrokenFrame)[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) out.push(next);
  return out;
}

/** Pieces of a stream, cut after so many octets, again and again from the beginning of `sizes`. */
function cut(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

describe('FrameReader', () => {
  it('gives the frames of a stream however it is cut, read at once or all at the end', () => {
    const sizes = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 400 })),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(
        fc.array(anyPdu, { maxLength: 10 }),
        sizes,
        fc.boolean(),
        (pdus, cuts, atOnce) => {
          const frames = pdus.map(encodePdu);
          const reader = new FrameReader();
          const out: (Buffer | BrokenFrame)[] = [];
          for (const chunk of cut(Buffer.concat(frames), cuts)) {
            reader.push(chunk);
            if (atOnce) out.push(...drain(reader));
          }
          out.push(...drain(reader));
          expect(out.length).toBe(frames.length);
          for (const [i, frame] of frames.entries())
            expect(frame.equals(out[i] as Buffer)).toBe(true);
          expect(reader.heldOctets).toBe(0);
        },
      ),
    );
  });

  it('gives a frame that lies within a chunk as a view of it', () => {
    const reader = new FrameReader();
    const chunk = Buffer.concat([enquiry, enquiry]);
    reader.push(chunk);
    expect((drain(reader) as Buffer[]).map((frame) => frame.byteOffset - chunk.byteOffset)).toEqual(
      [0, 16],
    );
  });

  it('gives each frame of its own when they span chunks', () => {
    const reader = new FrameReader();
    const frames: Buffer[] = [];
    for (const chunk of cut(Buffer.concat([enquiry, header(16, 6), enquiry]), [5])) {
      reader.push(chunk);
      frames.push(...(drain(reader) as Buffer[]));
    }
    expect(frames.map((frame) => frame.readUInt32BE(4))).toEqual([0x15, 6, 0x15]);
  });

  it('waits', () => {
    const reader = new FrameReader();
    reader.push(Buffer.alloc(0));
    expect(reader.next()).toBeUndefined();
    reader.push(enquiry.subarray(0, 15));
    expect(reader.next()).toBeUndefined();
    expect(reader.next()).toBeUndefined();
    reader.push(enquiry.subarray(15));
    expect(reader.next()).toEqual(enquiry);
    expect(reader.next()).toBeUndefined();
  });

  it('holds what has come and not what was promised', () => {
    const reader = new FrameReader();
    reader.push(header(64 * 1024));
    expect(reader.next()).toBeUndefined();
    expect(reader.heldOctets).toBeLessThanOrEqual(256);
    let come = 16;
    while (come < 60_000) {
      reader.push(Buffer.alloc(100));
      come += 100;
      expect(reader.next()).toBeUndefined();
      expect(reader.heldOctets).toBeLessThanOrEqual(Math.max(256, 2 * come));
    }
  });

  it('copies no octet again and again when they come one by one', () => {
    const length = 120 * 1024;
    const reader = new FrameReader();
    const held = new Set<number>();
    for (const chunk of cut(Buffer.concat([header(length), Buffer.alloc(length - 17)]), [1])) {
      reader.push(chunk);
      expect(reader.next()).toBeUndefined();
      held.add(reader.heldOctets);
    }
    // Each time more is set aside, all that has come is copied: 10 times from 256 octets to 128 KiB.
    expect(held.size).toBeLessThanOrEqual(10);
    reader.push(Buffer.concat([Buffer.alloc(1), enquiry]));
    expect(drain(reader).map((frame) => Buffer.isBuffer(frame) && frame.length)).toEqual([
      length,
      16,
    ]);
  });

  it('goes through many chunks that have been waiting without going through them again and again', () => {
    const length = 120 * 1024;
    const reader = new FrameReader();
    const stream = Buffer.concat([header(length), Buffer.alloc(length - 16), enquiry]);
    for (const chunk of cut(stream, [1])) reader.push(chunk);
    expect(drain(reader).map((frame) => Buffer.isBuffer(frame) && frame.length)).toEqual([
      length,
      16,
    ]);
  });

  it.each<[string, readonly number[]]>([
    ['in one piece', [1 << 20]],
    ['octet by octet', [1]],
    ['cut within the header', [10, 1 << 20]],
    ['cut within what is skipped', [20, 3000]],
  ])('skips a frame that is too long, says so once and goes on: %s', (_how, cuts) => {
    const reader = new FrameReader(1000);
    const stream = Buffer.concat([
      enquiry,
      header(1001, 0x103, 42),
      Buffer.alloc(985, 0xff),
      header(1000),
      Buffer.alloc(984),
      enquiry,
    ]);
    const out: (Buffer | BrokenFrame)[] = [];
    for (const chunk of cut(stream, cuts)) {
      reader.push(chunk);
      out.push(...drain(reader));
      expect(reader.heldOctets).toBeLessThanOrEqual(2000);
    }
    expect(out.map((frame) => (Buffer.isBuffer(frame) ? frame.length : frame))).toEqual([
      16,
      {
        command: 'broken',
        commandId: 0x103,
        sequence: 42,
        status: 2,
        reason: 'command_length is 1001: at most 1000 octets are read',
        fatal: false,
      },
      1000,
      16,
    ]);
  });

  it('says that a frame is too long as soon as its header is there, and keeps nothing of it', () => {
    const reader = new FrameReader();
    reader.push(header(1 << 20));
    expect(reader.next()).toMatchObject({ fatal: false, sequence: 7 });
    for (let come = 16; come < 1 << 20; come += 16) {
      reader.push(Buffer.alloc(16));
      expect(reader.next()).toBeUndefined();
      expect(reader.heldOctets).toBe(0);
    }
    reader.push(enquiry);
    expect(reader.next()).toEqual(enquiry);
  });

  it('takes a frame of 128 KiB and none that is longer', () => {
    const reader = new FrameReader();
    reader.push(Buffer.concat([header(128 * 1024), Buffer.alloc(128 * 1024 - 16)]));
    expect(reader.next()).toHaveLength(128 * 1024);
    reader.push(header(128 * 1024 + 1));
    expect(reader.next()).toMatchObject({ command: 'broken', fatal: false });
  });

  it.each<[string, Buffer]>([
    ['a length of 0', Buffer.alloc(4)],
    ['a length of 15', header(15)],
    ['a length above 1 MiB', header((1 << 20) + 1)],
    ['a length above 2 GiB', header(0x8000_0010)],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex')],
    ['four octets are enough', Buffer.from('ffffffff', 'hex')],
  ])('gives a stream up that has lost its place: %s', (_what, octets) => {
    const reader = new FrameReader();
    for (const chunk of cut(Buffer.concat([enquiry, octets]), [3])) reader.push(chunk);
    reader.push(enquiry);
    expect(drain(reader)).toEqual([
      enquiry,
      {
        command: 'broken',
        commandId: 0,
        sequence: 0,
        status: 2,
        reason: expect.stringContaining(`command_length is ${octets.readUInt32BE(0)}`),
        fatal: true,
      },
    ]);
    reader.push(enquiry);
    expect(reader.next()).toBeUndefined();
    expect(reader.heldOctets).toBe(0);
  });

  it('neither throws nor goes on for ever, whatever comes', () => {
    const octet = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(fc.array(octet, { maxLength: 50 }), { maxLength: 20 }), (chunks) => {
        const reader = new FrameReader(64);
        const all = chunks.flat().length;
        let most = 0;
        for (const chunk of chunks) {
          reader.push(Buffer.from(chunk));
          most += drain(reader).length;
        }
        // Each frame, and each that was skipped, had a header.
        expect(most).toBeLessThanOrEqual(Math.floor(all / 16) + 1);
      }),
    );
  });
});
