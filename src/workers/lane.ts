import type { DeliveryContext } from '../core/delivery/context.ts';
import type { LinkNews } from '../core/delivery/link-news.ts';
import type { HandOverOutcome } from '../core/delivery/outcomes.ts';
import { expireClaimed } from '../core/delivery/overdue.ts';
import type { MessageId, NodeId } from '../core/ids.ts';
import type { Message } from '../core/messages/message.ts';
import type { Reservation } from '../core/ports/dispatcher.ts';
import type { Link } from '../core/ports/transport.ts';
import { Changes } from './changes.ts';
import { insist } from './insist.ts';
import { sendParts, wholeText } from './send-parts.ts';
import { factsOf, Troubles } from './troubles.ts';
import type { WorkerLog } from './worker.ts';

/** Messages that may wait in memory for a link: what a window sends in some seconds, no more. */
const roomPerWindow = 20;
const leastRoom = 100;
const mostRoom = 10_000;
const batchLimit = 500;
const leaseMs = 60_000;
/** Answers that wait to be written down; beyond it nothing new is handed over. */
const unwrittenLimit = 5_000;
const storageRestMs = 1_000;
const stopPatienceMs = 10_000;

/**
 * The way of messages to one link.
 *
 *   storage ──claim──▶ waiting ──hand-over on disk──▶ on their way ──answer──▶ unwritten ──▶ storage
 *      accepted here ──offer──▶ waiting
 *      accepted here, with room in the window: the insert is the hand-over ──offer──▶ on their way
 *
 * - `waiting`: in memory, claimed by this node. Their lease ends by itself: who waited past it is
 *   dropped here, since another claim may have taken it.
 * - Hand-over: one write for a batch says `sending` on disk, and only after that commit its bytes
 *   leave. A crash before it sends them again, a crash after it leaves them `unknown`: never more than the
 *   window holds, since its room is taken before the write.
 * - Room in the window is free again with the link's answer; the answer is written down with others
 *   of its turn, and again until storage takes it or the lease ends.
 *
 * Messages accepted here overtake storage only while nothing older is known to wait there.
 *
 *   open ──leave──▶ left: nothing is handed over, what waits is given back ──▶ quiet
 *     └─────────────stop, at any time: also no further try to write down an answer──▶ quiet
 *
 * Left is a lane whose link this node may not hold any more. Storage is there for it still, so answers
 * that come later are written down as before.
 */
export class Lane {
  readonly #link: Link;
  readonly #nodeId: NodeId;
  readonly #context: DeliveryContext;
  readonly #log: WorkerLog;
  readonly #troubles: Troubles;
  readonly #room: number;
  readonly #news: LinkNews;
  #waiting: Message[] = [];
  /** Hand-overs that storage did not answer: they may be on disk. Of those that wait, so it is bounded. */
  readonly #tried = new Map<MessageId, number>();
  /** How many parts the link makes of a message that waits, where that is not what it is charged as. */
  readonly #wireParts = new Map<MessageId, number>();
  #reserved = 0;
  /** Parts of the window that belong to messages which are being inserted: none of them has left. */
  #beginning = 0;
  #onTheirWay = 0;
  #unwritten = 0;
  /** Rows are known to wait in storage. */
  #backlog = true;
  /** Storage should be asked, though nothing is known to wait there. */
  #lookDue = false;
  /** Rests under way: by timers and not by the time of day, which may be set back. */
  #rests = 0;
  #pumping: Promise<void> | undefined;
  #again = false;
  /** It hands over nothing more. */
  #left = false;
  /** What cannot be written down at once is not tried again. */
  #stopping = false;
  /** Told whenever something has come back. */
  readonly #changes: Changes;

