import type { DeviceId, MessageId } from '../ids.ts';
import type { TimelineEntry } from '../messages/message.ts';
import type { Tx } from '../ports/storage.ts';
import type { DeviceContext } from './context.ts';
import type { StoredDevice } from './device.ts';
import { isOnline } from './device.ts';
import type { StoredErrand } from './errand.ts';
import { asEarlierSaid, errandName, mayBecome } from './errand.ts';
import type { Failure, Report } from './phone-report.ts';
import type { Settled } from './settle.ts';
import { nothingSettled, receiptOf, settle } from './settle.ts';
import { simAt } from './sims.ts';

/** So often a message is tried at phones before it has failed. */
const mostAttempts = 4;
/** A phone that says that it cannot send now is given nothing new for so long. */
const restMs = 10 * 60_000;

/** What is to be done after the commit. */
export interface After {
  committed: () => void;
  /** Phones at which something waits. */
  woken: ReadonlySet<DeviceId>;
  /** What phones are to give back, by their names for it. */
  takenBack: readonly { deviceId: DeviceId; errand: string }[];
}

/** What comes of the reports of one transaction. */
export class Round {
  readonly #tx: Tx;
  readonly #context: DeviceContext;
  readonly #now: number;
  readonly #changed = new Map<MessageId, StoredErrand>();
  readonly #settled: Settled = nothingSettled();
  readonly #timeline: TimelineEntry[] = [];
  readonly #resting = new Map<DeviceId, number>();
  readonly #woken = new Set<DeviceId>();
  readonly #takenBack = new Map<MessageId, StoredErrand>();

  constructor(tx: Tx, context: DeviceContext) {
    this.#tx = tx;
    this.#context = context;
    this.#now = context.delivery.clock.now();
  }

