import type { Message, Part, TimelineEntry } from '../../core/messages/message.ts';
import type { Reply } from '../../core/delivery/reply.ts';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import type { Notification, NotificationAttempt } from '../../core/notifications/notification.ts';
import { formatUtc } from '../../text/instant.ts';
import { count, credits } from '../shared/format.ts';

/** What happened to a message, or is due to. */
export interface Step {
  at: number;
  what: string;
  detail: string | null;
}

/** All that is stored about one message. */
export interface History {
  message: Message;
  parts: readonly Part[];
  remarks: readonly TimelineEntry[];
  replies: readonly Reply[];
  notifications: readonly Told[];
}

export interface Told {
  notification: Notification;
  attempts: readonly NotificationAttempt[];
  /** Undefined when it was removed since. */
  endpoint: Endpoint | undefined;
}

/**
 * The way of a message, in time order; of one instant in the order of cause and effect.
 *
 * What the network said of a part is kept with the part, so that a hand-over that was made again shows
 * its last answer only; the earlier ones stand in the remarks.
 */
export function timelineOf(history: History): Step[] {
  const steps = [
    ...beginning(history),
    ...handOvers(history),
    ...history.remarks.filter(({ what }) => what !== refunded).map(remark),
    ...endings(history),
    ...history.remarks.filter(({ what }) => what === refunded).map(refund),
    ...history.replies.map(({ receivedAt, text, keyword }) => ({
      at: receivedAt,
      what: 'reply',
      detail: keyword === null ? text : `${text} (${keyword})`,
    })),
    ...history.notifications.flatMap(tellings),
  ];
  return steps.toSorted((a, b) => a.at - b.at);
}

/** What the core calls it when a message's price is given back; the detail is the credits. */
const refunded = 'refunded';

function remark({ at, what, detail }: TimelineEntry): Step {
  return { at, what, detail };
}

function refund({ at, what, detail }: TimelineEntry): Step {
  const amount = Number(detail ?? Number.NaN);
  return { at, what, detail: Number.isNaN(amount) ? detail : `${credits(amount * 1000)} credits` };
}

function beginning({ message }: History): Step[] {
  const { createdAt: at, scheduledAt, doneAt, linkId } = message;
  // What was refused before it had a link is told by its end.
  if (linkId === null) return [];
  const cost = `${count(message.parts, 'part')}, ${credits(message.price)} credits, link ${linkId}`;
  if (scheduledAt === null) return [{ at, what: 'accepted', detail: cost }];
  const accepted = {
    at,
    what: 'accepted',
    detail: `${cost}, to be sent at ${formatUtc(scheduledAt)}`,
  };
  // One that was taken back never saw its time.
  if (doneAt !== null && doneAt < scheduledAt) return [accepted];
  return [accepted, { at: scheduledAt, what: 'due', detail: 'its time to be sent' }];
}

function handOvers({ message, parts }: History): Step[] {
  return parts.flatMap((part) => {
    const name = `part ${part.number}/${message.parts}`;
    const steps: Step[] = [
      {
        at: part.sentAt,
        what: 'handed over',
        detail: `${name} to ${part.linkId}: ${answer(part)}`,
      },
    ];
    const isReceipt = part.upstreamId !== null && part.doneAt !== null;
    if (isReceipt) {
      const news = part.error === null ? part.status : `${part.status}: ${part.error}`;
      steps.push({ at: part.doneAt ?? part.sentAt, what: 'receipt', detail: `${name} ${news}` });
    }
    return steps;
  });
}

function answer({ upstreamId, status, error }: Part): string {
  if (upstreamId !== null) return `taken as ${upstreamId}`;
  switch (status) {
    case 'sending':
      return error === null ? 'no answer yet' : `not taken (${error})`;
    case 'unknown':
      return 'its answer was lost';
    case 'rejected':
      return error === null ? 'refused' : `refused (${error})`;
    default:
      return status;
  }
}

function endings({ message }: History): Step[] {
  const steps: Step[] = [];
  if (message.sentAt !== null) {
    steps.push({
      at: message.sentAt,
      what: 'sent',
      detail:
        message.parts > 1 ? `the network has all ${message.parts} parts` : 'the network has it',
    });
  }
  if (message.doneAt !== null) {
    steps.push({ at: message.doneAt, what: message.status, detail: reason(message) });
  }
  return steps;
}

/** Why a message ended as it did, for people. */
export function reason({ error, errorDetail }: Message): string | null {
  if (error === null) return errorDetail;
  return errorDetail === null ? error : `${error}: ${errorDetail}`;
}

/** What a session answered is said by its detail. */
function statusOf({ via }: Told['notification'], status: number): string {
  if (via === 'request') return `HTTP ${status}`;
  return status === 0 ? 'taken' : 'not taken';
}

function tellings({ notification, attempts, endpoint }: Told): Step[] {
  const { event, createdAt, status, dueAt } = notification;
  const where = endpoint ? `${endpoint.form} ${endpoint.topic}` : 'a removed webhook';
  const what = notification.via === 'session' ? 'session' : 'webhook';
  // Counted anew: a replay begins another round, in which tries are numbered from 1 again.
  const steps: Step[] = attempts.map(({ at, durationMs, status: answered, detail }, before) => ({
    at,
    what,
    detail: [
      `${event.type} to ${where}, try ${before + 1}:`,
      `${answered === null ? 'no answer' : statusOf(notification, answered)} after ${durationMs} ms`,
      ...(detail ? [`(${detail})`] : []),
    ].join(' '),
  }));
  if (attempts.length === 0) {
    steps.push({
      at: createdAt,
      what,
      detail: `${event.type} to ${where}: not tried yet`,
    });
  } else if (status === 'pending') {
    steps.push({ at: dueAt, what, detail: `${event.type} to ${where}: next try` });
  }
  return steps;
}
