import { BoundedMap } from '../bounded-map.ts';
import { GatewayError } from '../errors.ts';
import type { CredentialId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import type { AccessToken, AccessTokens } from './access-tokens.ts';
import type { AccountView, Credential, CredentialKind } from './account.ts';
import type { Directory } from './directory.ts';
import { LoginGuard } from './login-guard.ts';

/** Who is asking, once he has proven it. */
export interface Caller {
  view: AccountView;
  credentialId: CredentialId;
  /** The way he came in: the dialect of his credential, or `ownersChannel`. */
  channel: string;
}

interface Login {
  username: string;
  password: string;
}

declare const brand: unique symbol;
/** What recognises a log-in that was right: a digest that only this process can make, and of use to it alone. */
export type LoginMark = string & { readonly [brand]: 'login mark' };

/** Who has logged in, and by what. */
interface LoggedIn {
  caller: Caller;
  credential: Credential;
  mark: LoginMark;
}

/** Ways in with a name and a secret that is hashed as a password is. */
type Named = Extract<CredentialKind, 'basic' | 'oauth_client'>;

/** The channel of what the owner sends for an account. */
export const ownersChannel = 'cli';
/** Channels that are no dialects. */
export const ownChannels = [ownersChannel, 'smpp', 'console'] as const;

/** A log-in that was right: for how long that holds, and when its credential was last looked at. */
interface Proven {
  credential: Credential;
  until: number;
  checkedAt: number;
}

/** Who signs, and when his key was last looked at. */
interface SigningCaller {
  credential: Credential;
  secret: string;
  checkedAt: number;
}

/** How soon a credential that another process revoked stops working here. */
const recheckMs = 1000;
/** How long a proven password is remembered before argon2 is asked again. */
const rememberForMs = 60_000;
const rememberedLogins = 10_000;

/**
 * Finds out who is asking. A right password is verified by argon2 once a minute and recognised by a
 * keyed digest in between, since clients send it with every request. Wrong ones are bounded per
 * address and overall, so that a stranger cannot occupy the machine.
 */
export class Authenticator {
  readonly #storage: Storage;
  readonly #directory: Directory;
  readonly #vault: Vault;
  readonly #clock: Clock;
  readonly #tokens: AccessTokens;
  readonly #proven = new BoundedMap<LoginMark, Proven>(rememberedLogins);
  /** Log-ins that are being verified: who shows the same at that time waits for the same answer. */
  readonly #proving = new Map<LoginMark, Promise<Credential | undefined>>();
  /** Keys with which requests are signed, by dialect and name. */
  readonly #keys = new BoundedMap<string, SigningCaller>(rememberedLogins);
  /** For which tokens were given. */
  readonly #clients = new BoundedMap<CredentialId, { credential: Credential; checkedAt: number }>(
    rememberedLogins,
  );
  readonly #guard: LoginGuard;

  constructor(parts: {
    storage: Storage;
    directory: Directory;
    vault: Vault;
    clock: Clock;
    tokens: AccessTokens;
    /** Default one of its own. */
    guard?: LoginGuard;
  }) {
    this.#guard = parts.guard ?? new LoginGuard(parts.vault);
    this.#tokens = parts.tokens;
    this.#storage = parts.storage;
    this.#directory = parts.directory;
    this.#vault = parts.vault;
    this.#clock = parts.clock;
  }

  /**
   * User name and password of a `basic` credential.
   * @param address where the request comes from, to count failures.
   * @throws GatewayError `unauthenticated`, `too_many_attempts`, `account_suspended`.
   */
  async password(dialect: string, login: Login, address: string): Promise<Caller> {
    return (await this.login(dialect, login, address)).caller;
  }

  /**
   * A token of `AccessTokens`.
   * @returns who shows it, the credential for which it stands, and what it says: what it may do is his to ask.
   * @throws GatewayError as `password`.
   */
  async accessToken(
    dialect: string,
    token: string,
    address: string,
  ): Promise<{ caller: Caller; credential: Credential; token: AccessToken }> {
    const now = this.#clock.now();
    const said = this.#tokens.read(token);
    // Ours are signed: only who shows another has to wait.
    if (!said) this.#guard.refuseWhenTooMany(address, '', now);
    const credential =
      said?.dialect === dialect ? await this.#granting(said.credentialId, now) : undefined;
    if (said && credential && (await this.#tokens.isGood(credential.accountId, said))) {
      return { caller: await this.#caller(credential), credential, token: said };
    }
    // Who shows one that was good once is not guessing.
    if (!said) this.#guard.countFailure(address, '', now);
    throw new GatewayError('unauthenticated', 'The access token is not valid, or no longer.');
  }

  /**
   * The same, and the credential with what its dialect keeps with it.
   * @param kind also of an `oauth_client` (RFC 6749 section 4.4), whose id and secret they are then.
   * @returns also by what `again` knows them.
   */
  async login(
    dialect: string,
    login: Login,
    address: string,
    kind: Named = 'basic',
  ): Promise<LoggedIn> {
    const { username, password } = login;
    const mark = this.#vault.fingerprint(
      `${dialect}\0${kind}\0${username}\0${password}`,
    ) as LoginMark;
    const known = await this.again(mark);
    if (known) return known;

    const now = this.#clock.now();
    this.#guard.refuseWhenTooMany(address, username, now);
    const credential = await this.#prove(mark, dialect, login, kind);
    if (!credential) {
      this.#guard.countFailure(address, username, now);
      throw new GatewayError('unauthenticated', 'Wrong user name or password.');
    }
    return { caller: await this.#caller(credential), credential, mark };
  }

  /**
   * A log-in that was right within the last minute, by its mark.
   * @returns undefined when it must be shown again, for whatever reason.
   * @throws GatewayError `unauthenticated` (its account is gone), `account_suspended`.
   */
  async again(mark: LoginMark): Promise<LoggedIn | undefined> {
    const known = this.#proven.get(mark);
    if (!known) return undefined;
    const now = this.#clock.now();
    // A clock that was set back makes everything look new: then nothing is.
    const current = now < known.until && now >= known.checkedAt;
    const fresh = now - known.checkedAt < recheckMs;
    if (!current || !(fresh || (await this.#stillValid(known, now)))) {
      this.#proven.delete(mark);
      return undefined;
    }
    const { credential } = known;
    return { caller: await this.#caller(credential), credential, mark };
  }

  /** Verified once for all who show it at one time. @returns undefined when it is wrong. */
  async #prove(
    mark: LoginMark,
    dialect: string,
    login: Login,
    kind: Named,
  ): Promise<Credential | undefined> {
    const underWay = this.#proving.get(mark);
    if (underWay) return underWay;
    const now = this.#clock.now();
    const proof = this.#verify(dialect, login, kind);
    this.#proving.set(mark, proof);
    // What was forgotten meanwhile is not remembered.
    const stands = (): boolean => this.#proving.get(mark) === proof;
    try {
      const credential = await proof;
      if (credential && stands()) {
        this.#proven.set(mark, { credential, until: now + rememberForMs, checkedAt: now });
      }
      return credential;
    } finally {
      if (stands()) this.#proving.delete(mark);
    }
  }

  async #verify(
    dialect: string,
    { username, password }: Login,
    kind: Named,
  ): Promise<Credential | undefined> {
    const credential = await this.#find(dialect, kind, username);
    const right = await this.#guard.verify(credential?.secret ?? undefined, password);
    return right ? credential : undefined;
  }

  /**
   * A key or token that proves itself. Its digest is looked up, so the comparison leaks nothing; and since it is random,
   * a wrong one is rather an old one than a guess: only wrong ones have to wait, after too many.
   * @throws GatewayError as `password`.
   */
  async token(
    dialect: string,
    kind: Extract<CredentialKind, 'api_key' | 'bearer'>,
    token: string,
    address: string,
  ): Promise<Caller> {
    return (await this.key(dialect, kind, token, address)).caller;
  }

  /** The same, and the credential with what its dialect keeps with it. */
  async key(
    dialect: string,
    kind: Extract<CredentialKind, 'api_key' | 'bearer'>,
    token: string,
    address: string,
  ): Promise<{ caller: Caller; credential: Credential }> {
    const credential = await this.#find(dialect, kind, this.#vault.digest(token));
    if (!credential) {
      const now = this.#clock.now();
      this.#guard.refuseWhenTooMany(address, '', now);
      this.#guard.countFailure(address, '', now);
      throw new GatewayError('unauthenticated', 'Wrong key.');
    }
    return { caller: await this.#caller(credential), credential };
  }

  /**
   * A request that is signed with the secret of an `hmac` credential.
   * @param signs whether the request is signed with this secret; in constant time. Pure.
   * @throws GatewayError as `password`.
   */
  async signature(
    dialect: string,
    key: string,
    signs: (secret: string) => boolean,
    address: string,
  ): Promise<Caller> {
    const now = this.#clock.now();
    const name = `${dialect}\0${key}`;
    const known = this.#keys.get(name);
    if (!known) this.#guard.refuseWhenTooMany(address, key, now);
    const current = known && now >= known.checkedAt && now - known.checkedAt < recheckMs;
    const found = current ? known : await this.#unsealed(dialect, key, now);
    // Who knows the key's name and not its secret is counted as one who guesses a password.
    if (found && signs(found.secret)) return this.#caller(found.credential);
    this.#guard.refuseWhenTooMany(address, key, now);
    // As long for an unknown key as for a wrong signature.
    if (!found) signs('a secret that nobody has');
    this.#guard.countFailure(address, key, now);
    throw new GatewayError('unauthenticated', 'Wrong key or signature.');
  }

  async #unsealed(dialect: string, key: string, now: number): Promise<SigningCaller | undefined> {
    const credential = await this.#find(dialect, 'hmac', key);
    if (!credential?.secret) {
      this.#keys.delete(`${dialect}\0${key}`);
      return undefined;
    }
    const before = this.#keys.get(`${dialect}\0${key}`);
    const secret =
      before && before.credential.secret === credential.secret
        ? before.secret
        : this.#vault.unseal(credential.secret);
    const found = { credential, secret, checkedAt: now };
    this.#keys.set(`${dialect}\0${key}`, found);
    return found;
  }

  /** Call when a credential was revoked in this process. */
  forget(): void {
    this.#proven.clear();
    this.#proving.clear();
    this.#keys.clear();
    this.#clients.clear();
  }

  /** The credential for which a token was given, as long as it is good. */
  async #granting(id: CredentialId, now: number): Promise<Credential | undefined> {
    const known = this.#clients.get(id);
    if (known && now >= known.checkedAt && now - known.checkedAt < recheckMs) {
      return known.credential;
    }
    const credential = await this.#storage.read.credentials.findAny(id);
    if (credential?.revokedAt !== null) {
      this.#clients.delete(id);
      return undefined;
    }
    this.#clients.set(id, { credential, checkedAt: now });
    return credential;
  }

  /** Looks at its credential again. */
  async #stillValid(known: Proven, now: number): Promise<boolean> {
    known.checkedAt = now;
    const { dialect, kind, lookup, secret } = known.credential;
    const credential = await this.#find(dialect, kind, lookup);
    if (credential === undefined || credential.secret !== secret) return false;
    known.credential = credential;
    return true;
  }

  async #find(
    dialect: string,
    kind: CredentialKind,
    lookup: string,
  ): Promise<Credential | undefined> {
    const credential = await this.#storage.read.credentials.find(dialect, kind, lookup);
    return credential?.revokedAt === null ? credential : undefined;
  }

  async #caller(credential: Credential): Promise<Caller> {
    const view = await this.#directory.view(credential.accountId);
    if (!view) throw new GatewayError('unauthenticated', 'The account is gone.');
    if (view.account.status === 'suspended') {
      throw new GatewayError('account_suspended', 'This account is suspended.');
    }
    return { view, credentialId: credential.id, channel: credential.dialect };
  }
}
