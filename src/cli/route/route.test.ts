import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestLink } from '../../../test/support/test-link.ts';
import type { LinkId, NodeId } from '../../core/ids.ts';
import { millicredits } from '../../core/money.ts';
import type { LinkReport } from '../../core/ports/storage.ts';
import type { CostList } from '../../core/routing/rule.ts';
import type { Stage } from '../testkit/stage.ts';
import { createStage, lines } from '../testkit/stage.ts';

const costs = (standard: number): CostList => ({
  standard: millicredits(standard),
  prefixes: new Map(),
});
const [good, cheap] = ['good', 'cheap'] as LinkId[] as [LinkId, LinkId];

let stage: Stage;
beforeEach(async () => {
  stage = await createStage({
    links: [new TestLink('good'), new TestLink('cheap')],
    configured: ['good', 'cheap'],
    routes: [
      { tags: ['otp'], links: [{ link: good, cost: costs(60) }] },
      { links: [{ link: cheap, cost: costs(30) }, good] },
    ],
  });
  stage.routes = [
    { tags: ['otp'], accounts: ['bank', 'shop'], links: ['good'], cost: 0.06 },
    {
      countries: ['AU', 'NZ'],
      links: [
        { link: 'cheap', weight: 3, cost: { '+61': 0.03, '+6141': 0.029, default: 0.1 } },
        { link: 'good', weight: 1 },
      ],
    },
    { countries: ['NZ'], links: ['good'] },
  ];
  await stage.did('account create shop --credit 100', 'sender add shop CompanyABC');
});
afterEach(() => stage.close());

/** What nodes say of the links, held until a minute later. */
async function told(...reports: Partial<LinkReport>[]): Promise<void> {
  const { storage, clock } = stage.world;
  const nodeId = 'a node' as NodeId;
  const now = clock.now();
  const wishes = [good, cheap].map((linkId) => ({ linkId, slots: 1 }));
  await storage.write(async (tx) => {
    await tx.linkHolders.hold(wishes, { nodeId, now, until: now + 60_000 });
    await tx.linkHolders.tell(
      nodeId,
      reports.map((report) => ({
        linkId: good,
        state: 'up',
        since: now - 3_000,
        demotedSince: null,
        receipts: null,
        failures: null,
        ...report,
      })),
    );
  });
}

describe('parlance route list', () => {
  it('shows the rules in order, and those that are never reached', async () => {
    const came = await stage.run('route list');
    expect(came.out).toBe(
      lines(`
        RULE  ASKS FOR                       LINKS             COST OF A PART
           1  accounts bank, shop; tags otp  good              0.06
           2  countries AU, NZ               cheap 3 : good 1  0.029 to 0.10
           3  countries NZ                   good              -
      `),
    );
    expect(came.err).toBe(
      'routes[2] is never reached: routes[1] takes all that it would (from the command line).',
    );
  });

  it('is for programs, too', async () => {
    const { items, warnings } = JSON.parse((await stage.run('route list --json')).raw) as {
      items: unknown[];
      warnings: string[];
    };
    expect(items[1]).toEqual({
      rule: 2,
      countries: ['AU', 'NZ'],
      links: [
        { link: 'cheap', weight: 3, cost: { '+61': 0.03, '+6141': 0.029, default: 0.1 } },
        { link: 'good', weight: 1, cost: null },
      ],
      cost: null,
    });
    expect(warnings).toHaveLength(1);
  });

  it('says when there are none', async () => {
    stage.routes = [];
    const came = await stage.run('route list');
    expect([came.out, came.err]).toEqual(['', 'There are no rules: every message is refused.']);
  });
});

