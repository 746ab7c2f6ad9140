import { audit } from '../audit/audit.ts';
import { GatewayError } from '../errors.ts';
import type { Tx } from '../ports/storage.ts';
import type { UserContext } from './context.ts';
import { readEmail } from './email.ts';
import { checkOwnPassword } from './own-password.ts';
import { checkPassword } from './password.ts';
import { actorOf } from './sign-in.ts';
import type { StoredUser, UserToken } from './user.ts';

/** Longer ones are not ours. */
const longestToken = 100;

/**
 * How a password is chosen: with a token that came by mail (an invitation, or since it was forgotten), or with the one
 * before. Who asks for a mail is told the same whether or not there is such a user, and what is done is the same, too:
 * a line in the outbox. Who it is for is found out when the mail is sent.
 */
export class Passwords {
  readonly #context: UserContext;

  constructor(context: UserContext) {
    this.#context = context;
  }

  /** Asks for a mail with a link to choose a new one. @throws GatewayError `invalid_request`, `too_many_attempts`. */
  async forgot(text: string, address: string): Promise<void> {
    const email = readEmail(text);
    await this.#context.limits.take('passwordReset', email, address);
    await this.#context.storage.write((tx) => this.#context.post.post(tx, 'reset', { email }));
  }

  /** Asks for the mail of an invitation once more. @throws GatewayError as `forgot`. */
  async askForActivation(text: string, address: string): Promise<void> {
    const email = readEmail(text);
    await this.#context.limits.take('activation', email, address);
    await this.#context.storage.write((tx) => this.#context.post.post(tx, 'activation', { email }));
  }

  /**
   * Chooses the first password: the user is active then.
   * @throws GatewayError `invalid_request` for the password, `not_found` for a token that is not good or no longer,
   * `already_exists` when another account's user has the address, `too_many_attempts`.
   */
  async activate(token: string, password: string, address: string): Promise<void> {
    await this.#context.limits.take('activation', `from ${address}`, null);
    const hash = await this.#hashFor('activation', token, password);
    await this.#context.storage.write(async (tx) => {
      const { clock, ids } = this.#context;
      const held = await this.#takeToken(tx, 'activation', token);
      if (held.status !== 'invited') throw notGood();
      const active: StoredUser = { ...held, status: 'active', password: hash };
      if (!(await tx.users.activate(active))) {
        throw new GatewayError(
          'already_exists',
          'This e-mail address has a user of another account already. Ask to be invited under another one.',
        );
      }
      await tx.users.dropTokens(held.id);
      await audit(tx, { ids, now: clock.now() }, actorOf(held, address), {
        accountId: held.accountId,
        action: 'user.activate',
        subject: held.id,
      });
    });
  }

  /**
   * Chooses another one: all sessions end. The second factor stays.
   * @throws GatewayError as `activate`.
   */
  async reset(token: string, password: string, address: string): Promise<void> {
    await this.#context.limits.take('passwordReset', `from ${address}`, null);
    const hash = await this.#hashFor('reset', token, password);
    await this.#context.storage.write(async (tx) => {
      const held = await this.#takeToken(tx, 'reset', token);
      if (held.status !== 'active') throw notGood();
      await this.#save(tx, held, { hash, address });
    });
  }

  /**
   * By a user who is logged in: his other sessions end.
   * @param session the digest of the one that goes on.
   * @throws GatewayError `forbidden` for a wrong present password, `invalid_request`, `too_many_attempts`.
   */
  async change(
    user: StoredUser,
    { present, next }: { present: string; next: string },
    session: string,
    address: string,
  ): Promise<void> {
    const { storage, vault } = this.#context;
    checkPassword(next, user.email);
    await checkOwnPassword(this.#context, user, present, actorOf(user, address));
    const hash = await vault.hashPassword(next);
    await storage.write(async (tx) => {
      const held = await tx.users.lock(user.id);
      // Somebody else has changed it in the meantime: what was verified is not the present one.
      if (held?.password !== user.password) {
        throw new GatewayError('forbidden', 'The password is wrong.', { field: 'password' });
      }
      await this.#save(tx, held, { hash, session, address });
    });
  }

  /** The hash of a password, once its token seems good: argon2 is not for everybody. */
  async #hashFor(purpose: UserToken['purpose'], token: string, password: string): Promise<string> {
    const { storage, vault, clock } = this.#context;
    if (token.length > longestToken) throw notGood();
    const found = await storage.read.users.token(vault.digest(token));
    if (found?.purpose !== purpose || clock.now() >= found.expiresAt) throw notGood();
    const user = await storage.read.users.find(found.userId);
    if (!user) throw notGood();
    checkPassword(password, user.email);
    return vault.hashPassword(password);
  }

  /** Of two who bring a token at once the second comes too late. */
  async #takeToken(tx: Tx, purpose: UserToken['purpose'], token: string): Promise<StoredUser> {
    const { vault, clock } = this.#context;
    const taken = await tx.users.takeToken(vault.digest(token));
    if (taken?.purpose !== purpose || clock.now() >= taken.expiresAt) throw notGood();
    const user = await tx.users.lock(taken.userId);
    if (!user) throw notGood();
    return user;
  }

  async #save(
    tx: Tx,
    held: StoredUser,
    { hash, session, address }: { hash: string; session?: string; address: string },
  ): Promise<void> {
    const { clock, ids, post } = this.#context;
    await tx.users.save({ ...held, password: hash });
    await tx.users.dropTokens(held.id);
    await tx.users.dropSessions(held.id, session);
    await post.post(tx, 'password-changed', held);
    await audit(tx, { ids, now: clock.now() }, actorOf(held, address), {
      accountId: held.accountId,
      action: 'user.password',
      subject: held.id,
    });
  }
}

function notGood(): GatewayError {
  return new GatewayError('not_found', 'This link is not good, or no longer: ask for another one.');
}
