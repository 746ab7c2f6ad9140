import type { Caller } from '../../core/accounts/authenticate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once a dialect's admission has found out; null before. */
    caller: Caller | null;
  }
}

/** For code that runs after admission. @throws Error when there was none: a defect of ours. */
export function callerOf(request: { caller: Caller | null }): Caller {
  if (request.caller === null) throw new Error('a request was handled before it was admitted');
  return request.caller;
}
