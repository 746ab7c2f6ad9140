import type { Alphabet } from '../text/alphabets.ts';
import { isLatin1 } from '../text/alphabets.ts';
import { measureText, splitText } from '../text/parts.ts';
import type { AccountSettings } from './settings.ts';

/** How a text is written for a client, and what it is cut into. */
export interface ReplyParts {
  alphabet: Alphabet;
  dataCoding: number;
  texts: string[];
}

const UCS2 = 0x08;

/** In the client's default alphabet where that has all of its characters, else in UCS-2. */
export function partsOf(text: string, settings: AccountSettings): ReplyParts {
  const { encoding } = measureText(text);
  const plain = settings.alphabet === 'latin1' ? isLatin1(text) : encoding === 'gsm7';
  const form: Omit<ReplyParts, 'texts'> = plain
    ? { alphabet: settings.alphabet, dataCoding: 0 }
    : { alphabet: 'ucs2', dataCoding: UCS2 };
  // Latin-1 beyond the GSM alphabet takes an octet for what UCS-2 takes two: cut as that, it fits.
  const cut = plain && encoding === 'gsm7' ? 'gsm7' : 'ucs2';
  const texts = settings.longReplies === 'payload' ? [text] : splitText(text, cut);
  return { ...form, texts };
}
