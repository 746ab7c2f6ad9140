import type { AccountId } from '../ids.ts';
import type { ShortCode } from '../links/code.ts';

/**
 * A text that only its recipient can read: it is encrypted, and the key is nowhere here. Instants are epoch
 * milliseconds.
 */
export interface SealedText {
  code: ShortCode;
  accountId: AccountId;
  sealed: Sealed;
  /** How often it may still be opened. */
  viewsLeft: number;
  createdAt: number;
  expiresAt: number;
}

/**
 * What is encrypted, as the page that opens it is given it; bytes are base64url. AES-128-GCM with an IV of 12 bytes and a
 * tag of 16 that follows the ciphertext; the code is authenticated with it (as additional data, in UTF-8).
 */
export interface Sealed {
  v: 1;
  alg: 'A128GCM';
  /** How the key follows from a passphrase; null: the key itself stands in the link, behind its `#`. */
  kdf: KeyDerivation | null;
  iv: string;
  data: string;
}

/** PBKDF2 (RFC 8018) with HMAC-SHA-256, of the passphrase in UTF-8 (NFC). */
export interface KeyDerivation {
  name: 'PBKDF2';
  hash: 'SHA-256';
  iterations: number;
  salt: string;
}
