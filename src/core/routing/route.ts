import type { E164 } from '../../text/phone-number.ts';
import type { LinkId, MessageId } from '../ids.ts';
import type { Millicredits } from '../money.ts';
import { millicredits } from '../money.ts';
import { Conditions } from './conditions.ts';
import { Costs } from './costs.ts';
import { lot, markOf, markOfId } from './lot.ts';
import type { RouteRule, WeightedLink } from './rule.ts';

/** A link of a route, made ready. */
export interface Target {
  readonly link: LinkId;
  /** Null: it stands for itself. */
  readonly weight: number | null;
  readonly mark: number;
  readonly own: Costs | undefined;
}

/**
 * A rule, made ready: whose it is, and the order of its links for a message.
 *
 * Neighbours with weights are a group. In a group each message has an order of its own, drawn from its id as
 * in weighted rendezvous hashing: each link's lot is -ln(u) / weight, the smallest goes first. So a link is
 * first in as many as its weight says; where it is passed over, its messages fall to the others of the group
 * by their weights; and a link that is added or taken away moves its own share only.
 */
export class Route {
  /** Its place in the table, from 1. */
  readonly number: number;
  readonly conditions: Conditions;
  /** As the owner wrote them. */
  readonly targets: readonly Target[];
  readonly #groups: readonly (readonly Target[])[];
  readonly #shared: boolean;
  readonly #cost: Costs | undefined;

  constructor(rule: RouteRule, number: number) {
    this.number = number;
    this.conditions = new Conditions(rule);
    this.targets = rule.links.map((one) => targetOf(typeof one === 'string' ? { link: one } : one));
    this.#groups = grouped(this.targets);
    this.#shared = this.#groups.some(({ length }) => length > 1);
    this.#cost = rule.cost && new Costs(rule.cost);
  }

  has(link: LinkId): boolean {
    return this.targets.some((target) => target.link === link);
  }

  /** The links for a message, best first, whatever state they are in. */
  order(id: MessageId): readonly Target[] {
    if (!this.#shared) return this.targets;
    const message = markOfId(id);
    if (this.#groups.length === 1) return drawn(this.targets, message);
    return this.#groups.flatMap((group) => drawn(group, message));
  }

  /** Links that share, or stand for themselves, in their order. */
  get groups(): readonly (readonly Target[])[] {
    return this.#groups;
  }

  /**
   * For how many of all messages each link is the first, as a share.
   * @param counts which links may be; without it all of them.
   */
  shares(counts: (target: Target) => boolean = () => true): Map<LinkId, number> {
    const first = this.#groups
      .map((group) => group.filter(counts))
      .find(({ length }) => length > 0);
    const whole = first?.reduce((sum, { weight }) => sum + (weight ?? 1), 0) ?? 1;
    return new Map(
      this.targets.map((target) => [
        target.link,
        first?.includes(target) ? (target.weight ?? 1) / whole : 0,
      ]),
    );
  }

  /** What a message costs us by one of these links; null when nobody said. */
  cost({ own }: Target, destination: E164, parts: number): Millicredits | null {
    const part = own?.ofPart(destination) ?? this.#cost?.ofPart(destination) ?? null;
    return part === null ? null : millicredits(part * parts);
  }
}

function targetOf({ link, weight, cost }: WeightedLink): Target {
  return { link, weight: weight ?? null, mark: markOf(link), own: cost && new Costs(cost) };
}

function grouped(targets: readonly Target[]): Target[][] {
  const groups: Target[][] = [];
  let before: Target | undefined;
  for (const target of targets) {
    const together = target.weight !== null && (before?.weight ?? null) !== null;
    if (together) groups.at(-1)?.push(target);
    else groups.push([target]);
    before = target;
  }
  return groups;
}

function drawn(group: readonly Target[], message: number): readonly Target[] {
  if (group.length === 1) return group;
  const drawnSoFar: Target[] = [];
  const lots: number[] = [];
  for (const target of group) {
    const own = -Math.log(lot(message, target.mark)) / (target.weight ?? 1);
    // Few links share: put in its place it costs less than to sort.
    let place = drawnSoFar.length;
    while (place > 0 && (lots[place - 1] as number) > own) place -= 1;
    drawnSoFar.splice(place, 0, target);
    lots.splice(place, 0, own);
  }
  return drawnSoFar;
}
