import type { AccountView } from '../../core/accounts/account.ts';
import type { Fault } from '../../core/errors.ts';
import type { Simulation } from '../../core/messages/message.ts';
import type { MessageLimits, OutgoingMessage } from '../../core/messages/prepare.ts';
import { scheduleLimitMs } from '../../core/messages/prepare.ts';
import type { Sender, SenderKind } from '../../core/senders/sender.ts';
import { isUsable } from '../../core/senders/sender.ts';
import type { Extras } from './extras.ts';
import { storedExtras } from './extras.ts';
import type { Sent } from './present.ts';
import { mediumOf } from './present.ts';
import type { WireBatch, WireMessage } from './schema.ts';
import { fault, longestContent, refusedFor } from './schema.ts';
import { settingsOf } from './settings.ts';

/** How many characters there are is asked before; each has two units at most. */
const limits: MessageLimits = { alphabet: 'any', characters: 2 * longestContent, parts: 255 };

/** A message as its client will see it again, and as the core is asked to send it. */
export interface Asked {
  sent: Sent;
  message: OutgoingMessage;
}

/** @throws GatewayError `invalid_request` for what each of two fields allows and both together do not. */
export function outgoing(
  { messages, properties }: WireBatch,
  view: AccountView,
  now: number,
): Asked[] {
  const faults = messages.flatMap((one, index) => faultsOf(one, index, now));
  if (faults.length > 0) throw refusedFor(faults);
  const usual = usualSender(view, now);
  const simulate = simulationOf(properties);
  const shorten = settingsOf(view).shortenUrls ?? undefined;
  return messages.map((one) => {
    const { content, destination_number: destination } = one;
    const format = one.format ?? 'SMS';
    const source = one.source_number ?? null;
    const extras = extrasAsked(one);
    return {
      sent: { content, destination, format, source, extras },
      message: {
        to: destination,
        text: content,
        sender: source ?? usual,
        medium: mediumOf[format],
        scheduledAt: extras.scheduled,
        expiresAt: extras.expires,
        simulate,
        shorten,
        metadata: extras.metadata ? Object.entries(extras.metadata) : null,
        extras: storedExtras(extras),
        limits,
      },
    };
  });
}

/** A time that has passed is none (reference §4.1): the vendor takes it, and sends at once. */
function faultsOf({ media, format, scheduled }: WireMessage, index: number, now: number): Fault[] {
  const faults: Fault[] = [];
  if (media && media.length > 0 && format !== 'MMS') {
    faults.push(fault(['messages', index, 'media'], 'Media needs the format MMS'));
  }
  if (scheduled && scheduled > now + scheduleLimitMs) {
    faults.push(
      fault(['messages', index, 'scheduled'], 'Scheduled must be within a year from now'),
    );
  }
  return faults;
}

function extrasAsked(one: WireMessage): Extras {
  const extras: Extras = {};
  if (one.callback_url) extras.callbackUrl = one.callback_url;
  if (one.delivery_report) extras.deliveryReport = true;
  if (one.metadata) extras.metadata = one.metadata;
  if (one.source_number_type) extras.sourceNumberType = one.source_number_type;
  if (one.media && one.media.length > 0) extras.media = one.media;
  if (typeof one.subject === 'string') extras.subject = one.subject;
  if (typeof one.scheduled === 'number') extras.scheduled = one.scheduled;
  if (typeof one.message_expiry_timestamp === 'number')
    extras.expires = one.message_expiry_timestamp;
  return extras;
}

/** Which of an account's senders is shown where a message names none: the first of the first kind there is. */
const preference: readonly SenderKind[] = ['dedicated', 'own', 'shared', 'alphanumeric'];

/** Empty when the account has none: what names none is then refused. */
function usualSender(view: AccountView, now: number): string {
  const { defaultSender } = settingsOf(view);
  if (defaultSender !== null) return defaultSender;
  let best: Sender | undefined;
  for (const sender of view.senders.values()) {
    if (isUsable(sender, now) && (!best || rank(sender) < rank(best))) best = sender;
  }
  return best?.address ?? '';
}

const rank = ({ kind }: Sender): number => preference.indexOf(kind);

/** As the vendor's older client for Java asks for a rehearsal (reference §4.1). */
const simulations: ReadonlyMap<unknown, Simulation> = new Map([
  ['functional_test_delivered', 'delivered'],
  ['functional_test_delivery_failed', 'failed'],
]);

function simulationOf(properties: unknown): Simulation | null {
  if (typeof properties !== 'object' || properties === null) return null;
  const mode = 'sending_mode' in properties ? properties.sending_mode : undefined;
  return simulations.get(mode) ?? null;
}
