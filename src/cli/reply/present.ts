import type { Reply } from '../../core/delivery/reply.ts';
import { iso } from '../shared/format.ts';

/** A reply for programs. */
export function replyDocument(reply: Reply) {
  return {
    id: reply.id,
    accountId: reply.accountId,
    from: reply.from,
    to: reply.to,
    text: reply.text,
    keyword: reply.keyword,
    messageId: reply.messageId,
    link: reply.linkId,
    receivedAt: iso(reply.receivedAt),
    readAt: iso(reply.readAt),
    alias: reply.alias,
    hiddenAt: iso(reply.hiddenAt),
  };
}
