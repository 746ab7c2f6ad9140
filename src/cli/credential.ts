import type { Command } from 'commander';
import type { Credential } from '../core/accounts/account.ts';
import type { CredentialId } from '../core/ids.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { CliError, usageError } from './shared/failure.ts';
import { iso, when } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit } from './shared/kit.ts';
import { storageAction } from './shared/kit.ts';
import { findAccount, findDialect } from './shared/lookup.ts';
import type { PageOptions } from './shared/pages.ts';
import { paged, pageOf, printPage } from './shared/pages.ts';
import { parseId } from './shared/parse.ts';
import { samples } from './shared/samples.ts';
import { readSecret } from './shared/secret.ts';

type Kind = Dialect['credentialKinds'][number];

interface CreateOptions {
  dialect?: string;
  kind?: string;
  username?: string;
  label?: string;
  secretStdin?: boolean;
}

/** `parlance credential …`: the ways in. */
export function addCredential(program: Command, kit: Kit): void {
  const group = program
    .command('credential')
    .description('Credentials: how an account’s programs prove who they are.');
  addCreate(group, kit);
  addList(group, kit);
  addRevoke(group, kit);
}

function addCreate(group: Command, kit: Kit): void {
  const command = group
    .command('create')
    .argument('<account>', 'its name')
    .description('Make a way in. Its secret is made up, printed once, and never shown again.')
    .option('--dialect <name>', 'the API it is for; may be left out where there is only one')
    .option('--kind <kind>', 'basic, api_key or bearer (default: the usual one of that API)')
    .option('--username <name>', 'for basic (default: made up)')
    .option('--label <text>', 'a name for your lists')
    .option('--secret-stdin', 'take the secret from standard input, not to break what knows it')
    .action(
      storageAction(kit, async (session, options: CreateOptions, name: string) => {
        const account = await findAccount(session, name);
        const dialect = findDialect(session, options.dialect);
        const kind = kindOf(dialect, options);
        const { credential, username, secret } = await session.gateway.owner.issueCredential(
          account.id,
          {
            dialect: dialect.name,
            kind,
            username: options.username,
            label: options.label,
            secret: options.secretStdin ? await readSecret(session) : undefined,
          },
        );
        // Who typed the secret has it; it need not stand on his screen.
        const shown = options.secretStdin ? null : secret;
        const document = { ...credentialDocument(credential), username, secret: shown };
        session.print.result(document, () =>
          session.print.fields([
            ['account', name],
            ['API', dialect.title],
            ...(username === null ? [] : ([['user name', username]] as const)),
            [kind === 'basic' ? 'password' : 'key', shown ?? 'as it was given'],
            ['id', credential.id],
          ]),
        );
        if (shown !== null) {
          session.print.remark('Keep it now: it is stored as a digest and is not shown again.');
        }
      }),
    );
  const { dialect: api } = samples(kit.context);
  examples(command, [
    [`parlance credential create shop --dialect ${api}`, 'a way in with a secret made up'],
    [
      `parlance credential create shop --dialect ${api} --secret-stdin < secret.txt`,
      'with the secret that a program has already',
    ],
  ]);
}

function kindOf({ name, credentialKinds }: Dialect, { kind, username }: CreateOptions): Kind {
  const known = credentialKinds.find((one) => one === kind);
  if (kind !== undefined && known === undefined) {
    throw usageError(
      `${name} has no credentials of kind '${kind}'; it has ${credentialKinds.join(', ')}.`,
    );
  }
  const chosen = known ?? credentialKinds[0];
  if (chosen === undefined) throw usageError(`${name} has no credentials of its own.`);
  if (username !== undefined && chosen !== 'basic') {
    throw usageError(`A credential of kind '${chosen}' has no user name: leave --username out.`);
  }
  return chosen;
}

function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list').argument('<account>', 'its name'))
    .description('The ways in of an account, without their secrets.')
    .action(
      storageAction(kit, async (session, options: PageOptions, name: string) => {
        const account = await findAccount(session, name);
        const all = await session.storage.read.credentials.ofAccount(account.id);
        printPage(session.print, pageOf(all, options), {
          item: credentialDocument,
          columns: [
            { title: 'ID', of: ({ id }) => id },
            { title: 'API', of: ({ dialect }) => dialect },
            { title: 'KIND', of: ({ kind }) => kind },
            { title: 'USER NAME', of: (one) => usernameOf(one) },
            { title: 'LABEL', of: ({ label }) => label, most: 30 },
            { title: 'CREATED (UTC)', of: ({ createdAt }) => when(createdAt) },
            {
              title: 'REVOKED (UTC)',
              of: ({ revokedAt }) => when(revokedAt),
              colour: ({ revokedAt }, paint) => (revokedAt === null ? paint.none : paint.dim),
            },
          ],
          none: `'${name}' has no way in yet: make one with \`parlance credential create ${name}\`.`,
        });
      }),
    );
  examples(command, [['parlance credential list shop', 'who can send as shop']]);
}

function addRevoke(group: Command, kit: Kit): void {
  const command = group
    .command('revoke')
    .argument('<id>', 'as `parlance credential list` shows it', parseId<CredentialId>)
    .description('End a way in, for good. A running server follows within a second.')
    .action(
      storageAction(kit, async (session, _options: object, id: CredentialId) => {
        if (!(await session.gateway.owner.revokeCredential(id))) {
          throw new CliError(
            `There is no credential ${id} that is still good: see \`parlance credential list\`.`,
          );
        }
        session.print.result({ id, revoked: true }, () => [`Credential ${id} is revoked.`]);
      }),
    );
  examples(command, [
    ['parlance credential revoke 019a2b3c-0000-7000-8000-000000000000', 'end one way in'],
  ]);
}

/** The user name is what finds a `basic` credential; of others that is a digest. */
function usernameOf({ kind, lookup }: Credential): string | null {
  return kind === 'basic' ? lookup : null;
}

function credentialDocument(credential: Credential) {
  return {
    id: credential.id,
    accountId: credential.accountId,
    dialect: credential.dialect,
    kind: credential.kind,
    username: usernameOf(credential),
    label: credential.label,
    createdAt: iso(credential.createdAt),
    revokedAt: iso(credential.revokedAt),
  };
}
