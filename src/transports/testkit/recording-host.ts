import type {
  LateAnswer,
  Link,
  LinkHost,
  OutgoingPart,
  ReceiptNews,
  ReplyNews,
  ReplySegment,
  SendOutcome,
} from '../../core/ports/transport.ts';

/** The gateway as a link sees it, played: keeps what it is told, in order. */
export class RecordingHost implements LinkHost {
  /** It has no phones. */
  readonly devices: LinkHost['devices'] = {
    take: () => Promise.reject(new Error('this gateway has no phones')),
    sweep: () => ({
      run: async () => ({ silent: [], moved: 0, expired: 0, unconfirmed: 0 }),
    }),
    pushTokenOf: async () => null,
    wakes: { on: () => () => {} },
  };
  readonly receipts: ReceiptNews[] = [];
  readonly replies: ReplyNews[] = [];
  readonly segments: ReplySegment[] = [];
  readonly lateAnswers: LateAnswer[] = [];
  /** Upstream ids that the link has answered with. */
  readonly accepted = new Set<string>();
  /** Receipts that came before the answer that names their id. */
  readonly early: ReceiptNews[] = [];
  /** How many calls are still to fail, as when the disk is full. */
  failing = 0;
  /** All that were made, also those that failed. */
  calls = 0;

  async receipt(news: ReceiptNews): Promise<string | null> {
    this.#call();
    const ids = [news.upstreamId, ...(news.otherIds ?? [])];
    const found = ids.find((id) => this.accepted.has(id)) ?? null;
    if (found === null) this.early.push(news);
    this.receipts.push(news);
    return found;
  }

  async reply(news: ReplyNews): Promise<void> {
    this.#call();
    this.replies.push(news);
  }

  async segment(segment: ReplySegment): Promise<void> {
    this.#call();
    this.segments.push(segment);
  }

  async late(answer: LateAnswer): Promise<boolean> {
    this.#call();
    this.lateAnswers.push(answer);
    return true;
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
