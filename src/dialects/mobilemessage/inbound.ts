import type { Reply } from '../../core/delivery/reply.ts';
import { GatewayError } from '../../core/errors.ts';
import type { MessageId } from '../../core/ids.ts';
import { parseInstant } from '../../text/instant.ts';
import { readPage } from '../shared/page.ts';
import type { Query } from '../shared/query.ts';
import { parameter } from '../shared/query.ts';
import type { Handler } from './call.ts';
import { bare, presentList, presentReply } from './present.ts';

const newest = { limit: 100, offset: 0 };
const pageLimits = { usual: 100, most: 1000 };
const dayMs = 86_400_000;

/**
 * `GET /v1/messages?type=inbound` (reference A.6): a bare array of the newest, or the documented
 * object when there is none. Reading does not consume.
 */
export const listNewestInbound: Handler = async ({ caller }, { gateway }) => {
  const replies = await gateway.replies(caller, newest);
  if (replies.length === 0) {
    return JSON.stringify({ error: 'No inbound or unsubscribe messages found.' });
  }
  return JSON.stringify(replies.map((reply) => presentReply(reply, reply.receivedAt)));
};

/**
 * `GET /v1/inbound` (reference A.6): newest first, with `limit`, `offset`, `start_date`, `end_date`;
 * the handset as `from` and as `sender`.
 */
export const listInbound: Handler = async ({ caller, query }, { gateway }) => {
  const replies = await gateway.replies(caller, {
    ...readPage(query, pageLimits),
    since: readDate(query, 'start_date', 0),
    // A day that is named as the end is in it.
    until: readDate(query, 'end_date', dayMs),
  });
  const refs = await originalRefs(replies, (ids) => gateway.findMessages(caller, ids));
  return presentList(
    replies.map((reply) => {
      const { to, message, sender, received_at, type } = presentReply(reply, reply.receivedAt);
      return {
        message_id: reply.id,
        from: bare(reply.from),
        to,
        message,
        sender,
        received_at,
        type,
        original_message_id: reply.messageId ?? '',
        original_custom_ref: (reply.messageId && refs.get(reply.messageId)) ?? '',
      };
    }),
  );
};

async function originalRefs(
  replies: readonly Reply[],
  find: (ids: MessageId[]) => Promise<{ id: MessageId; clientRef: string | null }[]>,
): Promise<Map<MessageId, string | null>> {
  const ids = [...new Set(replies.flatMap(({ messageId }) => messageId ?? []))];
  const found = ids.length > 0 ? await find(ids) : [];
  return new Map(found.map(({ id, clientRef }) => [id, clientRef]));
}

/**
 * A day or an instant. @param wholeDayMs what is added to a day.
 * @throws GatewayError `invalid_request`.
 */
function readDate(query: Query, name: string, wholeDayMs: number): number | undefined {
  const text = parameter(query, name);
  if (text === undefined || text === '') return undefined;
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const instant = parseInstant(isDay ? `${text} 00:00:00` : text);
  if (instant === undefined) {
    throw new GatewayError(
      'invalid_request',
      `${name} must be a day such as 2026-03-09 or an instant such as 2026-03-09 09:00:00 (UTC).`,
      { field: name },
    );
  }
  return isDay ? instant + wholeDayMs : instant;
}
