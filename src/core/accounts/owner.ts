import type { Country } from '../../text/phone-number.ts';
import { GatewayError } from '../errors.ts';
import type { AccountId, CredentialId, EndpointId } from '../ids.ts';
import type { Millicredits } from '../money.ts';
import type { Actor, AuditAction, AuditDetails } from '../audit/entry.ts';
import { audit } from '../audit/audit.ts';
import { changesOf } from '../audit/entry.ts';
import type { Product } from '../billing/product.ts';
import type { Products } from '../billing/products.ts';
import type { ClientEndpoints } from '../notifications/client-endpoints.ts';
import type { Endpoint, Via } from '../notifications/endpoint.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage, Tx } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import type { Account, Credential, CredentialKind, RefundPolicy } from './account.ts';
import { isNamed } from './account.ts';
import type { Authenticator, Caller } from './authenticate.ts';
import { ownersChannel } from './authenticate.ts';
import type { Directory } from './directory.ts';

/** What an owner may say of a new account; the rest has defaults. */
export interface NewAccount {
  name: string;
  homeCountry: Country;
  allowedCountries: Country[];
  pricePerPart: Millicredits;
  refundPolicy: RefundPolicy;
  duplicateWindowMs: number;
  settings: Record<string, unknown>;
  /** Whose sub-account it is; default nobody's. */
  parentId?: AccountId | null;
}

/** A credential as it is shown once, at its making: the only moment its secret can be read. */
export interface IssuedCredential {
  credential: Credential;
  /** User name of a `basic` one, id of an OAuth client, name of an `hmac` key, else null. */
  username: string | null;
  /** Password or key. */
  secret: string;
}

const mostEndpointsOfAnAccount = 20;
const noCredential = '00000000-0000-0000-0000-000000000000' as CredentialId;

/** What the owner of the gateway does. The CLI and the console call it; clients never reach it. */
export class Owner {
  readonly #storage: Storage;
  readonly #directory: Directory;
  readonly #authenticate: Authenticator;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #vault: Vault;
  readonly #endpoints: ClientEndpoints;
  readonly #products: Products;
  readonly #standing: (form: string) => readonly { topic: string; via: Via }[];
  /** Who does what is done here. */
  readonly actor: Actor;
  /** The same, done by somebody else: for the audit log. */
  readonly as: (actor: Actor) => Owner;

  constructor(parts: {
    /** Who does what is done here. */
    actor: Actor;
    storage: Storage;
    directory: Directory;
    authenticate: Authenticator;
    clock: Clock;
    ids: Ids;
    vault: Vault;
    endpoints: ClientEndpoints;
    products: Products;
    /** What a form has for every account (`NotificationForm.standing`). */
    standing: (form: string) => readonly { topic: string; via: Via }[];
  }) {
    this.actor = parts.actor;
    this.as = (actor) => new Owner({ ...parts, actor });
    this.#endpoints = parts.endpoints;
    this.#products = parts.products;
    this.#standing = parts.standing;
    this.#storage = parts.storage;
    this.#directory = parts.directory;
    this.#authenticate = parts.authenticate;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#vault = parts.vault;
  }

