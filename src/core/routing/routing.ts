import type { LinkId, MessageId } from '../ids.ts';
import type { Message } from '../messages/message.ts';
import type { Millicredits } from '../money.ts';
import type { Clock } from '../ports/clock.ts';
import type { DemotionLimits } from './demotion.ts';
import { LinkHealth, ranks } from './link-health.ts';
import type { Target } from './route.ts';
import { Route } from './route.ts';
import type { LinkPolicy, RouteFacts, RouteRule } from './rule.ts';

/** Where a message goes. */
export interface Way {
  linkId: LinkId;
  /** What it costs us; null when nobody said. */
  cost: Millicredits | null;
}

/** What is looked at of a message that is routed again. */
export type Routed = Pick<
  Message,
  | 'id'
  | 'destination'
  | 'sender'
  | 'product'
  | 'channel'
  | 'tags'
  | 'medium'
  | 'simulate'
  | 'device'
  | 'parts'
  | 'linkId'
  | 'attempts'
>;

/**
 * Which link a message takes: the first rule whose conditions are all met names its links, the message's own
 * order among them is drawn from its id (`Route`), and in it those that are up and well go before those
 * whose receipts are bad, and these before those that are down (`LinkHealth`).
 */
export class Routing {
  readonly routes: readonly Route[];
  readonly health: LinkHealth;
  readonly #policies: ReadonlyMap<LinkId, LinkPolicy>;
  readonly #sharing: ReadonlyMap<LinkId, SharedBy>;
  /** Whatever rule takes a message, it goes to a simulator. */
  readonly onlyPlays: boolean;
  /** For what is only played. */
  readonly #played: Route | undefined;
  /** For what goes by phones: of each rule the links that do, and at last all of these. */
  readonly #byDevices: readonly Route[];

