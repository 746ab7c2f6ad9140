import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import type { DialectContext, Refusal } from '../dialect.ts';
import { addBodyParser } from '../shared/body.ts';
import { callerOf } from '../shared/caller.ts';
import { addErrorHandler, refuse } from '../shared/error-handler.ts';
import type { Query } from '../shared/query.ts';
import { Admission } from './admission.ts';
import type { Answer, Call, Endpoint, Method } from './call.ts';
import { endpoints } from './endpoints.ts';
import { refusalOf } from './errors.ts';
import { sendPath } from './send.ts';
import { settingsOf } from './settings.ts';

const json = 'application/json';

/**
 * The most bytes of a body that sends: 100 messages of 5000 characters with all their metadata, every character
 * written as `\uXXXX`.
 */
export const batchLimit = 6 * 1024 * 1024;
/** Of any other. */
export const bodyLimit = 512 * 1024;

/** Adds the whole API to a server of its own. */
export function mount(server: FastifyInstance, context: DialectContext): void {
  const { prefix } = server;
  const admission = new Admission(context, prefix);
  const families = new Map(endpoints.map(({ path, family }) => [prefix + path, family]));
  const toRefusal = (error: GatewayError, { routeOptions }: FastifyRequest): Refusal =>
    refusalOf(error, families.get(routeOptions.url ?? ''));

  server.decorateRequest('caller', null);
  addBodyParser(server, ({ routeOptions }) =>
    routeOptions.url === prefix + sendPath ? batchLimit : bodyLimit,
  );
  addErrorHandler(server, toRefusal);
  for (const path of pathsOf(endpoints)) addPath(server, path, { admission, context });
  server.setNotFoundHandler((request, reply) => {
    refuse(new GatewayError('not_found', 'Resource not found.'), request, reply, toRefusal);
  });
}

/** A path with all that can be done there. */
type Path = Pick<Endpoint, 'path' | 'methods'>;

function pathsOf(all: readonly Endpoint[]): Path[] {
  const paths = new Map<string, Path>();
  for (const { path, methods } of all) {
    paths.set(path, { path, methods: { ...paths.get(path)?.methods, ...methods } });
  }
  return [...paths.values()];
}

interface Parts {
  admission: Admission;
  context: DialectContext;
}

const allMethods: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

function addPath(server: FastifyInstance, { path: url, methods }: Path, parts: Parts): void {
  const has = (method: Method): boolean => methods[method] !== undefined;
  const allow = allMethods
    .filter(has)
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .join(', ');
  const { admission, context } = parts;
  for (const method of allMethods) {
    const handle = methods[method];
    if (!handle) continue;
    server.route({
      method,
      url,
      onRequest: (request) => admission.admit(request),
      handler: async (request, reply) => {
        admission.checkBody(request);
        return send(reply, await handle(callOf(request), context));
      },
    });
  }
  server.route({
    // Fastify answers HEAD by itself where there is a GET.
    method: [...allMethods.filter((method) => !has(method)), ...(has('GET') ? [] : ['HEAD'])],
    url,
    // Who does not log in is told that, whatever the method.
    onRequest: async (request, reply) => {
      await admission.admit(request);
      reply.header('allow', allow);
      throw new GatewayError('method_not_allowed', `Method ${request.method} is not allowed.`);
    },
    handler: () => {},
  });
  server.options(url, (_request, reply) =>
    reply.code(204).headers({ allow, 'content-type': json }).send(),
  );
}

function callOf(request: FastifyRequest): Call {
  const caller = callerOf(request);
  return {
    caller,
    settings: settingsOf(caller.view),
    params: request.params as Call['params'],
    query: request.query as Query,
    body: request.body as Buffer | undefined,
  };
}

function send(reply: FastifyReply, { status, body, contentType }: Answer): FastifyReply {
  reply.code(status).header('content-type', contentType ?? json);
  if (status === 204) return reply.send();
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  // As bytes: to a text Fastify adds a charset, which the vendor's answers have not.
  return reply.send(Buffer.from(text));
}
