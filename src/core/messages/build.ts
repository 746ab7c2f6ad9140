import type { AccountId, MessageId, SubmissionId } from '../ids.ts';
import { millicredits } from '../money.ts';
import type { MessageError } from '../errors.ts';
import { measureText } from '../../text/parts.ts';
import type { E164 } from '../../text/phone-number.ts';
import { parseNumber } from '../../text/phone-number.ts';
import type { AccountView } from '../accounts/account.ts';
import type { Metadata, ShortLink } from '../links/short-link.ts';
import type { Vault } from '../ports/vault.ts';
import type { Message } from './message.ts';
import type { Routing } from '../routing/routing.ts';
import type { OutgoingMessage, Prepared } from './prepare.ts';

/** What a message has from the submission it is part of. */
export interface Origin {
  id: MessageId;
  accountId: AccountId;
  submissionId: SubmissionId;
  position: number;
  /** The way it came in. */
  channel: string;
  now: number;
  validityMs: number;
}

/** However long its client would wait: no configuration says more. */
const longestValidityMs = 720 * 3600_000;

/** The row of a message that may be accepted, on the link that its route has for it at this moment. */
export function newMessage(
  prepared: Prepared,
  origin: Origin,
  { routing, vault }: { routing: Routing; vault: Pick<Vault, 'seal'> },
): Message {
  const { scheduledAt, route, destination, parts } = prepared;
  const target = routing.first(route, origin.id);
  const start = scheduledAt ?? origin.now;
  return {
    id: origin.id,
    accountId: origin.accountId,
    submissionId: origin.submissionId,
    position: origin.position,
    destination,
    sender: prepared.sender,
    text: prepared.text,
    secret: prepared.secret === null ? null : vault.seal(prepared.secret),
    medium: prepared.medium,
    encoding: prepared.encoding,
    parts,
    price: prepared.price,
    cost: route.cost(target, destination, parts),
    clientRef: prepared.clientRef,
    product: prepared.product,
    productId: prepared.productId,
    channel: origin.channel,
    tags: prepared.tags,
    simulate: prepared.simulate,
    device: prepared.device,
    flash: prepared.flash,
    extras: prepared.extras,
    status: scheduledAt === null ? 'queued' : 'scheduled',
    error: null,
    errorDetail: null,
    linkId: target.link,
    priority: prepared.priority,
    upstreamId: null,
    attempts: 0,
    possiblyDoubled: 0,
    dueAt: start,
    lockedBy: null,
    scheduledAt,
    expiresAt: Math.min(prepared.expiresAt ?? start + origin.validityMs, start + longestValidityMs),
    createdAt: origin.now,
    sentAt: null,
    doneAt: null,
    hiddenAt: null,
  };
}

/** The rows of the links in its text. */
export function linksOf(
  { id, accountId, destination, createdAt: acceptedAt, scheduledAt }: Message,
  { links }: Prepared,
  metadata: Metadata | null | undefined,
): ShortLink[] {
  const own = {
    accountId,
    messageId: id,
    destination,
    title: null,
    advanced: 0 as const,
    endpointId: null,
    createdAt: scheduledAt ?? acceptedAt,
    changedAt: null,
    clicks: 0,
    views: 0,
  };
  return links.map((link) => ({
    ...own,
    ...link,
    metadata: metadata && metadata.length > 0 ? metadata : null,
  }));
}

/** The row of a message that is refused after all, kept so that its client may look it up. It costs nothing. */
export function refusedInstead(message: Message, error: MessageError): Message {
  return {
    ...message,
    secret: null,
    price: millicredits(0),
    cost: null,
    status: 'rejected',
    error: error.code,
    errorDetail: error.detail,
    linkId: null,
    attempts: 0,
    lockedBy: null,
    dueAt: message.createdAt,
    expiresAt: message.createdAt,
    doneAt: message.createdAt,
  };
}

/**
 * The row of a message that could not even be prepared, as it was asked for, for a client that was promised
 * to hear of it later.
 * @returns null for what is addressed to nothing like a number: it cannot be stored.
 */
export function refusedAtOnce(
  asked: OutgoingMessage,
  error: MessageError,
  view: AccountView,
  { id, accountId, submissionId, position, channel, now }: Omit<Origin, 'validityMs'>,
): Message | null {
  const destination = destinationOf(asked.to, view);
  if (destination === null) return null;
  return neverSent(
    {
      id,
      accountId,
      submissionId,
      position,
      destination,
      sender: storable(asked.sender),
      text: storable(asked.text),
      medium: asked.medium ?? 'sms',
      clientRef: asked.clientRef ?? null,
      channel,
      simulate: asked.simulate ?? null,
      extras: asked.extras ?? null,
      status: 'rejected',
      error: error.code,
      errorDetail: error.detail,
    },
    now,
  );
}

/** What is to be said of a message that ended before it could go anywhere; the rest follows. */
type NeverSent = Pick<
  Message,
  | 'id'
  | 'accountId'
  | 'submissionId'
  | 'destination'
  | 'sender'
  | 'text'
  | 'channel'
  | 'extras'
  | 'status'
  | 'error'
  | 'errorDetail'
> &
  Partial<Pick<Message, 'position' | 'medium' | 'clientRef' | 'simulate'>>;

/** Its row: it cost nothing, and was over as it began. */
export function neverSent(said: NeverSent, now: number): Message {
  return {
    position: 0,
    secret: null,
    medium: 'sms',
    ...measureText(said.text),
    price: millicredits(0),
    cost: null,
    clientRef: null,
    product: null,
    productId: null,
    tags: null,
    simulate: null,
    device: null,
    flash: 0,
    linkId: null,
    upstreamId: null,
    priority: 0,
    attempts: 0,
    possiblyDoubled: 0,
    dueAt: now,
    lockedBy: null,
    scheduledAt: null,
    expiresAt: now,
    createdAt: now,
    sentAt: null,
    doneAt: now,
    hiddenAt: null,
    ...said,
  };
}

/**
 * Where a message to what an account writes is kept under: also what is no number, but looks like one.
 * @returns null for what is nothing like a number: no message is kept of it.
 */
export function destinationOf(to: string, { account }: AccountView): E164 | null {
  const known = parseNumber(to, account.homeCountry)?.e164;
  if (known) return known;
  const digits = /^\+?(\d{1,20})$/.exec(to)?.[1];
  return digits === undefined ? null : (`+${digits}` as E164);
}

/** PostgreSQL takes no U+0000, and neither engine half a character. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
