import type { Command } from 'commander';
import type { User } from '../../core/users/user.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { accountOf, commander } from './by.ts';
import { userDocument } from './present.ts';

interface Change {
  name: string;
  description: string;
  example: string;
  /** Does it, and gives what is said of it and the user as he is now. */
  make: (session: Session, user: User) => Promise<{ said: string; user: User }>;
}

const asIs = async (session: Session, { id }: User) => session.gateway.users.book.named(id);

const changes: readonly Change[] = [
  {
    name: 'suspend',
    description: 'Let a user log in no more; his log-ins end at once.',
    example: 'he is refused',
    make: async (session, { accountId, id, email }) => {
      const { book } = session.gateway.users;
      const change = { status: 'suspended' } as const;
      const user = await book.change(commander(session), accountId, id, change);
      return { said: `${email} is suspended.`, user };
    },
  },
  {
    name: 'resume',
    description: 'Let a suspended user log in again.',
    example: 'he may come back',
    make: async (session, { accountId, id, email }) => {
      const { book } = session.gateway.users;
      const change = { status: 'active' } as const;
      const user = await book.change(commander(session), accountId, id, change);
      return { said: `${email} is active.`, user };
    },
  },
  {
    name: 'reset-password',
    description:
      'Write to a user where he chooses another password, or, who was invited, his first one.',
    example: 'a mail with a link',
    make: async (session, user) => {
      const { book } = session.gateway.users;
      if (user.status === 'invited') await book.inviteAgain(user.accountId, user.id);
      else await book.sendReset(user);
      return { said: `A process that serves sends a link to ${user.email}.`, user };
    },
  },
  {
    name: 'disable-2fa',
    description:
      'Ask a user for no codes any more: for one who has lost his phone and his recovery codes. Be sure that it is he who asks you.',
    example: 'he logs in with his password alone',
    make: async (session, user) => {
      await session.gateway.users.book.disableSecondFactor(commander(session), user.id);
      return { said: `${user.email} logs in without codes.`, user: await asIs(session, user) };
    },
  },
  {
    name: 'remove',
    description: 'Delete a user. What he did stays in the audit log.',
    example: 'he is gone',
    make: async (session, user) => {
      await session.gateway.users.book.remove(commander(session), user.accountId, user.id);
      return { said: `${user.email} is removed.`, user };
    },
  },
];

/** `parlance user suspend`, `resume`, `reset-password`, `disable-2fa` and `remove`. */
export function addChanges(group: Command, kit: Kit): void {
  for (const { name, description, example, make } of changes) {
    const command = group
      .command(name)
      .argument('<user>', 'an e-mail address, or an id')
      .description(description)
      .action(
        storageAction(kit, async (session, _options: object, which: string) => {
          const found = await session.gateway.users.book.named(which);
          const account = await accountOf(session, found);
          const { said, user } = await make(session, found);
          session.print.result(userDocument(user, account), () => [said]);
        }),
      );
    examples(command, [[`parlance user ${name} ann@shop.example`, example]]);
  }
}
