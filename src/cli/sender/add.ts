import type { Command } from 'commander';
import { Option } from 'commander';
import type { SenderKind } from '../../core/senders/sender.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import { senderDocument } from './present.ts';

interface AddOptions {
  kind?: SenderKind;
  label?: string;
}

/** An owner vouches for what he adds; `own` is for what a handset has to prove. */
const kinds: readonly SenderKind[] = ['dedicated', 'shared', 'alphanumeric'];

/** `parlance sender add` */
export function addAdd(group: Command, kit: Kit): void {
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
          const { gateway, print } = session;
          const account = await findAccount(session, name);
          const sender = await gateway.senders.add(account.id, address, {
            label: label ?? null,
            ...(kind && { kind }),
          });
          print.result(senderDocument(sender, gateway.delivery.clock.now()), () => [
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
