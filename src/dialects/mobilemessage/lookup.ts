import type { Message } from '../../core/messages/message.ts';
import type { MessageId } from '../../core/ids.ts';
import { readPage } from '../shared/page.ts';
import { parameter } from '../shared/query.ts';
import type { Handler } from './call.ts';
import { listNewestInbound } from './inbound.ts';
import { presentList, presentMessage } from './present.ts';
import { matchesWildcard } from './wildcard.ts';

/** Of a list of messages; a longer answer helps nobody. */
const pageLimits = { usual: 1000, most: 1000 };

/**
 * `GET /v1/messages` (seed): by `message_id`, by `custom_ref` with `%` for any text (reference A.2),
 * by both, or without either the newest. What is not found is an empty list (reference A.4).
 */
export const lookUpMessages: Handler = async (call, context) => {
  const { caller, query, settings } = call;
  const { edition } = settings;
  if (edition === '2026' && parameter(query, 'type') === 'inbound') {
    return listNewestInbound(call, context);
  }
  const { gateway } = context;
  const id = parameter(query, 'message_id');
  const ref = parameter(query, 'custom_ref');
  let found: Message[];
  if (id !== undefined) {
    const ids = messageIds([id]);
    found = ids.length > 0 ? await gateway.findMessages(caller, ids) : [];
    if (ref !== undefined) {
      found = found.filter(
        ({ clientRef }) => clientRef !== null && matchesWildcard(ref, clientRef),
      );
    }
  } else {
    // Edition 2024 knows no pages: what it does not name is passed over.
    const page = readPage(edition === '2026' ? query : {}, pageLimits);
    found = await gateway.searchMessages(caller, {
      ...page,
      ...(ref !== undefined && { clientRef: ref }),
    });
  }
  return presentList(found.map((message) => presentMessage(message, edition)));
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Those of the texts that can be ids: all others find nothing. */
export function messageIds(texts: readonly string[]): MessageId[] {
  return texts
    .map((text) => text.trim().toLowerCase())
    .filter((text): text is MessageId => uuid.test(text));
}