describe('parlance route explain', () => {
  it('says which rule takes it, why not the others, and what follows', async () => {
    await told({ linkId: cheap }, { linkId: good });
    const came = await stage.run('route explain 0412345678 --account shop --parts 2');
    expect(came).toMatchObject({
      code: 0,
      out: lines(`
        to       +61412345678 (AU)
        account  shop
        parts    2
        price    2.00 credits

        RULE  ASKS FOR                       OUTCOME
           1  accounts bank, shop; tags otp  not met: it has no tags
           2  countries AU, NZ               taken
           3  countries NZ                   not reached

        LINK   FIRST FOR  STATE   COST  MARGIN
        cheap       75 %  up     0.058   1.942
        good        25 %  up         -       -
      `),
    });
  });

  it.each<[string, number, string]>([
    ['+61412345678 --tag otp', 2, 'not met: no account was named'],
    ['+61412345678 --tag otp --account shop', 1, 'not reached'],
    ['+61412345678 --account shop --tag red --tag blue', 2, 'not met: it has the tags red, blue'],
  ])('%s takes rule %d', async (line, rule, says) => {
    const came = await stage.run(`route explain ${line}`);
    expect(came.out).toMatch(new RegExp(`\n +${rule} .* taken\n`));
    expect(came.out).toContain(says);
  });

  it.each([
    ['accounts', ['x'], '--account shop', 'the account is shop'],
    ['products', ['MKT'], '', 'it has no product'],
    ['products', ['MKT'], '--product TRX', 'its product is TRX'],
    ['channels', ['cli'], '', 'no channel was named'],
    ['channels', ['cli'], '--channel smpp', 'it comes by smpp'],
    ['prefixes', ['+1'], '', 'it goes to +61412345678'],
    ['countries', ['NZ'], '', 'it goes to AU'],
    ['senders', ['Shop'], '', 'no sender was named'],
    ['senders', ['Shop'], '--sender Other', 'it shows Other'],
  ])('why a rule with %s %j is not met %s', async (name, values, flags, why) => {
    stage.routes = [{ [name]: values, links: ['good'] }];
    const came = await stage.run(`route explain +61412345678 ${flags}`);
    expect(came).toMatchObject({ code: 1, err: 'No rule takes it: it would be refused.' });
    expect(came.out).toContain(`not met: ${why}`);
    expect(came.out).not.toContain('LINK');
  });

  it('shows how the links stand, what is down last and what is demoted before it', async () => {
    const now = stage.world.clock.now();
    await told(
      { linkId: cheap, demotedSince: now - 120_000, receipts: 200, failures: 150 },
      { linkId: good },
    );
    const states = async () => {
      const { out } = await stage.run('route explain 0412345678 --account shop');
      return out
        .slice(out.indexOf('LINK'))
        .split('\n')
        .slice(1)
        .map((line) => line.replaceAll(/ {2,}/g, '  '));
    };
    expect(await states()).toEqual([
      'good  100 %  up  -  -',
      'cheap  -  up, demoted for 2m (150 of 200 receipts bad)  0.029  0.971',
    ]);
    await told({ linkId: cheap }, { linkId: good, state: 'down', since: now - 50_000 });
    expect(await states()).toEqual([
      'cheap  100 %  up  0.029  0.971',
      'good  -  down for 50s  -  -',
    ]);
    // Nobody holds them any more: as at a start, neither is better.
    await stage.world.clock.advance(60_000);
    expect(await states()).toEqual([
      'cheap  75 %  not held  0.029  0.971',
      'good  25 %  not held  -  -',
    ]);
  });

  it('is for programs, too', async () => {
    await told({ linkId: cheap }, { linkId: good });
    const { raw } = await stage.run('route explain 0412345678 --account shop --json');
    expect(JSON.parse(raw)).toEqual({
      to: '+61412345678',
      country: 'AU',
      account: 'shop',
      sender: null,
      product: null,
      channel: null,
      tags: null,
      parts: 1,
      price: 1,
      rules: [
        { rule: 1, outcome: 'not met', unmet: ['tags'] },
        { rule: 2, outcome: 'taken', unmet: [] },
        { rule: 3, outcome: 'not reached', unmet: [] },
      ],
      links: [
        {
          link: 'cheap',
          share: 0.75,
          state: 'up',
          since: '2026-02-28T23:59:57.000Z',
          demotedSince: null,
          receipts: null,
          badReceipts: null,
          cost: 0.029,
          margin: 0.971,
        },
        expect.objectContaining({ link: 'good', share: 0.25, cost: null, margin: null }),
      ],
    });
  });

  it.each([
    ['route explain', "Missing required argument 'number'."],
    ['route explain 12', "'12' is no phone number"],
    ['route explain 0412345678 --parts 0', 'It must be a whole number from 1 to 255.'],
    ['route explain 0412345678 --channel smp', "There is no channel 'smp'; did you mean smpp?"],
    ['route explain 0412345678 --account shp', "There is no account 'shp'; did you mean shop?"],
  ])('%s is refused', async (line, err) => {
    const came = await stage.run(line);
    expect(came).toMatchObject({ out: '' });
    expect(came.err).toContain(err);
  });
});

