import type { Command } from 'commander';
import type { Account } from '../../core/accounts/account.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';

const verbs: readonly {
  verb: string;
  status: Account['status'];
  does: string;
  done: string;
}[] = [
  {
    verb: 'suspend',
    status: 'suspended',
    does: 'Refuse an account’s requests. What was accepted before is still sent.',
    done: 'is suspended: its requests are refused within a second',
  },
  {
    verb: 'resume',
    status: 'active',
    does: 'Let a suspended account send again.',
    done: 'is active',
  },
];

/** `parlance account suspend` and `parlance account resume` */
export function addStatus(group: Command, kit: Kit): void {
  for (const { verb, status, does, done } of verbs) {
    const command = group
      .command(verb)
      .argument('<account>', 'its name')
      .description(does)
      .action(
        storageAction(kit, async (session, _options: object, name: string) => {
          const account = await findAccount(session, name);
          if (account.status !== status) {
            await session.gateway.owner.updateAccount({ ...account, status });
          }
          session.print.result({ account: name, status }, () => [`'${name}' ${done}.`]);
        }),
      );
    examples(command, [[`parlance account ${verb} shop`, does]]);
  }
}
