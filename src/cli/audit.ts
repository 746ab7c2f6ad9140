import type { Command } from 'commander';
import type { AuditEntry } from '../core/audit/entry.ts';
import type { AuditId } from '../core/ids.ts';
import { iso, when } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit } from './shared/kit.ts';
import { storageAction } from './shared/kit.ts';
import { accountNames, findAccount } from './shared/lookup.ts';
import { parseId, wholeNumber } from './shared/parse.ts';

interface ListOptions {
  limit: number;
  before?: AuditId;
}

/** `parlance audit …`: what was changed by whom. */
export function addAudit(program: Command, kit: Kit): void {
  const group = program
    .command('audit')
    .description('Audit: what was changed by whom, at the console, by an API or here.');
  const command = group
    .command('list')
    .argument('[account]', 'only what is of this account')
    .description('Changes, newest first.')
    .option('--limit <rows>', 'how many at most', wholeNumber(1, 500), 50)
    .option('--before <id>', 'only what is older than this one', parseId<AuditId>)
    .action(
      storageAction(kit, async (session, { limit, before }: ListOptions, name?: string) => {
        const { gateway, print } = session;
        const account = name === undefined ? undefined : await findAccount(session, name);
        const found = await gateway.auditLog({ accountId: account?.id, before, limit: limit + 1 });
        const rows = found.slice(0, limit);
        const more = found.length > limit;
        const ids = rows.flatMap(({ accountId }) => (accountId === null ? [] : [accountId]));
        const nameOf = await accountNames(session, ids);
        const accountOf = ({ accountId }: AuditEntry) =>
          accountId === null ? null : nameOf(accountId);
        print.result(
          {
            items: rows.map((row) => ({ ...row, at: iso(row.at), account: accountOf(row) })),
            more,
          },
          () =>
            print.table(rows, [
              { title: 'TIME (UTC)', of: ({ at }) => when(at) },
              { title: 'BY', of: ({ actor }) => byText(actor), most: 40 },
              { title: 'ACTION', of: ({ action }) => action },
              { title: 'ACCOUNT', of: (row) => accountOf(row) },
              { title: 'DETAILS', of: ({ details }) => detailsText(details), most: 60 },
              { title: 'ID', of: ({ id }) => id },
            ]),
        );
        if (more) print.remark(`There is more: add --before ${rows.at(-1)?.id}.`);
        if (rows.length === 0) print.remark('Nothing was changed that is still kept.');
      }),
    );
  examples(command, [
    ['parlance audit list', 'the last 50 changes'],
    ['parlance audit list shop --limit 10', 'of one account'],
  ]);
}

/** A user by his address, the owner as who runs his tools, a client by its API. */
function byText({ kind, name }: AuditEntry['actor']): string {
  return kind === 'client' ? `client ${name}` : name;
}

function detailsText(details: AuditEntry['details']): string {
  const fields = Object.entries(details).filter(([key]) => !key.endsWith(' before'));
  return fields
    .map(([key, value]) => {
      const before = details[`${key} before`];
      return before === undefined ? `${key} ${value}` : `${key} ${before} → ${value}`;
    })
    .join(', ');
}
