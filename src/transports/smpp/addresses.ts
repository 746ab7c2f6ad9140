import type { Country, E164 } from '../../text/phone-number.ts';
import { asE164, parseNumber } from '../../text/phone-number.ts';
import type { SmppSettings } from './settings.ts';

/** An address as SMPP writes it: type of number, numbering plan (3.4, 5.2.5 and 5.2.6), digits. */
export interface SmppAddress {
  ton: number;
  npi: number;
  address: string;
}

const INTERNATIONAL = { ton: 1, npi: 1 };
const ALPHANUMERIC = { ton: 5, npi: 0 };
/** Network specific: what carriers ask for with short codes. */
const SHORT_CODE = { ton: 3, npi: 0 };
const longestShortCode = 8;

/** The address that a message shows, by its look unless the link's settings say otherwise. */
export function sourceAddress(sender: string, settings: SmppSettings): SmppAddress {
  const digits = /^\+?\d+$/.test(sender);
  const bare = sender.replace(/^\+/, '');
  const address = digits && !settings.plus ? bare : sender;
  if (settings.source !== 'auto') return { ...settings.source, address };
  if (!digits) return { ...ALPHANUMERIC, address };
  const short = bare.length <= longestShortCode && !sender.startsWith('+');
  return { ...(short ? SHORT_CODE : INTERNATIONAL), address };
}

/** The handset's number; without its plus sign, which few carriers take. */
export function destinationAddress(number: E164, settings: SmppSettings): SmppAddress {
  return { ...settings.destination, address: settings.plus ? number : number.slice(1) };
}

/**
 * A number that the carrier names, with or without plus sign or 00, or in the local form of `home`.
 * @returns undefined for what is no phone number.
 */
export function numberOf(
  address: string,
  ton: number,
  home: Country | undefined,
): E164 | undefined {
  const digits = address.replace(/^\+|^00(?=[1-9])/, '');
  if (!/^\d+$/.test(digits)) return undefined;
  // National (2) or of unknown type with a trunk zero: only its country tells what it means.
  if (home && (ton === 2 || digits.startsWith('0'))) return parseNumber(digits, home)?.e164;
  return asE164(`+${digits}`);
}

/** A number with its trunk zero, which only means something within its country. */
export function isLocalForm(address: string): boolean {
  return /^0[1-9]\d{5,}$/.test(address);
}
