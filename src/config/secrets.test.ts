import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { createVault, loadKey, loadOrCreateKey } from './secrets.ts';

describe('the vault', () => {
  const key = randomBytes(32);
  const vault = createVault(key);

  it.each(['', 'a secret', 'ключ 🔑', 'x'.repeat(10_000)])('unseals what it sealed: %j', (text) => {
    expect(vault.unseal(vault.seal(text))).toBe(text);
    expect(createVault(key).unseal(vault.seal(text))).toBe(text);
  });

  it('seals the same text differently each time, and never legibly', () => {
    const sealed = vault.seal('a secret');
    expect(sealed).toMatch(/^v1(\.[\w-]+){4}$/);
    expect(vault.seal('a secret')).not.toBe(sealed);
    expect(Buffer.from(sealed.split('.')[4] ?? '', 'base64url').toString()).not.toBe('a secret');
  });

  it('says when another key is wanted, and tells neither', () => {
    const other = randomBytes(32);
    const sealed = createVault(other).seal('a secret');
    expect(() => vault.unseal(sealed)).toThrow(
      /sealed with another key \(\S{8}\) than the present/,
    );
    expect(() => vault.unseal(sealed)).not.toThrow(key.toString('base64'));
  });

  it.each([0, 1, 2, 3, 4])('notices a change in field %i', (field) => {
    const fields = vault.seal('a secret').split('.');
    const old = fields[field] ?? '';
    fields[field] = (old.startsWith('A') ? 'B' : 'A') + old.slice(1);
    expect(() => vault.unseal(fields.join('.'))).toThrow(/^a stored secret/);
  });

  it.each(['', 'v1', 'plain', 'v1....', 'v2.a.b.c.d'])(
    'refuses what was never sealed: %j',
    (text) => {
      expect(() => vault.unseal(text)).toThrow(/not in the form/);
    },
  );

  it('does not take a tag that was cut', () => {
    const [version, id, iv, tag = '', data] = vault.seal('a secret').split('.');
    const short = Buffer.from(tag, 'base64url').subarray(0, 4).toString('base64url');
    expect(() => vault.unseal([version, id, iv, short, data].join('.'))).toThrow(/changed/);
  });

  it('hashes passwords with argon2id at 19 MiB', async () => {
    const hash = await vault.hashPassword('mypassword');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await vault.verifyPassword(hash, 'mypassword')).toBe(true);
    expect(await vault.verifyPassword(hash, 'mypassworD')).toBe(false);
    expect(await vault.hashPassword('mypassword')).not.toBe(hash);
  });

  it('digests by SHA-256', () => {
    expect(vault.digest('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('signs as every node does, for one purpose, and as nobody does who has another key', () => {
    const signature = vault.sign('Grüße', 'one');
    expect(signature).toMatch(/^[\w-]{43}$/);
    expect(createVault(key).sign('Grüße', 'one')).toBe(signature);
    expect(vault.sign('Grüße', 'other')).not.toBe(signature);
    expect(vault.sign('Grusse', 'one')).not.toBe(signature);
    expect(createVault(randomBytes(32)).sign('Grüße', 'one')).not.toBe(signature);
  });

  it('makes fingerprints that only it can make', () => {
    expect(vault.fingerprint('a')).toBe(vault.fingerprint('a'));
    expect(vault.fingerprint('a')).not.toBe(vault.fingerprint('b'));
    expect(createVault(key).fingerprint('a')).not.toBe(vault.fingerprint('a'));
  });

  it('takes no key of another length', () => {
    expect(() => createVault(randomBytes(16))).toThrow(RangeError);
  });
});

describe('loadOrCreateKey', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = path.join(mkdtempSync(path.join(tmpdir(), 'parlance-key-')), 'data');
    file = path.join(folder, 'secret.key');
  });
  afterEach(() => rmSync(path.dirname(folder), { recursive: true }));

  it('makes a key at the first start and finds it again', async () => {
    const key = await loadOrCreateKey(folder, '');
    expect(key).toHaveLength(32);
    expect(await loadOrCreateKey(folder, '')).toEqual(key);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual(['secret.key']);
    expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toEqual(Buffer.from(key));
  });

  it('is left alone by those who only look', async () => {
    expect(await loadKey(folder, '')).toBeUndefined();
    expect(() => statSync(folder)).toThrow();
    const key = await loadOrCreateKey(folder, '');
    expect(await loadKey(folder, '')).toEqual(key);
    const other = randomBytes(32);
    expect(await loadKey(folder, other.toString('base64'))).toEqual(other);
    await expect(loadKey(folder, 'hunter2')).rejects.toThrow('security.key must be 32 bytes');
  });

  it('gives one key to all who make it at once', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateKey(folder, '')));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(readdirSync(folder)).toEqual(['secret.key']);
  });

  it('gives one key to several processes', async () => {
    const module = new URL('./secrets.ts', import.meta.url).href;
    const script = `
      const { loadOrCreateKey } = await import(${JSON.stringify(module)});
      const key = await loadOrCreateKey(${JSON.stringify(folder)}, '');
      console.log(Buffer.from(key).toString('hex'));`;
    const run = () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    const outputs = await Promise.all([run(), run(), run(), run()]);
    expect(new Set(outputs.map(({ stdout }) => stdout)).size).toBe(1);
    expect(outputs[0]?.stdout).toMatch(/^[0-9a-f]{64}\n$/);
  });

  it.each(['base64', 'base64url'] as const)('prefers the configured key, in %s', async (form) => {
    const key = randomBytes(32);
    expect(await loadOrCreateKey(folder, key.toString(form))).toEqual(key);
    expect(() => statSync(file)).toThrow();
  });

  async function complaint(configured = ''): Promise<string> {
    const error: unknown = await loadOrCreateKey(folder, configured).catch((e: unknown) => e);
    if (error instanceof ConfigError) return error.message;
    throw new Error('no ConfigError');
  }

  it.each([
    'hunter2',
    randomBytes(31).toString('base64'),
    `${randomBytes(32).toString('base64')}AAAA`,
  ])('refuses a configured key that is none, without printing it', async (configured) => {
    expect(await complaint(configured)).toBe('security.key must be 32 bytes as base64, but is not');
  });

  it('refuses a file that is open to others, and says how to close it', async () => {
    await loadOrCreateKey(folder, '');
    chmodSync(file, 0o640);
    expect(await complaint()).toBe(
      `${file} is open to other users (mode 640). Close it: chmod 600 ${file}`,
    );
  });

  it.each(['', 'hunter2\n'])('refuses a file that holds no key: %j', async (content) => {
    mkdirSync(folder);
    writeFileSync(file, content, { mode: 0o600 });
    const message = await complaint();
    expect(message).toContain(`${file} must hold 32 bytes as base64, but does not.`);
    expect(message).not.toContain('hunter2');
  });

  it('says so when the folder cannot be used', async () => {
    writeFileSync(folder, 'a file where the data folder should be');
    expect(await complaint()).toMatch(/secret\.key cannot be read or made: E(EXIST|NOTDIR) at /);
  });

  it('says so when the key is a folder', async () => {
    mkdirSync(file, { recursive: true });
    expect(await complaint()).toContain('cannot be read or made: EISDIR');
  });
});
