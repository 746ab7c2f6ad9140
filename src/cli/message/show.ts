import type { Command } from 'commander';
import type { MessageId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import type { Reply } from '../../core/delivery/reply.ts';
import { CliError } from '../shared/failure.ts';
import { credits, iso, when, whenExactly } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { parseId } from '../shared/parse.ts';
import { costOf, messageDocument } from './present.ts';
import type { History, Step, Told } from './timeline.ts';
import { reason, timelineOf } from './timeline.ts';

/** The most notifications of a message, and replies since it, that are looked at. */
const notificationsLookedAt = 200;
const repliesLookedAt = 500;

/** `parlance message show` */
export function addShow(group: Command, kit: Kit): void {
  const command = group
    .command('show')
    .argument('<id>', 'as `parlance message list` shows it', parseId<MessageId>)
    .description('All about one message: its way from the request to the last webhook.')
    .action(
      storageAction(kit, async (session, _options: object, id: MessageId) => {
        const history = await readHistory(session, await findMessage(session, id));
        const steps = timelineOf(history);
        const account = await session.storage.read.accounts.find(history.message.accountId);
        const document = {
          ...messageDocument(history.message),
          account: account?.name ?? null,
          timeline: steps.map((step) => ({ ...step, at: iso(step.at) })),
        };
        session.print.result(document, () => [
          ...messageLines(session, history.message, account?.name),
          '',
          ...stepLines(session, steps),
        ]);
      }),
    );
  examples(command, [
    ['parlance message show 019a2b3c-0000-7000-8000-000000000000', 'what became of it'],
  ]);
}

/** The message of this id, whosever it is. @throws CliError when there is none. */
export async function findMessage({ storage }: Session, id: MessageId): Promise<Message> {
  const message = await storage.read.messages.findAny(id);
  if (message) return message;
  throw new CliError(`There is no message ${id}: see \`parlance message list <account>\`.`);
}

async function readHistory({ storage }: Session, message: Message): Promise<History> {
  const { read } = storage;
  const { id, accountId, createdAt } = message;
  const [parts, remarks, endpoints, notifications, replies] = await Promise.all([
    read.messages.parts(id),
    read.messages.timeline(id),
    read.endpoints.ofAccount(accountId),
    read.notifications.list(accountId, { messageId: id, limit: notificationsLookedAt, offset: 0 }),
    read.replies.list(accountId, { since: createdAt, limit: repliesLookedAt, offset: 0 }),
  ]);
  const told = await Promise.all(
    // Oldest first, so that of one instant the earlier comes first.
    notifications.toReversed().map(
      async (notification): Promise<Told> => ({
        notification,
        attempts: await read.notifications.attempts(notification.id),
        endpoint: endpoints.find((one) => one.id === notification.endpointId),
      }),
    ),
  );
  const answers: Reply[] = replies.filter((reply) => reply.messageId === id).toReversed();
  return { message, parts, remarks, replies: answers, notifications: told };
}

function messageLines({ print }: Session, message: Message, account: string | undefined): string[] {
  return print.fields([
    ['message', message.id],
    ['account', account],
    ['to', message.destination],
    ['sender', message.sender],
    ['text', message.text],
    ['status', message.possiblyDoubled ? `${message.status} (possibly doubled)` : message.status],
    ['why', reason(message) ?? undefined],
    ['reference', message.clientRef ?? undefined],
    ['product', message.product ?? undefined],
    ['channel', message.channel ?? undefined],
    ['tags', message.tags?.join(', ')],
    ['price', `${credits(message.price)} credits for ${message.parts} × ${message.encoding}`],
    ['cost', costText(message)],
    ['link', message.linkId],
    ['hand-overs', message.attempts],
    ['good until', `${when(message.expiresAt)} UTC`],
    [
      'not seen by it',
      message.hiddenAt === null
        ? undefined
        : `since ${when(message.hiddenAt)} UTC: ${hiddenFor(message)}`,
    ],
  ]);
}

/** Of one that was erased the text is gone. */
function hiddenFor({ text }: Message): string {
  return text === '' ? 'erased' : 'sent again';
}

/** What the owner pays for it, and what is left of its price; nothing where no route says so. */
function costText(message: Message): string | undefined {
  const cost = costOf(message);
  if (cost === null) return undefined;
  return `${credits(cost)} credits, which leaves ${credits(message.price - cost)}`;
}

function stepLines({ print, gateway }: Session, steps: readonly Step[]): string[] {
  const now = gateway.delivery.clock.now();
  return print.table(steps, [
    {
      title: 'TIME (UTC)',
      of: ({ at }) => whenExactly(at),
      colour: ({ at }, paint) => (at > now ? paint.dim : paint.none),
    },
    { title: 'WHAT', of: ({ what }) => what },
    { title: 'DETAIL', of: ({ detail }) => detail },
  ]);
}
