import type { Ids } from '../ports/ids.ts';

declare const brand: unique symbol;
/** What stands behind the last slash of a short link: unguessable, and never the same twice. */
export type ShortCode = string & { readonly [brand]: 'short code' };

/**
 * Of 57 characters each, 1.1 × 10^14 in all: with ten million links stored a guess hits one in eleven million
 * times, and an address has thirty a minute (`pace.ts`).
 */
export const codeLength = 8;

/** Those of base64url that nobody takes for another when he types it from a screen. */
const lookAlikes = /[01OlI_-]/g;

/** A new code. Whether it is taken is known to the transaction that stores it. */
export function newCode(ids: Ids): ShortCode {
  let code = '';
  while (code.length < codeLength) code += ids.secret(12).replaceAll(lookAlikes, '');
  return code.slice(0, codeLength) as ShortCode;
}

/** Takes what somebody asked for; gives undefined for what was never a code. */
export function asShortCode(text: string): ShortCode | undefined {
  return /^[A-Za-z0-9]{8}$/.test(text) ? (text as ShortCode) : undefined;
}
