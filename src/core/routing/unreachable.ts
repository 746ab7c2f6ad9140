import { senderKey } from '../senders/sender.ts';
import type { ConditionName } from './conditions.ts';
import { conditionNames } from './conditions.ts';
import type { RouteRule } from './rule.ts';

/**
 * Rules that no message can come to, because one before takes all that they would. Both are places in the
 * table, from 0. What only several rules before take together is not found, nor that a prefix lies in a country.
 */
export function unreachable(rules: readonly RouteRule[]): { rule: number; by: number }[] {
  return rules.flatMap((later, rule) => {
    const by = rules.slice(0, rule).findIndex((earlier) => covers(earlier, later));
    return by < 0 ? [] : { rule, by };
  });
}

/** Does a message that meets the later rule always meet the earlier one? */
function covers(earlier: RouteRule, later: RouteRule): boolean {
  return conditionNames.every((name) => {
    const wide = wantedBy(earlier, name);
    const narrow = wantedBy(later, name);
    if (wide === undefined) return true;
    return narrow !== undefined && narrow.every((one) => isAmong(name, one, wide));
  });
}

/** A rule that does not name media takes texts alone. */
function wantedBy(rule: RouteRule, name: ConditionName): readonly string[] | undefined {
  return name === 'media' ? (rule.media ?? ['sms']) : rule[name];
}

function isAmong(name: ConditionName, one: string, all: readonly string[]): boolean {
  switch (name) {
    case 'prefixes':
      return all.some((prefix) => one.startsWith(prefix));
    case 'senders':
      return all.some((sender) => senderKey(sender) === senderKey(one));
    case 'accounts':
    case 'products':
    case 'channels':
    case 'countries':
    case 'tags':
    case 'media':
      return all.includes(one);
  }
}
