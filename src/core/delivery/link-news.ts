import { mergeCallers } from '../batch.ts';
import type { ReceiptNews } from '../ports/transport.ts';
import { keyed } from './bearers.ts';
import type { DeliveryContext } from './context.ts';
import { applyDoubtful } from './doubtful-receipts.ts';
import type { HandOverOutcome } from './outcomes.ts';
import { applyOutcomes } from './outcomes.ts';
import { applyReceipts } from './receipts.ts';

type News = { outcome: HandOverOutcome } | { receipt: ReceiptNews };

/** Answers and receipts that share a transaction. */
const mergeLimit = 500;

/**
 * What links tell of their parts. Answers and receipts are written together, answers first: a carrier may send both in
 * one breath, and a receipt whose answer is not written down has to be parked, or looked for in every way that its id
 * can be read (of 53 000 receipts of a carrier that delivers at once 11 000, and each of them cost a second transaction).
 */
export class LinkNews {
  readonly #context: DeliveryContext;
  readonly #record: (news: News) => Promise<string | null>;

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
  receipt(receipt: ReceiptNews): Promise<string | null> {
    return this.#record({ receipt: keyed(this.#context.routing, receipt) });
  }

  async #write(take: () => News[]): Promise<(string | null)[]> {
    const context = this.#context;
    const { all, receipts, answered, applied } = await context.storage.write(async (tx) => {
      const taken = take();
      const outcomes = taken.flatMap((one) => ('outcome' in one ? one.outcome : []));
      const news = taken.flatMap((one) => ('receipt' in one ? one.receipt : []));
      return {
        all: taken,
        receipts: news,
        answered: outcomes.length > 0 ? await applyOutcomes(tx, outcomes, context) : null,
        applied: news.length > 0 ? await applyReceipts(tx, news, context) : null,
      };
    });
    answered?.committed();
    applied?.consequences.committed();
    const found = applied?.found ?? [];
    if (applied && applied.doubtful.size > 0) {
      const late = await this.#lookFurther([...applied.doubtful]);
      receipts.forEach((receipt, at) => (found[at] = late.get(receipt) ?? found[at] ?? null));
    }
    const ids = found.values();
    return all.map((one) => ('receipt' in one ? (ids.next().value ?? null) : null));
  }

  async #lookFurther(doubtful: readonly ReceiptNews[]): Promise<Map<ReceiptNews, string | null>> {
    const links = [...new Set(doubtful.map(({ linkId }) => linkId))];
    const { consequences, found } = await this.#context.storage.write(async (tx) => {
      await tx.parkedReceipts.awaitAnswers(links);
      return applyDoubtful(tx, doubtful, this.#context);
    });
    consequences.committed();
    return new Map(doubtful.map((receipt, at) => [receipt, found[at] ?? null]));
  }
}
