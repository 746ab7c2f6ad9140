import type { DeviceId, MessageId } from '../ids.ts';
import type { TimelineEntry } from '../messages/message.ts';
import type { Tx } from '../ports/storage.ts';
import type { DeviceContext } from './context.ts';
import type { StoredDevice } from './device.ts';
import { isOnline } from './device.ts';
import type { Reported, StoredErrand } from './errand.ts';
import { mayBecome, readErrandName } from './errand.ts';
import type { Settled } from './settle.ts';
import { nothingSettled, receiptOf, settle } from './settle.ts';

/** What a phone says of an errand. */
export interface Report {
  /** As `errandName`. */
  name: string;
  became: Reported;
  /** Of `taken`: it is with the phone's radio, not only in its memory. */
  processed?: boolean;
  /** When, by the phone's clock; null: it does not say. */
  at: number | null;
  failure?: Failure;
  /** What its text fell into. */
  parts?: number | null;
  sim?: number | null;
}

/** Why a phone could not send. */
export interface Failure {
  /** In the phone's own words. */
  text: string;
  /**
   * - `limit`: it may send no more for now; `radio`: it has no network. Nothing has left: it can be tried again.
   * - `late`: it thinks that the message's time is over. Nothing has left either, and another phone's clock may be right.
   * - `other`: something of it may have left.
   */
  kind: 'limit' | 'radio' | 'late' | 'other';
}

/** So often a message is tried at phones before it has failed. */
const mostAttempts = 4;
/** A phone that says that it cannot send now is given nothing new for so long. */
const restMs = 10 * 60_000;

export interface Reporting {
  device: StoredDevice;
  report: Report;
}

/**
 * Writes down what phones say of their errands, many in one transaction, and what follows for their messages in
 * the same: a phone is answered after that commit, and what it repeats changes nothing.
 *
 * What a phone says of an errand that is not its own is passed over, unless the phone that had it is gone: who
 * enrols his phone anew has the same messages in it.
 */
export async function recordReports(
  context: DeviceContext,
  take: () => readonly Reporting[],
): Promise<null[]> {
  const { storage } = context.delivery;
  const { count, committed, woken } = await storage.write(async (tx) => {
    const taken = take();
    const applied = await apply(tx, taken, context);
    return { count: taken.length, ...applied };
  });
  committed();
  for (const id of woken) context.wakes.tell(id, { kind: 'messages' });
  return new Array<null>(count).fill(null);
}

async function apply(
  tx: Tx,
  reportings: readonly Reporting[],
  context: DeviceContext,
): Promise<{ committed: () => void; woken: Set<DeviceId> }> {
  const named = reportings.flatMap(({ device, report }) => {
    const name = readErrandName(report.name);
    return name ? [{ device, report, ...name }] : [];
  });
  const rows = await tx.errands.lock(named.map(({ messageId }) => messageId));
  const errands = new Map(rows.map((row) => [row.messageId, row]));
  const orphans = await orphaned(context, named, errands);
  const round = new Round(tx, context);
  for (const { device, report, messageId, attempt } of named) {
    const errand = errands.get(messageId);
    if (!errand || errand.attempt !== attempt || errand.accountId !== device.accountId) continue;
    if (errand.deviceId !== device.id && !orphans.has(errand.deviceId)) continue;
    await round.report(errand, report, device);
  }
  return round.write();
}

/** Phones that have errands of which another phone speaks, and that are gone. */
async function orphaned(
  { delivery }: DeviceContext,
  named: readonly { device: StoredDevice; messageId: MessageId }[],
  errands: ReadonlyMap<MessageId, StoredErrand>,
): Promise<ReadonlySet<DeviceId>> {
  const others = new Set(
    named.flatMap(({ device, messageId }) => {
      const holder = errands.get(messageId)?.deviceId;
      return holder === undefined || holder === device.id ? [] : [holder];
    }),
  );
  if (others.size === 0) return others;
  const present = await delivery.storage.read.devices.present([...others]);
  return new Set([...others].filter((id) => !present.has(id)));
}

/** What comes of the reports of one transaction. */
class Round {
  readonly #tx: Tx;
  readonly #context: DeviceContext;
  readonly #now: number;
  readonly #changed = new Map<MessageId, StoredErrand>();
  readonly #settled: Settled = nothingSettled();
  readonly #timeline: TimelineEntry[] = [];
  readonly #resting = new Map<DeviceId, number>();
  readonly #woken = new Set<DeviceId>();

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
    if (!mayBecome(errand.state, became)) return;
    switch (became) {
      case 'taken':
        this.#change(errand, { state: 'taken', ...(report.processed && { processedAt: at }) });
        return;
      case 'sent':
        this.#change(errand, {
          state: 'sent',
          processedAt: errand.processedAt ?? at,
          sentAt: at,
          secret: null,
          error: null,
        });
        this.#settled.sent.push(errand);
        return;
      case 'delivered':
        // It may never have said that it was sent.
        if (errand.sentAt === null) this.#settled.sent.push(errand);
        this.#end(errand, 'delivered', null, { sentAt: errand.sentAt ?? at, doneAt: at });
        this.#settled.receipts.push(receiptOf(errand, 'delivered', null, at));
        return;
      case 'cancelled':
        this.#end(errand, 'cancelled', null, { doneAt: at });
        this.#settled.unsent.push({ errand, end: 'cancelled', detail: null });
        return;
      case 'failed':
        await this.#failed(errand, report, device, at);
    }
  }

  /** @returns what is to be done after the commit. */
  async write(): Promise<{ committed: () => void; woken: Set<DeviceId> }> {
    const tx = this.#tx;
    const rests = [...this.#resting].map(([id, restUntil]) => ({ id, restUntil }));
    await tx.devices.rest(rests);
    await tx.errands.save([...this.#changed.values()]);
    if (this.#timeline.length > 0) await tx.timeline.insert(this.#timeline);
    const committed = await settle(tx, this.#settled, this.#context.delivery);
    return { committed, woken: this.#woken };
  }

  async #failed(
    errand: StoredErrand,
    { failure = { text: '', kind: 'other' } }: Report,
    device: StoredDevice,
    at: number,
  ): Promise<void> {
    const detail = failure.text.slice(0, 400) || 'The phone could not send it.';
    // What was sent once may have left, whatever the phone says later.
    const nothingLeft = failure.kind !== 'other' && errand.state !== 'sent';
    if (!nothingLeft) {
      this.#end(errand, 'failed', detail, { doneAt: at });
      this.#settled.receipts.push(receiptOf(errand, 'failed', detail, at));
      return;
    }
    const cancelling = errand.state === 'cancelling';
    if (failure.kind !== 'late') this.#resting.set(device.id, this.#now + restMs);
    const next = cancelling ? undefined : await this.#next(errand, failure, device);
    if (next) {
      this.#again(errand, { device, next }, detail);
      return;
    }
    const over = failure.kind === 'late' || errand.expiresAt <= this.#now;
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

/** The SIM of an errand that goes from one phone to another: what its client wished for, or what is set there. */
export function simAt(
  { sim, pinned }: Pick<StoredErrand, 'sim' | 'pinned'>,
  from: Pick<StoredDevice, 'settings'> | undefined,
  to: Pick<StoredDevice, 'settings'>,
): number | null {
  const wished = pinned === 1 || (from !== undefined && fixedSim(from) !== sim);
  return wished && sim !== null ? sim : fixedSim(to);
}

/** The SIM that a phone sends by, where its settings say one. */
export function fixedSim({ settings }: Pick<StoredDevice, 'settings'>): number | null {
  return typeof settings.sims === 'object' ? settings.sims.fixed : null;
}
