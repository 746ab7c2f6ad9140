import type { Answer, OpenEndpoint } from './call.ts';
import type { DialectContext } from '../dialect.ts';

/**
 * `GET /health`, which strangers may ask: so the version is that of the API, and what is wrong is not said.
 */
async function health({ gateway, clock }: DialectContext): Promise<Answer> {
  const asked = clock.now();
  const status = await gateway.ready().then(
    () => 'pass' as const,
    () => 'fail' as const,
  );
  return {
    status: status === 'pass' ? 200 : 503,
    body: {
      status,
      version: '1',
      releaseId: 1,
      checks: {
        'db:ping': {
          description: 'Storage',
          observedUnit: 'milliseconds',
          observedValue: clock.now() - asked,
          status,
        },
      },
    },
  };
}

export const healthEndpoints: readonly OpenEndpoint[] = [
  '/health',
  '/health/live',
  '/health/ready',
  '/health/startup',
].map((path) => ({ path, handle: health }));
