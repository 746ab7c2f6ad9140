import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../../core/errors.ts';

/** Names of what is read as windows-1252, as browsers do (WHATWG Encoding Standard, "Names and labels"). */
const western = /^(?:iso-?8859-?1|latin-?1|l1|us-ascii|ascii|windows-1252|cp-?1252)$/i;

export const isWestern = (charset: string): boolean => western.test(charset);

/**
 * Bytes as text: UTF-8, and what is none as windows-1252, since PHP often writes so.
 * @param charset that was declared; null for none. What says nothing of it may still be either.
 * @throws GatewayError `invalid_request` for what is no UTF-8 and was declared to be another character set.
 */
export function decodeText(bytes: Buffer, charset: string | null): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  if (charset !== null && !isWestern(charset) && !/^utf-?8$/i.test(charset)) {
    throw new GatewayError(
      'invalid_request',
      'The text is in no character set that is understood: UTF-8, ISO-8859-1 or windows-1252.',
    );
  }
  return new TextDecoder('windows-1252').decode(bytes);
}

/** The character set that a content type declares. */
export function charsetOf(contentType: string | undefined): string | null {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1] ?? null;
}

/** The character set that an XML document declares. */
export function charsetOfXml(document: Buffer): string | null {
  const opening = document.toString('latin1', 0, 200);
  return /^<\?xml[^>]*\sencoding\s*=\s*["']([\w.-]+)["']/.exec(opening)?.[1] ?? null;
}
