import type { Command } from 'commander';
import type { Reply } from '../../core/delivery/reply.ts';
import type { LinkId, MessageId } from '../../core/ids.ts';
import type { Notification } from '../../core/notifications/notification.ts';
import type { E164 } from '../../text/phone-number.ts';
import { usageError } from '../shared/failure.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findMessage } from '../message/show.ts';
import { numberOf } from '../shared/numbers.ts';
import { isId } from '../shared/parse.ts';
import { replyDocument } from './present.ts';

interface SendOptions {
  from?: string;
  to?: string;
  text?: string;
  link?: string;
}

/** The transport that plays a carrier: a simulated reply comes in by its link. */
const played = 'sandbox';
/** What one reply can set off is among the newest. */
const notificationsLookedAt = 50;

/** `parlance reply send` */
export function addSend(group: Command, kit: Kit): void {
  const command = group
    .command('send', { isDefault: true })
    .summary('Simulate a handset that writes to us.')
    .argument('[message-id]', 'answer this message: --from and --to are taken from it')
    .description(
      'Simulate a handset that writes to us. No network is involved: the reply is recorded as if the ' +
        'sandbox had brought it, and has all its consequences (opt-out, webhook). It works beside a ' +
        'running server, which tells the account’s webhook within a second.',
    )
    .option('--text <text>', 'what the handset writes; STOP and START do what they say')
    .option('--from <number>', 'the handset')
    .option('--to <address>', 'the sender it writes to')
    .option('--link <name>', 'the link that brings it (default: the sandbox)')
    .action(
      storageAction(kit, async (session, options: SendOptions, id: string | undefined) => {
        const { gateway, print } = session;
        checkId(id);
        const { text } = options;
        if (text === undefined) throw usageError('Say what the handset writes with --text.');
        const { from, to } = await addresses(session, options, id);
        const linkId = linkOf(session, options.link);
        const { clock, ids } = gateway.delivery;
        const reply = await gateway.recordReply({
          linkId,
          from,
          to,
          text,
          at: clock.now(),
          upstreamId: `simulated-${ids.next<string>()}`,
        });
        const account =
          reply.accountId && (await session.storage.read.accounts.find(reply.accountId));
        const told = await notificationsOf(session, reply);
        const document = {
          ...replyDocument(reply),
          simulated: true,
          account: account ? account.name : null,
          notifications: told.map(({ id: notification }) => notification),
        };
        print.result(document, () => [
          `Simulated: ${reply.from} wrote '${text}' to '${reply.to}'.`,
          ...(account ? consequences(reply, account.name, told.length) : [nobody(reply)]),
        ]);
      }),
    );
  examples(command, [
    ['parlance reply send --from +61412345678 --to CompanyABC --text "Yes"', 'a handset writes'],
    [
      'parlance reply send 019a2b3c-0000-7000-8000-000000000000 --text STOP',
      'it answers a message, and wants no more',
    ],
  ]);
}

/** It is the default command of its group, so that a mistyped command arrives here. */
function checkId(id: string | undefined): void {
  if (id === undefined || isId(id)) return;
  throw usageError(
    `'${id}' is neither a command of \`parlance reply\` nor the id of a message: see \`parlance reply --help\`.`,
  );
}

async function addresses(
  session: Session,
  { from, to }: SendOptions,
  id: string | undefined,
): Promise<{ from: E164; to: string }> {
  const home = session.config.accounts.homeCountry;
  if (id === undefined) {
    if (from === undefined || to === undefined) {
      throw usageError('Say who writes to whom with --from and --to, or name a message to answer.');
    }
    return { from: numberOf(from, home), to };
  }
  const message = await findMessage(session, id.toLowerCase() as MessageId);
  return {
    from: from === undefined ? message.destination : numberOf(from, home),
    to: to ?? message.sender,
  };
}

function linkOf({ config }: Session, named: string | undefined): LinkId {
  const links = [...config.links];
  const [link] =
    named === undefined
      ? (links.find(([, { transport }]) => transport === played) ?? [])
      : (links.find(([id]) => id === named) ?? []);
  if (link !== undefined) return link;
  const names = links.map(([id]) => id).join(', ');
  throw usageError(
    named === undefined
      ? `The configuration has no link of transport '${played}'; name the one that shall bring the reply with --link: ${names}.`
      : `There is no link '${named}'; there is ${names}.`,
  );
}

async function notificationsOf({ storage }: Session, reply: Reply): Promise<Notification[]> {
  if (reply.accountId === null) return [];
  const newest = await storage.read.notifications.list(reply.accountId, {
    limit: notificationsLookedAt,
    offset: 0,
  });
  return newest.filter(({ event, createdAt }) =>
    event.type === 'reply.received'
      ? event.reply.id === reply.id
      : createdAt >= reply.receivedAt && 'number' in event && event.number === reply.from,
  );
}

function consequences(reply: Reply, account: string, told: number): string[] {
  const answers = reply.messageId === null ? '' : `, as the answer to message ${reply.messageId}`;
  const lines = [`It is recorded for '${account}'${answers}.`];
  if (reply.keyword === 'stop') lines.push(`'${account}' must not send to ${reply.from} any more.`);
  if (reply.keyword === 'start') lines.push(`'${account}' may send to ${reply.from} again.`);
  lines.push(
    told === 0
      ? `'${account}' has no webhook that is told of it.`
      : `Its webhook is told by the serving process, within a second.`,
  );
  return lines;
}

function nobody({ to }: Reply): string {
  return `No account has '${to}' as its own number or sent from it to this handset: see \`parlance reply list --unowned\`.`;
}
