import type { Caller } from '../accounts/authenticate.ts';
import type { Directory } from '../accounts/directory.ts';
import type { MessageError } from '../errors.ts';
import { GatewayError } from '../errors.ts';
import type { AccountId, SenderRequestId } from '../ids.ts';
import type { OutgoingMessage } from '../messages/prepare.ts';
import type { Verdict } from '../messages/submit.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Page, Rate, Storage, Tx } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import { checkAddress, grantOrRenew, grantSender } from './grant.ts';
import { introducer } from './introducer.ts';
import type { Proof } from './proof.ts';
import { digestOf, newCode, proofs } from './proof.ts';
import type { SenderRequest, SenderRequestStatus } from './sender-request.ts';
import type { Sender } from './sender.ts';
import { isUsable, plainSender, senderKey } from './sender.ts';

/** What a client says of the sender that it asks for. */
export type SenderWish = Pick<SenderRequest, 'address'> &
  Partial<Pick<SenderRequest, 'label' | 'countries' | 'reason'>>;

/** `spent`: it was not used in time, or too many wrong ones were tried; only a new one helps. */
export type Confirmation =
  | { ok: true; request: SenderRequest }
  | { ok: false; why: 'wrong' | 'spent' };

const hourMs = 3_600_000;
/** Codes cost money and somebody's attention: so many go to one number, and so many for one account. */
const codesOfNumber: Rate = { most: 3, windowMs: hourMs };
const codesOfAccount: Rate = { most: 10, windowMs: hourMs };
/** Beyond them the oldest that has ended is forgotten, or no more are taken. */
const mostRequestsOfAnAccount = 200;

/** What accounts ask to be allowed to show, and how it is decided: `sender-request.ts` has the states. */
export class SenderRequests {
  readonly #storage: Storage;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #vault: Vault;
  readonly #gateway: Pick<Tools, 'allow' | 'sendOwn'>;

  constructor(parts: Tools) {
    this.#storage = parts.storage;
    this.#directory = parts.directory;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#vault = parts.vault;
    this.#gateway = { allow: parts.allow, sendOwn: parts.sendOwn };
  }

  /**
   * Asks the owner for a name.
   * @throws GatewayError `already_exists` when the account has it or has asked for it, `invalid_request` for
   * a name no network would show, or when too much is asked for.
   */
  async ask(accountId: AccountId, wish: SenderWish): Promise<SenderRequest> {
    checkAddress(wish.address);
    await this.#requireNew(accountId, wish.address, { renews: false });
    const request = this.#request(accountId, wish, { kind: 'alphanumeric', status: 'open' });
    await this.#storage.write((tx) => addRequest(tx, request));
    return request;
  }

