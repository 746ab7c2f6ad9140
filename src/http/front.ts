import type { FastifyInstance } from 'fastify';
import type { Dialect } from '../dialects/dialect.ts';

/** What somebody sees who opens the gateway in a browser. */
export function addFront(server: FastifyInstance, dialects: readonly Dialect[]): void {
  const text = [
    "Parlance, an SMS gateway that speaks its users' provider APIs.",
    '',
    ...dialects.map(({ name, title }) => `/${name}/  ${title}`),
    '/healthz  /readyz  /metrics',
    '',
  ].join('\n');
  server.get('/', (_request, reply) => reply.type('text/plain; charset=utf-8').send(text));
}
