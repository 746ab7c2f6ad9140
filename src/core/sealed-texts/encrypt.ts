import { createCipheriv, pbkdf2 } from 'node:crypto';
import type { Ids } from '../ports/ids.ts';
import type { KeyDerivation, Sealed } from './sealed-text.ts';

const keyBytes = 16;
const ivBytes = 12;
const saltBytes = 16;
/** OWASP's Password Storage Cheat Sheet (2023) for PBKDF2-HMAC-SHA256: a guess costs some 0.2 s of a core. */
const iterations = 600_000;

/**
 * Encrypts a text; the form of what comes out is described at `Sealed`.
 * @param code under which it is found.
 * @returns also the key as base64url, which must be kept nowhere; null where it follows from the passphrase.
 */
export async function encrypt(
  text: string,
  { code, passphrase, ids }: { code: string; passphrase: string | null; ids: Ids },
): Promise<{ sealed: Sealed; key: string | null }> {
  const iv = ids.secret(ivBytes);
  let kdf: KeyDerivation | null = null;
  let shown: string | null = null;
  let key: Buffer;
  if (passphrase === null) {
    shown = ids.secret(keyBytes);
    key = Buffer.from(shown, 'base64url');
  } else {
    kdf = { name: 'PBKDF2', hash: 'SHA-256', iterations, salt: ids.secret(saltBytes) };
    const salt = Buffer.from(kdf.salt, 'base64url');
    key = await derive(passphrase.normalize('NFC'), salt);
  }
  const cipher = createCipheriv('aes-128-gcm', key, Buffer.from(iv, 'base64url'));
  cipher.setAAD(Buffer.from(code));
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return {
    sealed: { v: 1, alg: 'A128GCM', kdf, iv, data: data.toString('base64url') },
    key: shown,
  };
}

/** Off this thread. */
function derive(passphrase: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(passphrase, salt, iterations, keyBytes, 'sha256', (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
