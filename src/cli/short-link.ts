import type { Command } from 'commander';
import { asShortCode } from '../core/links/code.ts';
import type { ShortLinkDetail, ShortLinks } from '../core/links/short-links.ts';
import type { ShortLink, ShortLinkTotals } from '../core/links/short-link.ts';
import type { Page } from '../core/ports/storage.ts';
import { CliError } from './shared/failure.ts';
import { count, iso, when, whenExactly } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit, Session } from './shared/kit.ts';
import { storageAction } from './shared/kit.ts';
import { findAccount } from './shared/lookup.ts';
import { numberOf } from './shared/numbers.ts';
import type { PageOptions } from './shared/pages.ts';
import { paged, printPage, readPage } from './shared/pages.ts';

/** `parlance short-link …`: URLs of ours in messages, and who followed them. */
export function addShortLink(program: Command, kit: Kit): void {
  const group = program
    .command('short-link')
    .description('Short links: URLs in messages that lead elsewhere, and who followed them.');
  addList(group, kit);
  addShow(group, kit);
}

interface ListOptions extends PageOptions {
  to?: string;
  url?: string;
}

function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list').argument('<account>', 'its name'))
    .description('The short links of an account, newest first, and what they come to.')
    .option('--to <number>', 'only in messages to this number')
    .option('--url <url>', 'only those that lead there, as it stood in the text')
    .action(
      storageAction(kit, async (session, options: ListOptions, name: string) => {
        const { shortLinks, owner } = session.gateway;
        const account = await findAccount(session, name);
        const caller = await owner.actAs(account.id);
        const destination =
          options.to === undefined ? undefined : numberOf(options.to, account.homeCountry);
        let totals: ShortLinkTotals | undefined;
        const page = await readPage(options, async (one: Page) => {
          const report = await shortLinks.report(caller, { destination, url: options.url }, one);
          ({ totals } = report);
          return report.links;
        });
        const filtered = options.to ?? options.url;
        printPage(session.print, page, {
          item: (link) => linkDocument(link, shortLinks),
          columns: [
            { title: 'CODE', of: ({ code }) => code },
            { title: 'SENT (UTC)', of: ({ createdAt }) => when(createdAt) },
            { title: 'TO', of: ({ destination: to }) => to },
            { title: 'CLICKS', of: ({ clicks }) => clicks, align: 'right' },
            { title: 'VIEWS', of: ({ views }) => views, align: 'right' },
            { title: 'LEADS TO', of: ({ url }) => url, most: 60 },
          ],
          none:
            filtered === undefined
              ? `'${name}' has no short links.`
              : `'${name}' has no such short links.`,
        });
        if (totals && page.rows.length > 0) session.print.remark(sentence(totals));
      }),
    );
  examples(command, [
    ['parlance short-link list shop', 'the newest 50'],
    ['parlance short-link list shop --url https://shop.example/sale', 'how a campaign does'],
    ['parlance short-link list shop --to 0412345678', 'what one recipient got'],
  ]);
}

function addShow(group: Command, kit: Kit): void {
  const command = group
    .command('show')
    .argument('<code>', 'what stands behind its last slash, or all of it')
    .description('Where a short link leads, and who followed it.')
    .action(
      storageAction(kit, async (session, _options: object, written: string) => {
        const found = await findLink(session, written);
        const { link, visits } = found;
        const account = await session.storage.read.accounts.find(link.accountId);
        const { print } = session;
        const { shortLinks } = session.gateway;
        const document = {
          ...linkDocument(link, shortLinks),
          account: account?.name ?? null,
          visits: visits.map((visit) => ({ ...visit, at: iso(visit.at) })),
        };
        print.result(document, () => [
          ...print.fields([
            ['short link', shortLinks.urlOf(link)],
            ['account', account?.name],
            ['message', link.messageId],
            ['to', link.destination],
            ...(link.title === null ? [] : [['title', link.title] as const]),
            ['leads to', link.url],
            ['metadata', link.metadata?.map((pair) => pair.join('=')).join(', ')],
            ['sent', `${when(link.createdAt)} UTC`],
            ['clicks', link.clicks],
            ['views', link.views],
          ]),
          ...visitLines(session, found),
        ]);
        const unkept = link.clicks + link.views - visits.length;
        if (unkept > 0) print.remark(`${count(unkept, 'further visit')} were counted only.`);
      }),
    );
  examples(command, [
    ['parlance short-link show k7Rw2mXp', 'who followed it, and when'],
    ['parlance short-link show https://sho.rt/k7Rw2mXp --json', 'the same for a program'],
  ]);
}

/** @throws CliError when there is none. */
async function findLink({ gateway }: Session, written: string): Promise<ShortLinkDetail> {
  const code = asShortCode(written.replace(/\/+$/, '').replace(/^.*\//, ''));
  const found = code && (await gateway.shortLinks.findAny(code));
  if (found) return found;
  throw new CliError(
    `There is no short link '${written}': see \`parlance short-link list <account>\`.`,
  );
}

function visitLines({ print }: Session, { visits }: ShortLinkDetail): string[] {
  if (visits.length === 0) return [];
  return [
    '',
    ...print.table(visits, [
      { title: 'TIME (UTC)', of: ({ at }) => whenExactly(at) },
      { title: 'WHAT', of: ({ kind }) => kind },
      { title: 'ADDRESS', of: ({ address }) => address },
      { title: 'WITH', of: ({ userAgent }) => userAgent, most: 60 },
    ]),
  ];
}

function sentence({ links, clicked, clicks, views }: ShortLinkTotals): string {
  return `${count(links, 'link')}, ${clicked} of them followed: ${count(clicks, 'click')}, and ${count(views, 'view')} by programs.`;
}

/** A link for programs. */
function linkDocument(link: ShortLink, shortLinks: ShortLinks) {
  return {
    code: link.code,
    shortUrl: shortLinks.urlOf(link),
    url: link.url,
    title: link.title,
    accountId: link.accountId,
    messageId: link.messageId,
    to: link.destination,
    metadata: link.metadata && Object.fromEntries(link.metadata),
    clicks: link.clicks,
    views: link.views,
    createdAt: iso(link.createdAt),
  };
}
