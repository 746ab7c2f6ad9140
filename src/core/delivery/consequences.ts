import type { AccountView } from '../accounts/account.ts';
import type { LedgerEntry } from '../billing/ledger.ts';
import type { UnhappyEnd } from '../billing/move-money.ts';
import { moveMoney, refundEntry, refundFor } from '../billing/move-money.ts';
import type { Event } from '../events.ts';
import { factsOf } from '../events.ts';
import type { AccountId, MessageId } from '../ids.ts';
import type { Message, Part, TimelineEntry } from '../messages/message.ts';
import { nothingTold } from '../notifications/outbox.ts';
import type { MessageStatus } from '../messages/status.ts';
import { inCredits } from '../money.ts';
import type { Tx } from '../ports/storage.ts';
import type { ReceiptNews } from '../ports/transport.ts';
import type { DeliveryContext } from './context.ts';

/**
 * What follows from messages having moved: events, refunds, remarks on the timeline. Gathered while
 * the moves are decided, written in the same transaction, and counted after its commit, for their links as well.
 */
export class Consequences {
  readonly #context: DeliveryContext;
  readonly #views: ReadonlyMap<string, AccountView>;
  readonly #events: { event: Event; view: AccountView }[] = [];
  readonly #refunds: LedgerEntry[] = [];
  readonly #timeline: TimelineEntry[] = [];
  readonly #moved: { status: MessageStatus; sinceSentMs: number | undefined }[] = [];
  readonly #receipts: Pick<ReceiptNews, 'linkId' | 'status'>[] = [];
  #told = nothingTold;

  /** @param views of all accounts whose messages may move. */
  constructor(context: DeliveryContext, views: ReadonlyMap<string, AccountView>) {
    this.#context = context;
    this.#views = views;
  }

  /**
   * The message has its new status already.
   * @param end how its price is to be seen when it came to a bad end.
   */
  moved(message: Message, at: number, end: UnhappyEnd | null): void {
    const byReceipt = message.sentAt !== null && message.status !== 'sent';
    this.#moved.push({
      status: message.status,
      sinceSentMs: byReceipt ? at - (message.sentAt ?? at) : undefined,
    });
    const view = this.#views.get(message.accountId);
    if (!view) return;
    if (end) this.#refund(message, end, view);
    const type = eventTypeOf(message.status);
    // A phone that has taken it has not sent it: that is told when the phone says so (`left`).
    const early = type === 'message.sent' && message.device !== null;
    if (type && !early && view.endpoints.length > 0) {
      this.#events.push({
        event: { type, accountId: message.accountId, at, message: factsOf(message) },
        view,
      });
    }
  }

  /** Its phone says that the network has all of it. */
  left(message: Message, at: number): void {
    const view = this.#views.get(message.accountId);
    if (!view || view.endpoints.length === 0) return;
    const { accountId } = message;
    const facts = { ...factsOf(message), sentAt: at };
    this.#events.push({ event: { type: 'message.sent', accountId, at, message: facts }, view });
  }

  /** A receipt has moved it; what repeats one, or finds no part, says nothing of how its link fares. */
  partMoved(
    message: Message,
    { number, linkId }: Pick<Part, 'number' | 'linkId'>,
    { status, at }: Pick<ReceiptNews, 'status' | 'at'>,
  ): void {
    this.#receipts.push({ linkId, status });
    const view = this.#views.get(message.accountId);
    if (!view || view.endpoints.length === 0) return;
    this.#events.push({
      event: {
        type: status === 'delivered' ? 'part.delivered' : 'part.failed',
        accountId: message.accountId,
        at,
        message: factsOf(message),
        part: number,
      },
      view,
    });
  }

  /** Any other event, of an account whose view is known. */
  happened(event: Event): void {
    const view = this.#views.get(event.accountId);
    if (view) this.#events.push({ event, view });
  }

  remark(message: Message, at: number, what: string, detail: string | null = null): void {
    this.#timeline.push({ messageId: message.id, at, what, detail });
  }

  /** Writes all of it. */
  async write(tx: Tx): Promise<void> {
    if (this.#timeline.length > 0) await tx.timeline.insert(this.#timeline);
    await moveMoney(tx, this.#refunds);
    this.#told = await this.#context.outbox.tell(tx, await this.#withPhones());
  }

  /** Call after the commit. */
  committed(): void {
    for (const { status, sinceSentMs } of this.#moved) {
      this.#context.meter.moved(status, sinceSentMs);
    }
    const { health } = this.#context.routing;
    for (const { linkId, status } of this.#receipts) health.receipt(linkId, status);
    this.#context.outbox.wake(this.#told);
  }

  /** What went into the queue of a phone is told with that phone, whichever its client had wished for. */
  async #withPhones(): Promise<readonly { event: Event; view: AccountView }[]> {
    const ids = new Map<AccountId, MessageId[]>();
    for (const { event } of this.#events) {
      if (!('message' in event) || !event.message.device) continue;
      ids.set(event.accountId, [...(ids.get(event.accountId) ?? []), event.message.id]);
    }
    if (ids.size === 0) return this.#events;
    const { errands } = this.#context.storage.read;
    const found = await Promise.all([...ids].map(([id, messages]) => errands.find(id, messages)));
    const phones = new Map(
      found.flat().map(({ messageId, deviceId, sim }) => [messageId, { id: deviceId, sim }]),
    );
    return this.#events.map(({ event, view }) => {
      const device = 'message' in event ? phones.get(event.message.id) : undefined;
      if (!device || !('message' in event)) return { event, view };
      return { event: { ...event, message: { ...event.message, device } }, view };
    });
  }

  #refund(message: Message, end: UnhappyEnd, view: AccountView): void {
    const amount = refundFor(end, view.account.refundPolicy, message.price);
    if (amount === 0) return;
    this.#refunds.push(
      refundEntry(message, amount, `${message.status}: ${end}`, {
        ids: this.#context.ids,
        now: this.#context.clock.now(),
      }),
    );
    this.remark(message, this.#context.clock.now(), 'refunded', String(inCredits(amount)));
  }
}

function eventTypeOf(
  status: MessageStatus,
): 'message.sent' | 'message.delivered' | 'message.failed' | 'message.cancelled' | null {
  switch (status) {
    case 'sent':
      return 'message.sent';
    case 'delivered':
      return 'message.delivered';
    case 'failed':
    case 'expired':
    case 'rejected':
    // Its client is told as of a failure; what became of it, nobody knows (DESIGN section 3).
    case 'unknown':
      return 'message.failed';
    case 'cancelled':
      return 'message.cancelled';
    case 'scheduled':
    case 'queued':
    case 'sending':
      return null;
  }
}
