import { headerOctets, mostPduOctets } from './limits.ts';
import type { BrokenPdu } from './pdu.ts';
import { statuses } from './statuses.ts';

/** A frame that is not given, and why. */
export interface BrokenFrame extends BrokenPdu {
  /** The stream has lost its place: nothing after it can be read, and nothing more is given. */
  fatal: boolean;
}

/** A `command_length` above this is none: what is read is not the beginning of a PDU. */
const mostSkippedOctets = 1 << 20;
/** What is set aside for a frame at first; it grows as the frame's octets come. */
const leastOctets = 256;
const noOctets = Buffer.alloc(0);

/**
 * Cuts the stream of a connection into frames, one PDU each.
 *
 *   between frames ──all of it lies in one chunk──▶ given, a view of the chunk
 *         │  └──only its beginning──▶ gathering ──its last octet──▶ given, a copy
 *         │                               └──header says: longer than maxFrame──▶ reported, skipping
 *         │                                          skipping ──its last octet──▶ between frames
 *         └──length below 16 or above 1 MiB──▶ reported as fatal, lost for good
 *
 * It keeps what has come and not what was promised: for a frame that is being gathered at most twice
 * its octets so far (or 256), of one that is skipped nothing.
 */
export class FrameReader {
  readonly #maxFrame: number;
  /** Being read, from `#at` on. */
  #chunk: Buffer | undefined;
  #at = 0;
  /** After it, the next one last; and what came after those, the next one first. */
  #next: Buffer[] = [];
  #later: Buffer[] = [];
  /** The octets of a frame whose end has not come. */
  #gathered = noOctets;
  #gatheredOctets = 0;
  #skip = 0;
  #lost = false;

  /** @param maxFrame the longest frame that is given, in octets. */
  constructor(maxFrame: number = mostPduOctets) {
    this.#maxFrame = maxFrame;
  }

  /** Takes the next octets of the stream, as many as have come. They are not copied: leave them alone. */
  push(chunk: Buffer): void {
    if (!this.#lost) this.#later.push(chunk);
  }

  /** The next frame, what is wrong with it, or undefined when its end has not come. */
  next(): Buffer | BrokenFrame | undefined {
    for (;;) {
      const chunk = (this.#chunk ??= this.#nextChunk());
      if (chunk === undefined) return undefined;
      if (this.#skip > 0) {
        this.#skip -= this.#advance(chunk, this.#skip);
        continue;
      }
      const frame =
        this.#gatheredOctets === 0
          ? (this.#whole(chunk) ?? this.#gather(chunk))
          : this.#gather(chunk);
      if (frame !== undefined) return frame;
    }
  }

  /** Memory that it holds, in octets. */
  get heldOctets(): number {
    const chunks = [this.#chunk, ...this.#next, ...this.#later];
    return chunks.reduce((sum, chunk) => sum + (chunk?.length ?? 0), this.#gathered.length);
  }

  /** The next frame, when all of it lies in this chunk and nothing is wrong with it. */
  #whole(chunk: Buffer): Buffer | undefined {
    const start = this.#at;
    if (chunk.length - start < headerOctets) return undefined;
    const length = chunk.readUInt32BE(start);
    if (length < headerOctets || length > this.#maxFrame) return undefined;
    if (length > chunk.length - start) return undefined;
    this.#advance(chunk, length);
    return chunk.subarray(start, start + length);
  }

  /** Takes from this chunk what the frame still lacks: first its length, then its header, then its body. */
  #gather(chunk: Buffer): Buffer | BrokenFrame | undefined {
    const had = this.#gatheredOctets;
    const wanted = had < 4 ? 4 : had < headerOctets ? headerOctets : this.#gathered.readUInt32BE(0);
    const start = this.#at;
    const taken = this.#advance(chunk, wanted - had);
    this.#makeRoom(had + taken, wanted);
    this.#gathered.set(chunk.subarray(start, start + taken), had);
    this.#gatheredOctets += taken;
    if (this.#gatheredOctets < wanted) return undefined;

    const length = this.#gathered.readUInt32BE(0);
    if (wanted === 4) return this.#judge(length);
    if (wanted === headerOctets && length > this.#maxFrame) {
      const broken = tooLong(this.#gathered, this.#maxFrame);
      this.#skip = length - headerOctets;
      this.#forget();
      return broken;
    }
    if (wanted < length) return undefined;
    const frame = this.#gathered.subarray(0, length);
    this.#forget();
    return frame;
  }

  #judge(length: number): BrokenFrame | undefined {
    if (length >= headerOctets && length <= mostSkippedOctets) return undefined;
    this.#lost = true;
    this.#chunk = undefined;
    this.#next = this.#later = [];
    this.#forget();
    const reason = `command_length is ${length}: this is no stream of PDUs, or its place is lost`;
    const status = statuses.ESME_RINVCMDLEN;
    return { command: 'broken', commandId: 0, sequence: 0, status, reason, fatal: true };
  }

  #makeRoom(needed: number, wanted: number): void {
    const room = this.#gathered.length;
    if (needed <= room) return;
    // Doubled, so that octets that come one by one are not copied each time another comes.
    const grown = Buffer.allocUnsafeSlow(Math.max(leastOctets, needed, Math.min(2 * room, wanted)));
    grown.set(this.#gathered.subarray(0, this.#gatheredOctets));
    this.#gathered = grown;
  }

  #forget(): void {
    this.#gathered = noOctets;
    this.#gatheredOctets = 0;
  }

  /** Goes on by at most `octets` within the chunk; gives how many they were. */
  #advance(chunk: Buffer, octets: number): number {
    const left = chunk.length - this.#at;
    if (octets < left) {
      this.#at += octets;
      return octets;
    }
    this.#chunk = undefined;
    this.#at = 0;
    return left;
  }

  #nextChunk(): Buffer | undefined {
    if (this.#next.length === 0 && this.#later.length > 0) {
      this.#next = this.#later.toReversed();
      this.#later = [];
    }
    return this.#next.pop();
  }
}

function tooLong(header: Buffer, maxFrame: number): BrokenFrame {
  return {
    command: 'broken',
    commandId: header.readUInt32BE(4),
    sequence: header.readUInt32BE(12),
    status: statuses.ESME_RINVCMDLEN,
    reason: `command_length is ${header.readUInt32BE(0)}: at most ${maxFrame} octets are read`,
    fatal: false,
  };
}
