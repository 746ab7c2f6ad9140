import type { Caller } from '../../core/accounts/authenticate.ts';
import type { MessageError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import { dialect } from './auth.ts';
import type { Call } from './call.ts';
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
 * Does what sends one message, where a trial account has one left. It is taken before, so that many at once do not go
 * beyond the limit, and given back when nothing is sent.
 * @returns what `send` does, or what `refuse` makes of it when none is left.
 */
export async function withinTrial<Outcome>(
  gateway: Gateway,
  { caller, settings: { trialLimit } }: Pick<Call, 'caller' | 'settings'>,
  steps: {
    send(): Promise<Outcome>;
    isSent(outcome: Outcome): boolean;
    refuse(error: MessageError): Promise<Outcome> | Outcome;
  },
): Promise<Outcome> {
  if (trialLimit === null) return steps.send();
  const counter = counterOf(caller);
  if ((await gateway.allow(counter, { most: trialLimit, windowMs: forEver })) > 0) {
    const detail = `The trial account has sent its ${trialLimit} messages.`;
    return steps.refuse({ code: 'insufficient_credit', detail });
  }
  let sent = false;
  try {
    const outcome = await steps.send();
    sent = steps.isSent(outcome);
    return outcome;
  } finally {
    if (!sent) await gateway.giveBack(counter);
  }
}
