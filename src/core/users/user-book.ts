import type { Actor, AuditAction, AuditDetails } from '../audit/entry.ts';
import { audit } from '../audit/audit.ts';
import { changesOf } from '../audit/entry.ts';
import { GatewayError } from '../errors.ts';
import { requireAllowed } from '../rates.ts';
import type { AccountId, UserId } from '../ids.ts';
import type { Page, Rate, Tx } from '../ports/storage.ts';
import type { UserContext } from './context.ts';
import { asEmail, readEmail } from './email.ts';
import type { Role } from './roles.ts';
import { reaches } from './roles.ts';
import type { SecondFactor } from './second-factor.ts';
import type { StoredUser, User } from './user.ts';
import { shown } from './user.ts';

/** Of one account, or of the owner. */
const mostUsers = 200;
const invitations: Rate = { most: 100, windowMs: 3_600_000 };
/** Letters, digits and little else: a name stands in mails, and shall not look like a link there. */
const nameForm = /^(?! )[\p{L}\p{M}\p{N} .'’()_-]{1,64}(?<! )$/u;

/** Who manages users, and what he is among them. */
export interface Manager {
  actor: Actor;
  role: Role;
}

/** What may be said of a user. */
export interface UserChange {
  name?: string | undefined;
  role?: Role | undefined;
  status?: 'active' | 'suspended' | undefined;
}

/** The users of an account, or (null) of the owner: who is invited, what each may do, who goes. */
export class UserBook {
  readonly #context: UserContext;
  readonly #secondFactor: SecondFactor;

  constructor(context: UserContext, secondFactor: SecondFactor) {
    this.#context = context;
    this.#secondFactor = secondFactor;
  }

  async list(accountId: AccountId | null, page: Page): Promise<User[]> {
    return (await this.#context.storage.read.users.list(accountId, page)).map(shown);
  }

  /** Whosever they are: for the owner's tools. */
  async all(page: Page): Promise<User[]> {
    return (await this.#context.storage.read.users.all(page)).map(shown);
  }

  /** Whosever it is: for the owner's tools. @throws GatewayError `not_found`. */
  async named(idOrEmail: string): Promise<User> {
    const { users } = this.#context.storage.read;
    const email = asEmail(idOrEmail);
    const user =
      email === undefined
        ? await users.find(idOrEmail as UserId)
        : ((await users.findActivated(email)) ?? (await users.invited(email, 1))[0]);
    if (!user) throw new GatewayError('not_found', `There is no user '${idOrEmail}'.`);
    return shown(user);
  }

  /** @throws GatewayError `not_found`, also for one of somebody else's. */
  async find(accountId: AccountId | null, id: UserId): Promise<User> {
    const user = await this.#context.storage.read.users.find(id);
    if (user?.accountId !== accountId) throw noSuchUser();
    return shown(user);
  }

  /**
   * Makes a user and writes to him. Who invites learns nothing of the address but whether his own account has it.
   * @throws GatewayError `already_exists` when this account has a user of this address, `invalid_request`,
   * `forbidden` for a role above the manager's, `too_many_attempts` for an address that is invited again and again.
   */
  async invite(
    by: Manager,
    accountId: AccountId | null,
    wanted: { email: string; name: string; role: Role },
  ): Promise<User> {
    const write = await this.invitation(by, accountId, wanted);
    return this.#context.storage.write((tx) => write(tx, accountId));
  }

  /**
   * The same for who writes more than the user: it is counted now, and what is given writes it.
   * @param inviter whose attempts are counted.
   * @throws GatewayError as `invite`; `already_exists` comes from what is given.
   */
  async invitation(
    by: Manager,
    inviter: AccountId | null,
    wanted: { email: string; name: string; role: Role },
  ): Promise<(tx: Tx, accountId: AccountId | null) => Promise<User>> {
    const { clock, ids, post, limits } = this.#context;
    const email = readEmail(wanted.email);
    checkName(wanted.name);
    checkReach(by.role, wanted.role);
    await limits.take('activation', invitationOf(inviter, email), null);
    const id: UserId = ids.next();
    return async (tx, accountId) => {
      const user: StoredUser = {
        id,
        accountId,
        email,
        name: wanted.name,
        role: wanted.role,
        status: 'invited',
        createdAt: clock.now(),
        lastLoginAt: null,
        twoFactorSince: null,
        password: null,
        totp: null,
        totpStep: 0,
        recoveryCodes: [],
      };
      if (by.actor.kind !== 'owner') await this.#takeInvitation(tx, accountId);
      if ((await tx.users.count(accountId)) >= mostUsers) {
        throw new GatewayError('forbidden', `There are ${mostUsers} users already.`);
      }
      await tx.users.insert(user);
      await post.post(tx, 'activation', user);
      await this.#note(tx, by.actor, user, 'user.invite', { email, role: user.role });
      return shown(user);
    };
  }

  /** Whoever invites and removes again and again would write to the whole world in our name. */
  async #takeInvitation(tx: Tx, accountId: AccountId | null): Promise<void> {
    const name = `invitations ${accountId ?? ''}`;
    const wait = await tx.rates.take(name, invitations, this.#context.clock.now());
    requireAllowed(wait, 'Too many invitations. Please wait.');
  }

  /** Writes to somebody who was invited once more. @throws GatewayError `not_found`, `too_many_attempts`. */
  async inviteAgain(accountId: AccountId | null, id: UserId): Promise<void> {
    const { storage, post, limits } = this.#context;
    const user = await this.find(accountId, id);
    if (user.status !== 'invited') {
      throw new GatewayError('already_exists', 'This user is active already.');
    }
    await limits.take('activation', invitationOf(accountId, user.email), null);
    await storage.write((tx) => post.post(tx, 'activation', user));
  }

  /** Writes to a user who has forgotten his password, by the owner's tools. */
  async sendReset({ id, email }: User): Promise<void> {
    const { storage, post } = this.#context;
    await storage.write((tx) => post.post(tx, 'reset', { id, email }));
  }

  /**
   * Who is suspended is logged out at once.
   * @throws GatewayError `not_found`, `forbidden` for a role above the manager's or the last owner,
   * `invalid_request`.
   */
  async change(
    by: Manager,
    accountId: AccountId | null,
    id: UserId,
    { name, role, status }: UserChange,
  ): Promise<User> {
    if (name !== undefined) checkName(name);
    if (role !== undefined) checkReach(by.role, role);
    return this.#context.storage.write(async (tx) => {
      const owners = await tx.users.lockOwners(accountId);
      const held = await this.#held(tx, by, accountId, id);
      if (status !== undefined && held.status === 'invited') {
        throw new GatewayError('forbidden', 'This user was invited and is not active yet.');
      }
      const after: StoredUser = {
        ...held,
        name: name ?? held.name,
        role: role ?? held.role,
        status: status ?? held.status,
      };
      if (after.role !== 'owner' || after.status !== 'active') keepOwner(by, held, owners);
      await tx.users.save(after);
      if (after.status === 'suspended') await tx.users.dropSessions(id);
      const details = changesOf(held, after, ['name', 'role', 'status']);
      if (Object.keys(details).length > 0) {
        await this.#note(tx, by.actor, held, 'user.change', details);
      }
      return shown(after);
    });
  }

  /** @throws GatewayError as `change`. */
  async remove(by: Manager, accountId: AccountId | null, id: UserId): Promise<void> {
    await this.#context.storage.write(async (tx) => {
      const owners = await tx.users.lockOwners(accountId);
      const held = await this.#held(tx, by, accountId, id);
      keepOwner(by, held, owners);
      await tx.users.remove(id);
      await this.#note(tx, by.actor, held, 'user.remove', { email: held.email, role: held.role });
    });
  }

  /** For a user who has lost his authenticator and his recovery codes. @throws GatewayError `not_found`. */
  disableSecondFactor(by: Manager, id: UserId): Promise<void> {
    return this.#secondFactor.lift(id, by.actor);
  }

  async #held(
    tx: Tx,
    { role }: Manager,
    accountId: AccountId | null,
    id: UserId,
  ): Promise<StoredUser> {
    const held = await tx.users.lock(id);
    if (held?.accountId !== accountId) throw noSuchUser();
    checkReach(role, held.role);
    return held;
  }

  #note(
    tx: Tx,
    actor: Actor,
    { id, accountId }: User,
    action: AuditAction,
    details: AuditDetails,
  ): Promise<void> {
    const { clock, ids } = this.#context;
    return audit(tx, { ids, now: clock.now() }, actor, { accountId, action, subject: id, details });
  }
}

/** Whose attempts at an address they are: what one account does there, another neither pays for nor notices. */
function invitationOf(accountId: AccountId | null, email: string): string {
  return `${accountId ?? 'owner'} ${email}`;
}

function checkName(name: string): void {
  if (nameForm.test(name)) return;
  throw new GatewayError(
    'invalid_request',
    'A name has 1 to 64 letters, digits, spaces, dots, dashes, apostrophes and brackets.',
    { field: 'name' },
  );
}

function checkReach(role: Role, other: Role): void {
  if (reaches(role, other)) return;
  throw new GatewayError('forbidden', `Only who is ${other} himself may do that.`);
}

/** Somebody must be left who can make owners; the gateway's owner can from his shell. */
function keepOwner({ actor }: Manager, held: StoredUser, owners: readonly StoredUser[]): void {
  if (actor.kind === 'owner' || held.role !== 'owner' || held.status !== 'active') return;
  if (owners.some(({ id }) => id !== held.id)) return;
  throw new GatewayError('forbidden', 'This is the last owner: make another one first.');
}

function noSuchUser(): GatewayError {
  return new GatewayError('not_found', 'There is no such user.');
}
