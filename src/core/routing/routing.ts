import type { E164 } from '../../text/phone-number.ts';
import type { LinkId } from '../ids.ts';

/** One line of the routing table. A missing condition is always met. */
export interface RouteRule {
  /** Names of accounts. */
  accounts?: readonly string[] | undefined;
  /** First digits of destinations, with their plus sign: `+614`. */
  prefixes?: readonly string[] | undefined;
  /** The links to try, in order. */
  links: readonly LinkId[];
}

/** What the core must know of a link beside its name. */
export interface LinkPolicy {
  /**
   * What happens to a message that was handed over and whose answer was lost: it stays `unknown`, or
   * it is sent again, marked as possibly doubled.
   */
  onLostAnswer: 'unknown' | 'resend';
}

/** The ordered choice of links for a message: the first rule whose conditions are all met. */
export class Routing {
  readonly #rules: readonly RouteRule[];
  readonly #policies: ReadonlyMap<LinkId, LinkPolicy>;

  constructor(rules: readonly RouteRule[], policies: ReadonlyMap<LinkId, LinkPolicy>) {
    this.#rules = rules;
    this.#policies = policies;
  }

  /** The links for a message, best first; empty when there is no way for it. */
  linksFor(message: { accountName: string; destination: E164 }): readonly LinkId[] {
    const rule = this.#rules.find(
      ({ accounts, prefixes }) =>
        (!accounts || accounts.includes(message.accountName)) &&
        (!prefixes || prefixes.some((prefix) => message.destination.startsWith(prefix))),
    );
    return rule?.links ?? [];
  }

  /**
   * The link to try after `current` could not take the message: the next of its route; after the last
   * one the first again, which is then `wrapped`: a round is over and a pause is due.
   */
  linkAfter(
    current: LinkId,
    message: { accountName: string; destination: E164 },
  ): { linkId: LinkId; wrapped: boolean } {
    const links = this.linksFor(message);
    const next = links[links.indexOf(current) + 1];
    return next ? { linkId: next, wrapped: false } : { linkId: links[0] ?? current, wrapped: true };
  }

  /** A link that the configuration no longer names is treated with most care. */
  policy(linkId: LinkId): LinkPolicy {
    return this.#policies.get(linkId) ?? { onLostAnswer: 'unknown' };
  }
}
