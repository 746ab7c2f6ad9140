import type {
  Link,
  LinkHost,
  OutgoingPart,
  ReceiptNews,
  ReplyNews,
  SendOutcome,
} from '../../core/ports/transport.ts';

/** The gateway as a link sees it, played: keeps what it is told, in order. */
export class RecordingHost implements LinkHost {
  readonly receipts: ReceiptNews[] = [];
  readonly replies: ReplyNews[] = [];
  /** Upstream ids that the link has answered with. */
  readonly accepted = new Set<string>();
  /** Receipts that came before the answer that names their id. */
  readonly early: ReceiptNews[] = [];
  /** How many calls are still to fail, as when the disk is full. */
  failing = 0;
  /** All that were made, also those that failed. */
  calls = 0;

  async receipt(news: ReceiptNews): Promise<void> {
    this.#call();
    if (!this.accepted.has(news.upstreamId)) this.early.push(news);
    this.receipts.push(news);
  }

  async reply(news: ReplyNews): Promise<void> {
    this.#call();
    this.replies.push(news);
  }

  /** Sends as the dispatcher does, and notes the id of what was accepted. */
  async send(link: Link, part: OutgoingPart): Promise<SendOutcome> {
    const outcome = await link.send(part);
    if (outcome.kind === 'accepted') this.accepted.add(outcome.upstreamId);
    return outcome;
  }

  #call(): void {
    this.calls++;
    if (this.failing === 0) return;
    this.failing--;
    throw new Error('the gateway cannot take it (a test wants it so)');
  }
}
