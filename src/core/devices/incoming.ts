import type { Country, E164 } from '../../text/phone-number.ts';
import { asE164, parseNumber } from '../../text/phone-number.ts';
import type { Vault } from '../ports/vault.ts';
import type { ReplyNews } from '../ports/transport.ts';
import type { LinkId } from '../ids.ts';
import type { StoredDevice } from './device.ts';
import { phoneSender } from './device.ts';

/** What 255 parts hold, and no message has more (3GPP TS 23.040 §9.2.3.24.1); of the texts of pictures so much is kept. */
const mostCharacters = 255 * 153;
const halfCharacter = /[\ud800-\udbff]$/;

/** A message that a phone has received, as it tells it. */
export interface Incoming {
  /** The phone's own name for it, which is not unique. */
  name: string;
  from: string;
  /** The number it came to, where the phone knows it. */
  to: string | null;
  sim: number | null;
  text: string;
  /** When, by the phone's clock as far as it is right. */
  at: number;
  /** The same as it was written, by which a repetition is known. */
  writtenAt: string;
}

/**
 * What the core makes of it. Phones tell the same message again under other event ids, so it is known by what it is:
 * the phone, its own name for it, who wrote it and when.
 * @returns undefined for what is from no phone number: a bank or a shop that shows its name.
 */
export function replyOf(
  { name, from: written, to, sim, text, at, writtenAt }: Incoming,
  device: StoredDevice,
  { linkId, home, vault }: { linkId: LinkId; home: Country; vault: Pick<Vault, 'digest'> },
): ReplyNews | undefined {
  const from = numberOf(written, home);
  if (!from) return undefined;
  const mark = vault.digest([name, from, writtenAt].join('\0'));
  return {
    linkId,
    from,
    to: recipientOf(device, { to, sim }, home),
    text: textOf(text),
    at,
    upstreamId: `${device.id}:${mark}`,
    device: { id: device.id, accountId: device.accountId },
  };
}

function textOf(text: string): string {
  const whole =
    text.length > mostCharacters ? text.slice(0, mostCharacters).replace(halfCharacter, '') : text;
  return whole.toWellFormed().replaceAll('\0', '\ufffd');
}

/** A number as a phone writes it. */
export function numberOf(written: string | null, home: Country): E164 | undefined {
  if (written === null) return undefined;
  return parseNumber(written, home)?.e164 ?? asE164(written);
}

function recipientOf(
  { number, sims }: StoredDevice,
  { to, sim }: Pick<Incoming, 'to' | 'sim'>,
  home: Country,
): string {
  const ofSim = sims.find((one) => one.sim === sim)?.number;
  return numberOf(to, home) ?? ofSim ?? number ?? sims[0]?.number ?? phoneSender;
}
