import type { Answer } from './call.ts';

/** The envelope of resources, and of what lists messages (reference C.5). */
export function ok(message: string, data: unknown, more: object = {}): Answer {
  return { body: { status: 'OK', code: 200, message, data, ...more } };
}

/** What deletes answer. */
export function deleted(message = 'Deleted Successfully'): Answer {
  return ok(message, []);
}

/** The older envelope, in which the status is a number: that of sends and balances. */
export function done(message: string, data: unknown, more: object = {}): Answer {
  return { body: { status: 200, message, ...more, data } };
}
