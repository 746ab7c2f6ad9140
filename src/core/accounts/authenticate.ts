import { BoundedMap } from '../bounded-map.ts';
import { GatewayError } from '../errors.ts';
import type { CredentialId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import type { AccessToken, AccessTokens } from './access-tokens.ts';
import type { AccountView, Credential, CredentialKind } from './account.ts';
import type { Directory } from './directory.ts';
import type { Attempt } from './login-guard.ts';
import { LoginGuard } from './login-guard.ts';
import { RightPlaces } from './right-places.ts';

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

/**
 * A log-in that was right: for how long that holds, when its credential was last looked at, and whether it still was
 * good, as long as that is being found out.
 */
interface Proven {
  credential: Credential;
  until: number;
  checkedAt: number;
  look: Promise<boolean> | undefined;
}

/** A log-in that is being verified, and since when. */
interface Proving {
  proof: Promise<Credential | undefined>;
  since: number;
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
  readonly #proving = new Map<LoginMark, Proving>();
  readonly #places = new RightPlaces();
  /** Keys with which requests are signed, by dialect and name. */
  readonly #keys = new BoundedMap<string, SigningCaller>(rememberedLogins);
  /** For which tokens were given. */
  readonly #clients = new BoundedMap<CredentialId, { credential: Credential; checkedAt: number }>(
    rememberedLogins,
  );
  readonly #guard: LoginGuard;
  /** How often all that was remembered was forgotten: what was read before is not remembered after it. */
  #forgotten = 0;

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
    if (!said) this.#guard.refuseWhenTooMany({ address, name: '', now });
    const credential =
      said?.dialect === dialect ? await this.#granting(said.credentialId, now) : undefined;
    if (said && credential && (await this.#tokens.isGood(credential.accountId, said))) {
      return { caller: await this.#caller(credential), credential, token: said };
    }
    // Who shows one that was good once is not guessing.
    if (!said) this.#guard.countFailure({ address, name: '', now });
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
    const now = this.#clock.now();
    const attempt = { address, name: username, now };
    const refusal = this.#guard.refusalOf(attempt);
    // Before it is looked whether it is known: a guess that costs nothing could be made without end.
    if (refusal && !this.#places.was(mark, attempt)) throw refusal;
    const known = await this.again(mark);
    if (known) {
      this.#places.note(mark, attempt);
      return known;
    }
    if (refusal) throw refusal;
    const credential = await this.#prove(mark, attempt, () => this.#verify(dialect, login, kind));
    if (!credential) throw new GatewayError('unauthenticated', 'Wrong user name or password.');
    this.#places.note(mark, attempt);
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
    const current = now < known.until && now >= known.checkedAt;
    if (!current || !(isFresh(known, now) || (await this.#stillValid(known, now)))) {
      this.#proven.delete(mark);
      return undefined;
    }
    const { credential } = known;
    return { caller: await this.#caller(credential), credential, mark };
  }

  /** Verified once for all who show it at one time. @returns undefined when it is wrong. */
  async #prove(
    mark: LoginMark,
    attempt: Attempt,
    verify: () => Promise<Credential | undefined>,
  ): Promise<Credential | undefined> {
    const { now } = attempt;
    const underWay = this.#proving.get(mark);
    // One that waits for long may have read a credential that was revoked elsewhere since.
    if (underWay && now - underWay.since < recheckMs) {
      const credential = await underWay.proof;
      if (!credential) this.#guard.countFailure(attempt);
      return credential;
    }
    const forgotten = this.#forgotten;
    const proof = this.#guard.check(attempt, verify);
    const proving = { proof, since: now };
    this.#proving.set(mark, proving);
    try {
      const credential = await proof;
      if (credential && forgotten === this.#forgotten) {
        const until = now + rememberForMs;
        this.#proven.set(mark, { credential, until, checkedAt: now, look: undefined });
      }
      return credential;
    } finally {
      if (this.#proving.get(mark) === proving) this.#proving.delete(mark);
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
      const attempt = { address, name: '', now: this.#clock.now() };
      this.#guard.refuseWhenTooMany(attempt);
      this.#guard.countFailure(attempt);
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
    const attempt = { address, name: key, now: this.#clock.now() };
    const name = `${dialect}\0${key}`;
    const wasRight = this.#places.was(name, attempt);
    if (!wasRight) this.#guard.refuseWhenTooMany(attempt);
    const found = await this.#unsealed(dialect, key, attempt.now);
    // Again: of those who came at one time nobody had failed yet.
    if (!wasRight) this.#guard.refuseWhenTooMany(attempt);
    if (found && signs(found.secret)) {
      this.#places.note(name, attempt);
      return this.#caller(found.credential);
    }
    this.#guard.refuseWhenTooMany(attempt);
    // As long for an unknown key as for a wrong signature.
    if (!found) signs('a secret that nobody has');
    this.#guard.countFailure(attempt);
    throw new GatewayError('unauthenticated', 'Wrong key or signature.');
  }

  async #unsealed(dialect: string, key: string, now: number): Promise<SigningCaller | undefined> {
    const name = `${dialect}\0${key}`;
    const before = this.#keys.get(name);
    if (before && isFresh(before, now)) return before;
    const forgotten = this.#forgotten;
    const credential = await this.#find(dialect, 'hmac', key);
    if (!credential?.secret) {
      this.#keys.delete(name);
      return undefined;
    }
    const secret =
      before && before.credential.secret === credential.secret
        ? before.secret
        : this.#vault.unseal(credential.secret);
    const found = { credential, secret, checkedAt: now };
    if (forgotten === this.#forgotten) this.#keys.set(name, found);
    return found;
  }

  /** Call when a credential was revoked in this process. */
  forget(): void {
    this.#forgotten += 1;
    this.#proven.clear();
    this.#proving.clear();
    this.#keys.clear();
    this.#clients.clear();
  }

  /** The credential for which a token was given, as long as it is good. */
  async #granting(id: CredentialId, now: number): Promise<Credential | undefined> {
    const known = this.#clients.get(id);
    if (known && isFresh(known, now)) return known.credential;
    const forgotten = this.#forgotten;
    const credential = await this.#storage.read.credentials.findAny(id);
    if (credential?.revokedAt !== null) {
      this.#clients.delete(id);
      return undefined;
    }
    if (forgotten === this.#forgotten) this.#clients.set(id, { credential, checkedAt: now });
    return credential;
  }

  /** Looks at its credential again, once for all who ask meanwhile. */
  #stillValid(known: Proven, now: number): Promise<boolean> {
    known.look ??= this.#look(known, now).finally(() => {
      known.look = undefined;
    });
    return known.look;
  }

  async #look(known: Proven, now: number): Promise<boolean> {
    const { dialect, kind, lookup, secret } = known.credential;
    const credential = await this.#find(dialect, kind, lookup);
    if (credential === undefined || credential.secret !== secret) return false;
    known.credential = credential;
    known.checkedAt = now;
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

/** A clock that was set back makes everything look new: then nothing is. */
function isFresh({ checkedAt }: { checkedAt: number }, now: number): boolean {
  return now >= checkedAt && now - checkedAt < recheckMs;
}
