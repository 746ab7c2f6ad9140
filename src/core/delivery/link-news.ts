import { mergeCallers } from '../batch.ts';
import type { LinkId } from '../ids.ts';
import type { ReceiptNews } from '../ports/transport.ts';
import { keyed } from './bearers.ts';
import type { DeliveryContext } from './context.ts';
import { lookFurther } from './doubtful-receipts.ts';
import type { HandOverOutcome } from './outcomes.ts';
import { applyOutcomes } from './outcomes.ts';
import { applyReceipts } from './receipts.ts';

type News = { outcome: HandOverOutcome } | { receipt: ReceiptNews };
/** What a receipt found, or why it is not known: others of its batch are on disk all the same. */
type Written = { found: string | null } | { error: unknown };

/** Answers and receipts that share a transaction. */
const mergeLimit = 500;

/**
 * What links tell of their parts: answers and receipts are written together, in this order.
 *
 *   receipts whose id is known ──▶ answers ──▶ the other receipts ──what finds nothing, or says too little──▶ alone:
 *                                                                   looked for in every way, or parked
 *
 * A carrier may send an answer and its receipt in one breath, and the receipt is often the first to get here. Before its
 * answer is written down it finds nothing: of 53 000 receipts of a carrier that delivers at once 11 000 took a second
 * transaction. What is known already comes first, since carriers use ids again: a receipt that finds its message without
 * these answers is not meant for theirs.
 */
export class LinkNews {
  readonly #context: DeliveryContext;
  /** One for all links: each transaction books for several accounts, and two could wait for each other. */
  readonly #record: (news: News) => Promise<Written>;

  constructor(context: DeliveryContext) {
    this.#context = context;
    this.#record = mergeCallers((take: () => News[]) => this.#write(take), mergeLimit);
  }

  /** @throws GatewayError `storage_unavailable` when it could not be written. */
  async outcome(outcome: HandOverOutcome): Promise<void> {
    await this.#record({ outcome });
  }

  /**
   * @returns the id that its part was found under, null where it is parked.
   * @throws GatewayError `storage_unavailable` when it could not be written.
   */
  async receipt(news: ReceiptNews): Promise<string | null> {
    const written = await this.#record({ receipt: keyed(this.#context.routing, news) });
    if ('error' in written) throw written.error;
    return written.found;
  }

  async #write(take: () => News[]): Promise<Written[]> {
    const context = this.#context;
    const { all, done } = await context.storage.write(async (tx) => {
      const taken = take();
      const outcomes = taken.flatMap((one) => ('outcome' in one ? one.outcome : []));
      const news = taken.flatMap((one) => ('receipt' in one ? one.receipt : []));
      // In the order of all who write answers: what they hold is taken before any message is locked.
      if (outcomes.length > 0 && news.length > 0) {
        await tx.parkedReceipts.answering(outcomes.flatMap((one) => linkOf(one, context)));
      }
      const known =
        news.length > 0
          ? await applyReceipts(tx, news, context, (id) => outcomes.some(gives(id)))
          : null;
      const answered = outcomes.length > 0 ? await applyOutcomes(tx, outcomes, context) : null;
      const missed = known?.missed ?? [];
      const others =
        answered && missed.length > 0 ? await applyReceipts(tx, missed, context) : null;
      return { all: taken, done: { known, answered, others } };
    });
    const { known, answered, others } = done;
    known?.consequences.committed();
    answered?.committed();
    others?.consequences.committed();
    const open = [
      ...(known?.doubtful ?? []),
      ...(others?.doubtful ?? []),
      ...((others ?? known)?.missed ?? []),
    ];
    const further = await this.#lookFurther(open);
    return all.map((one) => {
      if ('outcome' in one) return { found: null };
      const { receipt } = one;
      const found = known?.found.get(receipt) ?? others?.found.get(receipt);
      return found === undefined ? (further.get(receipt) ?? { found: null }) : { found };
    });
  }

  /** Not beside the answers: it waits for those that others are writing. */
  async #lookFurther(open: readonly ReceiptNews[]): Promise<Map<ReceiptNews, Written>> {
    if (open.length === 0) return new Map();
    try {
      const { consequences, found } = await this.#context.storage.write((tx) =>
        lookFurther(tx, open, this.#context),
      );
      consequences.committed();
      return new Map(open.map((receipt, at) => [receipt, { found: found[at] ?? null }]));
    } catch (error) {
      // Only these are told again by their carrier: the others would move what they have moved already.
      return new Map(open.map((receipt) => [receipt, { error }]));
    }
  }
}

function gives(id: string): (outcome: HandOverOutcome) => boolean {
  return ({ parts }) =>
    parts.some(({ outcome }) => outcome.kind === 'accepted' && outcome.upstreamId === id);
}

function linkOf({ message: { linkId } }: HandOverOutcome, { routing }: DeliveryContext): LinkId[] {
  return linkId === null ? [] : [keyed(routing, { linkId, upstreamId: '' }).linkId];
}
