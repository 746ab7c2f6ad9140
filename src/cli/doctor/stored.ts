import type { Account } from '../../core/accounts/account.ts';
import { effectiveSettings } from '../account/settings.ts';
import { linkUses } from '../link.ts';
import { count, credits } from '../shared/format.ts';
import { formatUtc } from '../../text/instant.ts';
import type { Session } from '../shared/kit.ts';
import type { Outcome } from './finding.ts';
import { fail, ok, warn } from './finding.ts';

const minute = 60_000;
/** The most that is counted of what should not be there at all. */
const counted = 1000;
/** How many accounts are looked at one by one. */
const accountsLookedAt = 5000;
const atOnce = 500;
/** Earlier than this program: a clock that was never set. */
const earliest = Date.UTC(2026, 0, 1);

/** What the storage engine says of itself: whole sentences, which say what to do. */
export async function checkIntegrity({ storage }: Session): Promise<Outcome> {
  const problems = await storage.read.problems();
  return problems.length === 0
    ? ok('the database is sound')
    : fail(problems.join(' ').replace(/\.$/, ''));
}

/** Does every balance equal the sum of its ledger? */
export async function checkLedger({ storage }: Session): Promise<Outcome> {
  const wrong = await storage.read.ledger.discrepancies();
  if (wrong.length === 0) return ok('every balance is the sum of its ledger');
  const said = wrong
    .slice(0, 5)
    .map(({ purse, balance, sum }) => `${purse}: ${credits(balance)} ≠ ${credits(sum)}`);
  return fail(
    `${count(wrong.length, 'balance')} not the sum of the ledger (${said.join(', ')})`,
    'keep a copy of the database and report this defect',
  );
}

/** Is there a link for whatever waits? */
export async function checkLinks(session: Session): Promise<Outcome> {
  const links = await linkUses(session);
  const orphans = links.filter(({ id, transport }) => id !== null && transport === null);
  const waiting = orphans.filter(({ counts }) => counts.queued || counts.scheduled);
  if (waiting.length > 0) {
    const said = waiting.map(
      ({ id, counts }) => `'${id}' (${(counts.queued ?? 0) + (counts.scheduled ?? 0)})`,
    );
    return fail(
      `messages wait for links that are not configured: ${said.join(', ')}`,
      'put the link back into the configuration until its queue is empty',
    );
  }
  const expecting = orphans.filter(({ counts }) => counts.sending || counts.sent);
  if (expecting.length > 0) {
    return warn(
      `receipts are still due from links that are not configured: ${expecting.map(({ id }) => `'${id}'`).join(', ')}`,
      'put the link back for a while, or these messages end as unknown',
    );
  }
  const down = links.filter(({ standing }) => standing.state === 'down');
  if (down.length > 0) {
    return warn(
      `links are down: ${down.map(({ id }) => `'${id}'`).join(', ')}`,
      'see the log of the node that holds them for what their network says',
    );
  }
  const names = [...session.config.links.keys()];
  return ok(`${count(names.length, 'link')} configured: ${names.join(', ')}`);
}

/** Does what has become due find someone who does it? */
export async function checkMessages(session: Session, served: boolean): Promise<Outcome> {
  const { storage, gateway } = session;
  const overdue = gateway.delivery.clock.now() - minute;
  // Read in a transaction, since only the sweeps of a serving process ask for such rows.
  const { sending, scheduled } = await storage.write(async (tx) => ({
    sending: (await tx.messages.due('sending', overdue, counted)).length,
    scheduled: (await tx.messages.due('scheduled', overdue, counted)).length,
  }));
  const todo = served
    ? 'see the log of the process with the role `dispatch`'
    : 'start `parlance serve`, which settles that within seconds';
  if (sending > 0) {
    return warn(`${few(sending)} in sending whose answer is overdue`, todo);
  }
  if (scheduled > 0) return warn(`${few(scheduled)} whose time has passed and not sent`, todo);
  let queued = 0;
  for (const row of await storage.read.messages.countByLink()) {
    if (row.status === 'queued') queued += row.count;
  }
  if (queued > 0 && !served) {
    return warn(`${count(queued, 'message')} queued, and nothing serves here`, todo);
  }
  return ok(`nothing is stuck, ${count(queued, 'message')} queued`);
}

