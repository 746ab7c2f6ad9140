import type { Event } from '../../core/events.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { NotificationId } from '../../core/ids.ts';
import type { Answer, Call } from './call.ts';
import type { Telling } from './present.ts';

const form = 'messagemedia';
/** As `notifications.ts` has them. */
type Topic = 'reports' | 'replies';
/** Of one answer (reference §5). */
const mostPolled = 100;

/** What a client has not confirmed yet, the oldest first, as it is shown to it. */
export async function poll(
  { caller }: Call,
  gateway: Gateway,
  topic: Topic,
  present: (event: Event, telling: Telling, order: 'polled') => object,
): Promise<object[]> {
  const { view } = caller;
  const waiting = await gateway.polled(caller, { form, topic, limit: mostPolled });
  return waiting.map(({ id, event }) => present(event, { view, id: event.id ?? id }, 'polled'));
}

/**
 * Takes what a client has for confirmed; ids of nothing that waits are passed over (reference §5.2). The answer has
 * no body, and says so with a length of 0 and a type: each of the vendor's clients trips over something else.
 */
export async function confirmPolled(
  { caller }: Call,
  gateway: Gateway,
  topic: Topic,
  ids: readonly string[],
): Promise<Answer> {
  await gateway.confirm(caller, {
    form,
    topic,
    ids: ids.map((id) => id.toLowerCase() as NotificationId),
  });
  return { status: 202, contentType: 'text/plain' };
}
