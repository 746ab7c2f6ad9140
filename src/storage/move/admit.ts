import type { Storage } from '../../core/ports/storage.ts';
import type { Vault } from '../../core/ports/vault.ts';
import { formatUtc } from '../../text/instant.ts';
import { StorageRefused } from '../refused.ts';
import type { MovedTo, MovingIn } from './marks.ts';
import { parseMark } from './marks.ts';

/** What every node seals and must be able to open. */
const checkText = 'parlance';

/**
 * What a process asks before it works on a storage: is the installation here, and is its key ours?
 * @throws StorageRefused when not. The storage is closed then.
 */
export async function admit(storage: Storage, vault: Vault): Promise<void> {
  try {
    await requireNotMoved(storage);
    await requireSameKey(storage, vault);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/**
 * Makes sure that this is where the installation lives: it has not moved away, and none is on its way in.
 *
 * @throws StorageRefused with where it is, and how to change that.
 */
export async function requireNotMoved(storage: Pick<Storage, 'read'>): Promise<void> {
  const { installation } = storage.read;
  const to = parseMark<MovedTo>(await installation.fact('moved_to'));
  if (to?.doneAt) {
    throw new StorageRefused(
      `This installation was moved to ${to.to} on ${formatUtc(to.doneAt)} UTC: name that as \`storage\` in ` +
        'the configuration. To go on here instead, without what has happened there since, run ' +
        '`parlance migrate --undo`.',
    );
  }
  if (to) {
    throw new StorageRefused(
      `A move of this installation to ${to.to} was begun and is not finished: finish it with ` +
        '`parlance migrate --from`, or give it up with `parlance migrate --undo`.',
    );
  }
  const from = parseMark<MovingIn>(await installation.fact('moving_in'));
  if (!from) return;
  throw new StorageRefused(
    `An installation is on its way into this database: finish that with \`parlance migrate --from ${from.from}\`, ` +
      'which goes on where it ended.',
  );
}

/**
 * Makes sure that this node has the key of the installation: what one node has sealed all others must be
 * able to open. The first one leaves a sealed text for those that come after it.
 *
 * @throws StorageRefused when this node's key is another.
 */
export async function requireSameKey(storage: Storage, vault: Vault): Promise<void> {
  const known = await storage.read.installation.fact('key_check');
  const check =
    known ??
    (await storage.write((tx) => tx.installation.keep('key_check', vault.seal(checkText))));
  try {
    if (vault.unseal(check) === checkText) return;
  } catch {
    // Sealed with another key.
  }
  throw new StorageRefused(
    'This node has another key than the installation it would serve, so it could not read the secrets ' +
      'there: give it the same `security.key` as the others, or a copy of their `secret.key` in its data ' +
      'folder. If that key is lost for good, run `parlance migrate --new-key`: webhook signing secrets must ' +
      'then be set again.',
  );
}

/** Takes this node's key for that of the installation from now on. What was sealed before stays sealed. */
export async function acceptKey(storage: Storage, vault: Vault): Promise<void> {
  await storage.write((tx) => tx.installation.set('key_check', vault.seal(checkText)));
}

/**
 * Lets an installation be served here again that was moved away, or whose move was begun.
 *
 * @returns where it had gone, undefined when it had not.
 */
export async function undoMove(storage: Storage): Promise<string | undefined> {
  return storage.write(async (tx) => {
    const to = parseMark<MovedTo>(await storage.read.installation.fact('moved_to'));
    if (to) await tx.installation.remove('moved_to');
    return to?.to;
  });
}
