import type { FastifyInstance } from 'fastify';

export interface HealthParts {
  /** Throws when work cannot be taken now. */
  ready(): Promise<void>;
  metrics(): Promise<{ contentType: string; text: string }>;
}

/**
 * `/healthz`: the process runs. `/readyz`: it can take work (the storage answers, it is not stopping).
 * `/metrics`: for Prometheus. None of them says anything about an account.
 */
export function addHealth(server: FastifyInstance, parts: HealthParts): void {
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    try {
      await parts.ready();
      return { status: 'ready' };
    } catch {
      return reply.code(503).header('retry-after', '1').send({ status: 'not ready' });
    }
  });
  server.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await parts.metrics();
    return reply.type(contentType).send(text);
  });
}
