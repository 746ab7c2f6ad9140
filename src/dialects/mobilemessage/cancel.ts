import type { MessageId } from '../../core/ids.ts';
import type { Cancellation } from '../../core/messages/cancel.ts';
import type { Message } from '../../core/messages/message.ts';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import { parseJson } from '../shared/json.ts';
import type { Query } from '../shared/query.ts';
import type { Handler } from './call.ts';
import { messageIds } from './lookup.ts';
import { presentList, presentMessage } from './present.ts';
import { cancellation } from './schema.ts';
import { matchesWildcard } from './wildcard.ts';

/** The most that one request takes back, as many as one can send. */
const mostCancelled = 10_000;
const atOnce = 1000;

/**
 * `DELETE /v1/messages` (reference A.2): takes back what is scheduled, with a full refund, named by
 * `message_id` or `custom_ref` in the query or a JSON body, one or several. There is a result for each
 * message that was found; when not one could be cancelled the request is refused.
 */
export const cancelScheduled: Handler = async ({ caller, query, body }, { gateway }) => {
  const asked = readCancellation(query, parseJson(body));
  const done = await cancelAsked(gateway, caller, asked);
  if (done.length === 0) throw new GatewayError('not_found', 'Message not found.');
  if (!done.some(({ kind }) => kind === 'cancelled')) {
    throw new GatewayError(
      'not_cancellable',
      'Only a message that is still scheduled can be cancelled.',
    );
  }
  return presentList(
    done.map(({ kind, message }) =>
      kind === 'cancelled'
        ? presentMessage(message, '2026')
        : {
            ...presentMessage(message, '2026'),
            error: 'Only a message that is still scheduled can be cancelled.',
          },
    ),
  );
};

interface Asked {
  ids: MessageId[] | null;
  refs: string[] | null;
}

/** @throws GatewayError `invalid_request` when neither is given: nobody means "all". */
function readCancellation(query: Query, body: unknown): Asked {
  const given = cancellation.parse(body ?? {});
  const ids = query['message_id'] ?? given.message_id ?? null;
  const refs = query['custom_ref'] ?? given.custom_ref ?? null;
  if (ids === null && refs === null) {
    throw new GatewayError('invalid_request', 'message_id or custom_ref is missing.');
  }
  return {
    ids: ids === null ? null : messageIds(several(ids)),
    refs: refs === null ? null : several(refs),
  };
}

const several = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value]);

async function cancelAsked(
  gateway: Gateway,
  caller: Caller,
  { ids, refs }: Asked,
): Promise<Cancellation[]> {
  if (ids === null) return cancelByRef(gateway, caller, refs ?? []);
  if (refs === null) return ids.length === 0 ? [] : gateway.cancel(caller, ids);
  const found = ids.length === 0 ? [] : await gateway.findMessages(caller, ids);
  const chosen = found.filter(({ clientRef }) =>
    refs.some((ref) => clientRef !== null && matchesWildcard(ref, clientRef)),
  );
  return chosen.length === 0 ? [] : gateway.cancel(caller, idsOf(chosen));
}

async function cancelByRef(
  gateway: Gateway,
  caller: Caller,
  refs: readonly string[],
): Promise<Cancellation[]> {
  const done: Cancellation[] = [];
  for (const clientRef of refs) {
    const before = done.length;
    let page: Message[];
    do {
      // What is cancelled is not found again, so the first page is always the next one.
      const search = { clientRef, status: 'scheduled', limit: atOnce, offset: 0 } as const;
      page = await gateway.searchMessages(caller, search);
      if (page.length > 0) done.push(...(await gateway.cancel(caller, idsOf(page))));
    } while (page.length === atOnce && done.length < mostCancelled);
    if (done.length === before) {
      // Nothing waits under this reference: was there ever something?
      const other = await gateway.searchMessages(caller, { clientRef, limit: 1, offset: 0 });
      for (const message of other) done.push({ kind: 'not_cancellable', message });
    }
  }
  return done;
}

const idsOf = (messages: readonly Message[]): MessageId[] => messages.map(({ id }) => id);