  /** @param how `patienceMs`: how long a link may be away before what waits for it takes another way. */
  constructor(
    rules: readonly RouteRule[],
    policies: ReadonlyMap<LinkId, LinkPolicy>,
    how: { clock: Pick<Clock, 'now'>; patienceMs: number },
  ) {
    this.routes = rules.map((rule, index) => new Route(rule, index + 1));
    this.#policies = policies;
    this.#sharing = sharingIds(policies);
    const simulators = [...policies].flatMap(([id, { simulator }]) => (simulator ? [id] : []));
    const ways = this.#linksOf(this.routes);
    this.onlyPlays = ways.length > 0 && ways.every((id) => simulators.includes(id));
    this.#played = simulators.length > 0 ? new Route({ links: simulators }, 0) : undefined;
    this.#byDevices = routesByDevices(rules, policies);
    // Where there is nothing to choose from, nobody need look whether a link is worse than another.
    const choices = this.routes.filter(({ targets }) => targets.length > 1);
    const links = new Set([...policies.keys(), ...this.#linksOf(this.routes)]);
    const withChoice = new Set(this.#linksOf(choices));
    const watched = [...links].map((id): [LinkId, DemotionLimits | undefined] => [
      id,
      withChoice.has(id) ? policies.get(id)?.demote : undefined,
    ]);
    this.health = new LinkHealth(watched, how);
  }

  /** The route of a message; undefined when there is no way for it. */
  routeFor(facts: RouteFacts): Route | undefined {
    if (facts.simulate) return this.#played;
    const table = facts.device ? this.#byDevices : this.routes;
    for (const route of table) if (route.conditions.met(facts)) return route;
    return undefined;
  }

  /** Is there a link that goes by phones? */
  get goesByDevices(): boolean {
    return this.#byDevices.length > 0;
  }

  /** The link that a new message takes. With all of them down, the one that it would take otherwise. */
  first(route: Route, id: MessageId): Target {
    const order = route.order(id);
    const first = order[0] as Target;
    // Nothing to choose from: nobody need be asked.
    if (order.length === 1) return first;
    return this.#best(order, id) ?? first;
  }

  /**
   * Where a message goes that its link would not take: to the next of its order, at once, as long as there is
   * one that it has not tried and that is not down; otherwise a round is over, and after a pause it begins anew.
   *
   * What it has tried is not kept, but follows: it goes through its order from the first on, so what comes
   * after its present link is untried. It may also have begun further down, when those before were down or
   * demoted. So as long as fewer hand-overs have begun than there are links, one before is untried as well.
   * @param accountName whose it is; undefined when that is not known.
   * @returns undefined when it stays where it is, after a pause.
   */
  after(message: Routed, accountName: string | undefined): (Way & { atOnce: boolean }) | undefined {
    const route = accountName && this.routeFor(routeFactsOf(message, accountName));
    if (!route) return undefined;
    const order = route.order(message.id);
    // Its link may be in the route no more: then all of it is untried.
    const at = order.findIndex(({ link }) => link === message.linkId);
    const before = order.slice(0, Math.max(at, 0));
    const usable = order.filter(({ link }, index) => index === at || !this.health.isDown(link));
    const untried =
      this.#best(order.slice(at + 1), message.id) ??
      (message.attempts < usable.length ? this.#best(before, message.id) : undefined);
    const next = untried ?? this.#best(order, message.id);
    return next && { ...wayOf(route, next, message), atOnce: untried !== undefined };
  }

  /** Where a message that has waited for its time goes; undefined when there is no way for it by now. */
  now(message: Routed, accountName: string): Way | undefined {
    const route = this.routeFor(routeFactsOf(message, accountName));
    return route && wayOf(route, this.first(route, message.id), message);
  }

  /** The way around the link that a message waits for and that is down; undefined when there is none. */
  around(message: Routed, accountName: string): Way | undefined {
    const route = this.routeFor(routeFactsOf(message, accountName));
    const target = route && this.#best(route.order(message.id), message.id);
    return route && target && target.link !== message.linkId
      ? wayOf(route, target, message)
      : undefined;
  }

  /**
   * What a message costs us by its link when it left in so many parts; undefined when its route, or the link in it,
   * is not in the table by now.
   */
  cost(message: Routed, accountName: string, parts: number): Millicredits | null | undefined {
    const route = this.routeFor(routeFactsOf(message, accountName));
    const target = route?.targets.find(({ link }) => link === message.linkId);
    return route && target && route.cost(target, message.destination, parts);
  }

  /** Could what waits for this link, whatever it is, take another way now? */
  hasWayAround(linkId: LinkId): boolean {
    return this.routes.some(
      (route) =>
        route.has(linkId) &&
        route.targets.some(({ link }) => link !== linkId && !this.health.isDown(link)),
    );
  }

  /** A link that the configuration no longer names is treated with most care. */
  policy(linkId: LinkId): LinkPolicy {
    return this.#policies.get(linkId) ?? { onLostAnswer: 'unknown' };
  }

  /** The links whose ids are one carrier's, this one among them; what waits for an id waits under the first. */
  sharingIds(linkId: LinkId): SharedBy {
    return this.#sharing.get(linkId) ?? [linkId];
  }

  #linksOf(routes: readonly Route[]): LinkId[] {
    return routes.flatMap(({ targets }) => targets.map(({ link }) => link));
  }

  /** The first of those that stand best; undefined when all are down. */
  #best(targets: readonly Target[], id: MessageId): Target | undefined {
    let best: Target | undefined;
    let lowest: number = ranks.down;
    for (const target of targets) {
      const rank = this.health.rank(target.link, id);
      if (rank === ranks.good) return target;
      if (rank < lowest) [best, lowest] = [target, rank];
    }
    return best;
  }
}

/** What rules ask of a message that is stored. */
function routeFactsOf(message: Routed, accountName: string): RouteFacts {
  const { destination, sender, product, channel, tags, medium, simulate, device } = message;
  return { accountName, destination, sender, product, channel, tags, medium, simulate, device };
}

function wayOf(route: Route, target: Target, { destination, parts }: Routed): Way {
  return { linkId: target.link, cost: route.cost(target, destination, parts) };
}

type SharedBy = readonly [LinkId, ...LinkId[]];

/** What goes by phones has ids of ours, which nobody else gives. */
function sharingIds(policies: ReadonlyMap<LinkId, LinkPolicy>): Map<LinkId, SharedBy> {
  const groups = new Map<string, [LinkId, ...LinkId[]]>();
  const sharing = new Map<LinkId, SharedBy>();
  for (const [id, { receiptGroup, devices }] of policies) {
    if (receiptGroup === undefined || devices) continue;
    const group = groups.get(receiptGroup);
    if (group) group.push(id);
    const shared: [LinkId, ...LinkId[]] = group ?? [id];
    groups.set(receiptGroup, shared);
    sharing.set(id, shared);
  }
  return sharing;
}

function routesByDevices(
  rules: readonly RouteRule[],
  policies: ReadonlyMap<LinkId, LinkPolicy>,
): Route[] {
  const links = [...policies].flatMap(([id, { devices }]) => (devices ? [id] : []));
  if (links.length === 0) return [];
  const narrowed = rules.flatMap((rule, index) => {
    const own = rule.links.filter((one) =>
      links.includes(typeof one === 'string' ? one : one.link),
    );
    return own.length > 0 ? [new Route({ ...rule, links: own }, index + 1)] : [];
  });
  return [...narrowed, new Route({ links }, 0)];
}
