import { Buffer } from 'node:buffer';
import type { Actor } from '../audit/entry.ts';
import { audit } from '../audit/audit.ts';
import { GatewayError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import type { Tx } from '../ports/storage.ts';
import type { UserContext } from './context.ts';
import { checkOwnPassword } from './own-password.ts';
import { newRecoveryCodes, recoveryDigest } from './recovery-codes.ts';
import { base32, fromBase32, keyUri, stepOf } from './totp.ts';
import type { StoredUser } from './user.ts';

/** RFC 4226 section 4: at least 128 bits, 160 recommended. */
const secretBytes = 20;
const issuer = 'Parlance';

/**
 * The second factor: codes of an authenticator app (RFC 6238), or, when that is lost, one of the recovery codes.
 *
 * ```
 * off ──set up: a secret is shown──▶ waiting ──its first code──▶ on ──password and a code──▶ off
 * ```
 */
export class SecondFactor {
  readonly #context: UserContext;

  constructor(context: UserContext) {
    this.#context = context;
  }

  /**
   * Makes a secret, which is asked for once its first code came back; again and again another.
   * @throws GatewayError `forbidden` for a wrong password, `already_exists` when it is on, `too_many_attempts`.
   */
  async setUp(
    user: StoredUser,
    password: string,
    actor: Actor,
  ): Promise<{ secret: string; uri: string }> {
    const { storage, ids, vault } = this.#context;
    await checkOwnPassword(this.#context, user, password, actor);
    const secret = base32(Buffer.from(ids.secret(secretBytes), 'base64url'));
    await storage.write(async (tx) => {
      const held = await present(tx, user.id);
      if (held.twoFactorSince !== null) {
        throw new GatewayError('already_exists', 'Two-factor log-in is on already.');
      }
      await tx.users.save({ ...held, totp: vault.seal(secret), totpStep: 0 });
    });
    return { secret, uri: keyUri(secret, { issuer, email: user.email }) };
  }

  /**
   * Switches it on by a first code.
   * @returns the recovery codes, which are not shown again.
   * @throws GatewayError `forbidden` for a wrong code, `already_exists`, `too_many_attempts`.
   */
  async confirm(user: StoredUser, code: string, actor: Actor): Promise<string[]> {
    const { storage, clock, ids, vault, limits } = this.#context;
    await limits.take('twoFactor', user.id, null);
    const { codes, digests } = newRecoveryCodes({ ids, vault }, user.id);
    const now = clock.now();
    await storage.write(async (tx) => {
      const held = await present(tx, user.id);
      if (held.twoFactorSince !== null) {
        throw new GatewayError('already_exists', 'Two-factor log-in is on already.');
      }
      const step = this.#step(held, code, now);
      if (step === undefined) throw wrongCode();
      const on = { ...held, twoFactorSince: now, totpStep: step, recoveryCodes: digests };
      await tx.users.save(on);
      await audit(tx, { ids, now }, actor, {
        accountId: held.accountId,
        action: 'user.two-factor-on',
        subject: held.id,
      });
    });
    return codes;
  }

  /**
   * Switches it off again: by its user, with his password and a code.
   * @throws GatewayError `forbidden`, `not_found` when it is off, `too_many_attempts`.
   */
  async disable(
    user: StoredUser,
    { password, code }: { password: string; code: string },
    actor: Actor,
  ): Promise<void> {
    await this.#context.limits.take('twoFactor', user.id, null);
    await checkOwnPassword(this.#context, user, password, actor);
    await this.#context.storage.write(async (tx) => {
      const held = await present(tx, user.id);
      if (held.twoFactorSince === null) throw isOff();
      if (!(await this.take(tx, held, code, actor))) throw wrongCode();
      await this.#switchOff(tx, await present(tx, user.id), actor);
    });
  }

  /** The same by somebody who may without: for a user who has lost all of it. @throws GatewayError `not_found`. */
  async lift(id: UserId, actor: Actor): Promise<void> {
    await this.#context.storage.write(async (tx) => {
      const held = await present(tx, id);
      if (held.twoFactorSince === null) throw isOff();
      await this.#switchOff(tx, held, actor);
    });
  }

  /**
   * Takes a code of the app, or a recovery code, which is not taken again.
   * @param user as he is locked.
   * @returns false for a wrong one.
   */
  async take(tx: Tx, user: StoredUser, code: string, actor: Actor): Promise<boolean> {
    const { clock, ids, vault } = this.#context;
    const now = clock.now();
    const step = this.#step(user, code, now);
    if (step !== undefined) {
      await tx.users.save({ ...user, totpStep: step });
      return true;
    }
    const digest = recoveryDigest(vault, user.id, code);
    if (!user.recoveryCodes.includes(digest)) return false;
    const recoveryCodes = user.recoveryCodes.filter((one) => one !== digest);
    await tx.users.save({ ...user, recoveryCodes });
    await audit(tx, { ids, now }, actor, {
      accountId: user.accountId,
      action: 'user.recovery-code',
      subject: user.id,
      details: { left: recoveryCodes.length },
    });
    return true;
  }

  #step({ totp, totpStep }: StoredUser, code: string, now: number): number | undefined {
    if (totp === null) return undefined;
    const secret = fromBase32(this.#context.vault.unseal(totp));
    return stepOf(code.replaceAll(/\s/g, ''), secret, { now, after: totpStep });
  }

  async #switchOff(tx: Tx, held: StoredUser, actor: Actor): Promise<void> {
    const { clock, ids, post } = this.#context;
    await tx.users.save({ ...held, totp: null, twoFactorSince: null, recoveryCodes: [] });
    await post.post(tx, 'two-factor-off', held);
    await audit(tx, { ids, now: clock.now() }, actor, {
      accountId: held.accountId,
      action: 'user.two-factor-off',
      subject: held.id,
    });
  }
}

async function present(tx: Tx, id: UserId): Promise<StoredUser> {
  const user = await tx.users.lock(id);
  if (!user) throw new GatewayError('not_found', 'The user is gone.');
  return user;
}

function isOff(): GatewayError {
  return new GatewayError('not_found', 'Two-factor log-in is off.');
}

/** Not `unauthenticated`: he is logged in, and a client must not take it for the end of his session. */
function wrongCode(): GatewayError {
  return new GatewayError('forbidden', 'The code is wrong, or was used before.', { field: 'code' });
}
