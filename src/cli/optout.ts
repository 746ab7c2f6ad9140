import type { Command } from 'commander';
import type { Account } from '../core/accounts/account.ts';
import type { Optout } from '../core/optouts/optout.ts';
import type { ListedOptout } from '../core/ports/audience-storage.ts';
import type { E164 } from '../text/phone-number.ts';
import type { ExitCode } from './shared/failure.ts';
import { exitCodes } from './shared/failure.ts';
import { iso, when } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit, Session } from './shared/kit.ts';
import { storageAction } from './shared/kit.ts';
import { findAccount } from './shared/lookup.ts';
import { numberOf } from './shared/numbers.ts';
import type { PageOptions } from './shared/pages.ts';
import { paged, printPage, readPage } from './shared/pages.ts';

/** `parlance optout …`: numbers that must not be sent to. */
export function addOptout(program: Command, kit: Kit): void {
  const group = program
    .command('optout')
    .description('Opt-outs: the numbers that an account must not send to.');
  addList(group, kit);
  addAdd(group, kit);
  addRemove(group, kit);
}

function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list').argument('<account>', 'its name'))
    .description('Who must not be sent to, newest first.')
    .action(
      storageAction(kit, async (session, options: PageOptions, name: string) => {
        const account = await findAccount(session, name);
        const page = await readPage(options, (one) =>
          session.storage.read.scopedOptouts.search(account.id, {}, one),
        );
        printPage(session.print, page, {
          item: optoutDocument,
          columns: [
            { title: 'NUMBER', of: ({ number }) => number },
            { title: 'SINCE (UTC)', of: ({ createdAt }) => when(createdAt) },
            { title: 'OF', of: scopeText },
            { title: 'BY', of: ({ source }) => sources[source] },
          ],
          none: `'${name}' may send to everybody.`,
        });
      }),
    );
  examples(command, [['parlance optout list shop', 'who wrote STOP, or was added here']]);
}

const sources: Record<Optout['source'], string> = {
  reply: 'the handset',
  link: 'the handset, by a link',
  api: 'the account',
  cli: 'the owner',
};

interface Change {
  verb: string;
  does: string;
  change: (session: Session, account: Account, number: E164) => Promise<boolean>;
  done: string;
  before: string;
}

function addAdd(group: Command, kit: Kit): void {
  addChange(group, kit, {
    verb: 'add',
    does: 'Leave numbers alone. What is scheduled to them is cancelled and refunded.',
    change: async ({ gateway }, { id }, number) =>
      gateway.optOut(await gateway.owner.actAs(id), number, 'cli'),
    done: 'is not sent to any more',
    before: 'was opted out before',
  });
}

function addRemove(group: Command, kit: Kit): void {
  addChange(group, kit, {
    verb: 'remove',
    does: 'Send to numbers again. Only with their holder’s consent: the law is on his side.',
    change: async ({ gateway }, { id }, number) =>
      gateway.optIn(await gateway.owner.actAs(id), number),
    done: 'may be sent to again',
    before: 'was not opted out',
  });
}

function addChange(group: Command, kit: Kit, { verb, does, change, done, before }: Change): void {
  const command = group
    .command(verb)
    .argument('<account>', 'its name')
    .argument('<numbers...>', 'in international form, or local to the account’s home country')
    .description(does)
    .action(
      storageAction(
        kit,
        async (
          session,
          _options: object,
          name: string,
          texts: string[],
        ): Promise<ExitCode | void> => {
          const account = await findAccount(session, name);
          // All are read before one is written: a typo in the last changes nothing.
          const numbers = texts.map((text) => numberOf(text, account.homeCountry));
          const items: { number: E164; changed: boolean }[] = [];
          for (const number of numbers) {
            items.push({ number, changed: await change(session, account, number) });
          }
          session.print.result({ items }, () =>
            items.map(({ number, changed }) => `${number} ${changed ? done : before}.`),
          );
          return items.some(({ changed }) => changed) ? exitCodes.fine : exitCodes.failed;
        },
      ),
    );
  examples(command, [[`parlance optout ${verb} shop 0412345678 +61491570156`, does]]);
}

/** What it is about: `everything`, or `tag sale`. */
function scopeText({ kind, value }: ListedOptout): string {
  return value === null ? 'everything' : `${kind} ${value}`;
}

function optoutDocument(optout: ListedOptout) {
  const { kind, value } = optout;
  return {
    number: optout.number,
    scope: value === null ? null : { kind, value },
    source: optout.source,
    replyId: optout.replyId,
    createdAt: iso(optout.createdAt),
  };
}
