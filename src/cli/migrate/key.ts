import type { Config } from '../../config/load.ts';
import { createVault, loadKey, loadOrCreateKey } from '../../config/secrets.ts';
import type { Storage } from '../../core/ports/storage.ts';
import type { Vault } from '../../core/ports/vault.ts';
import { requireNotMoved, requireSameKey } from '../../storage/move/admit.ts';
import { StorageRefused } from '../../storage/refused.ts';

type Where = Pick<Config, 'data' | 'security'>;

/**
 * The vault of commands that work on an installation. They make no key: a new one beside that of the
 * installation would only be in the way.
 *
 * @throws StorageRefused with where the key must come from. The storage is closed then.
 */
export async function presentVault(
  { data, security }: Where,
  storage: Pick<Storage, 'read' | 'close'>,
): Promise<Vault> {
  try {
    const key = await loadKey(data, security.key);
    if (key) return createVault(key);
    // That it is elsewhere is the better advice.
    await requireNotMoved(storage);
    throw (await hasKey(storage))
      ? missing(data)
      : new StorageRefused(
          `There is no key in ${data} yet: run \`parlance migrate\` (or \`parlance serve\`), which makes it.`,
        );
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/**
 * For who may make the key: makes it when the installation has none yet, and no other beside the one
 * that it has.
 *
 * @throws StorageRefused with where the key must come from.
 */
export async function firstVault({ data, security }: Where, storage: Storage): Promise<Vault> {
  const known = await loadKey(data, security.key);
  if (known) return createVault(known);
  if (await hasKey(storage)) throw missing(data);
  const vault = createVault(await loadOrCreateKey(data, security.key));
  await requireSameKey(storage, vault);
  return vault;
}

/** Makes the key of an installation that is new, so that commands can work on it before it is served. */
export async function makeFirstKey(where: Where, storage: Storage): Promise<void> {
  if ((await hasKey(storage)) || (await isMoving(storage))) return;
  await firstVault(where, storage);
}

async function isMoving(storage: Pick<Storage, 'read'>): Promise<boolean> {
  try {
    await requireNotMoved(storage);
    return false;
  } catch (error) {
    if (error instanceof StorageRefused) return true;
    throw error;
  }
}

/** Has any node had a key here? */
async function hasKey({ read }: Pick<Storage, 'read'>): Promise<boolean> {
  return (await read.installation.fact('key_check')) !== undefined;
}

function missing(data: string): StorageRefused {
  return new StorageRefused(
    `There is no key in ${data}, and the installation has one: give this node the same \`security.key\` as ` +
      'the others, or a copy of their `secret.key` in its data folder. If that key is lost for good, run ' +
      '`parlance migrate --new-key`: webhook signing secrets must then be set again.',
  );
}
