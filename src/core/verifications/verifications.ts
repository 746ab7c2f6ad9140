import type { Caller } from '../accounts/authenticate.ts';
import type { MessageError } from '../errors.ts';
import { GatewayError } from '../errors.ts';
import type { MessageId, VerificationId } from '../ids.ts';
import type { Medium } from '../messages/medium.ts';
import type { Message } from '../messages/message.ts';
import type { SubmitOutcome, SubmitRequest } from '../messages/submit.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import { parseNumber } from '../../text/phone-number.ts';
import type { Verification } from './verification.ts';

/** What a client asks to be sent. */
export interface VerificationWish {
  to: string;
  sender: string;
  /** Where the code goes in a text: `before` it, and behind it. */
  words: { before: string; behind: string };
  /** Of the code; default 6, from 4 to 10. */
  length?: number | undefined;
  /** Default 120 000. */
  lifeMs?: number | undefined;
  /** A code that the client has made himself. */
  code?: string | undefined;
  medium?: Medium | undefined;
  product?: string | null | undefined;
  clientRef?: string | null | undefined;
}

export type Sent =
  | { ok: true; verification: Verification; message: Message }
  /** The message was refused: nothing is left of it. */
  | { ok: false; error: MessageError };

/** What a check says. `unknown`: the account has no such verification, or has taken it back. */
export type Check = 'success' | 'unknown' | 'expired' | 'invalid' | 'done before';

const codeLengths = { least: 4, usual: 6, most: 10 };
const usualLifeMs = 120_000;
const mostLifeMs = 24 * 3_600_000;
/** Wrong ones. Of four digits one chance in 2000, and each costs its sender a message. */
const tries = 5;
/** Of the text around the code. */
const mostCharacters = 1_000;
const mostParts = 6;

/** One-time passwords: sent as a message of their account, at its price, and kept as digests. */
export class Verifications {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Sends a code. It stands at no place but in what goes out: of the message only the text before it is kept.
   * @throws GatewayError `invalid_request` for a wish that cannot be fulfilled, and as `Gateway.submit`.
   */
  async send(caller: Caller, wish: VerificationWish): Promise<Sent> {
    const { clock, ids, storage, submit } = this.#parts;
    const { account } = caller.view;
    check(wish);
    const number = parseNumber(wish.to, account.homeCountry)?.e164;
    if (number === undefined) {
      const detail = 'This is not a phone number.';
      return { ok: false, error: { code: 'number_invalid', detail } };
    }
    const now = clock.now();
    const code = wish.code ?? newCode(wish.length ?? codeLengths.usual, ids);
    const id = ids.next<VerificationId>();
    const messageId = ids.next<MessageId>();
    const verification: Verification = {
      id,
      accountId: account.id,
      number,
      sender: wish.sender,
      messageId,
      code: this.#digest(id, code),
      triesLeft: tries,
      status: 'sent',
      clientRef: wish.clientRef ?? null,
      createdAt: now,
      expiresAt: now + (wish.lifeMs ?? usualLifeMs),
      doneAt: null,
    };
    // Before its message: a code that arrives can be checked.
    await storage.write((tx) => tx.verifications.insert(verification));
    const forget = () => storage.write((tx) => tx.verifications.remove(account.id, id));
    const sending = submit({
      caller,
      messages: [
        {
          id: messageId,
          to: number,
          sender: wish.sender,
          text: wish.words.before,
          secret: code + wish.words.behind,
          medium: wish.medium,
          product: wish.product,
          expiresAt: verification.expiresAt,
          limits: { alphabet: 'any', characters: mostCharacters, parts: mostParts },
        },
      ],
    });
    const outcome = await sending.catch(async (error: unknown) => {
      await forget();
      throw error;
    });
    if (outcome.kind === 'replayed') throw new Error('replayed without an idempotency key');
    const [verdict] = outcome.result.verdicts;
    if (verdict?.ok) return { ok: true, verification, message: verdict.message };
    await forget();
    if (!verdict) throw new Error('a submission without a verdict');
    return { ok: false, error: verdict.error };
  }

