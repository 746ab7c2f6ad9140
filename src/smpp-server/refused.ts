import { causeText } from '../core/cause-text.ts';
import type { MessageError } from '../core/errors.ts';
import { errorTraits, GatewayError } from '../core/errors.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import { statusOf } from './statuses.ts';

/** What is asked for does not go: `status` is what its client is answered. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(status: number, why: string) {
    super(why);
    this.status = status;
  }
}

export function refusalOf(error: MessageError): Refused {
  return new Refused(statusOf[error.code], error.detail);
}

/** The status that says what was thrown, and whether the owner should hear of it. */
export function statusOfError(error: unknown): { status: number; loggable: boolean } {
  if (error instanceof Refused) return { status: error.status, loggable: false };
  if (error instanceof GatewayError) {
    return { status: statusOf[error.code], loggable: errorTraits(error.code).loggable };
  }
  return { status: statuses.ESME_RSYSERR, loggable: true };
}

/** Of an outage its code and cause, which a stack would say nothing more about. */
export function causeOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof GatewayError)) return { err: error };
  return { code: error.code, cause: causeText(error) ?? error.detail };
}
