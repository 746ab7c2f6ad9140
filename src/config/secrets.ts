import { hash as argon2, verify as verifyArgon2 } from '@node-rs/argon2';
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  generateKeyPair,
  hash,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Vault } from '../core/ports/vault.ts';
import { ConfigError } from './config-error.ts';
import { decodeKey, keyBytes } from './key-text.ts';

/** OWASP's least for argon2id: 19 MiB, two passes, one lane; 29 ms a hash and verification here. */
const argon2id = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const makeKeyPair = promisify(generateKeyPair);

const ivBytes = 12;
const tagBytes = 16;

/**
 * Makes the vault. What it seals reads `v1.<key id>.<iv>.<tag>.<data>`, each part base64url: AES-256-GCM
 * under a key derived from the given one. The key id says which key is wanted, and nothing about it.
 * Nothing here compares secrets itself: GCM and argon2 do, and digests are looked up.
 */
export function createVault(key: Uint8Array): Vault {
  if (key.length !== keyBytes) throw new RangeError(`a vault's key has ${keyBytes} bytes`);
  const sealing = derive(key, 'parlance seal v1', keyBytes);
  const header = `v1.${derive(key, 'parlance key id', 6).toString('base64url')}`;
  const fingerprinting = randomBytes(keyBytes).toString('base64url');
  /** By purpose, of which there are a few. */
  const signingKeys = new Map<string, Buffer>();

  return {
    seal(secret) {
      // 96 random bits: a clash becomes thinkable after some 2^32 secrets, far beyond any gateway.
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', sealing, iv, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(header));
      const data = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      const parts = [iv, cipher.getAuthTag(), data].map((part) => part.toString('base64url'));
      return `${header}.${parts.join('.')}`;
    },

    unseal(sealed) {
      const [version, keyId, ...rest] = sealed.split('.');
      const [iv, tag, data] = rest.map((part) => Buffer.from(part, 'base64url'));
      if (version !== 'v1' || rest.length !== 3 || iv?.length !== ivBytes || !tag || !data) {
        throw new Error('a stored secret is not in the form that this program seals them in');
      }
      if (`v1.${keyId}` !== header) {
        throw new Error(
          `a stored secret was sealed with another key (${keyId}) than the present one ` +
            `(${header.slice(3)}): security.key or secret.key in the data folder was changed`,
        );
      }
      try {
        const options = { authTagLength: tagBytes };
        const decipher = createDecipheriv('aes-256-gcm', sealing, iv, options);
        decipher.setAAD(Buffer.from(header));
        decipher.setAuthTag(tag);
        return decipher.update(data, undefined, 'utf8') + decipher.final('utf8');
      } catch {
        throw new Error('a stored secret was changed after it was sealed, or is damaged');
      }
    },

    sign(text, purpose) {
      let signing = signingKeys.get(purpose);
      if (!signing) {
        signing = derive(key, `parlance sign v1 ${purpose}`, keyBytes);
        signingKeys.set(purpose, signing);
      }
      return createHmac('sha256', signing).update(text, 'utf8').digest('base64url');
    },

    hashPassword: (password) => argon2(password, argon2id),
    verifyPassword: (stored, password) => verifyArgon2(stored, password),
    async newKeyPair() {
      const { publicKey, privateKey } = await makeKeyPair('rsa', {
        modulusLength: 2048,
        publicKeyEncoding: { type: 'spki', format: 'der' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      });
      return { publicKey: publicKey.toString('base64'), privateKey };
    },
    digest: (token) => hash('sha256', token, 'hex'),
    // In one call, for it is made for every request: 1 µs where an HMAC takes 4. What an HMAC has beyond
    // it, that nobody can go on from a digest he was shown, is not needed: these are never shown.
    fingerprint: (text) => hash('sha256', fingerprinting + text, 'base64url'),
  };
}

/**
 * Gives the key that seals secrets: the configured one, else that of `<dataFolder>/secret.key`, else
 * undefined.
 * @param configured `security.key`, empty when there is none.
 * @throws ConfigError when it cannot be read, has a wrong length, or is open to other users.
 */
export async function loadKey(
  dataFolder: string,
  configured: string,
): Promise<Uint8Array | undefined> {
  return configured === '' ? ofFile(dataFolder, readKey) : ofText(configured);
}

/**
 * The same, but where there is none it is made: at the first start. Of several processes that make it
 * at once all get the same.
 * @throws ConfigError as `loadKey`, and when it cannot be made.
 */
export async function loadOrCreateKey(dataFolder: string, configured: string): Promise<Uint8Array> {
  if (configured !== '') return ofText(configured);
  return ofFile(dataFolder, async (file) => {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    return (await readKey(file)) ?? (await createKey(file));
  });
}

function ofText(configured: string): Uint8Array {
  const key = decodeKey(configured);
  if (key) return key;
  throw new ConfigError([`security.key must be ${keyBytes} bytes as base64, but is not`]);
}

async function ofFile<T>(dataFolder: string, work: (file: string) => Promise<T>): Promise<T> {
  const file = path.join(dataFolder, 'secret.key');
  try {
    return await work(file);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { code = 'unknown error', path: where = file } = error as NodeJS.ErrnoException;
    throw new ConfigError([
      `${file} cannot be read or made: ${code} at ${where}${
        code === 'EACCES' ? '. It must belong to the user that this program runs as' : ''
      }`,
    ]);
  }
}

async function readKey(file: string): Promise<Uint8Array | undefined> {
  let mode: number;
  let text: string;
  try {
    ({ mode } = await stat(file));
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    const shown = (mode & 0o777).toString(8);
    throw new ConfigError([
      `${file} is open to other users (mode ${shown}). Close it: chmod 600 ${file}`,
    ]);
  }
  const key = decodeKey(text.trim());
  if (key) return key;
  throw new ConfigError([
    `${file} must hold ${keyBytes} bytes as base64, but does not. Restore it from a backup; ` +
      'if nothing was sealed with it yet, delete it and a new one is made',
  ]);
}

/**
 * Written whole under another name, then linked: `link` fails when the file is there, so another
 * process that was quicker is never overwritten, and nobody ever reads half a key.
 */
async function createKey(file: string): Promise<Uint8Array> {
  const text = `${randomBytes(keyBytes).toString('base64')}\n`;
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await writeDurably(draft, text);
    await link(draft, file);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== 'link') throw error;
    // A file system without hard links: exclusive still, but for a moment not whole.
    if (code !== 'EEXIST') await writeDurably(file, text).catch(unlessExists);
  } finally {
    await unlink(draft).catch(() => {});
  }
  await syncFolder(path.dirname(file));
  const key = await readKey(file);
  if (!key) throw new ConfigError([`${file} was made and is gone again`]);
  return key;
}

async function writeDurably(file: string, text: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

function unlessExists(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
}

/** So that the name outlives a power failure, too: what is sealed with a lost key is lost. */
async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders.
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

function derive(key: Uint8Array, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, new Uint8Array(), purpose, bytes));
}
