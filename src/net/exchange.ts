import type { Connection } from './connection.ts';
import { DialError } from './dial.ts';
import { ClosedError, type HostPool } from './host-pool.ts';
import type { FailureReason, HttpAnswer } from './http-answer.ts';
import type { PreparedRequest } from './prepare-request.ts';
import { ProtocolError } from './protocol-error.ts';
import type { ResponseReader } from './response-reader.ts';

type Stage = 'waiting for a free connection' | 'connecting' | 'waiting for the answer';

/**
 * Sends one request over a connection of the pool and waits for the answer.
 * Takes the pool of the request's origin and the checked request. Gives an answer or a failure
 * within the request's time-out, and returns the connection: to be used again after a proper end,
 * cut after any other. Sends at most once; never rejects.
 */
export function exchange(pool: HostPool, request: PreparedRequest): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let stage: Stage = 'waiting for a free connection';
    let connection: Connection | undefined;
    let finished = false;

    const durationMs = () => Math.round(performance.now() - startedAt);

    const timer = setTimeout(() => {
      const now = connection?.answering ? 'reading the answer' : stage;
      fail('timeout', `${request.timeoutMs} ms are over, while ${now}`);
    }, request.timeoutMs);

    const finish = (answer: HttpAnswer, end: 'proper' | 'broken') => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      pool.leave(begin);
      if (connection !== undefined) {
        if (end === 'proper') pool.giveBack(connection);
        else pool.discard(connection);
      }
      resolve(answer);
    };

    const fail = (reason: FailureReason, detail: string) => {
      const sent = stage === 'waiting for the answer';
      finish({ kind: 'failed', reason, detail, sent, durationMs: durationMs() }, 'broken');
    };

    const received = (response: ResponseReader) => {
      const { status = 0, headers = {} } = response.head ?? {};
      const { truncated } = response;
      finish(
        {
          kind: 'answered',
          status,
          headers,
          ...(request.binary ? { body: '', bytes: response.bytes() } : { body: response.text() }),
          ...(truncated && { truncated }),
          durationMs: durationMs(),
        },
        response.reusable ? 'proper' : 'broken',
      );
    };

    const begin = (lent: Connection | undefined) => {
      if (lent === undefined) return fail('closed', 'this client is closed');
      connection = lent;
      stage = 'connecting';
      lent.send(request.bytes, request.maxResponseBytes, {
        sent: () => {
          stage = 'waiting for the answer';
        },
        received,
        broke: (error) => fail(classify(error), summarise(error)),
      });
    };

    if (!pool.take(begin)) fail('busy', 'too many requests wait for this host');
  });
}

function classify(error: Error): FailureReason {
  if (error instanceof DialError) return error.reason;
  if (error instanceof ClosedError) return 'closed';
  if (error instanceof ProtocolError) return 'protocol';
  // With TLS 1.3 a server's refusal arrives only after the handshake.
  return 'code' in error && String(error.code).startsWith('ERR_SSL_') ? 'tls' : 'reset';
}

function summarise(error: Error): string {
  return (error.message || error.name).slice(0, 300);
}
