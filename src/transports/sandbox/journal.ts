import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { OutgoingPart, SendOutcome } from '../../core/ports/transport.ts';

/**
 * One hand-over, as the journal tells it. The message's text is not in it: a text is deleted when its
 * time is up, and would live on in a file that no retention rule knows.
 */
export interface JournalLine {
  at: number;
  messageId: string;
  part: number;
  destination: string;
  sender: string;
  upstreamId: string | null;
  outcome: SendOutcome['kind'];
  possiblyDoubled: boolean;
}

const newline = 10;

/**
 * A file with one JSON line for each hand-over that reached the sandbox. It is written before the
 * answer and without a buffer of our own: what the carrier got can be read there after the gateway
 * was killed, also when the gateway no longer knows. (It survives the process, not the power: no sync.)
 */
export class Journal {
  readonly #fd: number;
  /** Up to where the file holds whole lines. */
  #size: number;

  /** Opens or makes the file, and its folder. A line that was cut short at its end is removed. */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#fd = openSync(path, 'a+', 0o600);
    try {
      const size = fstatSync(this.#fd).size;
      this.#size = endOfLastLine(this.#fd, size);
      if (this.#size < size) ftruncateSync(this.#fd, this.#size);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** Writes one line, all of it or none; throws when the file cannot take it. */
  write(at: number, part: OutgoingPart, outcome: SendOutcome): void {
    const line: JournalLine = {
      at,
      messageId: part.messageId,
      part: part.number,
      destination: part.destination,
      sender: part.sender,
      upstreamId: outcome.kind === 'accepted' ? outcome.upstreamId : null,
      outcome: outcome.kind,
      possiblyDoubled: part.possiblyDoubled,
    };
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
    } catch (error) {
      // A full disk takes half a line, too.
      ftruncateSync(this.#fd, this.#size);
      throw error;
    }
    this.#size += bytes.length;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function endOfLastLine(fd: number, size: number): number {
  const chunk = Buffer.alloc(65_536);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - chunk.length);
    const read = readSync(fd, chunk, 0, end - start, start);
    const last = chunk.subarray(0, read).lastIndexOf(newline);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}
