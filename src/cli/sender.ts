import type { Command } from 'commander';
import { Option } from 'commander';
import type { Sender, SenderKind } from '../core/senders/sender.ts';
import { CliError } from './shared/failure.ts';
import { iso, when } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit } from './shared/kit.ts';
import { storageAction } from './shared/kit.ts';
import { findAccount } from './shared/lookup.ts';
import type { PageOptions } from './shared/pages.ts';
import { paged, pageOf, printPage } from './shared/pages.ts';

interface AddOptions {
  kind?: SenderKind;
  label?: string;
}

/** An owner vouches for what he adds; `own` is for what a handset has to prove. */
const kinds: readonly SenderKind[] = ['dedicated', 'shared', 'alphanumeric'];

/** `parlance sender …`: the addresses that accounts may show. */
export function addSender(program: Command, kit: Kit): void {
  const group = program
    .command('sender')
    .description('Senders: the numbers and names that an account’s messages may show.');
  addAdd(group, kit);
  addList(group, kit);
  addRemove(group, kit);
}

function addAdd(group: Command, kit: Kit): void {
  const command = group
    .command('add')
    .argument('<account>', 'its name')
    .argument('<address>', 'a number, or a name of up to 11 characters')
    .description('Let an account show an address.')
    .addOption(
      new Option(
        '--kind <kind>',
        'dedicated: replies to it are this account’s; shared: they go to who wrote last (default: dedicated for a number, alphanumeric for a name)',
      ).choices(kinds),
    )
    .option('--label <text>', 'a name for your lists')
    .action(
      storageAction(
        kit,
        async (session, { kind, label }: AddOptions, name: string, address: string) => {
          const account = await findAccount(session, name);
          const sender = await session.gateway.senders.add(account.id, address, {
            label: label ?? null,
            ...(kind && { kind }),
          });
          session.print.result(senderDocument(sender), () => [
            `'${name}' may send as '${sender.address}' (${sender.kind}).`,
          ]);
        },
      ),
    );
  examples(command, [
    ['parlance sender add shop CompanyABC', 'a name; handsets cannot answer to it'],
    ['parlance sender add shop 61412345699', 'a number that is this account’s alone'],
    ['parlance sender add shop 61480000000 --kind shared', 'a number of several accounts'],
  ]);
}

function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list').argument('<account>', 'its name'))
    .description('The addresses that an account may show.')
    .action(
      storageAction(kit, async (session, options: PageOptions, name: string) => {
        const account = await findAccount(session, name);
        const all = await session.gateway.senders.list(account.id);
        printPage(session.print, pageOf(all, options), {
          item: senderDocument,
          columns: [
            { title: 'ADDRESS', of: ({ address }) => address },
            { title: 'KIND', of: ({ kind }) => kind },
            {
              title: 'STATUS',
              of: ({ status }) => status,
              colour: ({ status }, paint) => (status === 'active' ? paint.none : paint.doubtful),
            },
            { title: 'LABEL', of: ({ label }) => label, most: 30 },
            { title: 'CREATED (UTC)', of: ({ createdAt }) => when(createdAt) },
          ],
          none: `'${name}' may show no address yet: add one with \`parlance sender add ${name} <address>\`.`,
        });
      }),
    );
  examples(command, [['parlance sender list shop', 'what its messages may show']]);
}

function addRemove(group: Command, kit: Kit): void {
  const command = group
    .command('remove')
    .argument('<account>', 'its name')
    .argument('<address>', 'as `parlance sender list` shows it')
    .description('Take an address from an account. What was accepted with it is still sent.')
    .action(
      storageAction(kit, async (session, _options: object, name: string, address: string) => {
        const account = await findAccount(session, name);
        if (!(await session.gateway.senders.remove(account.id, address))) {
          throw new CliError(
            `'${name}' has no sender '${address}': see \`parlance sender list ${name}\`.`,
          );
        }
        session.print.result({ account: name, address, removed: true }, () => [
          `'${name}' may no longer send as '${address}'.`,
        ]);
      }),
    );
  examples(command, [['parlance sender remove shop CompanyABC', 'it is refused from now on']]);
}

function senderDocument(sender: Sender) {
  return {
    id: sender.id,
    address: sender.address,
    kind: sender.kind,
    status: sender.status,
    label: sender.label,
    createdAt: iso(sender.createdAt),
  };
}
