import type { Caller } from '../../core/accounts/authenticate.ts';
import type { MessageError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import { dialect } from './auth.ts';
import type { Settings } from './settings.ts';

/** Longer than any account lives: the count of a trial account begins anew never. */
const forEver = 100 * 366 * 86_400_000;

/** A `trial_account` of an answer (seed). */
export interface Trial {
  status: '0' | '1';
  sms_sent: number;
}

const counterOf = ({ view }: Caller): string => `${dialect} trial ${view.account.id}`;

/** What is left of a trial account is counted on all nodes together. */
export async function trialOf(
  gateway: Gateway,
  caller: Caller,
  { trialLimit }: Settings,
): Promise<Trial> {
  if (trialLimit === null) return { status: '0', sms_sent: 0 };
  return { status: '1', sms_sent: await gateway.taken(counterOf(caller)) };
}

/**
 * Takes one of a trial account's messages: for one that can be sent, as far as is known.
 * @returns what is wrong; null when nothing is.
 */
export async function takeTrial(
  gateway: Gateway,
  caller: Caller,
  { trialLimit }: Settings,
): Promise<MessageError | null> {
  if (trialLimit === null) return null;
  const rate = { most: trialLimit, windowMs: forEver };
  if ((await gateway.allow(counterOf(caller), rate)) === 0) return null;
  return {
    code: 'insufficient_credit',
    detail: `The trial account has sent its ${trialLimit} messages.`,
  };
}
