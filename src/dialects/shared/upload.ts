import { GatewayError } from '../../core/errors.ts';
import type { KeptFile } from '../../core/ports/row-files.ts';

/** A file that is being sent, and what stands beside it, as far as it was read. */
export interface Upload {
  /** The text fields that came before the file. */
  fields: ReadonlyMap<string, string>;
  /**
   * Reads on to the end of a form, whose file is kept meanwhile: what is wanted with it may stand behind it. Once.
   * A body that is no form is not kept: the file is the rest of it, as it comes.
   * @param limited the bytes of the file as they come, as long as they are not too many.
   */
  whole(keep: Keep, limited: Limited): Promise<WholeUpload>;
}

export interface WholeUpload {
  /** All text fields; of one that comes twice the last. */
  fields: ReadonlyMap<string, string>;
  /** Null when there is none. */
  file: AsyncIterable<Uint8Array> | null;
  /** For who is done with the file. */
  drop(): Promise<void>;
}

type Keep = (bytes: AsyncIterable<Uint8Array>) => Promise<KeptFile>;
type Limited = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

const mostFieldBytes = 64 * 1024;
/** Of all fields together: they are read of strangers, too, whose token may be one of them. */
const mostFieldsBytes = 256 * 1024;
const mostHeadBytes = 16 * 1024;
const mostFields = 100;

export function isForm(contentType: string): boolean {
  return /^multipart\/form-data\b/i.test(contentType.trim());
}

/**
 * Reads a body as it comes, up to its file: the first part of `multipart/form-data` (RFC 7578) that has a file's name,
 * or all of a body of another type. Further files are passed over.
 * @throws GatewayError `invalid_request` for a form that cannot be read; `body_incomplete` for one that breaks off.
 */
export async function beginUpload(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
): Promise<Upload> {
  if (!isForm(contentType)) {
    const fields = new Map<string, string>();
    return {
      fields,
      whole: async (_keep, limited) => ({ fields, file: limited(body), drop: async () => {} }),
    };
  }
  const boundary = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(contentType);
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) throw unreadable();
  const form = new Form(body, `\r\n--${name}`);
  const fields = new Map<string, string>();
  let bytes = 0;
  /** Reads fields. @returns whether a file has begun; else the form has ended. */
  const toFile = async (): Promise<boolean> => {
    for (;;) {
      const head = await form.nextPart();
      if (head === null) return false;
      if (/;\s*filename\*?=/i.test(head)) return true;
      const field = /^content-disposition:\s*form-data\s*;(?:[^\r\n]*;)?\s*name="([^"]*)"/im.exec(
        head,
      )?.[1];
      const text = await collect(form.content(), mostFieldBytes);
      bytes += head.length + text.length;
      if (fields.size === mostFields || bytes > mostFieldsBytes) throw unreadable();
      if (field !== undefined) fields.set(field, text);
    }
  };
  const hasFile = await toFile();
  return {
    fields,
    async whole(keep, limited) {
      if (!hasFile) return { fields, file: null, drop: async () => {} };
      const kept = await keep(limited(form.content()));
      try {
        while (await toFile());
      } catch (error) {
        await kept.drop();
        throw error;
      }
      return { fields, file: kept.bytes(), drop: () => kept.drop() };
    },
  };
}

/** A form as it comes: the head of a part, then its content, then the next one. */
class Form {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  /** Read and not passed on. The first delimiter has no line before it, so one is put there. */
  #held: Buffer = Buffer.from('\r\n');
  #inPart = false;

  constructor(body: AsyncIterable<Uint8Array>, delimiter: string) {
    this.#chunks = body[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(delimiter, 'latin1');
  }

  /** The head of the next part; null when the form has ended. */
  async nextPart(): Promise<string | null> {
    for await (const passed of this.#until(this.#delimiter)) {
      // A preamble is for people (RFC 2046 5.1.1), and what a part has that nobody read is passed over.
      void passed;
    }
    this.#inPart = false;
    const mark = await collect(this.#take(2), 2);
    if (mark === '--') return null;
    // What else stands on the line is white space (RFC 2046 5.1.1); the head begins behind it.
    const head = mark + (await collect(this.#until(Buffer.from('\r\n\r\n')), mostHeadBytes));
    this.#inPart = true;
    return head;
  }

  /** What the part holds, once. */
  async *content(): AsyncGenerator<Uint8Array> {
    if (!this.#inPart) return;
    this.#inPart = false;
    // Put back, so that the next part is found behind it.
    yield* this.#until(this.#delimiter);
    this.#held = Buffer.concat([this.#delimiter, this.#held]);
  }

  /** The bytes before a mark, which is passed over. */
  async *#until(mark: Buffer): AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = this.#held.indexOf(mark);
      if (at >= 0) {
        const before = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + mark.length);
        if (before.length > 0) yield before;
        return;
      }
      // The end of what is held may be the mark's beginning.
      const safe = Math.max(0, this.#held.length - mark.length + 1);
      const before = this.#held.subarray(0, safe);
      this.#held = this.#held.subarray(safe);
      if (before.length > 0) yield before;
      await this.#more();
    }
  }

  async *#take(length: number): AsyncGenerator<Uint8Array> {
    while (this.#held.length < length) await this.#more();
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    yield taken;
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done) throw new GatewayError('body_incomplete', 'The form does not end.');
    this.#held = Buffer.concat([this.#held, next.value]);
  }
}

async function collect(bytes: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > most) throw unreadable();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unreadable(): GatewayError {
  return new GatewayError('invalid_request', 'The form cannot be read.');
}
