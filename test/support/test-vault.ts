import { createHash } from 'node:crypto';
import { createVault } from '../../src/config/secrets.ts';
import type { Vault } from '../../src/core/ports/vault.ts';

/**
 * The real vault under a fixed key (of bytes that are all `fill`), but for the passwords: argon2 takes 30 ms of a core on purpose,
 * and that it works is tested where it is.
 */
export function testVault(fill = 7): Vault {
  const hash = (password: string): string =>
    createHash('sha256').update(`test ${password}`).digest('hex');
  return {
    ...createVault(new Uint8Array(32).fill(fill)),
    hashPassword: async (password) => hash(password),
    verifyPassword: async (stored, password) => stored === hash(password),
  };
}
