import type { Command } from 'commander';
import { Option } from 'commander';
import type { Account } from '../../core/accounts/account.ts';
import { ownChannels } from '../../core/accounts/authenticate.ts';
import type { LinkId } from '../../core/ids.ts';
import { media } from '../../core/messages/medium.ts';
import type { Medium } from '../../core/messages/medium.ts';
import type { Millicredits } from '../../core/money.ts';
import { inCredits, millicredits } from '../../core/money.ts';
import type { ConditionName } from '../../core/routing/conditions.ts';
import type { Route, Target } from '../../core/routing/route.ts';
import type { Routing } from '../../core/routing/routing.ts';
import type { RouteFacts } from '../../core/routing/rule.ts';
import { countryOf } from '../../text/phone-number.ts';
import { exitCodes, usageError } from '../shared/failure.ts';
import type { ExitCode } from '../shared/failure.ts';
import { credits, iso } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import type { LinkStanding } from '../shared/link-state.ts';
import { standingOf, standingText } from '../shared/link-state.ts';
import { findAccount, noSuch } from '../shared/lookup.ts';
import { numberOf } from '../shared/numbers.ts';
import { collect, wholeNumber } from '../shared/parse.ts';
import { configuredRouting, ruleAt } from './list.ts';
import { conditionsText } from './present.ts';

interface ExplainOptions {
  account?: string;
  sender?: string;
  product?: string;
  channel?: string;
  tag?: string[];
  medium: Medium;
  parts: number;
}

/** How a rule takes the message. */
interface RuleOutcome {
  number: number;
  outcome: 'taken' | 'not met' | 'not reached';
  unmet: ConditionName[];
}

/** A link of the route that is taken. */
interface LinkChoice {
  link: LinkId;
  /** Of messages like this one, how many would take it first as things are, as a share. */
  share: number;
  standing: LinkStanding;
  cost: Millicredits | null;
  margin: Millicredits | null;
}

/** `parlance route explain` */
export function addExplain(group: Command, kit: Kit): void {
  const command = group
    .command('explain')
    .argument('<number>', 'the destination')
    .summary('Say which way a message would take, and why.')
    .description(
      'Say which way a message would take, and why: which rule takes it and why those before do not, ' +
        'the links in their order with how they stand now, and what it costs. Sends nothing. Ends with 1 ' +
        'when no rule takes it.',
    )
    .option('--account <name>', 'whose message it is')
    .option('--sender <address>', 'the address that it shows')
    .option('--product <product>', 'the class of traffic, as its client would name it')
    .option('--channel <channel>', 'the way in: the name of a dialect, smpp, or cli')
    .option('--tag <tag>', 'a label that its client would give it; repeatable', collect(String))
    .addOption(
      new Option('--medium <medium>', 'what it is carried as').choices(media).default('sms'),
    )
    .option('--parts <number>', 'how many parts it has', wholeNumber(1, 255), 1)
    .action(
      storageAction(
        kit,
        async (session, options: ExplainOptions, written: string): Promise<ExitCode> => {
          const account =
            options.account === undefined ? undefined : await findAccount(session, options.account);
          const facts = factsOf(session, written, options, account);
          const routing = configuredRouting(session);
          const route = routing.routeFor(facts);
          const rules = routing.routes.map((one) => outcomeOf(one, route, facts));
          const price = account ? millicredits(account.pricePerPart * options.parts) : null;
          const links = route
            ? await choicesOf(session, routing, route, { facts, parts: options.parts, price })
            : [];
          const document = documentOf(facts, options.parts, price, rules, links);
          session.print.result(document, () => [
            ...factLines(session, facts, options.parts, price),
            '',
            ...ruleLines(session, rules, facts),
            ...(route ? ['', ...linkLines(session, links)] : []),
          ]);
          if (route) return exitCodes.fine;
          session.print.remark('No rule takes it: it would be refused.');
          return exitCodes.failed;
        },
      ),
    );
  examples(command, [
    ['parlance route explain +61412345678 --account shop', 'which carrier, at what cost'],
    [
      'parlance route explain 0412345678 --account shop --tag otp',
      'the same for its one-time codes',
    ],
  ]);
}

function factsOf(
  { config, context }: Session,
  written: string,
  options: ExplainOptions,
  account: Account | undefined,
): RouteFacts {
  if (options.channel !== undefined) checkChannel(context, options.channel);
  const destination = numberOf(written, account?.homeCountry ?? config.accounts.homeCountry);
  return {
    accountName: account?.name ?? null,
    destination,
    country: countryOf(destination),
    sender: options.sender ?? null,
    product: options.product ?? null,
    channel: options.channel ?? null,
    tags: options.tag ?? null,
    medium: options.medium,
  };
}

/** @throws CliError for a way in that there is not: no rule could name it either. */
function checkChannel({ dialects }: Session['context'], channel: string): void {
  const names = [...dialects.map(({ name }) => name), ...ownChannels];
  if (names.includes(channel)) return;
  throw usageError(noSuch(`There is no channel '${channel}'`, channel, names));
}

function outcomeOf(one: Route, taken: Route | undefined, facts: RouteFacts): RuleOutcome {
  const { number } = one;
  if (one === taken) return { number, outcome: 'taken', unmet: [] };
  if (taken && number > taken.number) return { number, outcome: 'not reached', unmet: [] };
  return { number, outcome: 'not met', unmet: one.conditions.unmet(facts) };
}

