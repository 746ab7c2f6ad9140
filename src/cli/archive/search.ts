import type { Command } from 'commander';
import type { ArchivedRecord } from '../../core/archive/archive-file.ts';
import { inCredits } from '../../core/money.ts';
import { iso, when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { accountNames } from '../shared/lookup.ts';
import type { PageOptions } from '../shared/pages.ts';
import { paged, printPage, readPage } from '../shared/pages.ts';
import type { WhichRowOptions } from './which.ts';
import { rowSearchOf, whichRow } from './which.ts';

/** `parlance archive search` */
export function addSearch(group: Command, kit: Kit): void {
  const command = whichRow(paged(group.command('search')))
    .description('Messages and replies in the archive, the oldest first.')
    .action(
      storageAction(kit, async (session, options: PageOptions & WhichRowOptions) => {
        const search = await rowSearchOf(session, options);
        const page = await readPage(options, async ({ limit, offset }) => {
          const rows: ArchivedRecord[] = [];
          let passed = 0;
          for await (const record of session.archive.search(search)) {
            if (passed++ < offset) continue;
            rows.push(record);
            if (rows.length === limit) break;
          }
          return rows;
        });
        const ids = page.rows.flatMap((record) => accountOf(record) ?? []);
        const nameOf = await accountNames(session, ids);
        const ownerOf = (record: ArchivedRecord) => {
          const account = accountOf(record);
          return account && nameOf(account);
        };
        printPage(session.print, page, {
          item: (record) => ({ account: ownerOf(record), ...documentOf(record) }),
          columns: [
            { title: 'ID', of: (record) => rowOf(record).id },
            { title: 'TIME (UTC)', of: (record) => when(rowOf(record).at) },
            { title: 'ACCOUNT', of: ownerOf },
            { title: 'FROM', of: (record) => rowOf(record).from },
            { title: 'TO', of: (record) => rowOf(record).to },
            { title: 'STATUS', of: (record) => rowOf(record).status },
            { title: 'TEXT', of: (record) => rowOf(record).text, most: 40 },
          ],
          none: 'There is nothing of that in the archive.',
        });
      }),
    );
  examples(command, [
    ['parlance archive search --account shop --day 2026-03-14', 'what an account sent on a day'],
    ['parlance archive search --number +61412345678 --json', 'all that is known of a handset'],
    ['parlance archive search --id 019cb2f0-1234-7abc-8def-0123456789ab', 'one message'],
  ]);
}

function accountOf(record: ArchivedRecord) {
  return record.kind === 'messages' ? record.message.accountId : record.reply.accountId;
}

/** What a table shows of either. */
function rowOf(record: ArchivedRecord) {
  if (record.kind === 'messages') {
    const { id, createdAt: at, sender: from, destination: to, status, text } = record.message;
    return { id, at, from, to, status, text };
  }
  const { id, receivedAt: at, from, to, text } = record.reply;
  return { id, at, from, to, status: 'received', text };
}

/** For programs: instants as ISO 8601, money in credits, as everywhere else. */
function documentOf(record: ArchivedRecord) {
  if (record.kind === 'replies') {
    const { reply } = record;
    return {
      reply: {
        id: reply.id,
        from: reply.from,
        to: reply.to,
        text: reply.text,
        keyword: reply.keyword,
        messageId: reply.messageId,
        link: reply.linkId,
        receivedAt: iso(reply.receivedAt),
      },
    };
  }
  const { message } = record;
  return {
    message: {
      id: message.id,
      submissionId: message.submissionId,
      to: message.destination,
      sender: message.sender,
      text: message.text,
      parts: message.parts,
      price: inCredits(message.price),
      cost: message.cost === null ? null : inCredits(message.cost),
      ref: message.clientRef,
      product: message.product,
      channel: message.channel,
      tags: message.tags,
      status: message.status,
      error: message.error,
      link: message.linkId,
      createdAt: iso(message.createdAt),
      sentAt: iso(message.sentAt),
      doneAt: iso(message.doneAt),
    },
    parts: record.parts.map((part) => ({
      number: part.number,
      link: part.linkId,
      upstreamId: part.upstreamId,
      status: part.status,
      error: part.error,
      sentAt: iso(part.sentAt),
      doneAt: iso(part.doneAt),
    })),
  };
}