  /**
   * Asks for the account's own handset: a code goes there, whose confirmation makes the number a sender. The
   * message that carries it is the gateway's own: free, and nothing the client could look up.
   * @param how `words` makes the text; `lifeMs` is as in `SenderRequest`; with `renews` the account may have
   * that sender already.
   * @returns the request, or what kept the message from being sent: then nothing is left of it.
   * @throws GatewayError `already_exists`, `too_many_attempts`, `invalid_request` (also where there is no sender
   * to send it from).
   */
  async prove(
    caller: Caller,
    wish: SenderWish,
    how: {
      proof: Proof;
      words: (code: string) => string;
      lifeMs: number | null;
      renews?: boolean;
    },
  ): Promise<{ ok: true; request: SenderRequest } | { ok: false; error: MessageError }> {
    const accountId = caller.view.account.id;
    checkAddress(wish.address);
    const from = introducer(caller, wish.address);
    await this.#requireNew(accountId, wish.address, { renews: how.renews ?? false });
    await this.#countCode(accountId, wish.address);

    const code = newCode(how.proof, this.#ids);
    const { lifeMs: proofLifeMs, tries } = proofs[how.proof];
    const fresh = this.#request(accountId, wish, { kind: 'own', status: 'pending' });
    const request: SenderRequest = {
      ...fresh,
      lifeMs: how.lifeMs,
      proof: digestOf(this.#vault, code, how.proof === 'link' ? null : fresh.id),
      proofUntil: fresh.createdAt + proofLifeMs,
      triesLeft: tries,
    };
    await this.#storage.write(async (tx) => {
      await tx.senderRequests.removePending(accountId, senderKey(wish.address));
      await addRequest(tx, request);
    });
    const forget = () => this.#storage.write((tx) => tx.senderRequests.remove([request.id]));
    const sending = this.#gateway.sendOwn(caller, {
      to: wish.address.startsWith('+') ? wish.address : `+${wish.address}`,
      text: how.words(code),
      sender: from,
      limits: { alphabet: 'any', characters: 2000, parts: 10 },
    });
    const verdict = await sending.catch(async (error: unknown) => {
      await forget();
      throw error;
    });
    if (verdict.ok) return { ok: true, request };
    await forget();
    return { ok: false, error: verdict.error };
  }

  /**
   * Makes the number a sender to which this link was sent; again and again for the same link.
   * @param code what stood in the link: whoever has it has the handset.
   * @returns undefined for a wrong code, or one that was not used within a day.
   */
  async confirmLink(code: string): Promise<SenderRequest | undefined> {
    const proof = digestOf(this.#vault, code, null);
    const found = await this.#storage.read.senderRequests.findByProof(proof);
    if (!found || found.triesLeft !== null) return undefined;
    const confirmed = await this.#confirm(found, proof);
    return confirmed?.ok ? confirmed.request : undefined;
  }

  /**
   * Makes the number of a request a sender; again and again for the same code.
   * @returns undefined when the account has no such request that waits for a code.
   */
  async confirmCode(
    accountId: AccountId,
    id: SenderRequestId,
    code: string,
  ): Promise<Confirmation | undefined> {
    const found = await this.find(accountId, id);
    if (!found || found.triesLeft === null) return undefined;
    return this.#confirm(found, digestOf(this.#vault, code, id));
  }

  /** @returns undefined when the account has none of this id. */
  find(accountId: AccountId, id: SenderRequestId): Promise<SenderRequest | undefined> {
    return this.#storage.read.senderRequests.find(accountId, id);
  }

  /**
   * Its account does not want it any more, or does not want to see it.
   * @returns false when it has none of this id.
   */
  async withdraw(accountId: AccountId, id: SenderRequestId): Promise<boolean> {
    if (!(await this.find(accountId, id))) return false;
    await this.#storage.write((tx) => tx.senderRequests.remove([id]));
    return true;
  }

  /** For the owner: the newest first, of all accounts or of one. */
  list(
    which: Page & { accountId?: AccountId; status?: SenderRequestStatus },
  ): Promise<SenderRequest[]> {
    return this.#storage.read.senderRequests.list(which);
  }

  /**
   * The owner says yes to a name, or no to whatever has not ended.
   * @throws GatewayError `not_found`, `invalid_request` when it is not his to decide (any more), and as
   * `SenderBook.add`.
   */
  async decide(id: SenderRequestId, status: 'approved' | 'rejected'): Promise<SenderRequest> {
    const now = this.#clock.now();
    const decided = await this.#storage.write(async (tx) => {
      const request = await tx.senderRequests.lock(id);
      if (!request) throw new GatewayError('not_found', `There is no request ${id}.`);
      requireDecidable(request, status);
      const ended: SenderRequest = { ...request, status, changedAt: now };
      await tx.senderRequests.save(ended);
      if (status === 'approved') await grantSender(tx, senderOf(ended, this.#ids.next(), now));
      return ended;
    });
    this.#directory.forget(decided.accountId);
    return decided;
  }

  async #confirm(found: SenderRequest, proof: string): Promise<Confirmation | undefined> {
    const now = this.#clock.now();
    const confirmation = await this.#storage.write(
      async (tx): Promise<Confirmation | undefined> => {
        // A newer request may have taken its place.
        const request = await tx.senderRequests.lock(found.id);
        if (!request) return undefined;
        const right = request.proof === proof;
        const { accountId, address, status, proofUntil } = request;
        if (status === 'approved' && right) {
          const held = await tx.senders.find(accountId, senderKey(address));
          return held ? { ok: true, request } : { ok: false, why: 'spent' };
        }
        const spent = now > (proofUntil ?? 0) || request.triesLeft === 0;
        if (status !== 'pending' || spent) return { ok: false, why: 'spent' };
        if (!right) {
          const triesLeft = request.triesLeft === null ? null : request.triesLeft - 1;
          await tx.senderRequests.save({ ...request, triesLeft });
          return { ok: false, why: 'wrong' };
        }
        const approved: SenderRequest = { ...request, status: 'approved', changedAt: now };
        await tx.senderRequests.save(approved);
        await grantOrRenew(tx, senderOf(approved, this.#ids.next(), now));
        return { ok: true, request: approved };
      },
    );
    this.#directory.forget(found.accountId);
    return confirmation;
  }

  async #requireNew(
    accountId: AccountId,
    address: string,
    { renews }: { renews: boolean },
  ): Promise<void> {
    const key = senderKey(address);
    const held = await this.#storage.read.senders.ofAccount(accountId);
    const sender = held.find((one) => senderKey(one.address) === key);
    if (sender && !renews && isUsable(sender, this.#clock.now())) {
      throw new GatewayError('already_exists', `${address} is a sender of this account already.`);
    }
  }

  async #countCode(accountId: AccountId, address: string): Promise<void> {
    const { allow } = this.#gateway;
    const wait =
      (await allow(`confirmation to ${senderKey(address)}`, codesOfNumber)) ||
      (await allow(`confirmation for ${accountId}`, codesOfAccount));
    if (wait > 0) {
      throw new GatewayError('too_many_attempts', 'Too many confirmations were asked for.', {
        retryAfterMs: wait,
      });
    }
  }

  #request(
    accountId: AccountId,
    { address, label = null, countries = null, reason = null }: SenderWish,
    state: Pick<SenderRequest, 'kind' | 'status'>,
  ): SenderRequest {
    const now = this.#clock.now();
    return {
      id: this.#ids.next(),
      accountId,
      address,
      ...state,
      label,
      countries,
      reason,
      lifeMs: null,
      proof: null,
      proofUntil: null,
      triesLeft: null,
      createdAt: now,
      changedAt: now,
    };
  }
}