  constructor(
    link: Link,
    nodeId: NodeId,
    { context, news, log }: { context: DeliveryContext; news: LinkNews; log: WorkerLog },
  ) {
    this.#link = link;
    this.#nodeId = nodeId;
    this.#context = context;
    this.#news = news;
    this.#log = log;
    this.#troubles = new Troubles(
      { fails: 'storage did not take a hand-over; it is tried again', task: 'the hand-over' },
      { worker: 'dispatch', link: link.id },
      { clock: context.clock, log },
    );
    this.#changes = new Changes(context.clock);
    this.#room = Math.min(mostRoom, Math.max(leastRoom, link.window * roomPerWindow));
  }

  load(): { onTheirWay: number; waiting: number } {
    return { onTheirWay: this.#onTheirWay, waiting: this.#waiting.length };
  }

  /** As `Dispatcher.reserve`. */
  reserve(messages: readonly Message[]): Reservation | undefined {
    if (this.#left || this.#backlog || this.#link.state() !== 'up') return undefined;
    return this.#reserveWindow(messages) ?? this.#reserveRoom(messages);
  }

  /** Their insert is their hand-over, where they overtake nobody. */
  #reserveWindow(messages: readonly Message[]): Reservation | undefined {
    if (this.#waiting.length + this.#reserved > 0 || !this.#mayHandOver()) return undefined;
    // Of others the insert does not know how many parts they have on the wire.
    if (messages.some((message) => this.#split(message) !== message.parts)) return undefined;
    const parts = partsOf(messages);
    const pace = this.#link.pace().parts - this.#beginning;
    if (parts > Math.min(this.#link.window - this.#onTheirWay, pace)) return undefined;
    this.#onTheirWay += parts;
    this.#beginning += parts;
    const { clock, settings } = this.#context;
    const answerBy = clock.now() + settings.answerTimeoutMs;
    for (const message of messages) this.#begin(message, answerBy);
    const over = (inserted: readonly Message[]): void => {
      this.#beginning -= parts;
      for (const message of inserted) void this.#send(message, message.parts, false);
      const others = parts - partsOf(inserted);
      if (others > 0) this.#answered(others);
    };
    return { offer: over, release: () => over([]) };
  }

  #reserveRoom(messages: readonly Message[]): Reservation | undefined {
    const count = messages.length;
    if (this.#waiting.length + this.#reserved + count > this.#room) return undefined;
    this.#reserved += count;
    const until = this.#context.clock.now() + leaseMs;
    for (const message of messages) {
      message.lockedBy = this.#nodeId;
      message.dueAt = until;
    }
    return {
      offer: (inserted) => {
        this.#reserved -= count;
        for (const message of inserted) this.#waiting.push(message);
        if (this.#left) void this.#giveBack().catch(this.#notGivenBack);
        else this.#pump();
      },
      release: () => {
        this.#reserved -= count;
      },
    };
  }

  wake(): void {
    this.#backlog = true;
    this.#pump();
  }

  look(): void {
    this.#lookDue = true;
    this.#makeWay();
    this.#pump();
  }

  /**
   * Hands over nothing more and gives back what was only claimed.
   * @returns once the link has answered all that is on its way, or after `patienceMs`: it may be
   * stopped then.
   */
  async leave(patienceMs: number): Promise<void> {
    this.#left = true;
    await this.#pumping;
    // Not waited for: storage may be the reason why the link is let go.
    void this.#giveBack().catch(this.#notGivenBack);
    await this.#changes.until(() => this.#onTheirWay === 0, patienceMs);
  }

  /** After `leave`: resolves when every answer is written down, or none can come in time any more. */
  async quiet(): Promise<void> {
    await this.#changes.until(() => !this.#busy(), this.#context.settings.answerTimeoutMs);
  }

  /** Waits for answers under way, gives back what was only claimed. */
  async stop(): Promise<void> {
    this.#left = true;
    this.#stopping = true;
    await this.#pumping;
    if (!(await this.#changes.until(() => !this.#busy(), stopPatienceMs))) {
      this.#log.warn(
        { link: this.#link.id, onTheirWay: this.#onTheirWay },
        'stopping although the link has not answered everything; those messages become unknown',
      );
    }
    await this.#giveBack();
  }

  /**
   * What waits here for a link that is away too long could take another way, were it not claimed. Hand-overs
   * whose commit may have happened stay: they must not be claimed by anybody else.
   */
  #makeWay(): void {
    const { routing } = this.#context;
    const { id } = this.#link;
    if (this.#waiting.length === 0 || !routing.health.isLongAway(id)) return;
    if (!routing.hasWayAround(id)) return;
    const doubtful = this.#waiting.filter((message) => this.#tried.has(message.id));
    this.#waiting = this.#waiting.filter((message) => !this.#tried.has(message.id));
    void this.#giveBack(doubtful).catch(this.#notGivenBack);
  }

  readonly #notGivenBack = (error: unknown): void => {
    this.#log.warn(
      { ...factsOf(error), link: this.#link.id },
      'what was claimed could not be given back; it comes back when its claim ends',
    );
  };

  /** @param but what stays here. */
  async #giveBack(but: Message[] = []): Promise<void> {
    const { storage, clock } = this.#context;
    const ids = this.#waiting.map((message) => message.id);
    this.#waiting = but;
    // Not of those that are being handed over at this moment.
    for (const id of ids) this.#wireParts.delete(id);
    if (ids.length === 0) return;
    await insist(() => storage.write((tx) => tx.messages.unclaim(ids, this.#nodeId, clock.now())), {
      clock,
      until: clock.now() + leaseMs,
      now: () => this.#stopping,
    });
  }

  #busy(): boolean {
    return this.#onTheirWay > 0 || this.#unwritten > 0;
  }

  #pump(): void {
    if (this.#pumping) {
      this.#again = true;
      return;
    }
    if (this.#left) return;
    this.#pumping = this.#run().finally(() => {
      this.#pumping = undefined;
      if (this.#again) {
        this.#again = false;
        this.#pump();
      }
    });
  }

  async #run(): Promise<void> {
    try {
      while (this.#mayHandOver()) {
        const claims = this.#lookDue || (this.#backlog && this.#waiting.length === 0);
        if (claims) await this.#claim();
        const batch = this.#take();
        if (batch.length > 0) await this.#handOver(batch);
        if (batch.length > 0 || claims) this.#troubles.worked();
        if (batch.length === 0) return;
      }
    } catch (error) {
      this.#troubles.failed(error);
      this.#rest(storageRestMs);
    }
  }

  #mayHandOver(): boolean {
    return (
      !this.#left &&
      this.#link.state() === 'up' &&
      this.#onTheirWay < this.#link.window &&
      this.#unwritten < unwrittenLimit &&
      this.#rests === 0
    );
  }

  #rest(restMs: number): void {
    this.#rests += 1;
    this.#context.clock.after(restMs, () => {
      this.#rests -= 1;
      this.#pump();
    });
  }

  async #claim(): Promise<void> {
    const { storage, clock } = this.#context;
    const limit = Math.min(batchLimit, this.#room - this.#waiting.length - this.#reserved);
    if (limit <= 0) return;
    // Said before asking: who wakes this lane meanwhile must be heard.
    this.#lookDue = false;
    this.#backlog = false;
    try {
      const now = clock.now();
      const claimed = await storage.write((tx) =>
        tx.messages.claim({
          linkId: this.#link.id,
          nodeId: this.#nodeId,
          now,
          leaseUntil: now + leaseMs,
          limit,
        }),
      );
      if (claimed.length === limit) this.#backlog = true;
      // One whose claim ran out while it waited here may come again by this one.
      const again = new Set(claimed.map((message) => message.id));
      this.#waiting = [...this.#waiting.filter((message) => !again.has(message.id)), ...claimed];
    } catch (error) {
      this.#backlog = true;
      throw error;
    }
  }

  /**
   * What fits into the window, and what the link's rate lets leave now; always one, however many parts
   * it has, when nothing is under way.
   */
  #take(): Message[] {
    if (this.#waiting.length === 0) return [];
    const pace = this.#link.pace();
    if (pace.parts === 0) {
      this.#rest(pace.waitMs);
      return [];
    }
    let room = Math.min(this.#link.window - this.#onTheirWay, pace.parts);
    let count = 0;
    while (count < this.#waiting.length && count < batchLimit) {
      const parts = this.#partsOnTheWire(this.#waiting[count] as Message);
      if (parts > room && (count > 0 || this.#onTheirWay > 0)) break;
      room -= parts;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  #split(message: Message): number {
    // As `sendParts` does it: what is no SMS is never cut.
    if (message.medium !== 'sms') return 1;
    const whole = wholeText(message, this.#context.vault);
    return whole === null ? message.parts : this.#link.split(whole, message.encoding).length;
  }

  #partsOnTheWire(message: Message): number {
    const parts = this.#split(message);
    if (parts !== message.parts) this.#wireParts.set(message.id, parts);
    return parts;
  }

  async #handOver(batch: Message[]): Promise<void> {
    const { storage, clock, settings } = this.#context;
    const now = clock.now();
    const held = batch.filter((message) => message.dueAt > now);
    if (held.length < batch.length) this.#forget(batch.filter((m) => m.dueAt <= now));
    const expired = held.filter((message) => message.expiresAt <= now);
    const fresh = expired.length === 0 ? held : held.filter((m) => m.expiresAt > now);
    const answerBy = now + settings.answerTimeoutMs;
    let taken: ReadonlySet<string>;
    try {
      if (expired.length > 0) {
        this.#forget(expired);
        await expireClaimed(this.#context, expired);
      }
      if (fresh.length === 0) return;
      taken = await storage.write((tx) =>
        tx.messages.handOver(fresh, {
          nodeId: this.#nodeId,
          now,
          answerBy,
          tried: this.#tried,
          wireParts: this.#wireParts,
        }),
      );
    } catch (error) {
      for (const { id } of fresh) this.#tried.set(id, answerBy);
      this.#waiting.unshift(...fresh);
      throw error;
    }
    for (const message of fresh) {
      this.#tried.delete(message.id);
      if (!taken.has(message.id)) {
        this.#wireParts.delete(message.id);
        continue;
      }
      // It came back once: perhaps with some of its parts taken. Throttled tries are not counted.
      const again = message.attempts > 0 || message.error !== null;
      this.#begin(message, answerBy);
      const parts = this.#wireParts.get(message.id) ?? message.parts;
      this.#wireParts.delete(message.id);
      this.#onTheirWay += parts;
      void this.#send(message, parts, again);
    }
  }

  /** The message as its hand-over writes it. */
  #begin(message: Message, answerBy: number): void {
    message.status = 'sending';
    message.attempts += 1;
    message.lockedBy = this.#nodeId;
    message.dueAt = answerBy;
  }

  /** Never rejects: a link answers with a value, and a failure to write is retried. */
  async #send(message: Message, wireParts: number, again: boolean): Promise<void> {
    let taken: ReadonlySet<number> = new Set();
    if (again && wireParts > 1) {
      try {
        const ask = async (): Promise<void> => {
          taken = await this.#partsTaken(message);
        };
        await insist(ask, this.#until(message));
      } catch {
        // Not knowing which parts went, none is sent: the lease ends and it becomes `unknown`.
        this.#answered(wireParts);
        return;
      }
    }
    const whole = wholeText(message, this.#context.vault);
    const parts = await sendParts(this.#link, { message, whole }, taken, this.#log);
    this.#unwritten += 1;
    this.#answered(wireParts);
    for (const { outcome } of parts) {
      if (outcome.kind !== 'retryable' || outcome.onlyThis) continue;
      if (outcome.code === 'link_throttled') {
        this.#rest(outcome.retryAfterMs ?? storageRestMs);
      }
    }
    await this.#write({
      message,
      parts,
      wireParts,
      takenBefore: taken.size,
      at: this.#context.clock.now(),
    });
    this.#unwritten -= 1;
    this.#settled();
  }

  async #partsTaken(message: Message): Promise<Set<number>> {
    const parts = await this.#context.storage.read.messages.parts(message.id);
    return new Set(parts.filter((part) => part.status !== 'sending').map((part) => part.number));
  }

  async #write(outcome: HandOverOutcome): Promise<void> {
    try {
      await insist(() => this.#news.outcome(outcome), this.#until(outcome.message));
    } catch (error) {
      this.#log.warn(
        { ...factsOf(error), link: this.#link.id, message: outcome.message.id },
        'an answer of the network could not be written down; the message becomes unknown',
      );
    }
  }

  /** They are not this lane's any more: their claim has ended, or they have. */
  #forget(messages: readonly Message[]): void {
    for (const { id } of messages) {
      this.#tried.delete(id);
      this.#wireParts.delete(id);
    }
  }

  /** As long as the hand-over of a message is this node's. */
  #until({ dueAt }: Message) {
    return { clock: this.#context.clock, until: dueAt, now: () => this.#stopping };
  }

  #answered(parts: number): void {
    this.#onTheirWay -= parts;
    this.#settled();
  }

  #settled(): void {
    if (this.#waiting.length > 0 || this.#backlog || this.#lookDue) this.#pump();
    this.#changes.happened();
  }
}

function partsOf(messages: readonly Message[]): number {
  let parts = 0;
  for (const message of messages) parts += message.parts;
  return parts;
}
