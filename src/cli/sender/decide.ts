import type { Command } from 'commander';
import type { SenderRequestId } from '../../core/ids.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { accountNames } from '../shared/lookup.ts';
import { parseId } from '../shared/parse.ts';
import { requestDocument } from './present.ts';

interface Decision {
  verb: string;
  does: string;
  status: 'approved' | 'rejected';
  done: (account: string, address: string) => string;
}

const decisions: readonly Decision[] = [
  {
    verb: 'approve',
    does: 'Let an account show the name that it asked for.',
    status: 'approved',
    done: (account, address) => `'${account}' may send as '${address}'.`,
  },
  {
    verb: 'reject',
    does: 'Refuse what an account asked to show; it may ask again.',
    status: 'rejected',
    done: (account, address) => `'${account}' may not send as '${address}'.`,
  },
];

/** `parlance sender approve` and `reject` */
export function addDecide(group: Command, kit: Kit): void {
  for (const { verb, does, status, done } of decisions) {
    const command = group
      .command(verb)
      .argument('<request>', 'as `parlance sender requests` shows it', parseId<SenderRequestId>)
      .description(does)
      .action(
        storageAction(kit, async (session, _options: object, id: SenderRequestId) => {
          const request = await session.gateway.senderRequests.decide(id, status);
          const nameOf = await accountNames(session, [request.accountId]);
          const account = nameOf(request.accountId);
          session.print.result(requestDocument(request, account), () => [
            done(account, request.address),
          ]);
        }),
      );
    examples(command, [[`parlance sender ${verb} 019ca6b1-dc00-7000-8000-000000000009`, does]]);
  }
}
