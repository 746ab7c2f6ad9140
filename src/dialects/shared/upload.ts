import { GatewayError } from '../../core/errors.ts';

/** A file that is being sent, and what stands beside it. */
export interface Upload {
  /** The text fields that came before the file. */
  fields: ReadonlyMap<string, string>;
  /** Its bytes as they come; null when there is no file. */
  file: AsyncIterable<Uint8Array> | null;
}

const mostFieldBytes = 64 * 1024;
const mostHeadBytes = 16 * 1024;
const mostFields = 100;

/**
 * Reads a file from a body as it comes: the first part of `multipart/form-data` (RFC 7578) that has a file's name, or
 * all of a body of another type. Whatever follows the file is passed over.
 * @throws GatewayError `invalid_request` for a form that cannot be read; `body_incomplete` for one that breaks off.
 */
export async function readUpload(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
): Promise<Upload> {
  if (!/^multipart\/form-data\b/i.test(contentType.trim())) {
    return { fields: new Map(), file: body };
  }
  const boundary = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(contentType);
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) throw unreadable();
  const form = new Form(body, `\r\n--${name}`);
  const fields = new Map<string, string>();
  for (;;) {
    const head = await form.nextPart();
    if (head === null) return { fields, file: null };
    if (/;\s*filename\*?=/i.test(head)) return { fields, file: form.content() };
    const field = /^content-disposition:\s*form-data\s*;(?:[^\r\n]*;)?\s*name="([^"]*)"/im.exec(
      head,
    );
    const text = await collect(form.content(), mostFieldBytes);
    if (fields.size === mostFields) throw unreadable();
    if (field?.[1] !== undefined) fields.set(field[1], text);
  }
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
