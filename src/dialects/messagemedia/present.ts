import type { AccountView } from '../../core/accounts/account.ts';
import type { Event, MessageFacts } from '../../core/events.ts';
import type { Medium } from '../../core/messages/medium.ts';
import type { Message } from '../../core/messages/message.ts';
import { formatIso } from '../../text/instant.ts';
import type { Extras } from './extras.ts';
import { extrasOf } from './extras.ts';
import { settingsOf } from './settings.ts';
import type { MessageNews } from './statuses.ts';
import { reportedState, stateOf } from './statuses.ts';

export type Format = 'SMS' | 'MMS' | 'TTS';

export const mediumOf: Record<Format, Medium> = { SMS: 'sms', MMS: 'mms', TTS: 'voice' };
/** What other APIs of the account sent by media that this one does not know is shown as what it is nearest to. */
export const formatOf: Record<Medium, Format> = {
  sms: 'SMS',
  mms: 'MMS',
  voice: 'TTS',
  whatsapp: 'MMS',
  rcs: 'MMS',
  viber: 'MMS',
};

/**
 * A number in international form, as this API shows all of them. What has fewer digits is a short code, by the
 * vendor's own rule for destinations (8 to 15).
 */
export function address(text: string): string {
  return /^\d{8,15}$/.test(text) ? `+${text}` : text;
}

const instant = (at: number | undefined): string | null =>
  at === undefined ? null : formatIso(at);

/** What both answers on a message say of it in the same way. */
function wishes(extras: Extras) {
  return {
    callback_url: extras.callbackUrl ?? null,
    delivery_report: extras.deliveryReport ?? false,
    message_expiry_timestamp: instant(extras.expires),
    metadata: extras.metadata ?? {},
    scheduled: instant(extras.scheduled),
    source_number_type: extras.sourceNumberType ?? null,
    media: extras.media ?? null,
    subject: extras.subject ?? null,
  };
}

/** A message as its client sent it. */
export interface Sent {
  content: string;
  destination: string;
  format: Format;
  source: string | null;
  extras: Extras;
}

/**
 * A message in the answer to the request that sent it (reference §4.1): what was asked for, in the order of the
 * documented fields. What was left out is null, as in answers of the vendor's that users have shown; `metadata`
 * is an object always. The status is `queued` whatever will become of it.
 */
export function presentSent({ content, destination, format, source, extras }: Sent, id: string) {
  const wished = wishes(extras);
  return {
    callback_url: wished.callback_url,
    content,
    destination_number: destination,
    delivery_report: wished.delivery_report,
    format,
    message_expiry_timestamp: wished.message_expiry_timestamp,
    metadata: wished.metadata,
    scheduled: wished.scheduled,
    source_number: source,
    source_number_type: wished.source_number_type,
    message_id: id,
    status: 'queued',
    media: wished.media,
    subject: wished.subject,
  };
}

/** A message as it is (reference §4.2), with the address that it shows where its client named none. */
export function presentMessage(message: Message) {
  const wished = wishes(extrasOf(message));
  return {
    format: formatOf[message.medium],
    content: message.text,
    metadata: wished.metadata,
    message_id: message.id,
    callback_url: wished.callback_url,
    delivery_report: wished.delivery_report,
    destination_number: message.destination,
    scheduled: wished.scheduled,
    source_number: message.sender === '' ? null : address(message.sender),
    source_number_type: wished.source_number_type,
    message_expiry_timestamp: wished.message_expiry_timestamp,
    status: stateOf(message).status,
    ...(message.medium === 'mms' && { media: wished.media, subject: wished.subject }),
  };
}

/** Whose it is and under which id it is told. */
export interface Telling {
  view: AccountView;
  /** The event's, which it is confirmed by. */
  id: string;
}

/**
 * A delivery report, in the order in which it is polled (reference §5.3) or pushed (§6).
 * @throws Error for an event of which there is no report.
 */
export function presentReport(
  event: Event,
  { view, id }: Telling,
  order: 'polled' | 'pushed',
): object {
  const reported = reportedState(event);
  if (reported === null) throw new Error(`an event that is no delivery report: ${event.type}`);
  const { at, message } = event as MessageNews;
  const { callbackUrl, metadata = {} } = extrasOf(message);
  const vendor_account_id = vendorAccountId(view);
  const common = {
    callback_url: callbackUrl,
    delivery_report_id: id,
    // Where the news is from, as with a reply.
    source_number: message.destination,
    date_received: formatIso(at),
    status: reported.status,
    delay: 0,
    ...billed(message, view),
    submitted_date: formatIso(message.createdAt ?? at),
    original_text: message.text,
    message_id: message.id,
  };
  const error_code = String(reported.code);
  // Polled ones have no code in the documents, and users who miss it (reference §14): it stands behind the rest.
  return order === 'polled'
    ? { ...common, vendor_account_id, metadata, error_code }
    : { vendor_account_id, ...common, error_code, metadata };
}

function billed({ parts }: MessageFacts, view: AccountView): { billing_units?: number } {
  return settingsOf(view).billingUnits ? { billing_units: parts } : {};
}

/**
 * What a handset wrote, in the order in which it is polled (reference §5.1) or pushed (§6). What it answers is
 * left out where it answers nothing.
 * @throws Error for another event.
 */
export function presentReply(
  event: Event,
  { view, id }: Telling,
  order: 'polled' | 'pushed',
): object {
  if (event.type !== 'reply.received') throw new Error(`an event that is no reply: ${event.type}`);
  const { at, reply } = event;
  const { original } = reply;
  const { callbackUrl: callback_url, metadata = {} } = extrasOf(original ?? {});
  const message_id = original?.id;
  const date_received = formatIso(at);
  const source_number = reply.from;
  const destination_number = address(reply.to);
  const vendor_account_id = vendorAccountId(view);
  const content = reply.text;
  return order === 'polled'
    ? {
        metadata,
        message_id,
        reply_id: id,
        date_received,
        callback_url,
        destination_number,
        source_number,
        vendor_account_id,
        content,
      }
    : {
        callback_url,
        source_number,
        destination_number,
        message_id,
        date_received,
        metadata,
        reply_id: id,
        vendor_account_id,
        content,
      };
}

function vendorAccountId(view: AccountView) {
  return { vendor_id: settingsOf(view).vendorId, account_id: view.account.name };
}
