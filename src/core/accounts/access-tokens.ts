import { Buffer } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import { BoundedMap } from '../bounded-map.ts';
import { requireAllowed } from '../rates.ts';
import type { AccountId, CredentialId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Rate, Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';

/** What a token says. */
export interface AccessToken {
  /** Of its pair. */
  id: string;
  dialect: string;
  /** For which it stands, and with which it ends. */
  credentialId: CredentialId;
  /** What may be done with it, in the words of its dialect. */
  scopes: readonly string[];
  issuedAt: number;
  expiresAt: number;
  /** Set for a token that does nothing but get the next pair: how long the access tokens of that live. */
  renews: { lifeMs: number } | null;
}

/** Whose token it is: what of a caller is asked here. */
interface Holder {
  view: { account: { id: AccountId } };
  credentialId: CredentialId;
  /** The dialect of his credential. */
  channel: string;
}

/** One to use and, as long as that one lives, one to get the next pair with. */
export interface TokenPair {
  id: string;
  access: string;
  renewal: string;
  /** When the first expires. */
  expiresAt: number;
}

/** The claims of RFC 7519 section 4.1 in seconds, and two of ours. */
interface Claims {
  jti: string;
  aud: string;
  sub: CredentialId;
  iat: number;
  exp: number;
  scopes: readonly string[];
  /** Seconds. */
  life?: number;
}

const purpose = 'access token';
/** No other algorithm is ever looked at: that is how forgeries begin (RFC 8725 section 3.1). */
const header = encode({ alg: 'HS256', typ: 'JWT' });
/** Longer ones are not ours. */
const longestToken = 8_192;
/** How soon a token that another node ended stops working here. */
const recheckMs = 1_000;
const remembered = 10_000;
/** Of one account: each that is ended early is remembered until its time is over. */
const endings: Rate = { most: 200, windowMs: 3_600_000 };

/**
 * Tokens that stand for a credential for a while and may do some of what it may: JSON Web Tokens (RFC 7519), signed
 * with the key of the installation, so that every node can check them and nothing is stored when one is made. What is
 * stored is that a pair has ended before its time: it was revoked, or the next one took its place, which happens once.
 */
export class AccessTokens {
  readonly #storage: Pick<Storage, 'read' | 'write'>;
  readonly #vault: Vault;
  readonly #clock: Clock;
  readonly #ids: Ids;
  /** Pairs that were good when they were last looked at. */
  readonly #good = new BoundedMap<string, number>(remembered);

  constructor(parts: {
    storage: Pick<Storage, 'read' | 'write'>;
    vault: Vault;
    clock: Clock;
    ids: Ids;
  }) {
    this.#storage = parts.storage;
    this.#vault = parts.vault;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
  }

  /** @param life in whole seconds: of the token itself, and how long the next pair can be had. */
  issue(
    { channel, credentialId }: Holder,
    scopes: readonly string[],
    life: { accessMs: number; renewalMs: number },
  ): TokenPair {
    // Tokens know whole seconds.
    const issuedAt = Math.floor(this.#clock.now() / 1000) * 1000;
    const token = { id: this.#ids.secret(15), dialect: channel, credentialId, scopes, issuedAt };
    const expiresAt = issuedAt + life.accessMs;
    const renews = { lifeMs: life.accessMs };
    return {
      id: token.id,
      access: this.#write({ ...token, expiresAt, renews: null }),
      renewal: this.#write({ ...token, expiresAt: issuedAt + life.renewalMs, renews }),
      expiresAt,
    };
  }

  /**
   * The next pair, in the place of the one that its holder has shown a token of.
   * @returns undefined when somebody was quicker: that pair has ended.
   */
  async renew(
    holder: Holder,
    { id, scopes, expiresAt, renews }: AccessToken,
    renewalMs: number,
  ): Promise<TokenPair | undefined> {
    if (!renews || !(await this.#end(holder.view.account.id, id, expiresAt))) return undefined;
    return this.issue(holder, scopes, { accessMs: renews.lifeMs, renewalMs });
  }

  /**
   * Ends a pair of the holder's; one that was never made is ended as well.
   * @param renewalMs how long its second token may live.
   * @throws GatewayError `too_many_attempts` when he has ended very many.
   */
  async revoke({ view }: Pick<Holder, 'view'>, id: string, renewalMs: number): Promise<void> {
    const now = this.#clock.now();
    const accountId = view.account.id;
    const wait = await this.#storage.write((tx) =>
      tx.rates.take(`token endings ${accountId}`, endings, now),
    );
    requireAllowed(wait, 'Too many tokens were revoked.');
    await this.#end(accountId, id, now + renewalMs);
  }

  /** What a token says, when it is one of ours, however long ago its time was over. */
  read(token: string): AccessToken | undefined {
    if (token.length > longestToken) return undefined;
    const [head, payload = '', signature = '', ...more] = token.split('.');
    if (head !== header || more.length > 0) return undefined;
    if (!isSame(signature, this.#vault.sign(`${header}.${payload}`, purpose))) return undefined;
    // Nobody else could have signed it, so it is in our form.
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims;
    const { jti, aud, sub, iat, exp, scopes, life } = claims;
    return {
      id: jti,
      dialect: aud,
      credentialId: sub,
      scopes,
      issuedAt: iat * 1000,
      expiresAt: exp * 1000,
      renews: life === undefined ? null : { lifeMs: life * 1000 },
    };
  }

  /** Is its time not over, and was its pair not ended before? */
  async isGood(accountId: AccountId, { id, expiresAt }: AccessToken): Promise<boolean> {
    const name = nameOf(accountId, id);
    const now = this.#clock.now();
    if (now >= expiresAt) return false;
    const checkedAt = this.#good.get(name);
    if (checkedAt !== undefined && now >= checkedAt && now - checkedAt < recheckMs) return true;
    if ((await this.#storage.read.rates.taken(name, now)) > 0) {
      this.#good.delete(name);
      return false;
    }
    this.#good.set(name, now);
    return true;
  }

  /** @returns whether it was us who ended it. */
  async #end(accountId: AccountId, id: string, until: number): Promise<boolean> {
    const name = nameOf(accountId, id);
    const now = this.#clock.now();
    // What may happen once until its time is over, on all nodes together.
    const once: Rate = { most: 1, windowMs: Math.max(1, until - now) };
    const wait = await this.#storage.write((tx) => tx.rates.take(name, once, now));
    this.#good.delete(name);
    return wait === 0;
  }

  #write({ id, dialect, credentialId, scopes, ...token }: AccessToken): string {
    const claims: Claims = {
      jti: id,
      aud: dialect,
      sub: credentialId,
      iat: token.issuedAt / 1000,
      exp: token.expiresAt / 1000,
      scopes,
      ...(token.renews && { life: token.renews.lifeMs / 1000 }),
    };
    const signed = `${header}.${encode(claims)}`;
    return `${signed}.${this.#vault.sign(signed, purpose)}`;
  }
}

const nameOf = (accountId: AccountId, id: string): string => `token ${accountId} ${id}`;

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
