import type { Command } from 'commander';
import { Option } from 'commander';
import type { AccountId, MessageId, NotificationId } from '../core/ids.ts';
import type { Notification, NotificationAttempt } from '../core/notifications/notification.ts';
import { CliError, exitCodes, usageError } from './shared/failure.ts';
import type { ExitCode } from './shared/failure.ts';
import { count, iso, when } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit, Session } from './shared/kit.ts';
import { storageAction } from './shared/kit.ts';
import { findAccount } from './shared/lookup.ts';
import type { PageOf, PageOptions } from './shared/pages.ts';
import { paged, printPage, readPage } from './shared/pages.ts';
import { collect, parseId } from './shared/parse.ts';

interface ListOptions extends PageOptions {
  message?: MessageId;
  status?: Notification['status'];
}

interface Row {
  notification: Notification;
  attempts: NotificationAttempt[];
  webhook: string;
}

const statuses: readonly Notification['status'][] = ['pending', 'delivered', 'failed'];
/** How far back those of one status are looked for, and how many are read at once. */
const lookedThrough = 20_000;
const atOnce = 500;

/** `parlance notification …`: events on their way to clients' servers. */
export function addNotification(program: Command, kit: Kit): void {
  const group = program
    .command('notification')
    .description('Notifications: what was told, or is still to be told, to webhooks.');
  addList(group, kit);
  addReplay(group, kit);
}

function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list').argument('<account>', 'its name'))
    .description('What an account’s webhooks were told, newest first.')
    .option('--message <id>', 'only about this message', parseId<MessageId>)
    .addOption(new Option('--status <status>', 'only these').choices(statuses))
    .action(
      storageAction(kit, async (session, options: ListOptions, name: string) => {
        const account = await findAccount(session, name);
        const page = await readFiltered(session, account.id, options);
        printPage(session.print, await withTries(session, account.id, page), {
          item: rowDocument,
          columns: [
            { title: 'ID', of: ({ notification }) => notification.id },
            { title: 'SINCE (UTC)', of: ({ notification }) => when(notification.createdAt) },
            { title: 'EVENT', of: ({ notification }) => notification.event.type },
            { title: 'ABOUT', of: ({ notification }) => about(notification) },
            { title: 'WEBHOOK', of: ({ webhook }) => webhook },
            {
              title: 'STATUS',
              of: ({ notification }) => notification.status,
              colour: ({ notification: { status } }, paint) =>
                status === 'failed' ? paint.bad : status === 'delivered' ? paint.good : paint.none,
            },
            { title: 'TRIES', of: ({ attempts }) => attempts.length, align: 'right' },
            { title: 'LAST ANSWER', of: lastAnswer, most: 50 },
          ],
          none: `There are no such notifications for '${name}'.`,
        });
      }),
    );
  examples(command, [
    ['parlance notification list shop --status failed', 'what the shop never heard'],
    [
      'parlance notification list shop --message 019a2b3c-0000-7000-8000-000000000000 --json',
      'with every try',
    ],
  ]);
}

function addReplay(group: Command, kit: Kit): void {
  const command = group
    .command('replay')
    .argument(
      '[ids...]',
      'as `parlance notification list` shows them',
      collect(parseId<NotificationId>),
    )
    .description('Give finished notifications another round of tries.')
    .option('--failed <account>', 'all failed ones of this account')
    .action(
      storageAction(
        kit,
        async (
          session,
          { failed }: { failed?: string },
          ids: NotificationId[] | undefined,
        ): Promise<ExitCode> => {
          const wanted = await idsToReplay(session, ids ?? [], failed);
          const replayed = await session.gateway.replayNotifications(wanted);
          const left = wanted.length - replayed;
          session.print.result({ asked: wanted.length, replayed }, () => [
            `${count(replayed, 'notification')} will be told again by the serving process.`,
            ...(left === 0
              ? []
              : [`${count(left, 'other')} left alone: not finished yet, or not there.`]),
          ]);
          return replayed > 0 || left === 0 ? exitCodes.fine : exitCodes.failed;
        },
      ),
    );
  examples(command, [
    ['parlance notification replay --failed shop', 'after the shop has mended its receiver'],
    ['parlance notification replay 019a2b3c-0000-7000-8000-000000000000', 'one of them'],
  ]);
}

