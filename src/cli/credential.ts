import type { Command } from 'commander';
import type { Credential } from '../core/accounts/account.ts';
import { credentialKinds as everyKind, isNamed } from '../core/accounts/account.ts';
import type { CredentialId } from '../core/ids.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { WayIn } from './context.ts';
import { CliError, usageError } from './shared/failure.ts';
import { iso, when } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit } from './shared/kit.ts';
import { storageAction } from './shared/kit.ts';
import { findAccount, findWayIn } from './shared/lookup.ts';
import type { PageOptions } from './shared/pages.ts';
import { paged, pageOf, printPage } from './shared/pages.ts';
import { collect, parseId } from './shared/parse.ts';
import { samples } from './shared/samples.ts';
import { readSecret } from './shared/secret.ts';
import type { Settings } from './shared/settings.ts';
import { changeSetting } from './shared/settings.ts';

type Kind = Dialect['credentialKinds'][number];

const secretTitles: Record<Kind, string> = {
  basic: 'password',
  api_key: 'key',
  bearer: 'key',
  oauth_client: 'client secret',
  hmac: 'secret',
};

interface CreateOptions {
  dialect?: string;
  kind?: string;
  username?: string;
  label?: string;
  secretStdin?: boolean;
  setting?: string[];
}

/** `parlance credential …`: the ways in. */
export function addCredential(program: Command, kit: Kit): void {
  const group = program
    .command('credential')
    .description('Credentials: how an account’s programs prove who they are.');
  addCreate(group, kit);
  addSet(group, kit);
  addList(group, kit);
  addRevoke(group, kit);
}

function addCreate(group: Command, kit: Kit): void {
  const command = group
    .command('create')
    .argument('<account>', 'its name')
    .description('Make a way in. Its secret is made up, printed once, and never shown again.')
    .option(
      '--dialect <name>',
      'the API it is for, or smpp; may be left out where there is one API',
    )
    .option('--kind <kind>', `${everyKind.join(', ')} (default: the usual one of that API)`)
    .option('--username <name>', 'for basic, oauth_client and hmac (default: made up)')
    .option('--label <text>', 'a name for your lists')
    .option('--secret-stdin', 'take the secret from standard input, not to break what knows it')
    .option(
      '--setting <key=value>',
      'where the API keeps some with it; repeatable',
      collect(String),
    )
    .action(
      storageAction(kit, async (session, options: CreateOptions, name: string) => {
        const account = await findAccount(session, name);
        const wayIn = findWayIn(session, options.dialect);
        const kind = kindOf(wayIn, options);
        const given = {
          username: options.username,
          secret: options.secretStdin ? await readSecret(session) : undefined,
        };
        const complaint = wayIn.complaint?.(given);
        if (complaint !== undefined) throw usageError(complaint);
        const { credential, username, secret } = await session.gateway.owner.issueCredential(
          account.id,
          {
            ...given,
            dialect: wayIn.name,
            kind,
            label: options.label,
            secretBytes: wayIn.secretBytes,
            settings: changeSettings(wayIn, {}, options.setting ?? []),
          },
        );
        await wayIn.opened?.(account, session.gateway);
        // Who typed the secret has it; it need not stand on his screen.
        const shown = options.secretStdin ? null : secret;
        const document = { ...credentialDocument(credential), username, secret: shown };
        session.print.result(document, () =>
          session.print.fields([
            ['account', name],
            ['API', wayIn.title],
            ...(username === null ? [] : ([['user name', username]] as const)),
            [secretTitles[kind], shown ?? 'as it was given'],
            ...settingFields(credential),
            ['id', credential.id],
          ]),
        );
        if (shown !== null) {
          const stored = kind === 'hmac' ? 'encrypted' : 'as a digest';
          session.print.remark(`Keep it now: it is stored ${stored} and is not shown again.`);
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

function addSet(group: Command, kit: Kit): void {
  const command = group
    .command('set')
    .argument('<id>', 'as `parlance credential list` shows it', parseId<CredentialId>)
    .description('Change what its API keeps with it. It holds for who logs in from then on.')
    .requiredOption(
      '--setting <key=value>',
      'an empty value: the default; repeatable',
      collect(String),
    )
    .action(
      storageAction(kit, async (session, options: { setting: string[] }, id: CredentialId) => {
        const { gateway, storage, print } = session;
        const credential = await storage.read.credentials.findAny(id);
        if (!credential) throw noSuchCredential(id);
        const wayIn = findWayIn(session, credential.dialect);
        const settings = changeSettings(wayIn, credential.settings, options.setting);
        if (!(await gateway.owner.setCredential(id, settings))) throw noSuchCredential(id);
        const changed = { ...credential, settings };
        print.result(credentialDocument(changed), () =>
          print.fields([['id', id], ['API', wayIn.title], ...settingFields(changed)]),
        );
      }),
    );
  examples(command, [
    [
      'parlance credential set 019a2b3c-0000-7000-8000-000000000000 --setting maxBinds=2 --setting allow=10.0.0.0/8',
      'for SMPP: two sessions, and from where',
    ],
  ]);
}

/** @param assignments `key=value`. @throws CliError for what its way in does not keep. */
function changeSettings(
  { name, credentialSettings: schema }: WayIn,
  before: Settings,
  assignments: readonly string[],
): Record<string, unknown> {
  let changed = before;
  for (const assignment of assignments) {
    if (!schema) throw usageError(`${name} keeps no settings with a credential.`);
    const equals = assignment.indexOf('=');
    if (equals < 1) throw usageError(`--setting takes key=value, and not '${assignment}'.`);
    const [keys, value] = [assignment.slice(0, equals).trim(), assignment.slice(equals + 1)];
    changed = changeSetting({ name, schema }, changed, keys, value);
  }
  return { ...changed };
}

function settingFields({ settings }: Credential): (readonly [string, string])[] {
  return Object.entries(settings).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}

function noSuchCredential(id: CredentialId): CliError {
  return new CliError(
    `There is no credential ${id} that is still good: see \`parlance credential list\`.`,
  );
}

function kindOf({ name, credentialKinds }: WayIn, { kind, username }: CreateOptions): Kind {
  const known = credentialKinds.find((one) => one === kind);
  if (kind !== undefined && known === undefined) {
    throw usageError(
      `${name} has no credentials of kind '${kind}'; it has ${credentialKinds.join(', ')}.`,
    );
  }
  const chosen = known ?? credentialKinds[0];
  if (chosen === undefined) throw usageError(`${name} has no credentials of its own.`);
  if (username !== undefined && !isNamed(chosen)) {
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
          none: `'${name}' has no way in yet: make one with \`parlance credential create ${name} --dialect <api>\`.`,
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
          throw noSuchCredential(id);
        }
        session.print.result({ id, revoked: true }, () => [`Credential ${id} is revoked.`]);
      }),
    );
  examples(command, [
    ['parlance credential revoke 019a2b3c-0000-7000-8000-000000000000', 'end one way in'],
  ]);
}

function usernameOf({ kind, lookup }: Credential): string | null {
  return isNamed(kind) ? lookup : null;
}

function credentialDocument(credential: Credential) {
  return {
    id: credential.id,
    accountId: credential.accountId,
    dialect: credential.dialect,
    kind: credential.kind,
    username: usernameOf(credential),
    label: credential.label,
    settings: credential.settings,
    createdAt: iso(credential.createdAt),
    revokedAt: iso(credential.revokedAt),
  };
}
