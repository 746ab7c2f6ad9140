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

/** Answers and receipts that share a transaction. */
const mergeLimit = 500;

/**
 * What links tell of their parts: answers and receipts of one carrier are written together, in this order.
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
  /** By the first of the links that share their ids. */
  readonly #carriers = new Map<LinkId | null, (news: News) => Promise<string | null>>();

  constructor(context: DeliveryContext) {
    this.#context = context;
  }

  /** @throws GatewayError `storage_unavailable` when it could not be written. */
  async outcome(outcome: HandOverOutcome): Promise<void> {
    const { linkId } = outcome.message;
    const carrier = linkId && keyed(this.#context.routing, { linkId, upstreamId: '' }).linkId;
    await this.#record(carrier, { outcome });
  }

  /**
   * @returns the id that its part was found under, null where it is parked.
   * @throws GatewayError `storage_unavailable` when it could not be written.
   */
  receipt(news: ReceiptNews): Promise<string | null> {
    const receipt = keyed(this.#context.routing, news);
    return this.#record(receipt.linkId, { receipt });
  }

  #record(carrier: LinkId | null, news: News): Promise<string | null> {
    let record = this.#carriers.get(carrier);
    if (!record) {
      record = mergeCallers((take: () => News[]) => this.#write(take), mergeLimit);
      this.#carriers.set(carrier, record);
    }
    return record(news);
  }

  async #write(take: () => News[]): Promise<(string | null)[]> {
    const context = this.#context;
    const { all, done } = await context.storage.write(async (tx) => {
      const taken = take();
      const outcomes = taken.flatMap((one) => ('outcome' in one ? one.outcome : []));
      const news = taken.flatMap((one) => ('receipt' in one ? one.receipt : []));
      const known = news.length > 0 ? await applyReceipts(tx, news, context) : null;
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
    const further = open.length > 0 ? await this.#lookFurther(open) : null;
    return all.map((one) => {
      if ('outcome' in one) return null;
      const { receipt } = one;
      return (
        known?.found.get(receipt) ?? others?.found.get(receipt) ?? further?.get(receipt) ?? null
      );
    });
  }

  /** Not beside the answers: it waits for those that others are writing. */
  async #lookFurther(open: readonly ReceiptNews[]): Promise<Map<ReceiptNews, string | null>> {
    const { consequences, found } = await this.#context.storage.write((tx) =>
      lookFurther(tx, open, this.#context),
    );
    consequences.committed();
    return new Map(open.map((receipt, at) => [receipt, found[at] ?? null]));
  }
}
