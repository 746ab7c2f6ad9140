import { GatewayError } from '../../core/errors.ts';
import type { RequestErrorCode } from '../../core/errors.ts';
import { ZodError } from 'zod';
import { describeIssue } from './describe-issue.ts';

/** Fastify's own refusals that a client can cause (docs/Reference/Errors.md), in our words. */
const fastifyErrors: Record<string, { code: RequestErrorCode; detail: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large', detail: 'The body is too large.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported_media_type',
    detail: 'The content type cannot be read.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'body_incomplete',
    detail: 'The body is not as long as the header says.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid_json', detail: 'The body is empty.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'invalid_json', detail: 'The body is not valid JSON.' },
  FST_ERR_NOT_FOUND: { code: 'not_found', detail: 'There is nothing here.' },
};

/**
 * Takes whatever a request ended with; gives the GatewayError that says it. What a schema found is
 * `invalid_request` with the path of the field and what it should be. What nobody foresaw is
 * `internal`: its cause is kept for the log and never shown.
 */
export function toGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof ZodError) return fromZod(error);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    const known = fastifyErrors[error.code];
    if (known) return new GatewayError(known.code, known.detail, { cause: error });
    const status = 'statusCode' in error ? error.statusCode : undefined;
    if (error.code.startsWith('FST_') && typeof status === 'number' && status < 500) {
      return new GatewayError('invalid_request', 'The request cannot be read.', { cause: error });
    }
  }
  return new GatewayError('internal', 'Something went wrong on our side.', { cause: error });
}

function fromZod(error: ZodError): GatewayError {
  const issue = error.issues[0];
  if (!issue) return new GatewayError('invalid_request', 'The request is not valid.');
  const { field, sentence } = describeIssue(issue);
  return new GatewayError('invalid_request', sentence, { field });
}