  /**
   * @param also is done in the same transaction: both or neither.
   * @throws GatewayError `already_exists`, `invalid_request`.
   */
  async createAccount(
    wanted: NewAccount,
    also?: (tx: Tx, account: Account) => Promise<unknown>,
  ): Promise<Account> {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(wanted.name)) {
      throw new GatewayError(
        'invalid_request',
        `'${wanted.name}' is no account name: use letters, digits, dots, dashes and underscores.`,
        { field: 'name' },
      );
    }
    if (await this.#storage.read.accounts.findByName(wanted.name)) {
      throw new GatewayError('already_exists', `There is an account '${wanted.name}' already.`);
    }
    const account: Account = {
      ...wanted,
      parentId: wanted.parentId ?? null,
      id: this.#ids.next(),
      status: 'active',
      createdAt: this.#clock.now(),
    };
    await this.#storage.write(async (tx) => {
      await tx.accounts.insert(account);
      await this.#note(tx, 'account.create', account.id, account.id, { name: account.name });
      await also?.(tx, account);
    });
    return account;
  }

  /** Writes an account's changed fields. */
  async updateAccount(account: Account): Promise<void> {
    const before = await this.#storage.read.accounts.find(account.id);
    // What dialects keep may be secret: that it changed is said, and not how.
    const sameSettings = JSON.stringify(before?.settings) === JSON.stringify(account.settings);
    const details = {
      ...changesOf(before ?? account, account, auditedFields),
      ...(sameSettings ? {} : { settings: 'changed' }),
    };
    await this.#storage.write(async (tx) => {
      await tx.accounts.update(account);
      await this.#note(tx, 'account.change', account.id, account.id, details);
    });
    this.#directory.forget(account.id);
  }

  /** @returns undefined when there is no account of that name. */
  findAccount(name: string): Promise<Account | undefined> {
    return this.#storage.read.accounts.findByName(name);
  }

  /** @throws GatewayError `not_found`. */
  async accountNamed(name: string): Promise<Account> {
    const account = await this.#storage.read.accounts.findByName(name);
    if (!account) throw new GatewayError('not_found', `There is no account '${name}'.`);
    return account;
  }

  /**
   * Acts in an account's name, suspended or not, as the tools of the owner do. No credential stands
   * behind such a caller, so its requests carry no idempotency key.
   * @throws GatewayError `not_found`.
   */
  async actAs(accountId: AccountId): Promise<Caller> {
    const view = await this.#directory.view(accountId);
    if (!view) throw new GatewayError('not_found', 'The account is gone.');
    return { view, credentialId: noCredential, channel: ownersChannel };
  }

  /**
   * Gives (or, with a negative amount, takes) credit. May not bring the balance below zero.
   * @param product the code of one that it has: into that one's purse.
   * @throws GatewayError `insufficient_credit`, `not_found`.
   */
  topUp(
    accountId: AccountId,
    amount: Millicredits,
    note: string | null,
    product: string | null = null,
  ): Promise<void> {
    return this.#products.topUp(accountId, amount, note, product, (tx) =>
      this.#note(tx, 'account.credit', accountId, accountId, { amount, product }),
    );
  }

  /** Offers an account a product, or changes its name and price. @throws GatewayError as `Products.set`. */
  setProduct(
    accountId: AccountId,
    product: Pick<Product, 'code' | 'name' | 'pricePerPart'>,
  ): Promise<Product> {
    return this.#products.set(accountId, product, (tx) =>
      this.#note(tx, 'product.set', accountId, product.code, { ...product }),
    );
  }

  /** Offers it no more. @throws GatewayError `not_found`. */
  removeProduct(accountId: AccountId, code: string): Promise<void> {
    return this.#products.remove(accountId, code, (tx) =>
      this.#note(tx, 'product.remove', accountId, code),
    );
  }

  /** What an account is offered, by code, with what is in its purse. */
  products(accountId: AccountId): Promise<{ product: Product; balance: Millicredits }[]> {
    return this.#products.list(accountId);
  }

  /**
   * Makes a way in.
   * @param wanted `secret` and `username` are made up where they are missing.
   * @throws GatewayError `already_exists` when the name or key is taken, `invalid_request` for a user
   * name that HTTP Basic could not carry.
   */
  async issueCredential(
    accountId: AccountId,
    wanted: {
      dialect: string;
      kind: CredentialKind;
      username?: string | undefined;
      secret?: string | undefined;
      /** Of randomness in a secret that is made up; default 24. */
      secretBytes?: number | undefined;
      label?: string | undefined;
      settings?: Record<string, unknown> | undefined;
    },
  ): Promise<IssuedCredential> {
    const secret = wanted.secret ?? this.#ids.secret(wanted.secretBytes ?? 24);
    const username = isNamed(wanted.kind) ? (wanted.username ?? this.#ids.secret(9)) : null;
    if (username !== null) checkUsername(username);
    const lookup = username ?? this.#vault.digest(secret);
    if (await this.#storage.read.credentials.find(wanted.dialect, wanted.kind, lookup)) {
      throw new GatewayError(
        'already_exists',
        username ? `The user name '${username}' is taken.` : 'This key is taken.',
      );
    }
    const credential: Credential = {
      id: this.#ids.next(),
      accountId,
      dialect: wanted.dialect,
      kind: wanted.kind,
      lookup,
      secret: await this.#kept(wanted.kind, secret),
      label: wanted.label ?? username ?? `${secret.slice(0, 6)}…`,
      settings: wanted.settings ?? {},
      createdAt: this.#clock.now(),
      revokedAt: null,
    };
    await this.#storage.write(async (tx) => {
      await tx.credentials.insert(credential);
      const { dialect, kind, label } = credential;
      await this.#note(tx, 'credential.create', accountId, credential.id, { dialect, kind, label });
    });
    await this.standIn(accountId, wanted.dialect);
    return { credential, username, secret };
  }

  /** Sees to it that an account can be told in a form what that form tells every account. */
  async standIn(accountId: AccountId, form: string): Promise<void> {
    const standing = this.#standing(form);
    const held = (await this.#directory.view(accountId))?.endpoints ?? [];
    const missing = standing.filter(
      ({ topic }) => !held.some((one) => one.form === form && one.topic === topic),
    );
    await this.#endpoints.stand(accountId, form, missing);
  }

  /** What is stored of a secret: nothing where its digest finds it, and a seal where it must be known again. */
  async #kept(kind: CredentialKind, secret: string): Promise<string | null> {
    if (kind === 'basic' || kind === 'oauth_client') return this.#vault.hashPassword(secret);
    return kind === 'hmac' ? this.#vault.seal(secret) : null;
  }

  /**
   * Writes what its dialect keeps with a credential.
   * @returns false when it was revoked or never was.
   */
  async setCredential(id: CredentialId, settings: Record<string, unknown>): Promise<boolean> {
    const accountId = (await this.#storage.read.credentials.findAny(id))?.accountId ?? null;
    return this.#storage.write(async (tx) => {
      const changed = await tx.credentials.setSettings(id, settings);
      if (changed) await this.#note(tx, 'credential.change', accountId, id);
      return changed;
    });
  }

  /**
   * Lets an account hear of what happens over sessions that it opens, in this form: from now on what
   * there is to tell waits for one. Again and again it is the same.
   */
  async listenOverSessions(accountId: AccountId, form: string): Promise<void> {
    const held = await this.#storage.read.endpoints.ofAccount(accountId);
    if (held.some((one) => one.form === form)) return;
    const endpoint: Endpoint = {
      // The account's own, so that two who do this at once make one.
      id: accountId as string as EndpointId,
      accountId,
      form,
      topic: 'sessions',
      via: 'session',
      url: '',
      settings: {},
      secret: null,
      createdAt: this.#clock.now(),
      disabledAt: null,
    };
    await this.#storage.write((tx) => tx.endpoints.insertNew(endpoint));
    this.#directory.forget(accountId);
  }

  /** @returns false when it was revoked before or never was. */
  async revokeCredential(id: CredentialId): Promise<boolean> {
    const accountId = (await this.#storage.read.credentials.findAny(id))?.accountId ?? null;
    const revoked = await this.#storage.write(async (tx) => {
      const done = await tx.credentials.revoke(id, this.#clock.now());
      if (done) await this.#note(tx, 'credential.revoke', accountId, id);
      return done;
    });
    this.#authenticate.forget();
    return revoked;
  }

  /**
   * Sets where an account hears of a topic: one URL each; `null` ends it.
   * @param secret for signing; sealed before it is stored.
   * @throws GatewayError `invalid_request` for something that is no http(s) URL.
   */
  async setEndpoint(
    accountId: AccountId,
    wanted: { form: string; topic: string; url: string | null; secret?: string | null },
  ): Promise<Endpoint | null> {
    const held = await this.#storage.read.endpoints.ofAccount(accountId);
    const before = held.find((one) => one.form === wanted.form && one.topic === wanted.topic);
    if (wanted.url === null) {
      if (before) {
        await this.#storage.write(async (tx) => {
          await tx.endpoints.remove(before.id);
          const { form, topic } = wanted;
          await this.#note(tx, 'endpoint.remove', accountId, before.id, { form, topic });
        });
      }
      this.#directory.forget(accountId);
      return null;
    }
    checkUrl(wanted.url);
    if (!before && held.length >= mostEndpointsOfAnAccount) {
      throw new GatewayError('invalid_request', 'The account has too many endpoints.');
    }
    // It keeps its id when the URL changes, so that what is on its way goes to the new place.
    const endpoint: Endpoint = {
      id: before?.id ?? this.#ids.next(),
      accountId,
      form: wanted.form,
      topic: wanted.topic,
      via: 'request',
      url: wanted.url,
      settings: before?.settings ?? {},
      secret:
        wanted.secret === undefined
          ? (before?.secret ?? null)
          : wanted.secret && this.#vault.seal(wanted.secret),
      createdAt: before?.createdAt ?? this.#clock.now(),
      disabledAt: null,
    };
    await this.#storage.write(async (tx) => {
      await (before ? tx.endpoints.update(endpoint) : tx.endpoints.insert(endpoint));
      const { form, topic, url } = endpoint;
      // A path or query may hold what only the client's server knows.
      const { host } = new URL(url);
      await this.#note(tx, 'endpoint.set', accountId, endpoint.id, { form, topic, host });
    });
    this.#directory.forget(accountId);
    return endpoint;
  }

  #note(
    tx: Tx,
    action: AuditAction,
    accountId: AccountId | null,
    subject: string,
    details: AuditDetails = {},
  ): Promise<void> {
    const now = this.#clock.now();
    const change = { accountId, action, subject, details };
    return audit(tx, { ids: this.#ids, now }, this.actor, change);
  }
}

/** Of an account, what the audit log shows before and after. */
const auditedFields = [
  'name',
  'status',
  'homeCountry',
  'allowedCountries',
  'pricePerPart',
  'refundPolicy',
  'duplicateWindowMs',
] as const;

/** Basic splits at the first colon (RFC 7617 section 2), so a name with one could never log in. */
function checkUsername(username: string): void {
  if (/^[^\p{C}:]{1,64}$/u.test(username) && username.trim() === username) return;
  throw new GatewayError(
    'invalid_request',
    'A user name has 1 to 64 characters, none of them a colon, and no space at its ends.',
    { field: 'username' },
  );
}

function checkUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const fine =
    parsed !== null &&
    (parsed.protocol === 'https:' || parsed.protocol === 'http:') &&
    parsed.username === '' &&
    url.length <= 2048;
  if (!fine) {
    throw new GatewayError(
      'invalid_request',
      'A webhook needs an http:// or https:// URL without a user name, of at most 2048 characters.',
      { field: 'url' },
    );
  }
}
