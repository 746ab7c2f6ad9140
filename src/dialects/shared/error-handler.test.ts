import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import Fastify, { LogController } from 'fastify';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { memoryLog } from '../../../test/support/memory-log.ts';
import { GatewayError } from '../../core/errors.ts';
import { addErrorHandler } from './error-handler.ts';

let server: FastifyInstance;
let lines: string[];
let error: GatewayError;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const log = memoryLog();
  ({ lines } = log);
  const loggerInstance: FastifyBaseLogger = log.logger;
  server = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
  });
  // As dialects are: each with a handler of its own.
  for (const prefix of ['/one', '/two']) {
    await server.register(
      async (mounted) => {
        addErrorHandler(mounted, () => ({ status: 503, contentType: 'text/plain', body: 'no' }));
        mounted.get('/', () => Promise.reject(error));
      },
      { prefix },
    );
  }
  error = new GatewayError('storage_unavailable', 'The storage cannot be reached.', {
    cause: new Error('connect ECONNREFUSED'),
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

const ask = async (times: number, url = '/one/?api_key=secret'): Promise<void> => {
  for (let nth = 0; nth < times; nth++) expect((await server.inject({ url })).statusCode).toBe(503);
};
/** What was written since the last look. */
const told = (): object[] => lines.splice(0).map((line) => JSON.parse(line) as object);

it.each(['storage_unavailable', 'overloaded'] as const)(
  'of many requests refused as %s there is one line a second',
  async (code) => {
    error = new GatewayError(code, 'Not now.', { cause: new Error('connect ECONNREFUSED') });
    await ask(20);
    await ask(20, '/two/');
    expect(lines.join('')).not.toMatch(/secret|stack/);
    const facts = {
      level: 40,
      code,
      status: 503,
      detail: 'Not now.',
      cause: 'connect ECONNREFUSED',
    };
    expect(told()).toMatchObject([{ ...facts, route: '/one', msg: 'a request was refused' }]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told()).toMatchObject([{ ...facts, route: '/two', refused: 39 }]);
    await ask(5);
    expect(told()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told()).toMatchObject([{ ...facts, refused: 5 }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told()).toEqual([]);
    await ask(1);
    expect(told()).toMatchObject([{ ...facts, msg: 'a request was refused' }]);
  },
);

it('a defect has a line with its stack each time', async () => {
  error = new GatewayError('internal', 'x', { cause: new Error('inner words') });
  await ask(3);
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line).toContain('error-handler.test.ts');
});
