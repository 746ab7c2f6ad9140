import type { LinkId } from '../../src/core/ids.ts';
import type {
  Link,
  LinkHost,
  LinkState,
  OutgoingPart,
  ReceiptNews,
  SendOutcome,
} from '../../src/core/ports/transport.ts';
import type { Encoding } from '../../src/text/parts.ts';
import { splitText } from '../../src/text/parts.ts';
import type { E164 } from '../../src/text/phone-number.ts';

export interface SentPart extends OutgoingPart {
  /** Null when it was not accepted. */
  upstreamId: string | null;
}

/** A way out that a test holds in its hand: it keeps what it is sent and says what it is told to say. */
export class TestLink implements Link {
  readonly id: LinkId;
  readonly window: number;
  readonly sent: SentPart[] = [];
  /** What is answered next; when there is none left, parts are accepted. */
  readonly answers: (SendOutcome | Promise<SendOutcome>)[] = [];
  current: LinkState = 'starting';
  #host: LinkHost | undefined;
  readonly #node: string;
  #ids = 0;

  /** @param options `node`: whose it is, where several nodes have the same link. */
  constructor(id: string, { window = 1000, node = '' } = {}) {
    this.id = id as LinkId;
    this.window = window;
    this.#node = node;
  }

  state(): LinkState {
    return this.current;
  }

  async start(host: LinkHost): Promise<void> {
    this.#host = host;
    this.current = 'up';
  }

  split(text: string, encoding: Encoding): string[] {
    return splitText(text, encoding);
  }

  pace(): { parts: number; waitMs: number } {
    return { parts: Number.MAX_SAFE_INTEGER, waitMs: 0 };
  }

  async send(part: OutgoingPart): Promise<SendOutcome> {
    const id = `${this.id}-${this.#node}${++this.#ids}`;
    const outcome = (await this.answers.shift()) ?? { kind: 'accepted', upstreamId: id };
    this.sent.push({
      ...part,
      upstreamId: outcome.kind === 'accepted' ? outcome.upstreamId : null,
    });
    return outcome;
  }

  async stop(): Promise<void> {
    this.current = 'stopped';
  }

  /** The network says what became of a part; the newest one where none is named. */
  async receipt(
    status: ReceiptNews['status'],
    { part = this.sent.at(-1), at }: { part?: SentPart | undefined; at: number },
  ): Promise<void> {
    if (!part?.upstreamId) throw new Error('no part was accepted that a receipt could be about');
    await this.#given().receipt({
      linkId: this.id,
      upstreamId: part.upstreamId,
      status,
      detail: null,
      at,
    });
  }

  /** A handset writes. */
  async reply(from: string, to: string, text: string, at: number): Promise<void> {
    await this.#given().reply({
      linkId: this.id,
      from: from as E164,
      to,
      text,
      at,
      upstreamId: null,
    });
  }

  #given(): LinkHost {
    if (!this.#host) throw new Error(`the link ${this.id} was not started`);
    return this.#host;
  }
}
