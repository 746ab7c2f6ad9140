import type { Country, E164 } from '../../text/phone-number.ts';
import type { LinkId } from '../ids.ts';
import type { MessageDevice } from '../devices/device.ts';
import type { Medium } from '../messages/medium.ts';
import type { Simulation } from '../messages/message.ts';
import type { Millicredits } from '../money.ts';
import type { DemotionLimits } from './demotion.ts';

/**
 * One line of the routing table, as the owner writes it. A message takes the first rule whose conditions
 * are all met; a missing condition is always met, and of a list one is enough.
 */
export interface RouteRule extends RuleConditions {
  /**
   * Where its messages go: a name alone stands for itself, and neighbours with weights share. So of
   * `a:3, b:1, c` each message tries `a` and `b` first, three quarters `a` before `b`, and then `c`.
   */
  links: readonly (LinkId | WeightedLink)[];
  /** What a part costs us by these links, unless the link has a cost of its own here. */
  cost?: CostList | undefined;
}

export interface RuleConditions {
  /** Names. */
  accounts?: readonly string[] | undefined;
  /** As the client says it. */
  products?: readonly string[] | undefined;
  /** Ways in: names of dialects, and our own. */
  channels?: readonly string[] | undefined;
  /** First digits of destinations, with their plus sign: `+614`. */
  prefixes?: readonly string[] | undefined;
  /** Of destinations, by the numbering plan. */
  countries?: readonly Country[] | undefined;
  /** Compared as `senderKey` does. */
  senders?: readonly string[] | undefined;
  /** One of the message's is enough. */
  tags?: readonly string[] | undefined;
  /** What it is carried as. Left out, texts alone: whatever else needs a rule that says so. */
  media?: readonly Medium[] | undefined;
}

export interface WeightedLink {
  link: LinkId;
  /** Its share among its neighbours with weights; left out, the link stands for itself. */
  weight?: number | undefined;
  cost?: CostList | undefined;
}

/** Costs of one part. */
export interface CostList {
  /** Where no prefix fits; null: not known. */
  standard: Millicredits | null;
  /** The longest that fits counts. */
  prefixes: ReadonlyMap<string, Millicredits>;
}

/** What a rule may ask of a message. What is null, no rule that asks for it fits. */
export interface RouteFacts {
  accountName: string | null;
  destination: E164;
  /** Looked up when it is left out. */
  country?: Country | undefined;
  sender: string | null;
  product: string | null;
  channel: string | null;
  tags: readonly string[] | null;
  /** Default `sms`. */
  medium?: Medium | undefined;
  /** It is only played: it goes to simulators, whatever the rules say. */
  simulate?: Simulation | null | undefined;
  /** It goes by a phone: of the rules, only links that go by phones count. */
  device?: MessageDevice | null | undefined;
}

/** What the core must know of a link beside its name. */
export interface LinkPolicy {
  /**
   * What happens to a message that was handed over and whose answer was lost: it stays `unknown`, or
   * it is sent again, marked as possibly doubled.
   */
  onLostAnswer: 'unknown' | 'resend';
  /**
   * Links of one name share the ids of one carrier, whose receipts may come by any of them; left out, by itself
   * alone.
   */
  receiptGroup?: string | undefined;
  /** When it goes behind the other links of its routes; left out, never. */
  demote?: DemotionLimits | undefined;
  /** It plays a network: nothing leaves by it. */
  simulator?: boolean | undefined;
  /**
   * Its messages go by accounts' own phones, out of queues of ours that know each by its id: handing one over
   * again does nothing.
   */
  devices?: boolean | undefined;
}
