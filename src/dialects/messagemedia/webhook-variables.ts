import type { AccountView } from '../../core/accounts/account.ts';
import type { Event, MessageFacts, OriginalFacts } from '../../core/events.ts';
import { formatIso } from '../../text/instant.ts';
import { extrasOf } from './extras.ts';
import { address, formatOf } from './present.ts';
import { settingsOf } from './settings.ts';
import type { MessageNews, WireStatus } from './statuses.ts';
import { reportedState } from './statuses.ts';
import type { Value } from './velocity/values.ts';
import type { WebhookEvent } from './webhook-settings.ts';

type ReplyNews = Extract<Event, { type: 'reply.received' }>;

const reportEvents: Record<WireStatus, WebhookEvent | null> = {
  enroute: 'ENROUTE_DR',
  submitted: 'SUBMITTED_DR',
  delivered: 'DELIVERED_DR',
  expired: 'EXPIRED_DR',
  rejected: 'REJECTED_DR',
  failed: 'FAILED_DR',
  scheduled: null,
  cancelled: null,
};

/**
 * What an event is for a webhook that has subscribed to these; null when it is nothing there. A wish to be left
 * alone is one thing, not two: who has subscribed to such is told it as that, and who has not, as the reply that
 * it is as well.
 */
export function webhookEventOf(
  event: Event,
  subscribed: readonly WebhookEvent[],
): WebhookEvent | null {
  return namesOf(event).find((name) => subscribed.includes(name)) ?? null;
}

function namesOf(event: Event): readonly WebhookEvent[] {
  if (event.type === 'reply.received') {
    return event.reply.keyword === 'stop' ? ['OPT_OUT_SMS', 'RECEIVED_SMS'] : ['RECEIVED_SMS'];
  }
  const state = reportedState(event);
  const name = state && reportEvents[state.status];
  return name === null ? [] : [name];
}

/** Of one try to tell an event. */
export interface Telling {
  view: AccountView;
  /** The event's own. */
  id: string;
  /** Tries before this one. */
  attempt: number;
}

/** The variables of a template (reference §7.7). What there is not is left out, and is shown as it was written. */
export function variablesOf(
  event: Event,
  name: WebhookEvent,
  telling: Telling,
): ReadonlyMap<string, Value> {
  const { view, id, attempt } = telling;
  const own =
    event.type === 'reply.received'
      ? ofReply(event, name === 'OPT_OUT_SMS' ? { notificationId: id } : { moId: id, replyId: id })
      : ofReport(event, id);
  const variables: Record<string, Value | undefined> = {
    ...own,
    accountId: view.account.name,
    vendorId: settingsOf(view).vendorId,
    receivedTimestamp: formatIso(event.at),
    retryCount: attempt,
  };
  return new Map(
    Object.entries(variables).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value]],
    ),
  );
}

function ofReport(event: Event, id: string): Record<string, Value | undefined> {
  const state = reportedState(event);
  if (state === null) throw new Error(`an event that is no delivery report: ${event.type}`);
  const { message, at } = event as MessageNews;
  return {
    ...ofMessage({ createdAt: at, ...message }),
    drId: id,
    reportId: id,
    // Where the news is from, as with a reply.
    sourceAddress: message.destination,
    status: state.status,
    statusCode: String(state.code),
    billingUnits: message.parts,
  };
}

function ofReply(
  { reply }: ReplyNews,
  ids: Record<string, string>,
): Record<string, Value | undefined> {
  return {
    ...ofMessage(reply.original),
    ...ids,
    // Handsets answer by SMS, whatever they were sent.
    format: 'SMS',
    type: 'SMS',
    sourceAddress: reply.from,
    destinationAddress: address(reply.to),
    moContent: reply.text,
    replyContent: reply.text,
  };
}

function ofMessage(message: OriginalFacts | MessageFacts | null) {
  const { metadata = {} } = extrasOf(message ?? {});
  const format = formatOf[message?.medium ?? 'sms'];
  const sentAt = message?.createdAt;
  return {
    format,
    type: format,
    mtId: message?.id,
    messageId: message?.id,
    mtContent: message?.text,
    messageContent: message?.text,
    submittedTimestamp: sentAt === undefined ? undefined : formatIso(sentAt),
    metadata: new Map(Object.entries(metadata)),
  };
}
