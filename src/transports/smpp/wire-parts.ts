import type { Alphabet } from '../../text/alphabets.ts';
import { encodeText, isLatin1 } from '../../text/alphabets.ts';
import { gsm7Length } from '../../text/gsm7.ts';
import type { Encoding } from '../../text/parts.ts';
import { splitText } from '../../text/parts.ts';
import { packSeptets } from '../../text/septets.ts';
import type { SmppSettings } from './settings.ts';

/** How a text is written: the alphabet, and the data_coding that tells it (SMPP 3.4, 5.2.19). */
export interface WireForm {
  alphabet: Alphabet;
  packed: boolean;
  dataCoding: number;
}

const UCS2: WireForm = { alphabet: 'ucs2', packed: false, dataCoding: 0x08 };

const gsmForms: Record<SmppSettings['alphabet'], WireForm> = {
  gsm7: { alphabet: 'gsm7', packed: false, dataCoding: 0x00 },
  'gsm7-packed': { alphabet: 'gsm7', packed: true, dataCoding: 0x00 },
  latin1: { alphabet: 'latin1', packed: false, dataCoding: 0x00 },
  'latin1-as-3': { alphabet: 'latin1', packed: false, dataCoding: 0x03 },
  'ascii-as-1': { alphabet: 'ascii', packed: false, dataCoding: 0x01 },
};

/** Class 0 of the general data coding (3GPP TS 23.038 §4). */
const flashCodings: Partial<Record<number, number>> = { 0x00: 0x10, 0x08: 0x18 };

/**
 * The form of a whole message: its parts all have the same. A text of the GSM alphabet that the
 * link's own alphabet has not (Latin-1 has no €) goes as UCS-2. Latin-1 is only ever a way to write
 * what the handset's GSM alphabet has, since many networks translate it to that and lose the rest.
 */
export function formOf(text: string, encoding: Encoding, settings: SmppSettings): WireForm {
  if (encoding === 'ucs2') return UCS2;
  const form = gsmForms[settings.alphabet];
  const fits =
    form.alphabet === 'gsm7' ||
    (form.alphabet === 'latin1' ? isLatin1(text) : /^[\0-\x7f]*$/.test(text));
  return fits ? form : UCS2;
}

/** With the class for messages that are shown at once. */
export function dataCodingOf(form: WireForm, flash: boolean): number {
  return flash ? (flashCodings[form.dataCoding] ?? form.dataCoding) : form.dataCoding;
}

/** The texts of the parts that a message falls into on such a link. */
export function splitForWire(text: string, encoding: Encoding, settings: SmppSettings): string[] {
  if (settings.longMessages === 'payload') return [text];
  const form = formOf(text, encoding, settings);
  const headerOctets = settings.longMessages === 'udh16' ? 7 : 6;
  return splitText(text, form.alphabet === 'ucs2' ? 'ucs2' : 'gsm7', headerOctets);
}

/** Whether one short message holds the text: 140 octets on the air (3GPP TS 23.040 §9.2.3.24). */
export function fitsOneMessage(text: string, { alphabet }: WireForm): boolean {
  return alphabet === 'ucs2' ? text.length <= 70 : gsm7Length(text) <= 160;
}

/** @param headerOctets of the header before it, which packed septets begin behind. */
export function writeText(text: string, form: WireForm, headerOctets: number): Buffer {
  const octets = encodeText(text, form.alphabet);
  return form.packed ? packSeptets(octets, headerOctets) : octets;
}
