import type { AccountView } from '../../core/accounts/account.ts';
import type { MessageLimits, OutgoingMessage } from '../../core/messages/prepare.ts';
import { phoneSender } from '../../core/devices/device.ts';
import type { Sender, SenderKind } from '../../core/senders/sender.ts';
import { isUsable, senderKey } from '../../core/senders/sender.ts';
import type { Fields } from './fields.ts';
import { invalid } from './fields.ts';
import { gatewaySid } from './guid.ts';
import { settingsOf } from './settings.ts';

/** Seed: "no 160-char limit"; more than 255 parts no message can have. */
export const limits: MessageLimits = { alphabet: 'any', characters: 255 * 153, parts: 255 };

/** What `/sendsms/` asks for. */
export interface Asked {
  to: string;
  text: string;
  /** SIM 1 or 2; null: whichever is there. */
  port: 1 | 2 | null;
  /** By which phone; null: any. */
  sid: string | null;
  /** Undefined: as its account has it. */
  shorten: boolean | undefined;
  sms: boolean;
  whatsapp: boolean;
  encrypt: boolean;
  /** Agreed with the recipient; null: the key stands in the link. */
  passphrase: string | null;
  /** Epoch milliseconds. */
  scheduledAt: number | null;
  senderName: string | null;
}

const longestPassphrase = 200;

/** @throws GatewayError `invalid_request`. */
export function readAsked(fields: Fields): Asked {
  const to = fields.number('recipients');
  if (to === undefined) fields.required('recipients');
  fields.required('message');
  const whatsappOnly = fields.flag('waonly') === true;
  const port = fields.oneOf('port', ['0', '1', '2']);
  const scheduled = fields.whole('schedule_timestamp', { least: 0, most: 1e12 });
  const passphrase = fields.raw('encrypt_passphrase') || null;
  if (passphrase !== null && passphrase.length > longestPassphrase) {
    throw invalid('encrypt_passphrase', `at most ${longestPassphrase} characters`);
  }
  return {
    to: to ?? '',
    text: fields.raw('message') ?? '',
    port: port === '1' ? 1 : port === '2' ? 2 : null,
    sid: fields.get('sIdentifiant') ?? null,
    shorten: fields.flag('shorturl'),
    sms: !whatsappOnly && fields.flag('sendsms') !== false,
    whatsapp: whatsappOnly || fields.flag('sendwa') === true,
    encrypt: fields.flag('encrypt_message') === true,
    passphrase,
    scheduledAt: scheduled === undefined ? null : scheduled * 1000,
    senderName: fields.get('sendername') ?? null,
  };
}

/** What the core is asked to send, in the clear. */
export function outgoing(asked: Asked, view: AccountView, now: number): OutgoingMessage {
  const { to, text, shorten, scheduledAt } = asked;
  return { to, text, ...wayOf(asked, view, now), scheduledAt, shorten, limits };
}

/**
 * By which phone and SIM it goes, and what it shows: the number of the phone that was chosen; without a choice any phone,
 * and where there is none, what the account has. The gateway itself, where it is shown as a phone, is no choice.
 */
function wayOf(
  { port, sid, senderName }: Pick<Asked, 'port' | 'sid' | 'senderName'>,
  view: AccountView,
  now: number,
): Pick<OutgoingMessage, 'sender' | 'device'> {
  const chosen = sid === null || sid === gatewaySid(view.account.id) ? null : sid;
  const own = senderName === null ? undefined : usable(view, senderName, now);
  if (chosen === null && port === null) {
    return { sender: own?.address ?? usualSender(view, now), device: null };
  }
  const device = { id: chosen, sim: port };
  // Where there are no phones a SIM is nobody's.
  if (chosen === null && view.devices.length === 0) {
    return { sender: own?.address ?? usualSender(view, now), device: null };
  }
  const sender =
    numberOf(view, device, now) ??
    usable(view, phoneSender, now)?.address ??
    usualSender(view, now);
  return { sender, device };
}

/** The number that a phone, or one of its SIMs, has as a sender. */
function numberOf(
  view: AccountView,
  { id, sim }: { id: string | null; sim: number | null },
  now: number,
): string | undefined {
  if (id === null) return undefined;
  const phone = view.devices.find((one) => one.id === id);
  if (!phone) return undefined;
  const card = phone.sims.find((one) => one.sim === sim)?.number;
  const number = sim === null ? phone.number : card;
  return number ? usable(view, number, now)?.address : undefined;
}

function usable(view: AccountView, address: string, now: number): Sender | undefined {
  const sender = view.senders.get(senderKey(address));
  return sender && isUsable(sender, now) ? sender : undefined;
}

/** Which of an account's senders is shown where nothing was chosen: the first of the first kind there is. */
const preference: readonly SenderKind[] = ['dedicated', 'own', 'shared', 'alphanumeric'];

/** Empty when the account has none: then the message is refused. */
function usualSender(view: AccountView, now: number): string {
  const { defaultSender } = settingsOf(view);
  if (defaultSender !== null) return defaultSender;
  const anyPhone = view.devices.length > 0 ? usable(view, phoneSender, now) : undefined;
  if (anyPhone) return anyPhone.address;
  let best: Sender | undefined;
  for (const sender of view.senders.values()) {
    if (isUsable(sender, now) && (!best || rank(sender) < rank(best))) best = sender;
  }
  return best?.address ?? '';
}

const rank = ({ kind }: Sender): number => preference.indexOf(kind);
