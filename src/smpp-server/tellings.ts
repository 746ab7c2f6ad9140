import type { AccountView } from '../core/accounts/account.ts';
import type { Event } from '../core/events.ts';
import type { SessionForm } from '../core/ports/notifier.ts';
import type { Wish } from './asked.ts';
import { askedOf } from './asked.ts';
import { channel } from './outgoing.ts';
import { partsOf } from './reply-parts.ts';
import { accountSettingsOf } from './settings.ts';

/**
 * What an account's clients are told over their sessions: the receipts that they asked for, of messages
 * that came by SMPP, and every reply to the account. Each answer that a message got has a receipt of its own, and
 * each part of a long reply is a notification of its own: so each is told, answered and repeated by itself.
 */
export const form: SessionForm = {
  name: channel,

  tellings(event, _endpoint, view) {
    switch (event.type) {
      case 'message.sent':
        return receiptsOf(event, ({ intermediate }) => intermediate === true);
      case 'message.delivered':
        return receiptsOf(event, ({ receipts }) => receipts === 'all' || receipts === 'successes');
      case 'message.failed':
      case 'message.cancelled':
        return receiptsOf(event, ({ receipts }) => receipts === 'all' || receipts === 'failures');
      case 'reply.received':
        return piecesOf(event, view);
      case 'message.accepted':
      case 'message.released':
      case 'part.delivered':
      case 'part.failed':
      case 'link.visited':
      case 'optout.added':
      case 'optout.removed':
        return [];
    }
  },
};

type MessageEvent = Extract<
  Event,
  { type: 'message.sent' | 'message.delivered' | 'message.failed' | 'message.cancelled' }
>;

function receiptsOf(event: MessageEvent, isWanted: (wish: Wish) => boolean): readonly Event[] {
  const asked = askedOf(event.message.extras);
  if (!asked) return [];
  const total = asked.wishes.length;
  return asked.wishes.flatMap((wish): Event[] => {
    if (!isWanted(wish)) return [];
    const { number } = wish;
    return [number === undefined ? event : { ...event, piece: { number, total } }];
  });
}

function piecesOf(
  event: Extract<Event, { type: 'reply.received' }>,
  view: AccountView,
): readonly Event[] {
  const { texts } = partsOf(event.reply.text, accountSettingsOf(view));
  if (texts.length === 1) return [event];
  return texts.map((_, at) => ({ ...event, piece: { number: at + 1, total: texts.length } }));
}
