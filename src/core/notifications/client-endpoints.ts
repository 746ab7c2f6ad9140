import type { Caller } from '../accounts/authenticate.ts';
import type { Directory } from '../accounts/directory.ts';
import { GatewayError } from '../errors.ts';
import type { AccountId, EndpointId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import type { Endpoint, Via } from './endpoint.ts';

interface Which {
  form: string;
  topic: string;
}

/** Endpoints that clients keep themselves, through their API, and those that their API has for every account. */
export class ClientEndpoints {
  readonly #parts: {
    storage: Storage;
    directory: Directory;
    clock: Clock;
    ids: Ids;
    vault: Pick<Vault, 'digest' | 'seal' | 'unseal'>;
  };

  constructor(parts: {
    storage: Storage;
    directory: Directory;
    clock: Clock;
    ids: Ids;
    vault: Pick<Vault, 'digest' | 'seal' | 'unseal'>;
  }) {
    this.#parts = parts;
  }

  /** Those of a form and topic, disabled ones too, the oldest first. */
  async list({ view }: Caller, which: Which): Promise<Endpoint[]> {
    return this.#held(view.account.id, which);
  }

  /**
   * Adds one.
   * @param wanted its `url` is one that the caller's API takes: http or https. With `signed` it has the secret that the
   * account's endpoints of this form have already, or a new one, so that one receiver of several needs but one; `secret`
   * is one that its client has chosen for it.
   * @param rules how many there may be, and which of those that are there it may not stand beside.
   * @throws GatewayError `too_many_endpoints` beyond the limit, `already_exists` for a clash.
   */
  async add(
    { view }: Caller,
    {
      signed = false,
      secret: chosen = null,
      ...wanted
    }: Which & Pick<Endpoint, 'url' | 'settings'> & { signed?: boolean; secret?: string | null },
    rules: { limit: number; clashes(held: Endpoint): boolean },
  ): Promise<Endpoint> {
    const { storage, directory, clock, ids, vault } = this.#parts;
    const accountId = view.account.id;
    const secret = chosen !== null || signed ? vault.seal(chosen ?? ids.secret(24)) : null;
    let endpoint: Endpoint = {
      ...wanted,
      id: ids.next(),
      accountId,
      via: 'request',
      secret,
      createdAt: clock.now(),
      disabledAt: null,
    };
    await storage.write(async (tx) => {
      // Who adds one at the same time waits here, and is seen below.
      await tx.accounts.lockBalances([accountId]);
      const held = await tx.endpoints.ofAccount(accountId);
      const alike = held.filter((one) => isOf(one, wanted));
      if (alike.some((one) => rules.clashes(one))) {
        throw new GatewayError('already_exists', 'There is such a webhook already.');
      }
      if (alike.length >= rules.limit) {
        throw new GatewayError(
          'too_many_endpoints',
          `Maximum number of webhooks (${rules.limit}) reached`,
        );
      }
      const before = held.find((one) => one.form === wanted.form && one.secret !== null);
      if (signed) endpoint = { ...endpoint, secret: before?.secret ?? secret };
      await tx.endpoints.insert(endpoint);
    });
    directory.forget(accountId);
    return endpoint;
  }

  /** A word that a receiver is to send back, to show that it is there. */
  newChallenge(): string {
    return this.#parts.ids.secret(6);
  }

  /** With what is told there is signed; null where it is not. */
  secretOf({ secret }: Pick<Endpoint, 'secret'>): string | null {
    return secret === null ? null : this.#parts.vault.unseal(secret);
  }

  /**
   * Changes one; one that was switched off, since its receiver said that it is gone, is on again.
   * @param change what changes, of the endpoint as it is then: whoever else changes it waits, and loses nothing. A secret
   * is given as its client chose it.
   * @returns undefined when the caller has none of that id.
   * @throws GatewayError `already_exists` for a clash with another one.
   */
  async change(
    { view }: Caller,
    which: Which & { id: EndpointId },
    change: (held: Endpoint) => Partial<Pick<Endpoint, 'url' | 'settings' | 'secret'>>,
    clashes: (changed: Endpoint, held: Endpoint) => boolean = () => false,
  ): Promise<Endpoint | undefined> {
    const { storage, directory, vault } = this.#parts;
    const accountId = view.account.id;
    const changed = await storage.write(async (tx) => {
      await tx.accounts.lockBalances([accountId]);
      const held = (await tx.endpoints.ofAccount(accountId)).filter((one) => isOf(one, which));
      const before = held.find(({ id }) => id === which.id);
      if (!before) return undefined;
      const { secret, ...changes } = change(before);
      const after: Endpoint = { ...before, ...changes, disabledAt: null };
      if (secret !== undefined) after.secret = secret && vault.seal(secret);
      if (held.some((one) => one !== before && clashes(after, one))) {
        throw new GatewayError('already_exists', 'There is such a webhook already.');
      }
      await tx.endpoints.update(after);
      return after;
    });
    directory.forget(accountId);
    return changed;
  }

  /** @returns false when the caller has none of that id. */
  async remove({ view }: Caller, which: Which & { id: EndpointId }): Promise<boolean> {
    const { storage, directory } = this.#parts;
    const accountId = view.account.id;
    const held = await this.#held(accountId, which);
    if (!held.some(({ id }) => id === which.id)) return false;
    await storage.write((tx) => tx.endpoints.remove(which.id));
    directory.forget(accountId);
    return true;
  }

  /** Sees to it that an account has what a form has for every account. Again and again it is the same. */
  async stand(
    accountId: AccountId,
    form: string,
    standing: readonly { topic: string; via: Via }[],
  ): Promise<void> {
    const { storage, directory, clock, vault } = this.#parts;
    if (standing.length === 0) return;
    const createdAt = clock.now();
    await storage.write(async (tx) => {
      for (const { topic, via } of standing) {
        await tx.endpoints.insertNew({
          // Always the same, so that two who do this at once make one.
          id: asId(vault.digest(`${accountId} ${form} ${topic}`)),
          accountId,
          form,
          topic,
          via,
          url: '',
          settings: {},
          secret: null,
          createdAt,
          disabledAt: null,
        });
      }
    });
    directory.forget(accountId);
  }

  async #held(accountId: AccountId, which: Which): Promise<Endpoint[]> {
    const all = await this.#parts.storage.read.endpoints.ofAccount(accountId);
    return all.filter((one) => isOf(one, which));
  }
}

function isOf(endpoint: Endpoint, { form, topic }: Which): boolean {
  return endpoint.form === form && endpoint.topic === topic;
}

/** A digest in the shape of the other ids. */
function asId(digest: string): EndpointId {
  const hex = digest.slice(0, 32);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-') as EndpointId;
}