/** Did clients' servers hear what they were told? */
export async function checkNotifications({ storage }: Session): Promise<Outcome> {
  const counts = new Map(
    (await storage.read.notifications.counts()).map((row) => [row.status, row.count]),
  );
  const failed = counts.get('failed') ?? 0;
  const pending = `${counts.get('pending') ?? 0} pending`;
  if (failed === 0) return ok(`none has failed, ${pending}`);
  return warn(
    `${failed} failed, ${pending}`,
    'see `parlance notification list <account> --status failed`, mend the receiver, then `parlance notification replay --failed <account>`',
  );
}

/** Can every node that archives find what the others have archived, and the commands all of it? */
export async function checkArchive({ storage, config }: Session): Promise<Outcome> {
  const { archive, archiveFolder } = config.retention;
  const [oldest] = await storage.read.archive.files({}, { limit: 1, offset: 0 });
  if (oldest && oldest.place !== archive) {
    return warn(
      `files are archived on ${oldest.place}, and retention.archive is ${archive}`,
      `set it to ${oldest.place} to read them`,
    );
  }
  const dispatching = (await storage.read.nodes.list()).filter(({ roles }) =>
    roles.includes('dispatch'),
  );
  if (archive === 'disk' && archiveFolder === '' && dispatching.length > 1) {
    return warn(
      `${dispatching.length} nodes archive, each to its own data folder`,
      'set retention.archiveFolder to one that all of them have, or retention.archive to s3',
    );
  }
  return ok(archive === 'none' ? 'nothing is archived' : `messages are archived on ${archive}`);
}

/** Can the dialects read what accounts keep for them? */
export async function checkAccounts(session: Session): Promise<Outcome> {
  const accounts = await someAccounts(session);
  const problems = accounts.flatMap((account) =>
    session.context.waysIn.flatMap((wayIn) => {
      const read = effectiveSettings(wayIn, account.settings);
      return read.ok ? [] : read.problems.map((problem) => `${account.name}: ${problem}`);
    }),
  );
  return problems.length === 0
    ? ok(`${count(accounts.length, 'account')}, whose settings can be read`)
    : fail(
        `settings that cannot be read, so that defaults hold: ${problems.slice(0, 5).join('; ')}`,
        'set them anew with `parlance account set <account> --setting`',
      );
}

/** Is the clock of this machine credible beside what is stored? */
export async function checkClock(session: Session): Promise<Outcome> {
  const { storage, gateway } = session;
  const now = gateway.delivery.clock.now();
  if (now < earliest) {
    return fail(`it is ${formatUtc(now)} UTC by the clock of this machine`, 'set it, best by NTP');
  }
  let newest = 0;
  for (const { id, createdAt } of await someAccounts(session)) {
    const [last] = await storage.read.messages.search({ accountId: id, limit: 1, offset: 0 });
    newest = Math.max(newest, createdAt, last?.createdAt ?? 0);
  }
  return newest > now + minute
    ? warn(
        `it is ${formatUtc(now)} UTC here, but something was stored at ${formatUtc(newest)}`,
        'set the clock, best by NTP: until then messages, leases and tries are late',
      )
    : ok(`${formatUtc(now)} UTC`);
}

async function someAccounts({ storage }: Session): Promise<Account[]> {
  const accounts: Account[] = [];
  while (accounts.length < accountsLookedAt) {
    const page = await storage.read.accounts.list({ limit: atOnce, offset: accounts.length });
    accounts.push(...page);
    if (page.length < atOnce) break;
  }
  return accounts;
}

function few(messages: number): string {
  return messages < counted ? count(messages, 'message') : `${counted} messages or more`;
}
