import type { Account } from '../accounts/account.ts';
import type { Actor } from '../audit/entry.ts';
import { audit } from '../audit/audit.ts';
import { GatewayError } from '../errors.ts';
import type { Tx } from '../ports/storage.ts';
import type { UserContext } from './context.ts';
import { asEmail } from './email.ts';
import type { SecondFactor } from './second-factor.ts';
import type { StoredUser, UserSession } from './user.ts';

const tokenBytes = 32;
/** How long there is for the code after the password. */
const codeMs = 5 * 60_000;
/** How often at most it is written down that a session is used. */
const touchMs = 60_000;
const longestAddress = 64;

/** A session as it is given out: the only moment its token can be read. */
export interface Opened {
  token: string;
  stage: UserSession['stage'];
  endsAt: number;
}

/** Who is logged in. */
export interface SignedIn {
  user: StoredUser;
  session: UserSession;
  /** His account; null for the owner's own. */
  account: Account | null;
}

/**
 * Log-ins of users. A session is a random token, of which the digest is stored; it ends after some idle time, and in
 * any case after a while. With the second factor there are two: the one after the password can do nothing but bring
 * the code, and its token is not that of the next.
 */
export class SignIn {
  readonly #context: UserContext;
  readonly #secondFactor: SecondFactor;

  constructor(context: UserContext, secondFactor: SecondFactor) {
    this.#context = context;
    this.#secondFactor = secondFactor;
  }

  /**
   * @throws GatewayError `unauthenticated` for an address that nobody has as for a wrong password, which take the
   * same time; `account_suspended` only to who knows the password; `too_many_attempts`.
   */
  async logIn(
    { email, password }: { email: string; password: string },
    address: string,
  ): Promise<Opened> {
    const { storage, guard, clock } = this.#context;
    const name = asEmail(email) ?? '';
    const now = clock.now();
    const user = await guard.check({ address, name, now }, async () => {
      const found = name === '' ? undefined : await storage.read.users.findActivated(name);
      return (await guard.verify(found?.password ?? undefined, password)) ? found : undefined;
    });
    if (!user) throw new GatewayError('unauthenticated', 'Wrong e-mail address or password.');
    await this.#refuseSuspended(user);
    const { opened, session } = this.#open(
      user,
      user.twoFactorSince === null ? 'full' : 'code',
      address,
    );
    await storage.write(async (tx) => {
      await tx.users.insertSession(session);
      if (session.stage === 'full') await this.#noteLogin(tx, user, address);
    });
    return opened;
  }

  /**
   * The second step: a code of the app, or a recovery code.
   * @param token of the first step.
   * @throws GatewayError `unauthenticated` when there is no such log-in, or no longer; `forbidden` for a wrong code;
   * `too_many_attempts`.
   */
  async enterCode(token: string, code: string, address: string): Promise<Opened> {
    const { storage, vault, limits, clock } = this.#context;
    const digest = vault.digest(token);
    const found = await storage.read.users.session(digest);
    if (found?.session.stage !== 'code' || clock.now() >= found.session.endsAt) throw ended();
    await limits.take('twoFactor', found.user.id, null);
    await this.#refuseSuspended(found.user);
    const { opened, session } = this.#open(found.user, 'full', address);
    await storage.write(async (tx) => {
      const user = await tx.users.lock(found.user.id);
      if (!user || user.status !== 'active') throw ended();
      if (!(await this.#secondFactor.take(tx, user, code, actorOf(user, address)))) {
        throw new GatewayError('forbidden', 'The code is wrong, or was used before.', {
          field: 'code',
        });
      }
      if (!(await tx.users.dropSession(digest))) throw ended();
      await tx.users.insertSession(session);
      await this.#noteLogin(tx, user, address);
    });
    return opened;
  }

  /**
   * Whose session it is.
   * @returns undefined when there is none, or no longer, or it waits for its code.
   * @throws GatewayError `account_suspended`.
   */
  async identify(token: string): Promise<SignedIn | undefined> {
    const { storage, vault, clock, settings } = this.#context;
    const found = await storage.read.users.session(vault.digest(token));
    const now = clock.now();
    if (found?.session.stage !== 'full' || found.user.status !== 'active') return undefined;
    const { session, user } = found;
    if (now >= session.expiresAt || now >= session.endsAt) return undefined;
    const { idleMs } = settings.session;
    if (now - session.seenAt >= Math.min(touchMs, idleMs / 10)) {
      const expiresAt = Math.min(now + idleMs, session.endsAt);
      await storage.write((tx) =>
        tx.users.touchSession({ digest: session.digest, seenAt: now, expiresAt }),
      );
    }
    return { user, session, account: await this.#refuseSuspended(user) };
  }

  /** Ends a session, or all of its user's; one that waits for its code ends alone. */
  async logOut(token: string, { everywhere }: { everywhere: boolean }): Promise<void> {
    const { storage, vault } = this.#context;
    const digest = vault.digest(token);
    const found = await storage.read.users.session(digest);
    if (!found) return;
    const { stage, userId } = found.session;
    await storage.write(async (tx) => {
      if (everywhere && stage === 'full') await tx.users.dropSessions(userId);
      else await tx.users.dropSession(digest);
    });
  }

  #open(
    { id }: StoredUser,
    stage: UserSession['stage'],
    address: string,
  ): { opened: Opened; session: UserSession } {
    const { clock, ids, vault, settings } = this.#context;
    const { idleMs, lifeMs } = settings.session;
    const now = clock.now();
    const token = ids.secret(tokenBytes);
    const endsAt = now + (stage === 'full' ? lifeMs : codeMs);
    const session: UserSession = {
      digest: vault.digest(token),
      userId: id,
      stage,
      createdAt: now,
      seenAt: now,
      expiresAt: Math.min(now + idleMs, endsAt),
      endsAt,
      address: address.slice(0, longestAddress),
    };
    return { opened: { token, stage, endsAt }, session };
  }

  async #noteLogin(tx: Tx, user: StoredUser, address: string): Promise<void> {
    const { clock, ids } = this.#context;
    const now = clock.now();
    // As it is now: the second factor may have written a step.
    const held = await tx.users.lock(user.id);
    if (held) await tx.users.save({ ...held, lastLoginAt: now });
    await audit(tx, { ids, now }, actorOf(user, address), {
      accountId: user.accountId,
      action: 'user.login',
      subject: user.id,
    });
  }

  async #refuseSuspended({ status, accountId }: StoredUser): Promise<Account | null> {
    if (status !== 'active') {
      throw new GatewayError('account_suspended', 'This user is suspended.');
    }
    if (accountId === null) return null;
    const view = await this.#context.directory.view(accountId);
    if (!view) throw new GatewayError('unauthenticated', 'The account is gone.');
    if (view.account.status === 'suspended') {
      throw new GatewayError('account_suspended', 'This account is suspended.');
    }
    return view.account;
  }
}

/** A user as the one who changes something. */
export function actorOf({ id, email }: StoredUser, address: string | null): Actor {
  return { kind: 'user', id, name: email, address };
}

function ended(): GatewayError {
  return new GatewayError('unauthenticated', 'The log-in has ended. Please begin again.');
}
