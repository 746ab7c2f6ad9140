import { inCredits } from '../../core/money.ts';
import { conditionNames } from '../../core/routing/conditions.ts';
import type { Route } from '../../core/routing/route.ts';
import type { CostList, RouteRule, RuleConditions } from '../../core/routing/rule.ts';
import { credits } from '../shared/format.ts';

/** What a rule asks for: `tags otp, alarm; prefixes +614`. */
export function conditionsText(rule: RuleConditions): string {
  const asked = conditionNames.flatMap((name) => {
    const values = rule[name];
    return values ? `${name} ${values.join(', ')}` : [];
  });
  return asked.length === 0 ? 'anything' : asked.join('; ');
}

/** The links of a rule in their order, those that share with their weights: `a 3 : b 1, then c`. */
export function linksText({ groups }: Route): string {
  return groups
    .map((group) =>
      group.length === 1
        ? (group[0]?.link ?? '')
        : group.map(({ link, weight }) => `${link} ${weight ?? 1}`).join(' : '),
    )
    .join(', then ');
}

/** What a part costs by a rule's links: one amount, or the least and the most. */
export function costsText(rule: RouteRule): string | null {
  const lists = [
    rule.cost,
    ...rule.links.map((one) => (typeof one === 'string' ? null : one.cost)),
  ];
  const amounts = lists.flatMap((list) =>
    list ? [...list.prefixes.values(), ...(list.standard === null ? [] : [list.standard])] : [],
  );
  if (amounts.length === 0) return null;
  const [least, most] = [Math.min(...amounts), Math.max(...amounts)];
  return least === most ? credits(least) : `${credits(least)} to ${credits(most)}`;
}

/** A rule for programs, in the words of the configuration. */
export function ruleDocument(rule: RouteRule, number: number) {
  const { links, cost, ...conditions } = rule;
  return {
    rule: number,
    ...conditions,
    links: links.map((one) =>
      typeof one === 'string'
        ? { link: one, weight: null, cost: null }
        : { link: one.link, weight: one.weight ?? null, cost: costDocument(one.cost) },
    ),
    cost: costDocument(cost),
  };
}

function costDocument(list: CostList | undefined): Record<string, number> | null {
  if (!list) return null;
  const prefixes = [...list.prefixes].map(([prefix, amount]) => [prefix, inCredits(amount)]);
  return {
    ...(Object.fromEntries(prefixes) as Record<string, number>),
    ...(list.standard !== null && { default: inCredits(list.standard) }),
  };
}
