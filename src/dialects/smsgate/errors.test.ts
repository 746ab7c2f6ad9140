import { describe, expect, it } from 'vitest';
import type { ErrorCode, RequestErrorCode } from '../../core/errors.ts';
import { GatewayError } from '../../core/errors.ts';
import { reasonOf, refusalOf } from './errors.ts';

describe('refusalOf', () => {
  it.each<[RequestErrorCode, number, string]>([
    ['invalid_request', 400, 'The sentence.'],
    ['unauthenticated', 401, 'Unauthorized'],
    ['forbidden', 403, 'The sentence.'],
    ['not_found', 404, 'The sentence.'],
    ['already_exists', 409, 'The sentence.'],
    ['internal', 500, 'Internal Server Error'],
    ['overloaded', 503, 'The sentence.'],
    ['storage_unavailable', 503, 'The sentence.'],
  ])('%s is %i %s', (code, status, message) => {
    const refusal = refusalOf(new GatewayError(code, 'The sentence.'));
    expect(refusal).toMatchObject({ status, contentType: 'application/json' });
    expect(refusal.body).toBe(JSON.stringify({ message }));
  });

  it('says how to log in', () => {
    const { headers } = refusalOf(new GatewayError('unauthenticated', 'x'));
    expect(headers).toEqual({
      'www-authenticate': 'Basic realm="SMSGate", charset="UTF-8"',
    });
  });
});

describe('reasonOf', () => {
  it.each<[ErrorCode | null, string | null, string]>([
    [
      'undeliverable',
      'Send result: RESULT_ERROR_NO_SERVICE',
      'Send result: RESULT_ERROR_NO_SERVICE',
    ],
    ['undeliverable', null, 'undeliverable'],
    // Which link it was is the owner's business.
    ['link_unavailable', 'smsc-7: the link is down', 'no way out'],
    ['answer_lost', 'phones: the queue did not answer', 'unknown result'],
    // As the app has it, whoever found it out.
    ['validity_expired', 'expired', 'TTL expired'],
    [null, null, 'failed'],
  ])('%s, %j: %s', (error, errorDetail, reason) => {
    expect(reasonOf({ error, errorDetail })).toBe(reason);
  });
});
