import type { Directory } from '../accounts/directory.ts';
import type { NodeId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import { type Mailer, MailRefused } from '../ports/mailer.ts';
import type { Storage, Tx } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import type { UserSettings } from '../users/settings.ts';
import type { StoredUser, UserToken } from '../users/user.ts';
import { mailText } from './mail-texts.ts';
import type { MailKind, OutgoingMail } from './outgoing-mail.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits after a try that failed; the last one again and again. */
const waits = [10 * second, 30 * second, minute, 5 * minute, 15 * minute, 30 * minute, hour];
const keepTryingMs = 24 * hour;
/** Longer than a mailer takes: who held it is dead then. */
const leaseMs = 5 * minute;
const atOnce = 10;
const tokenBytes = 32;
const longestError = 300;

/** For which mails there is a link to choose a password at. */
const purposes: Readonly<Record<MailKind, UserToken['purpose'] | null>> = {
  activation: 'activation',
  reset: 'reset',
  'password-changed': null,
  'two-factor-off': null,
};

/**
 * The outbox of mail. A mail is written with the fact that it follows from and leaves after the commit, so a crash
 * loses none; it may arrive twice when the crash comes between its sending and its being written down.
 */
export class PostOffice {
  readonly #storage: Storage;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #vault: Vault;
  readonly #settings: UserSettings;

  constructor(
    parts: { storage: Storage; directory: Directory; clock: Clock; ids: Ids; vault: Vault },
    settings: UserSettings,
  ) {
    this.#storage = parts.storage;
    this.#directory = parts.directory;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#vault = parts.vault;
    this.#settings = settings;
  }

  /** @param to a user, or an address that may be nobody's: that is found out when it is sent. */
  post(
    tx: Pick<Tx, 'mails'>,
    kind: MailKind,
    to: Pick<StoredUser, 'id' | 'email'> | { email: string },
  ): Promise<void> {
    const now = this.#clock.now();
    return tx.mails.insert({
      id: this.#ids.next(),
      kind,
      userId: 'id' in to ? to.id : null,
      email: to.email,
      status: 'pending',
      attempts: 0,
      dueAt: now,
      lockedBy: null,
      expiresAt: now + keepTryingMs,
      createdAt: now,
      doneAt: null,
      error: null,
    });
  }

  /** Tries what is due, one after the other. @returns how many that were, and those that have failed for good. */
  async deliver(
    mailer: Mailer,
    nodeId: NodeId,
  ): Promise<{ tried: number; failed: OutgoingMail[] }> {
    const now = this.#clock.now();
    if (!(await this.#storage.read.mails.isDue(now))) return { tried: 0, failed: [] };
    const claimed = await this.#storage.write((tx) =>
      tx.mails.claim({ nodeId, now, leaseUntil: now + leaseMs, limit: atOnce }),
    );
    const failed: OutgoingMail[] = [];
    for (const mail of claimed) {
      const tried = await this.#try(mailer, mail);
      await this.#storage.write((tx) => tx.mails.finish(tried, nodeId));
      if (tried.status === 'failed') failed.push(tried);
    }
    return { tried: claimed.length, failed };
  }

  async #try(mailer: Mailer, mail: OutgoingMail): Promise<OutgoingMail> {
    const done = { ...mail, attempts: mail.attempts + 1, lockedBy: null };
    try {
      const user = await this.#addressee(mail);
      if (user)
        await mailer.send({ id: mail.id, to: user.email, ...(await this.#write(mail, user)) });
      return { ...done, status: 'sent', doneAt: this.#clock.now(), error: null };
    } catch (error) {
      const now = this.#clock.now();
      const dueAt = now + (waits[Math.min(mail.attempts, waits.length - 1)] ?? hour);
      const said = (error instanceof Error ? error.message : String(error)).slice(0, longestError);
      return error instanceof MailRefused || dueAt >= mail.expiresAt
        ? { ...done, status: 'failed', doneAt: now, error: said }
        : { ...done, dueAt, error: said };
    }
  }

  /** To whom it goes now; undefined when there is nobody, or no reason any more. */
  async #addressee({ kind, userId, email }: OutgoingMail): Promise<StoredUser | undefined> {
    const { users } = this.#storage.read;
    if (userId !== null) {
      const user = await users.find(userId);
      return kind === 'activation' && user?.status !== 'invited' ? undefined : user;
    }
    if (kind === 'activation') return (await users.invited(email, 1))[0];
    const user = await users.findActivated(email);
    return user?.status === 'active' ? user : undefined;
  }

  async #write({ kind }: OutgoingMail, user: StoredUser) {
    const { activationMs, resetMs } = this.#settings;
    const lifeMs = kind === 'activation' ? activationMs : resetMs;
    const purpose = purposes[kind];
    const link = purpose === null ? null : await this.#link(user, purpose, lifeMs);
    const view = user.accountId === null ? undefined : await this.#directory.view(user.accountId);
    const of = view ? `the account ${view.account.name}` : 'the gateway';
    return mailText(kind, { name: user.name, of, link, lifeMs });
  }

  /** The token is a new one at each try, and the ones before stay good: nobody knows which mail arrives. */
  async #link({ id }: StoredUser, purpose: UserToken['purpose'], lifeMs: number): Promise<string> {
    const token = this.#ids.secret(tokenBytes);
    const digest = this.#vault.digest(token);
    const expiresAt = this.#clock.now() + lifeMs;
    await this.#storage.write((tx) =>
      tx.users.insertToken({ digest, userId: id, purpose, expiresAt }),
    );
    // Behind the `#` it reaches neither a server's log nor another site.
    return `${this.#settings.passwordPage()}#${purpose}=${token}`;
  }
}
