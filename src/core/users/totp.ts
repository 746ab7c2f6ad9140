import { Buffer } from 'node:buffer';
import { createHmac, timingSafeEqual } from 'node:crypto';

/** What all authenticator apps know: RFC 6238 with SHA-1, six digits, steps of 30 s. */
const stepMs = 30_000;
const digits = 6;
/** Clocks of phones are a little off: the step before and the one after are taken, too (RFC 6238 section 5.2). */
const drift = 1;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The time step whose code this is.
 * @param secret raw bytes.
 * @param after the last step that was taken: no code of it, nor of an older one, is taken again.
 * @returns undefined when it is none of the present ones.
 */
export function stepOf(
  code: string,
  secret: Uint8Array,
  { now, after }: { now: number; after: number },
): number | undefined {
  const present = Math.floor(now / stepMs);
  const asked = Buffer.from(code);
  if (asked.length !== digits) return undefined;
  for (let step = present - drift; step <= present + drift; step++) {
    if (step > after && timingSafeEqual(asked, Buffer.from(codeAt(secret, step)))) return step;
  }
  return undefined;
}

/** The code of a time step: RFC 4226 section 5.3. */
export function codeAt(secret: Uint8Array, step: number, length = digits): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const at = (mac.at(-1) as number) & 0xf;
  const number = mac.readUInt32BE(at) & 0x7fff_ffff;
  return String(number % 10 ** length).padStart(length, '0');
}

/** What the app reads off a picture (the key URI format that all of them know). */
export function keyUri(secret: string, { issuer, email }: { issuer: string; email: string }) {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(email)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${digits}&period=${stepMs / 1000}`;
}

/** RFC 4648 section 6, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(held >>> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + alphabet[(held << (5 - bits)) & 31] : text;
}

/** The other way round; what is no letter of it is passed over. */
export function fromBase32(text: string): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text.toUpperCase()) {
    const value = alphabet.indexOf(letter);
    if (value < 0) continue;
    held = (held << 5) | value;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >>> bits) & 255);
    held &= (1 << bits) - 1;
  }
  return Uint8Array.from(bytes);
}