  /** Whether a code is the one that was sent, in time and for the first time. A wrong one takes one of its tries. */
  async check({ view }: Caller, id: string, code: string): Promise<Check> {
    const now = this.#parts.clock.now();
    return this.#parts.storage.write(async (tx): Promise<Check> => {
      const { id: accountId } = view.account;
      const found = await tx.verifications.lock(accountId, id as VerificationId);
      if (!found || found.status === 'cancelled') return 'unknown';
      if (found.status === 'success') return 'done before';
      if (found.status === 'failed') return 'invalid';
      if (now >= found.expiresAt) return 'expired';
      if (found.code === this.#digest(found.id, code)) {
        await tx.verifications.save({ ...found, status: 'success', doneAt: now });
        return 'success';
      }
      const triesLeft = found.triesLeft - 1;
      const over = triesLeft === 0 ? { status: 'failed' as const, doneAt: now } : {};
      await tx.verifications.save({ ...found, triesLeft, ...over });
      return 'invalid';
    });
  }

  /** Takes one back that has not come to an end. @returns false when there is none of this id. */
  async cancel({ view }: Caller, id: string): Promise<boolean> {
    const now = this.#parts.clock.now();
    return this.#parts.storage.write(async (tx) => {
      const found = await tx.verifications.lock(view.account.id, id as VerificationId);
      if (found?.status !== 'sent' || now >= found.expiresAt) return false;
      await tx.verifications.save({ ...found, status: 'cancelled', doneAt: now });
      return true;
    });
  }

  /** @returns it as it is at this moment; undefined when the caller has none of this id. */
  async find(
    { view }: Caller,
    id: string,
  ): Promise<{ verification: Verification; isExpired: boolean } | undefined> {
    const { storage, clock } = this.#parts;
    const found = await storage.read.verifications.find(view.account.id, id as VerificationId);
    if (!found) return undefined;
    const isExpired = found.status === 'sent' && clock.now() >= found.expiresAt;
    return { verification: found, isExpired };
  }

  /** Bound to its verification, so that equal codes differ, and keyed, so that a thief of the table tries none. */
  #digest(id: VerificationId, code: string): string {
    return this.#parts.vault.sign(`${id} ${code}`, 'verification code');
  }
}

interface Parts {
  storage: Storage;
  clock: Clock;
  ids: Ids;
  vault: Vault;
  submit: (request: SubmitRequest) => Promise<SubmitOutcome>;
}

function check({ length, lifeMs = usualLifeMs, code, words }: VerificationWish): void {
  const bad = (field: string, detail: string) =>
    new GatewayError('invalid_request', detail, { field });
  const { least, most } = codeLengths;
  if (length !== undefined && !(Number.isInteger(length) && length >= least && length <= most)) {
    throw bad('length', `The length must be between ${least} and ${most}.`);
  }
  if (!Number.isInteger(lifeMs) || lifeMs <= 0 || lifeMs > mostLifeMs) {
    throw bad('timeout', 'The timeout must be between a second and a day.');
  }
  if (code !== undefined) {
    const right = length === undefined || code.length === length;
    if (!right || !new RegExp(`^[A-Za-z0-9]{${least},${most}}$`).test(code)) {
      throw bad(
        'token',
        `The token must have ${length ?? `${least} to ${most}`} letters or digits.`,
      );
    }
  }
  const text = words.before + words.behind;
  if (text.length > mostCharacters || !text.isWellFormed() || text.includes('\0')) {
    throw bad('template', 'The text is too long, or has a character that no network can carry.');
  }
}

/** Digits, each as likely as the others. */
function newCode(length: number, ids: Ids): string {
  let code = '';
  while (code.length < length) {
    for (const byte of Buffer.from(ids.secret(length), 'base64url')) {
      // 250 is the greatest multiple of ten that a byte holds.
      if (byte < 250) code += byte % 10;
    }
  }
  return code.slice(0, length);
}