  async report(errand: StoredErrand, report: Report, device: StoredDevice): Promise<void> {
    const { became } = report;
    if (report.parts) this.#change(errand, { parts: report.parts });
    if (report.sim && errand.sim === null) this.#change(errand, { sim: report.sim });
    const at = this.#instant(report.at, errand);
    if (became === 'taken' && report.processed && errand.processedAt === null) {
      if (errand.state === 'taken') this.#change(errand, { processedAt: at });
    }
    if (became === 'sent' && errand.unconfirmed) {
      this.#change(errand, { unconfirmed: 0, sentAt: at });
    }
    // That it has been asked to take it back, and has it still: what it does then it will say.
    if (became === 'taken' && errand.state === 'cancelling' && !report.processed) return;
    if (!mayBecome(errand, became)) return;
    switch (became) {
      case 'taken':
        this.#change(errand, { state: 'taken', ...(report.processed && { processedAt: at }) });
        return;
      case 'sent':
        this.#sent(errand, at);
        this.#change(errand, {
          state: 'sent',
          processedAt: errand.processedAt ?? at,
          secret: null,
          error: null,
        });
        return;
      case 'delivered':
        // It may never have said that it was sent.
        this.#sent(errand, at);
        this.#end(errand, 'delivered', null, { doneAt: at });
        this.#settled.receipts.push(receiptOf(errand, 'delivered', null, at));
        return;
      case 'cancelled':
        if (this.#becameAsEarlierSaid(errand)) return;
        this.#end(errand, 'cancelled', null, { doneAt: at });
        this.#settled.unsent.push({ errand, end: 'cancelled', detail: null });
        return;
      case 'failed':
        await this.#failed(errand, report, device, at);
    }
  }

  /**
   * What a phone says of an attempt before the present one: after it said that it could not send, it says that it did.
   * The rest of what it says of that is passed over.
   *
   *   waiting            nobody has it: it becomes what is said, with the phone that says so
   *   given, taken       it is taken back (`cancelling`), and what is said of the earlier attempt is kept in `sentAt`
   *                      and `doneAt`, where it ends if the present one comes to nothing (`asEarlierSaid`)
   *   with its radio …   it leaves a second time: as if it were said of the present attempt
   */
  async reportEarlier(
    errand: StoredErrand,
    { name, became, at: said }: Report,
    device: StoredDevice,
  ): Promise<void> {
    if (became !== 'sent' && became !== 'delivered') return;
    const { state, processedAt } = errand;
    const backs = state === 'given' || state === 'taken' || state === 'cancelling';
    if (!backs || processedAt !== null) {
      // Who has failed with it before may repeat that: as news of an earlier attempt it is passed over.
      const held = { deviceId: device.id, attempt: errand.attempt + 1 };
      if (state === 'waiting') this.#change(errand, held);
      return this.report(errand, { name, became, at: said }, device);
    }
    const at = this.#instant(said, errand);
    this.#sent(errand, at);
    this.#change(errand, { state: 'cancelling' });
    if (became === 'delivered' && errand.doneAt === null) {
      this.#change(errand, { doneAt: at });
      this.#settled.receipts.push(receiptOf(errand, 'delivered', null, at));
    }
    if (state !== 'cancelling') this.#takenBack.set(errand.messageId, errand);
  }

  async write(): Promise<After> {
    const tx = this.#tx;
    const rests = [...this.#resting].map(([id, restUntil]) => ({ id, restUntil }));
    await tx.devices.rest(rests);
    await tx.errands.save([...this.#changed.values()]);
    if (this.#timeline.length > 0) await tx.timeline.insert(this.#timeline);
    const committed = await settle(tx, this.#settled, this.#context.delivery);
    const takenBack = [...this.#takenBack.values()].map((errand) => ({
      deviceId: errand.deviceId,
      errand: errandName(errand),
    }));
    return { committed, woken: this.#woken, takenBack };
  }

  async #failed(
    errand: StoredErrand,
    { processed = false, failure = { text: '', kind: 'other' } }: Report,
    device: StoredDevice,
    at: number,
  ): Promise<void> {
    const detail = wordsOf(failure) || 'The phone could not send it.';
    const { kind } = failure;
    if (kind === 'limit' || kind === 'radio') {
      this.#resting.set(device.id, this.#now + restMs);
    }
    if (errand.state !== 'sent' && this.#becameAsEarlierSaid(errand)) return;
    const partLeft = errand.parts > 1 && (processed || errand.processedAt !== null);
    // What was sent once may have left, whatever the phone says later.
    const nothingLeft = kind !== 'other' && errand.state !== 'sent' && !partLeft;
    if (!nothingLeft) {
      this.#end(errand, 'failed', detail, { doneAt: at });
      this.#settled.receipts.push(receiptOf(errand, 'failed', detail, at));
      return;
    }
    const cancelling = errand.state === 'cancelling';
    const next = cancelling ? undefined : await this.#next(errand, failure, device);
    if (next) {
      this.#again(errand, { device, next }, detail);
      return;
    }
    const over = kind === 'late' || errand.expiresAt <= this.#now;
    const end = cancelling ? 'cancelled' : over ? 'expired' : 'failed';
    this.#end(errand, end, detail, { doneAt: at });
    this.#settled.unsent.push({ errand, end, detail });
  }

  /** Where what did not leave is tried next: at another phone, or after a rest at the same. */
  async #next(
    errand: StoredErrand,
    { kind }: Failure,
    device: StoredDevice,
  ): Promise<StoredDevice | undefined> {
    if (errand.attempt >= mostAttempts || errand.expiresAt <= this.#now) return undefined;
    const { fleet, policy } = this.#context;
    const all = (await fleet.devicesOf([errand.accountId])).get(errand.accountId) ?? [];
    if (!errand.pinned) {
      const others = all.filter(
        (one) =>
          one.id !== device.id &&
          !errand.tried.includes(one.id) &&
          isOnline(one, policy, this.#now) &&
          !this.#resting.has(one.id),
      );
      const other = fleet.choose(others, await fleet.loads());
      if (other) return other;
    }
    return kind === 'late' ? undefined : all.find(({ id }) => id === device.id);
  }

  #again(
    errand: StoredErrand,
    { device, next }: { device: StoredDevice; next: StoredDevice },
    detail: string,
  ): void {
    const { deviceId, tried } = errand;
    this.#change(errand, {
      state: 'waiting',
      deviceId: next.id,
      sim: simAt(errand, device, next),
      attempt: errand.attempt + 1,
      tried: next.id === deviceId ? tried : [...tried, deviceId],
      pulledAt: null,
      processedAt: null,
      error: detail,
    });
    this.#timeline.push({
      messageId: errand.messageId,
      at: this.#now,
      what: next.id === deviceId ? 'retry' : 'moved',
      detail: next.id === deviceId ? detail : `${detail}: to the phone ${next.id}`,
    });
    if (next.id !== deviceId) this.#woken.add(next.id);
  }

  /** The network has it, which is told once. */
  #sent(errand: StoredErrand, at: number): void {
    if (errand.sentAt !== null) return;
    this.#change(errand, { sentAt: at });
    this.#settled.sent.push(errand);
  }

  /** The present attempt came to nothing, and an earlier one did not. */
  #becameAsEarlierSaid(errand: StoredErrand): boolean {
    const end = asEarlierSaid(errand);
    if (end) this.#change(errand, end);
    return end !== null;
  }

  #end(
    errand: StoredErrand,
    state: 'delivered' | 'failed' | 'cancelled' | 'expired',
    error: string | null,
    more: Partial<StoredErrand>,
  ): void {
    this.#change(errand, { state, error, secret: null, ...more });
  }

  #change(errand: StoredErrand, to: Partial<StoredErrand>): void {
    Object.assign(errand, to);
    this.#changed.set(errand.messageId, errand);
  }

  /** The clocks of phones go wrong: nothing happened before it was queued, and nothing happens later than now. */
  #instant(said: number | null, { queuedAt }: StoredErrand): number {
    return said !== null && said >= queuedAt && said <= this.#now ? said : this.#now;
  }
}

/** PostgreSQL takes no U+0000, and neither engine half a character. */
function wordsOf({ text }: Failure): string {
  return text.slice(0, 400).toWellFormed().replaceAll('\0', '\ufffd');
}
