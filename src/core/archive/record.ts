import type { Reply } from '../delivery/reply.ts';
import type { AccountId } from '../ids.ts';
import type { Message, Part } from '../messages/message.ts';
import type { ArchivedRecord } from './archive-file.ts';

/**
 * A row as a line of a file, without its end: the same text whenever the same is stored, so that what has changed
 * since is known by it. Instants are epoch milliseconds, money is millicredits, as everywhere.
 */
export function lineOfMessage(stored: Message, parts: readonly Part[]): string {
  const {
    secret: _secret,
    lockedBy: _lockedBy,
    dueAt: _dueAt,
    priority: _priority,
    upstreamId: _upstreamId,
    ...message
  } = stored;
  return lineOfArchived({ kind: 'messages', message, parts });
}

export function lineOfReply(reply: Reply): string {
  return lineOfArchived({ kind: 'replies', reply });
}

export function lineOfArchived(record: ArchivedRecord): string {
  if (record.kind === 'replies') return JSON.stringify({ reply: record.reply });
  const { message, parts } = record;
  return JSON.stringify({ message, parts: parts.map(({ messageId: _of, ...part }) => part) });
}

/** Reads a line back. @throws SyntaxError when it was not written by this program. */
export function recordOf(line: string): ArchivedRecord {
  const read = JSON.parse(line) as
    | { message: Message; parts: Omit<Part, 'messageId'>[] }
    | { reply: Reply };
  if ('reply' in read) return { kind: 'replies', reply: read.reply };
  if (!('message' in read)) throw new SyntaxError('a line of the archive is of no kind');
  const { message } = read;
  return {
    kind: 'messages',
    message,
    parts: read.parts.map((part) => ({ messageId: message.id, ...part })),
  };
}

export function idOf(record: ArchivedRecord): string {
  return record.kind === 'messages' ? record.message.id : record.reply.id;
}

export function accountOf(record: ArchivedRecord): AccountId | null {
  return record.kind === 'messages' ? record.message.accountId : record.reply.accountId;
}

/** The handset's number. */
export function numberOf(record: ArchivedRecord): string {
  return record.kind === 'messages' ? record.message.destination : record.reply.from;
}
