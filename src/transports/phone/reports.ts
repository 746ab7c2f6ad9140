import type { Failure, Report } from '../../core/devices/phone-report.ts';
import { readInstant } from './instants.ts';
import type { HookEvent, StatePatch } from './schema.ts';

/** What the app says went wrong: constants of Android's SmsManager, or its own words. */
function failureOf(text: string): Failure {
  if (/LIMIT_EXCEEDED/.test(text)) return { text, kind: 'limit' };
  if (/NO_SERVICE|RADIO_OFF/.test(text)) return { text, kind: 'radio' };
  if (/\bTTL\b/.test(text)) return { text, kind: 'late' };
  return { text, kind: 'other' };
}

/**
 * What a `PATCH /message` says of one message. `Pending` means that it has it; a state that is not known says nothing.
 */
export function reportOfPatch({ id, state, recipients, states }: StatePatch): Report | undefined {
  const at = readInstant(states?.[state]);
  switch (state) {
    case 'Pending':
      return { name: id, became: 'taken', at };
    case 'Processed':
      return { name: id, became: 'taken', processed: true, at };
    case 'Sent':
      return { name: id, became: 'sent', at };
    case 'Delivered':
      return { name: id, became: 'delivered', at };
    case 'Cancelled':
      return { name: id, became: 'cancelled', at };
    case 'Failed': {
      const text = recipients?.find(({ error }) => error)?.error ?? '';
      const processed = states?.['Processed'] !== undefined;
      return { name: id, became: 'failed', processed, at, failure: failureOf(text) };
    }
    default:
      return undefined;
  }
}

/** The same of an event about a message of ours. */
export function reportOfEvent({ event, payload }: HookEvent): Report | undefined {
  const name = payload?.['messageId'];
  if (!payload || typeof name !== 'string') return undefined;
  const sim = numberIn(payload, 'simNumber');
  switch (event) {
    case 'sms:sent': {
      const at = readInstant(payload['sentAt']);
      return { name, became: 'sent', at, sim, parts: numberIn(payload, 'partsCount') };
    }
    case 'sms:delivered':
      return { name, became: 'delivered', at: readInstant(payload['deliveredAt']), sim };
    case 'sms:failed': {
      const reason = payload['reason'];
      const failure = failureOf(typeof reason === 'string' ? reason : '');
      return { name, became: 'failed', at: readInstant(payload['failedAt']), failure };
    }
    case 'sms:cancelled':
      return { name, became: 'cancelled', at: readInstant(payload['cancelledAt']) };
    default:
      return undefined;
  }
}

/** A count, or a SIM: small, and from 1. */
export function numberIn(payload: Readonly<Record<string, unknown>>, key: string): number | null {
  const value = payload[key];
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1_000
    ? value
    : null;
}
