import { Buffer } from 'node:buffer';
import type { Authenticator, Caller } from '../accounts/authenticate.ts';
import type { Credential } from '../accounts/account.ts';
import type { IssuedCredential, Owner } from '../accounts/owner.ts';
import { GatewayError } from '../errors.ts';
import type { AccountId, CredentialId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import type { EnrolmentCode } from './enrolment-code.ts';

/** Whose a new phone is to be. */
export interface Admission {
  accountId: AccountId;
  /** The log-in by which it came, or that asked for its code. */
  credentialId: CredentialId | null;
}

/** As the `dialect` of enrolment tokens: they are credentials, for phones alone. */
const phoneCredentials = 'phone';

/** Without those that are read one for the other. */
const codeAlphabet = '23456789abcdefghjkmnpqrstuvwxyz';
const codeLength = 6;

/**
 * How phones come in. An enrolment token is a credential of the account's: any number of phones may come by it,
 * until it is revoked or its time is over. A one-time code is for one phone and for a minute.
 */
export class Enrolment {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #vault: Vault;
  readonly #authenticate: Authenticator;
  readonly #owner: Owner;

  constructor(parts: {
    storage: Storage;
    clock: Clock;
    ids: Ids;
    vault: Vault;
    authenticate: Authenticator;
    owner: Owner;
  }) {
    this.#storage = parts.storage;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#vault = parts.vault;
    this.#authenticate = parts.authenticate;
    this.#owner = parts.owner;
  }

  /** Makes an enrolment token, which is shown once. */
  token(
    accountId: AccountId,
    { label, expiresAt = null }: { label?: string | undefined; expiresAt?: number | null } = {},
  ): Promise<IssuedCredential> {
    return this.#owner.issueCredential(accountId, {
      dialect: phoneCredentials,
      kind: 'bearer',
      label,
      settings: expiresAt === null ? {} : { expiresAt },
    });
  }

  /** The enrolment tokens of an account that are still good. */
  async tokens(accountId: AccountId): Promise<Credential[]> {
    const now = this.#clock.now();
    const all = await this.#storage.read.credentials.ofAccount(accountId);
    return all.filter(
      (one) => one.dialect === phoneCredentials && one.revokedAt === null && isGood(one, now),
    );
  }

  /**
   * Who shows an enrolment token.
   * @throws GatewayError `unauthenticated`, `too_many_attempts`, `account_suspended`.
   */
  async byToken(token: string, address: string): Promise<Admission> {
    const caller = await this.#authenticate.token(phoneCredentials, 'bearer', token, address);
    const { credentials } = this.#storage.read;
    const digest = this.#vault.digest(token);
    const credential = await credentials.find(phoneCredentials, 'bearer', digest);
    if (!credential || !isGood(credential, this.#clock.now())) {
      throw new GatewayError('unauthenticated', 'The time of this token is over.');
    }
    return { accountId: caller.view.account.id, credentialId: null };
  }

  /** Makes a one-time code for a caller's next phone. */
  async code(
    { view, credentialId }: Caller,
    lifeMs: number,
  ): Promise<{ code: string; expiresAt: number }> {
    const now = this.#clock.now();
    for (;;) {
      const code = this.#draw();
      const row: EnrolmentCode = {
        code: this.#digest(code),
        accountId: view.account.id,
        credentialId,
        expiresAt: now + lifeMs,
      };
      if (await this.#storage.write((tx) => tx.enrolmentCodes.insert(row))) {
        return { code, expiresAt: row.expiresAt };
      }
    }
  }

  /** Who shows a one-time code; it is used up by it. @throws GatewayError `unauthenticated`, `account_suspended`. */
  async byCode(code: string): Promise<Admission> {
    const digest = this.#digest(code);
    const row = await this.#storage.write((tx) => tx.enrolmentCodes.take(digest));
    if (!row || row.expiresAt <= this.#clock.now()) {
      throw new GatewayError('unauthenticated', 'There is no such code, or it was used.');
    }
    const account = await this.#storage.read.accounts.find(row.accountId);
    if (account?.status !== 'active') {
      throw new GatewayError('account_suspended', 'This account is suspended.');
    }
    return { accountId: row.accountId, credentialId: row.credentialId };
  }

  /**
   * Gives the log-in by which a phone came another password.
   * @throws GatewayError `unauthenticated` when the present one is wrong, or the phone came without a log-in.
   */
  async changePassword(
    credentialId: CredentialId | null,
    { current, next }: { current: string; next: string },
    address: string,
  ): Promise<void> {
    const credential =
      credentialId === null
        ? undefined
        : await this.#storage.read.credentials.findAny(credentialId);
    if (credential?.kind !== 'basic' || credential.revokedAt !== null) {
      throw new GatewayError('unauthenticated', 'This phone has no password.');
    }
    const login = { username: credential.lookup, password: current };
    await this.#authenticate.password(credential.dialect, login, address);
    const hash = await this.#vault.hashPassword(next);
    await this.#storage.write((tx) => tx.credentials.setSecret(credential.id, hash));
    this.#authenticate.forget();
  }

  /** Case does not count: people type it. */
  #digest(code: string): string {
    return this.#vault.digest(`enrolment code ${code.toLowerCase()}`);
  }

  #draw(): string {
    let code = '';
    while (code.length < codeLength) {
      for (const byte of Buffer.from(this.#ids.secret(16), 'base64url')) {
        // Beyond the last whole multiple some characters would come more often.
        if (byte >= 256 - (256 % codeAlphabet.length) || code.length === codeLength) continue;
        code += codeAlphabet[byte % codeAlphabet.length];
      }
    }
    return code;
  }
}

function isGood({ settings }: Credential, now: number): boolean {
  const { expiresAt } = settings;
  return typeof expiresAt !== 'number' || now < expiresAt;
}
