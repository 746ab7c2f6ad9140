import type { LinkId, MessageId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { LinkHolding, LinkReport } from '../ports/storage.ts';
import type { LinkState, ReceiptNews } from '../ports/transport.ts';
import type { DemotionLimits } from './demotion.ts';
import { Demotion, probeShare } from './demotion.ts';
import { lot, markOf, markOfId } from './lot.ts';

/** How a link stands for a message: the lower, the sooner it is taken. */
export const ranks = { good: 0, demoted: 1, down: 2 } as const;
export type Rank = (typeof ranks)[keyof typeof ranks];

/** What other nodes say of a link, until their leases end. */
interface Heard {
  /** Until then somebody has it up, or holds it and is of a release that says nothing. */
  upUntil: number;
  /** Until then somebody says that it is down. */
  downUntil: number;
  /** Until then it is demoted … */
  demotedUntil: number;
  /** … since it was found bad at that instant. */
  demotedSince: number;
}

const nothing: Heard = { upUntil: 0, downUntil: 0, demotedUntil: 0, demotedSince: 0 };

/** What is known of one link. */
interface Known {
  readonly mark: number;
  readonly demotion: Demotion | undefined;
  readonly restMs: number;
  heard: Heard | undefined;
  /** Its state here, as it was at the last look, and since when. */
  own: { state: LinkState; since: number } | undefined;
  /** Since when it has not been up, here or elsewhere, at any look. */
  notUpSince: number | null;
}

/**
 * How the links fare, as far as this node knows: by its own links at the moment itself, by other nodes as of
 * what they last told (`LinkHolding`), and by the receipts that came to this node. It is asked for messages
 * on their way in, so it is in memory, and whoever asks waits for nothing.
 *
 * A link is down when its holders say so, here or elsewhere. One that is starting, or that nobody holds, is
 * not known to be down until it has been so for `patienceMs`: at a start every link is.
 *
 * Until somebody has told it anything, as in a command, every link is as good as the other.
 */
export class LinkHealth {
  /** How long a link may be away before what waits for it takes another way. */
  readonly patienceMs: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #links: ReadonlyMap<LinkId, Known>;
  #stateHere: (linkId: LinkId) => LinkState | undefined = () => undefined;

  /** @param links all there are, with limits those that may be demoted. */
  constructor(
    links: Iterable<readonly [LinkId, DemotionLimits | undefined]>,
    { clock, patienceMs }: { clock: Pick<Clock, 'now'>; patienceMs: number },
  ) {
    this.#clock = clock;
    this.patienceMs = patienceMs;
    this.#links = new Map(
      [...links].map(([id, demote]): [LinkId, Known] => [
        id,
        {
          mark: markOf(`probe ${id}`),
          demotion: demote && demote.failures < 1 ? new Demotion(demote) : undefined,
          restMs: demote?.restMs ?? 0,
          heard: undefined,
          own: undefined,
          notUpSince: null,
        },
      ]),
    );
  }

  /** By `ask` it learns of the links of this node, whenever it needs to. */
  attend(ask: (linkId: LinkId) => LinkState | undefined): void {
    this.#stateHere = ask;
  }

  rank(linkId: LinkId, id: MessageId): Rank {
    if (this.isDown(linkId)) return ranks.down;
    const since = this.demotedSince(linkId);
    return since === null || this.#mayProbe(linkId, id, since) ? ranks.good : ranks.demoted;
  }

  isDown(linkId: LinkId): boolean {
    const here = this.#stateHere(linkId);
    if (here === 'up') return false;
    const known = this.#links.get(linkId);
    // Not in the configuration any more: nobody can hold it.
    if (!known) return true;
    const now = this.#clock.now();
    const { heard, notUpSince } = known;
    if (heard && now < heard.upUntil) return false;
    if (here === 'down' || here === 'stopped' || (heard && now < heard.downUntil)) return true;
    return notUpSince !== null && now - notUpSince >= this.patienceMs;
  }

  /** Those that have been away for so long that what waits for them takes another way. */
  longAway(): LinkId[] {
    return [...this.#links.keys()].filter((id) => this.isLongAway(id));
  }

  isLongAway(linkId: LinkId): boolean {
    const since = this.#links.get(linkId)?.notUpSince ?? null;
    if (since === null || this.#clock.now() - since < this.patienceMs) return false;
    return this.isDown(linkId);
  }

  /** When its receipts were last found bad, here or by another of its holders; null when it is as good as any. */
  demotedSince(linkId: LinkId): number | null {
    const known = this.#links.get(linkId);
    const here = known?.demotion?.demotedSince ?? null;
    if (here !== null || !known?.heard) return here;
    return this.#clock.now() < known.heard.demotedUntil ? known.heard.demotedSince : null;
  }

  /** A receipt that came here and moved a part. */
  receipt(linkId: LinkId, status: ReceiptNews['status']): void {
    this.#links.get(linkId)?.demotion?.receipt(status !== 'delivered', this.#clock.now());
  }

  /** What nodes have told. @param self its own rows say nothing that it does not know better. */
  hear(holdings: readonly LinkHolding[], self: string): void {
    const heard = new Map<LinkId, Heard>();
    for (const { linkId, nodeId, until, state, demotedSince } of holdings) {
      if (nodeId === self) continue;
      const of = heard.get(linkId) ?? { ...nothing };
      heard.set(linkId, of);
      if (state === 'up' || state === null) of.upUntil = Math.max(of.upUntil, until);
      if (state === 'down' || state === 'stopped') of.downUntil = Math.max(of.downUntil, until);
      if (demotedSince !== null) {
        of.demotedUntil = Math.max(of.demotedUntil, until);
        of.demotedSince = Math.max(of.demotedSince, demotedSince);
      }
    }
    for (const [id, known] of this.#links) known.heard = heard.get(id);
  }

  /** Call it once a second: for how long something has been so is counted from look to look. */
  look(): void {
    const now = this.#clock.now();
    for (const [id, known] of this.#links) {
      const here = this.#stateHere(id);
      if (here === undefined) known.own = undefined;
      else if (known.own?.state !== here) known.own = { state: here, since: now };
      const up = here === 'up' || (known.heard !== undefined && now < known.heard.upUntil);
      known.notUpSince = up ? null : (known.notUpSince ?? now);
      known.demotion?.look(now);
    }
  }

  /** What this node says of the links that it holds, as of its last look. */
  reports(): LinkReport[] {
    return [...this.#links].flatMap(([linkId, { own, demotion }]) => {
      if (!own) return [];
      return {
        linkId,
        ...own,
        demotedSince: demotion?.demotedSince ?? null,
        receipts: demotion?.receipts ?? null,
        failures: demotion?.failures ?? null,
      };
    });
  }

  /** Once it has rested, some messages take it as if it were good. */
  #mayProbe(linkId: LinkId, id: MessageId, demotedSince: number): boolean {
    const known = this.#links.get(linkId);
    if (!known || this.#clock.now() - demotedSince < known.restMs) return false;
    return lot(markOfId(id), known.mark) < probeShare;
  }
}