async function idsToReplay(
  session: Session,
  ids: readonly NotificationId[],
  failed: string | undefined,
): Promise<readonly NotificationId[]> {
  if ((ids.length === 0) === (failed === undefined)) {
    throw usageError('Name notifications by their ids, or an account with --failed.');
  }
  if (failed === undefined) return ids;
  const account = await findAccount(session, failed);
  const found = await scan(session, account.id, { status: 'failed', most: lookedThrough });
  if (found.length === 0) throw new CliError(`'${failed}' has no failed notifications.`);
  return found.map(({ id }) => id);
}

/** A page of those that have the wanted status: the storage lists them all, newest first. */
function readFiltered(
  session: Session,
  accountId: AccountId,
  { message, status, ...page }: ListOptions,
): Promise<PageOf<Notification>> {
  const ofMessage = message && { messageId: message };
  if (status === undefined) {
    const { notifications } = session.storage.read;
    return readPage(page, (one) => notifications.list(accountId, { ...one, ...ofMessage }));
  }
  return readPage(page, async ({ limit, offset }) => {
    const found = await scan(session, accountId, { status, most: offset + limit, ...ofMessage });
    return found.slice(offset);
  });
}

async function scan(
  { storage }: Session,
  accountId: AccountId,
  wanted: { status: Notification['status']; most: number; messageId?: MessageId },
): Promise<Notification[]> {
  const { status, most, messageId } = wanted;
  const found: Notification[] = [];
  for (let offset = 0; offset < lookedThrough; offset += atOnce) {
    const page = { limit: atOnce, offset, ...(messageId && { messageId }) };
    const rows = await storage.read.notifications.list(accountId, page);
    found.push(...rows.filter((row) => row.status === status));
    if (rows.length < atOnce || found.length >= most) break;
  }
  return found.slice(0, most);
}

async function withTries(
  { storage }: Session,
  accountId: AccountId,
  page: PageOf<Notification>,
): Promise<PageOf<Row>> {
  const { endpoints, notifications } = storage.read;
  const held = await endpoints.ofAccount(accountId);
  const rows = await Promise.all(
    page.rows.map(async (notification): Promise<Row> => {
      const endpoint = held.find(({ id }) => id === notification.endpointId);
      return {
        notification,
        attempts: await notifications.attempts(notification.id),
        webhook: endpoint ? `${endpoint.form} ${endpoint.topic}` : '(removed)',
      };
    }),
  );
  return { ...page, rows };
}

/** The message, handset, link or number that it tells of. */
function about({ event }: Notification): string {
  if ('message' in event) return event.message.id;
  if (event.type === 'link.visited') return event.link.shortUrl;
  return 'reply' in event ? `from ${event.reply.from}` : event.number;
}

function lastAnswer({ attempts, notification }: Row): string | null {
  const last = attempts.at(-1);
  if (!last) return null;
  if (last.status === null) return last.detail;
  if (notification.via === 'session') return last.detail ?? 'taken';
  return last.detail ? `HTTP ${last.status}: ${last.detail}` : `HTTP ${last.status}`;
}

function rowDocument({ notification, attempts, webhook }: Row) {
  return {
    id: notification.id,
    event: notification.event.type,
    about: about(notification),
    webhook,
    status: notification.status,
    createdAt: iso(notification.createdAt),
    nextTryAt: notification.status === 'pending' ? iso(notification.dueAt) : null,
    doneAt: iso(notification.doneAt),
    // Counted anew here: a replay begins another round, in which tries are numbered from 1 again.
    tries: attempts.map(({ at, durationMs, status, detail }, before) => ({
      number: before + 1,
      at: iso(at),
      durationMs,
      status,
      detail,
    })),
  };
}