interface Tools {
  storage: Storage;
  directory: Directory;
  clock: Clock;
  ids: Ids;
  vault: Vault;
  /** As the façade's. */
  allow: (name: string, rate: Rate) => Promise<number>;
  sendOwn: (caller: Caller, message: OutgoingMessage) => Promise<Verdict>;
}

async function addRequest(tx: Tx, request: SenderRequest): Promise<void> {
  const { accountId, address } = request;
  const key = senderKey(address);
  const holder = (await tx.senders.owners([key])).get(key);
  if (holder !== undefined && holder !== accountId) {
    // It does not concern a client whose it is.
    throw new GatewayError('already_exists', `'${address}' cannot be registered.`);
  }
  const kept = await tx.senderRequests.makeRoom(accountId, mostRequestsOfAnAccount);
  if (!kept) {
    throw new GatewayError(
      'invalid_request',
      `The account has ${mostRequestsOfAnAccount} requests that are not decided yet.`,
    );
  }
  await tx.senderRequests.insert(request);
}

function requireDecidable({ id, kind, status }: SenderRequest, to: 'approved' | 'rejected'): void {
  if (status === 'open' || (status === 'pending' && to === 'rejected')) return;
  throw new GatewayError(
    'invalid_request',
    status === 'pending'
      ? `The request ${id} is for a handset's own number: only the code that was sent there approves it.`
      : `The request ${id} for ${kind === 'own' ? 'a number' : 'a name'} is ${status} already.`,
  );
}

function senderOf(request: SenderRequest, id: Sender['id'], now: number): Sender {
  const { accountId, address, kind, label, countries, reason, lifeMs } = request;
  return {
    ...plainSender,
    id,
    accountId,
    address,
    kind,
    label,
    countries,
    reason,
    createdAt: now,
    changedAt: now,
    expiresAt: lifeMs === null ? null : now + lifeMs,
  };
}
