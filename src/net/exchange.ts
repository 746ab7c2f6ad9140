import type { Dispatcher } from 'undici';
import { DialError } from './dial.ts';
import type { Connection, HostPool } from './host-pool.ts';
import type { FailureReason, HttpAnswer } from './http-answer.ts';
import type { PreparedRequest } from './prepare-request.ts';

type ResponseHeaders = Dispatcher.ResponseData['headers'];

type Stage =
  | 'waiting for a free connection'
  | 'connecting'
  | 'waiting for the answer'
  | 'reading the answer';

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
    let status = 0;
    let headers: ResponseHeaders = {};
    const chunks: Buffer[] = [];
    let received = 0;

    const timer = setTimeout(() => {
      fail('timeout', `${request.timeoutMs} ms are over, while ${stage}`);
    }, request.timeoutMs);

    const finish = (answer: HttpAnswer, end: 'proper' | 'broken') => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      pool.leave(begin);
      resolve(answer);
      const held = connection;
      // Later, because undici may be in the middle of this connection's input right now.
      if (held !== undefined) {
        queueMicrotask(() => (end === 'proper' ? pool.giveBack(held) : pool.discard(held)));
      }
    };
    const durationMs = () => Math.round(performance.now() - startedAt);

    const fail = (reason: FailureReason, detail: string) => {
      const sent = stage === 'waiting for the answer' || stage === 'reading the answer';
      finish({ kind: 'failed', reason, detail, sent, durationMs: durationMs() }, 'broken');
    };

    const succeed = (truncated: boolean) => {
      finish(
        {
          kind: 'answered',
          status,
          headers: flatten(headers),
          // `stream` leaves out the half of a character that the cut may have left.
          body: new TextDecoder().decode(Buffer.concat(chunks), { stream: truncated }),
          ...(truncated ? { truncated } : {}),
          durationMs: durationMs(),
        },
        truncated ? 'broken' : 'proper',
      );
    };

    const begin = (lent: Connection | undefined) => {
      if (lent === undefined) return fail('closed', 'this client is closed');
      connection = lent;
      stage = 'connecting';
      const { origin, path, method, body } = request;
      lent.client.dispatch(
        { origin, path, method, headers: request.headers, body },
        {
          onRequestStart: () => {
            stage = 'waiting for the answer';
          },
          onResponseStart: (_controller, code, fields) => {
            // 1xx comes before the answer and is none.
            if (code < 200) return;
            stage = 'reading the answer';
            status = code;
            headers = fields;
          },
          onResponseData: (_controller, chunk) => {
            if (finished) return;
            const room = request.maxResponseBytes - received;
            received += chunk.length;
            chunks.push(chunk.subarray(0, room));
            if (chunk.length > room) succeed(true);
          },
          onResponseEnd: () => succeed(false),
          onResponseError: (_controller, error) => fail(classify(error), summarise(error)),
        },
      );
    };

    if (!pool.take(begin)) fail('busy', 'too many requests wait for this host');
  });
}

/** What undici's errors mean to us (its docs/docs/api/Errors.md). */
function classify(error: Error): FailureReason {
  if (error instanceof DialError) return error.reason;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') return 'closed';
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return 'bad_request';
  // By its name: undici 8.12 leaves the code it promises here, HPE_…, undefined.
  if (error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') return 'protocol';
  // With TLS 1.3 a server's refusal arrives only after the handshake.
  if (code.startsWith('ERR_SSL_')) return 'tls';
  return 'reset';
}

function summarise(error: Error): string {
  return (error.message || error.name).slice(0, 300);
}

function flatten(headers: ResponseHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
