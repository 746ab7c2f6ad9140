import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import type { DialectContext } from '../dialect.ts';
import { addBodyParser } from '../shared/body.ts';
import { addErrorHandler, refuse } from '../shared/error-handler.ts';
import type { Query } from '../shared/query.ts';
import type { Admitted } from './auth.ts';
import { authenticate } from './auth.ts';
import type { Answer, Call, Endpoint, Method } from './call.ts';
import { bases, endpoints } from './endpoints.ts';
import { refusalOf } from './errors.ts';
import { healthEndpoints } from './health.ts';
import { permits } from './scopes.ts';

/** The most bytes of a body: the longest text with every character written as `\uXXXX`, and a hundred numbers. */
export const bodyLimit = 1024 * 1024;

/** Adds the whole API, twice, to a server of its own. */
export function mount(server: FastifyInstance, context: DialectContext): void {
  addBodyParser(server, () => bodyLimit);
  addErrorHandler(server, refusalOf);
  const admitted = new WeakMap<FastifyRequest, Admitted>();
  const admit = async (request: FastifyRequest): Promise<Admitted> => {
    const one = await authenticate(context.gateway, request);
    admitted.set(request, one);
    return one;
  };
  for (const base of bases) {
    for (const path of pathsOf(endpoints))
      addPath(server, path, { base, admit, admitted, context });
    for (const { path, handle } of healthEndpoints) {
      server.get(base + path, async (_request, reply) => send(reply, await handle(context)));
    }
  }
  server.setNotFoundHandler((request, reply) => {
    refuse(new GatewayError('not_found', 'Not Found'), request, reply, refusalOf);
  });
}

function pathsOf(all: readonly Endpoint[]): Endpoint[] {
  const paths = new Map<string, Endpoint>();
  for (const { path, methods } of all) {
    paths.set(path, { path, methods: { ...paths.get(path)?.methods, ...methods } });
  }
  return [...paths.values()];
}

interface Parts {
  base: string;
  admit: (request: FastifyRequest) => Promise<Admitted>;
  admitted: WeakMap<FastifyRequest, Admitted>;
  context: DialectContext;
}

const allMethods: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

function addPath(
  server: FastifyInstance,
  { path, methods }: Endpoint,
  { base, admit, admitted, context }: Parts,
): void {
  const url = base + path;
  const has = (method: Method): boolean => methods[method] !== undefined;
  const allow = allMethods
    .filter(has)
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .join(', ');
  for (const method of allMethods) {
    const found = methods[method];
    if (!found) continue;
    const { scope, handle } = found;
    server.route({
      method,
      url,
      onRequest: async (request) => {
        const { scopes } = await admit(request);
        if (!permits(scopes, scope))
          throw new GatewayError('forbidden', `scope required: ${scope}`);
      },
      handler: async (request, reply) => {
        const call: Call = {
          ...(admitted.get(request) as Admitted),
          params: request.params as Call['params'],
          query: request.query as Query,
          body: request.body as Buffer | undefined,
          base: server.prefix + base,
        };
        return send(reply, await handle(call, context));
      },
    });
  }
  server.route({
    // Fastify answers HEAD by itself where there is a GET.
    method: [...allMethods.filter((method) => !has(method)), ...(has('GET') ? [] : ['HEAD'])],
    url,
    // Who does not log in is told that, whatever the method.
    onRequest: async (request, reply) => {
      await admit(request);
      reply.header('allow', allow);
      throw new GatewayError('method_not_allowed', 'Method Not Allowed');
    },
    handler: () => {},
  });
  server.options(url, (_request, reply) => reply.code(204).header('allow', allow).send());
}

function send(reply: FastifyReply, { status, body, headers }: Answer): FastifyReply {
  reply.code(status);
  if (headers) reply.headers(headers);
  if (body === undefined) return reply.send();
  // As bytes: to a text Fastify adds a charset, which the reference server's answers have not.
  return reply.header('content-type', 'application/json').send(Buffer.from(JSON.stringify(body)));
}
