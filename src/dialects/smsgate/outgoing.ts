import type { AccountView } from '../../core/accounts/account.ts';
import { phoneSender } from '../../core/devices/device.ts';
import { GatewayError } from '../../core/errors.ts';
import type { MessageLimits, OutgoingMessage } from '../../core/messages/prepare.ts';
import type { Sender, SenderKind } from '../../core/senders/sender.ts';
import { isUsable, senderKey } from '../../core/senders/sender.ts';
import { parseNumber } from '../../text/phone-number.ts';
import { storedExtras } from './extras.ts';
import type { WireMessage } from './schema.ts';
import { invalid, longestText } from './schema.ts';
import { settingsOf } from './settings.ts';

/** More parts no message can have. */
const limits: MessageLimits = { alphabet: 'any', characters: longestText, parts: 255 };

/** By which phone a message goes: any, where `id` is null. */
export type Way = OutgoingMessage['device'];

/**
 * What the core is asked to send: one message for each recipient.
 * @param way where the caller has chosen a phone; null: he leaves it to the gateway.
 * @throws GatewayError `invalid_request` for what each field allows and all together do not, and for what this gateway
 * cannot carry.
 */
export function outgoing(
  wanted: WireMessage,
  { view, way, now }: { view: AccountView; way: Way; now: number },
): OutgoingMessage[] {
  const text = textOf(wanted);
  if (wanted.isEncrypted) {
    throw cannot(
      'Encrypted messages cannot be sent: the gateway must know the numbers and the length of the text.',
    );
  }
  requireDifferent(wanted.phoneNumbers, view);
  const { id, simNumber, priority, withDeliveryReport } = wanted;
  const device = way ?? (simNumber === null ? null : { id: null, sim: simNumber });
  return wanted.phoneNumbers.map((to) => ({
    to,
    text,
    sender: senderFor(device, view, now),
    clientRef: id === '' ? null : id,
    ...timesOf(wanted, now),
    priority: priority ?? 0,
    device,
    extras: storedExtras(withDeliveryReport === false ? { unreported: true } : {}),
    limits,
  }));
}

function textOf({ message, textMessage, dataMessage, mmsMessage }: WireMessage): string {
  const texts = [message || null, textMessage?.text ?? null].filter((one) => one !== null);
  const others = [dataMessage, mmsMessage].filter((one) => one !== undefined && one !== null);
  if (texts.length + others.length !== 1) {
    throw cannot('A message must have exactly one of textMessage, dataMessage and message.');
  }
  if (others.length > 0) {
    throw cannot('Only text messages can be sent: dataMessage and mmsMessage cannot be carried.');
  }
  return texts[0] as string;
}

/** A number that comes twice, in whatever form, would get the message twice. */
function requireDifferent(numbers: readonly string[], { account }: AccountView): void {
  const known = new Set(numbers.map((one) => parseNumber(one, account.homeCountry)?.e164 ?? one));
  if (known.size < numbers.length) throw invalid('phoneNumbers', 'different from each other');
}

function timesOf(
  { ttl, validUntil, scheduleAt }: WireMessage,
  now: number,
): Pick<OutgoingMessage, 'scheduledAt' | 'expiresAt'> {
  if (ttl !== null && validUntil !== null) {
    throw cannot('ttl and validUntil must not be given both.');
  }
  if (scheduleAt !== null && scheduleAt <= now) throw invalid('scheduleAt', 'in the future');
  if (scheduleAt !== null && validUntil !== null && validUntil <= scheduleAt) {
    throw invalid('validUntil', 'after scheduleAt');
  }
  // What waits for its time begins to grow old then.
  const expiresAt = ttl === null ? validUntil : (scheduleAt ?? now) + ttl * 1000;
  return { scheduledAt: scheduleAt, expiresAt };
}

/**
 * The number of the phone or SIM that was chosen; of an account with phones whichever number that phone has that takes
 * it; without phones what the account has.
 */
function senderFor(device: Way, view: AccountView, now: number): string {
  const { defaultSender } = settingsOf(view);
  if (device && device.id !== null) {
    const phone = view.devices.find(({ id }) => id === device.id);
    const number =
      device.sim === null ? phone?.number : phone?.sims.find(isSim(device.sim))?.number;
    const own = number ? usable(view, number, now) : undefined;
    if (own) return own.address;
  } else if (!device && defaultSender !== null) {
    return defaultSender;
  }
  const anyPhone = device || view.devices.length > 0 ? usable(view, phoneSender, now) : undefined;
  return anyPhone?.address ?? defaultSender ?? usualSender(view, now);
}

const isSim =
  (wanted: number) =>
  ({ sim }: { sim: number }): boolean =>
    sim === wanted;

function usable(view: AccountView, address: string, now: number): Sender | undefined {
  const sender = view.senders.get(senderKey(address));
  return sender && isUsable(sender, now) ? sender : undefined;
}

/** Which of an account's senders is shown where nothing says so: the first of the first kind there is. */
const preference: readonly SenderKind[] = ['dedicated', 'own', 'shared', 'alphanumeric'];

/** Empty when the account has none: then the message is refused. */
function usualSender(view: AccountView, now: number): string {
  const senders = [...view.senders.values()].filter((one) => isUsable(one, now));
  const kind = preference.find((one) => senders.some((sender) => sender.kind === one));
  return senders.find((sender) => sender.kind === kind)?.address ?? '';
}

function cannot(sentence: string): GatewayError {
  return new GatewayError('invalid_request', sentence);
}