async function choicesOf(
  { storage, gateway }: Session,
  routing: Routing,
  route: Route,
  message: { facts: RouteFacts; parts: number; price: Millicredits | null },
): Promise<LinkChoice[]> {
  const { health } = routing;
  const now = gateway.delivery.clock.now();
  const holdings = await storage.read.linkHolders.list();
  health.hear(holdings, 'nobody');
  const standings = new Map(
    route.targets.map(({ link }) => [link, standingOf(link, holdings, now)]),
  );
  // Where somebody serves, a link that nobody holds is one that he could not start.
  const served = holdings.some(({ until }) => until > now);
  const worse = (link: LinkId): number => {
    const unheld = served && standings.get(link)?.state === 'unheld';
    if (unheld || health.isDown(link)) return 2;
    return health.demotedSince(link) === null ? 0 : 1;
  };
  const best = Math.min(...route.targets.map(({ link }) => worse(link)));
  const shares = route.shares(({ link }) => worse(link) === best);
  const choice = (target: Target): LinkChoice => {
    const cost = route.cost(target, message.facts.destination, message.parts);
    return {
      link: target.link,
      share: shares.get(target.link) ?? 0,
      standing: standings.get(target.link) as LinkStanding,
      cost,
      margin: cost === null || message.price === null ? null : millicredits(message.price - cost),
    };
  };
  // In the order in which they would be tried: what is down last.
  return route.targets.toSorted((a, b) => worse(a.link) - worse(b.link)).map(choice);
}

function factLines(
  { print }: Session,
  facts: RouteFacts,
  parts: number,
  price: Millicredits | null,
): string[] {
  return print.fields([
    ['to', facts.country ? `${facts.destination} (${facts.country})` : facts.destination],
    ['account', facts.accountName ?? undefined],
    ['sender', facts.sender ?? undefined],
    ['product', facts.product ?? undefined],
    ['channel', facts.channel ?? undefined],
    ['tags', facts.tags?.join(', ')],
    ['parts', parts],
    ['price', price === null ? undefined : `${credits(price)} credits`],
  ]);
}

function ruleLines(session: Session, rules: readonly RuleOutcome[], facts: RouteFacts): string[] {
  return session.print.table(rules, [
    { title: 'RULE', of: ({ number }) => number, align: 'right' },
    { title: 'ASKS FOR', of: ({ number }) => conditionsText(ruleAt(session, number)) },
    {
      title: 'OUTCOME',
      of: ({ outcome, unmet }) =>
        outcome === 'not met'
          ? `not met: ${unmet.map((name) => reason(name, facts)).join(', ')}`
          : outcome,
      colour: ({ outcome }, paint) => (outcome === 'taken' ? paint.good : paint.none),
    },
  ]);
}

/** Why a condition is not met. */
function reason(name: ConditionName, facts: RouteFacts): string {
  const { accountName, destination, country, sender, product, channel, tags } = facts;
  const { medium = 'sms' } = facts;
  switch (name) {
    case 'accounts':
      return accountName === null ? 'no account was named' : `the account is ${accountName}`;
    case 'products':
      return product === null ? 'it has no product' : `its product is ${product}`;
    case 'channels':
      return channel === null ? 'no channel was named' : `it comes by ${channel}`;
    case 'prefixes':
      return `it goes to ${destination}`;
    case 'countries':
      return country ? `it goes to ${country}` : 'its number is of no country';
    case 'senders':
      return sender === null ? 'no sender was named' : `it shows ${sender}`;
    case 'tags':
      return tags === null ? 'it has no tags' : `it has the tags ${tags.join(', ')}`;
    case 'media':
      return `it is ${medium}`;
  }
}

function linkLines(session: Session, links: readonly LinkChoice[]): string[] {
  const now = session.gateway.delivery.clock.now();
  return session.print.table(links, [
    { title: 'LINK', of: ({ link }) => link },
    {
      title: 'FIRST FOR',
      of: ({ share }) => (share === 0 ? null : `${Math.round(share * 1000) / 10} %`),
      align: 'right',
    },
    {
      title: 'STATE',
      of: ({ standing }) => standingText(standing, now),
      colour: ({ standing }, paint) =>
        standing.state === 'up' && standing.demotedSince === null ? paint.none : paint.doubtful,
    },
    { title: 'COST', of: ({ cost }) => (cost === null ? null : credits(cost)), align: 'right' },
    {
      title: 'MARGIN',
      of: ({ margin }) => (margin === null ? null : credits(margin)),
      align: 'right',
    },
  ]);
}

function documentOf(
  facts: RouteFacts,
  parts: number,
  price: Millicredits | null,
  rules: readonly RuleOutcome[],
  links: readonly LinkChoice[],
) {
  return {
    to: facts.destination,
    country: facts.country ?? null,
    account: facts.accountName,
    sender: facts.sender,
    product: facts.product,
    channel: facts.channel,
    tags: facts.tags,
    parts,
    price: price === null ? null : inCredits(price),
    rules: rules.map(({ number, ...rest }) => ({ rule: number, ...rest })),
    links: links.map(({ standing, cost, margin, ...rest }) => ({
      ...rest,
      ...standing,
      since: iso(standing.since),
      demotedSince: iso(standing.demotedSince),
      cost: cost === null ? null : inCredits(cost),
      margin: margin === null ? null : inCredits(margin),
    })),
  };
}