describe('parlance route margin', () => {
  const send = 'send shop --sender CompanyABC --text Hi';
  it('adds up by account and link', async () => {
    await stage.did(`${send} --to 0412345678 --to 0412345679`, `${send} --to 0412345670 --tag otp`);
    await stage.world.clock.advance(1_000);
    await stage.did(`${send} --to 0412345671 --at "2026-03-02 00:00:00"`);
    const came = await stage.run('route margin --since 1h');
    expect(came.out).toBe(
      lines(`
        ACCOUNT  LINK   MESSAGES  PARTS  PRICE  REFUNDED  COST  MARGIN
        shop     cheap         2      2   2.00      0.00  0.06    1.94
        shop     good          1      1   1.00      0.00  0.06    0.94
      `),
    );
    expect(came.err).toBe('Together: 3 messages, margin 2.88 credits.');
    const { raw } = await stage.run('route margin --json --limit 1');
    expect(JSON.parse(raw)).toEqual({
      items: [
        {
          account: 'shop',
          link: 'cheap',
          messages: 2,
          parts: 2,
          price: 2,
          refunded: 0,
          cost: 0.06,
          costUnknown: 0,
          margin: 1.94,
        },
      ],
      offset: 0,
      limit: 1,
      more: true,
    });
  });

  it('says of how many messages the cost is not known', async () => {
    await told({ linkId: good });
    (stage.world.gateway.delivery.routing.health as { isDown: unknown }).isDown = (id: LinkId) =>
      id === cheap;
    await stage.did(`${send} --to 0412345678`);
    await stage.world.clock.advance(1_000);
    expect((await stage.run('route margin')).err).toBe(
      'Together: 1 message, margin 1.00 credits.\nOf 1 message the cost is not known: see `cost` of the routes.',
    );
  });

  it('goes by the time of acceptance', async () => {
    for (const to of ['0412345671', '0412345672', '0412345673']) {
      await stage.did(`${send} --to ${to}`);
      await stage.world.clock.advance(60_000);
    }
    const messages = async (flags: string) => {
      const { raw } = await stage.run(`route margin --json ${flags}`);
      const { items } = JSON.parse(raw) as { items: { messages: number }[] };
      return items[0]?.messages ?? 0;
    };
    expect(await messages('')).toBe(3);
    expect(await messages('--since 2m')).toBe(2);
    expect(await messages('--since 2026-03-01 --until "2026-03-01 00:01:00"')).toBe(1);
    expect(await messages('--since 2026-02-01 --until 2026-03-01')).toBe(0);
    expect(await messages('--account shop')).toBe(3);
    await stage.did('account create other');
    expect(await messages('--account other')).toBe(0);
  });

  it.each([
    ['route margin --since never', 'It must be so far back, such as 24h or 7d'],
    ['route margin --since 2026-03-02', '--since must be before --until.'],
    ['route margin --since 400d', 'At most 366 days at once.'],
    ['route margin --account nobody', "There is no account 'nobody'"],
  ])('%s is refused', async (line, err) => {
    expect((await stage.run(line)).err).toContain(err);
  });
});
