import { countryOf } from '../../text/phone-number.ts';
import type { Medium } from '../messages/medium.ts';
import { senderKey } from '../senders/sender.ts';
import { Prefixes } from './prefixes.ts';
import type { RouteFacts, RuleConditions } from './rule.ts';

export const conditionNames = [
  'accounts',
  'products',
  'channels',
  'prefixes',
  'countries',
  'senders',
  'tags',
  'media',
] as const satisfies readonly (keyof RuleConditions)[];
export type ConditionName = (typeof conditionNames)[number];

/** One condition, made ready: each asks a set. */
interface Condition {
  readonly name: ConditionName;
  met(facts: RouteFacts): boolean;
}

/** The conditions of a rule. */
export class Conditions {
  readonly #all: readonly Condition[];

  constructor(rule: RuleConditions) {
    this.#all = conditionNames.flatMap((name) => conditionOf(name, rule) ?? []);
  }

  met(facts: RouteFacts): boolean {
    for (const condition of this.#all) if (!condition.met(facts)) return false;
    return true;
  }

  /** Those that are not met. */
  unmet(facts: RouteFacts): ConditionName[] {
    return this.#all.filter((condition) => !condition.met(facts)).map(({ name }) => name);
  }
}

function conditionOf(name: ConditionName, rule: RuleConditions): Condition | undefined {
  if (name === 'media') return mediaCondition(rule.media ?? ['sms']);
  const wanted = rule[name];
  if (wanted === undefined) return undefined;
  const set = new Set<string | null>(wanted);
  switch (name) {
    case 'accounts':
      return { name, met: ({ accountName }) => set.has(accountName) };
    case 'products':
      return { name, met: ({ product }) => set.has(product) };
    case 'channels':
      return { name, met: ({ channel }) => set.has(channel) };
    case 'prefixes': {
      const prefixes = new Prefixes(wanted.map((prefix) => [prefix, true]));
      return { name, met: ({ destination }) => prefixes.longest(destination) === true };
    }
    case 'countries':
      return {
        name,
        met: ({ destination, country }) => set.has(country ?? countryOf(destination) ?? null),
      };
    case 'senders': {
      const keys = new Set(wanted.map(senderKey));
      return { name, met: ({ sender }) => sender !== null && keys.has(senderKey(sender)) };
    }
    case 'tags':
      return { name, met: ({ tags }) => tags?.some((tag) => set.has(tag)) ?? false };
  }
}

function mediaCondition(wanted: readonly Medium[]): Condition {
  const set = new Set(wanted);
  return { name: 'media', met: ({ medium = 'sms' }) => set.has(medium) };
}
